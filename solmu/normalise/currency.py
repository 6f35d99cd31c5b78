"""Currencies."""

import functools

from solmu.normalise.invalid import Invalid
from solmu.normalise.locale_names import locale_names
from solmu.normalise.text import clean, fold

SYMBOLS = {
    "€": "EUR",
    "£": "GBP",
    "US$": "USD",
    "USD$": "USD",
    "C$": "CAD",
    "CA$": "CAD",
    "A$": "AUD",
    "AU$": "AUD",
    "NZ$": "NZD",
    "HK$": "HKD",
    "S$": "SGD",
    "R$": "BRL",
    "zł": "PLN",
    "Kč": "CZK",
    "Ft": "HUF",
    "₽": "RUB",
    "₴": "UAH",
    "₺": "TRY",
    "₹": "INR",
    "₩": "KRW",
    "₪": "ILS",
    "₫": "VND",
    "лв": "BGN",
    "SFr.": "CHF",
}
_SYMBOLS = {symbol.casefold(): code for symbol, code in SYMBOLS.items()}

# Signs and words of several currencies; guessing would multiply or divide an order by ten.
_AMBIGUOUS = {
    "$": "USD, CAD or AUD",
    "kr": "SEK, NOK or DKK",
    "kr.": "SEK, NOK or DKK",
    "¥": "JPY or CNY",
    "￥": "JPY or CNY",
    "fr.": "CHF",
    "krona": "SEK or ISK",
    "kruunu": "SEK, NOK or DKK",
    "kruunua": "SEK, NOK or DKK",
    "kronor": "SEK",
    "dollar": "USD, CAD or AUD",
    "dollars": "USD, CAD or AUD",
    "dollari": "USD, CAD or AUD",
    "dollaria": "USD, CAD or AUD",
}

_ALIASES = {
    "euro": "EUR",
    "euros": "EUR",
    "euroa": "EUR",
    "eur": "EUR",
    "sterling": "GBP",
    "pound": "GBP",
    "pounds": "GBP",
}


@functools.cache
def _names() -> dict[str, str]:
    import pycountry

    codes = {currency.alpha_3 for currency in pycountry.currencies}
    names = {code.lower(): code for code in codes} | _ALIASES
    for code, name in locale_names("currencies"):
        if code in codes:
            names.setdefault(name, code)
    return names


def currency(text: str | None) -> str | None:
    """The currency's ISO 4217 code, from a code, an unambiguous sign ("€") or a name; None when blank.

    Raises Invalid: ``ambiguous-currency`` ("$", "kr"), else ``unknown-currency``.
    """
    cleaned = clean(text)
    if cleaned is None:
        return None
    plain = cleaned.casefold()
    if plain in _AMBIGUOUS:
        raise Invalid(
            "ambiguous-currency", cleaned, "several currencies are written so", f"a code, such as {_AMBIGUOUS[plain]}"
        )
    found = _SYMBOLS.get(plain) or _names().get(fold(cleaned))
    if found is None:
        raise Invalid(
            "unknown-currency", cleaned, "this currency is unknown", "a code such as EUR, or a sign such as €"
        )
    return found
