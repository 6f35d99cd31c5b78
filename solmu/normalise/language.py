"""Languages."""

import functools
import re

from solmu.normalise.invalid import Invalid
from solmu.normalise.locale_names import LANGUAGES, locale_names
from solmu.normalise.text import clean, fold

# A locale, of which the language is the first part: fi-FI, en_GB, zh-Hans-CN, sv_SE.UTF-8.
_LOCALE = re.compile(r"([a-z]{2,3})[-_](?:[a-z]{4}[-_])?(?:[a-z]{2}|\d{3}|[a-z]{4})(?:[.@].*)?", re.IGNORECASE)

_ALIASES = {"flemish": "nl", "farsi": "fa", "mandarin": "zh", "brazilian": "pt", "bokmal": "nb", "nynorsk": "nn"}


@functools.cache
def _names() -> dict[str, str]:
    import pycountry
    from babel import Locale

    codes = {language.alpha_2 for language in pycountry.languages if hasattr(language, "alpha_2")}
    names = {code: code for code in codes} | _ALIASES
    for language in pycountry.languages:
        if not hasattr(language, "alpha_2"):
            continue
        for attribute in ("alpha_3", "bibliographic", "name", "common_name"):
            name = getattr(language, attribute, None)
            if name:
                names.setdefault(fold(name), language.alpha_2)
    for spoken in (*LANGUAGES, *sorted(codes)):
        own = Locale.parse(spoken).get_display_name(spoken) if _has_locale(spoken) else None
        if own:
            names.setdefault(fold(own), spoken)
    for code, name in locale_names("languages"):
        if code in codes:
            names.setdefault(name, code)
    return names


def _has_locale(code: str) -> bool:
    from babel.localedata import exists

    return exists(code)


def language(text: str | None) -> str | None:
    """The language's ISO 639-1 code, from a code, a locale ("fi_FI"), or a name in its own language or in one of
    English, Finnish, Swedish, Italian, German, French and Estonian; None when blank.

    Raises Invalid (``unknown-language``), also for languages that have no two-letter code.
    """
    cleaned = clean(text)
    if cleaned is None:
        return None
    located = _LOCALE.fullmatch(cleaned)
    found = _names().get(fold(located.group(1) if located else cleaned))
    if found is None:
        raise Invalid(
            "unknown-language", cleaned, "this language is unknown", "the name or code of a language, such as fi"
        )
    return found
