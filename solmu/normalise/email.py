"""E-mail addresses."""

import re
from dataclasses import dataclass

from solmu.normalise.domain import ascii_host, is_free_domain
from solmu.normalise.invalid import Invalid
from solmu.normalise.text import clean, fold
from solmu.normalise.word_list import word_set


@dataclass(frozen=True, slots=True)
class Email:
    """An address with what matching needs to know of it.

    ``raw`` is the text as it came; ``address`` what one would write to, its domain in lower case and readable;
    ``key`` equal for two spellings of one mailbox; ``domain`` the host after the @, as DNS writes it. ``is_role``:
    read by whoever is on duty (info@). ``is_free``: at a provider where anybody gets an address. Either kind joins
    strangers, so it is weak evidence for a person and none for an organisation.
    """

    raw: str
    address: str
    key: str
    domain: str
    is_role: bool
    is_free: bool


# What nearly every address looks like; anything else goes to email-validator, which is 50 times slower.
_USUAL = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}",
    re.IGNORECASE,
)
# Most of those, with nothing around them that could be taken off, and nothing in them that could separate two.
_PLAIN = re.compile(
    r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}", re.IGNORECASE | re.ASCII
)
_LONGEST, _LONGEST_LOCAL = 254, 64
_HIDDEN_AT = re.compile(r"\s*[(\[{]\s*(?:at|a|ät|@)\s*[)\]}]\s*", re.IGNORECASE)
_SPACED_AT = re.compile(r"\s*@\s*")
_IN_ANGLES = re.compile(r"<\s*([^<>]*@[^<>]*?)\s*>")
_MAILTO = re.compile(r"^\s*(?:mailto|smtp|e-?mail|sähköposti|e-?post)\s*:\s*", re.IGNORECASE)
_AROUND = " \t.,;:<>()[]{}\"'|«»„“”"
_SEPARATORS = re.compile(r"[;,/|\s<>()\[\]]+")

# Which mailboxes a provider treats as one. Plus folding only where the provider documents it; elsewhere "a+b" is
# somebody else's mailbox. Sources: the providers' help pages on aliases.
_GOOGLE = frozenset({"gmail.com", "googlemail.com"})
_PLUS_PROVIDERS = _GOOGLE | {
    "outlook.com",
    "hotmail.com",
    "live.com",
    "msn.com",
    "icloud.com",
    "me.com",
    "mac.com",
    "proton.me",
    "protonmail.com",
    "pm.me",
    "fastmail.com",
    "fastmail.fm",
    "mailbox.org",
    "posteo.de",
}

_ROLE_WORDS = word_set(
    """
    abuse account accounting accountspayable accountsreceivable accounts admin administration administrator ap
    ar billing booking bookings business careers communication communications contact contacts contactus
    customercare customerservice customersupport dealer dealers donotreply dpo email enquiries enquiry events
    export feedback finance gdpr hello helpdesk help hi hostmaster hr inbox info information inquiries inquiry
    international invoice invoices invoicing it jobs legal logistics mail mailbox maintenance marketing media
    news newsletter noreply notification notifications office order orders parts payments postmaster pr press
    privacy procurement purchase purchasing reception recruiting recruitment registration reservation
    reservations root sales salesteam secretary security service services shipping shop spares spareparts staff
    store support team tech technical vat warehouse warranty web webmaster website webshop welcome
    asiakas asiakaspalvelu asiakastuki hallinto hankinta huolto johto kirjaamo kirjanpito kontti lasku laskut
    laskutus maksut markkinointi myymala myynti myyntipalvelu myyk muuk neuvonta osto ostolasku ostolaskut ostot palaute
    palkat palvelu pankki posti rekry rekrytointi talous tarjoukset tarjous tarjouspyynnot tehdas tiedotus
    tietosuoja tilaukset tilaus tilitoimisto toimisto toimitukset tuki tyopaikat vaihde varaosa varaosat varasto
    varaukset verkkokauppa verkkolasku verkkolaskut vienti viestinta yhteys ylläpito yllapito
    bestallning bestallningar bokning ekonomi faktura fakturor forsaljning inkop jobb kansli kontakt kontor
    kontoret kundservice kundtjanst lager leverans marknad order registrator reception redovisning saljare vaxel
    verkstad
    acquisti amministrazione assistenza clienti commerciale commerciali contabilita contatti contatto direzione
    estero fatture fatturazione informazioni lavoro magazzino negozio ordini pec posta preventivi produzione
    qualita ricambi segreteria servizio spedizioni tecnico ufficio ufficiocommerciale ufficioacquisti
    ufficiotecnico vendite comune parrocchia reservas ayuntamiento recepcion administracion contabilidad ventas compras
    anfrage anfragen angebot auftrag auftraege bestellung bestellungen bewerbung buchhaltung buero datenschutz
    disposition einkauf empfang ersatzteile kundendienst kundenservice lager presse rechnung rechnungen
    gemeinde gemeindebuero kanzlei pfarramt pfarrbuero praxis rathaus rezeption schulleitung standesamt
    sekretariat technik verkauf versand vertrieb verwaltung werkstatt zentrale
    accueil achat achats bonjour commande commandes commercial comptabilite devis facturation facture factures
    mairie rh recrutement secretariat ventes vente
    arve arved klienditeenindus klienditugi kontor muuk ostud pood raamatupidamine tellimine tellimused
    kundeservice ordre post regnskab regnskap salg verksted verkoop inkoop boekhouding administratie biuro
    sekretariat sprzedaz
    """
)

# What may stand beside a role word: sales-fi@, info.eu@, our office's town is not listed and makes no role.
_BESIDE_ROLE = word_set(
    """
    fi se no dk ee lv lt de at ch fr it es pt uk gb ie nl be pl cz us eu emea apac nordic nordics baltic int
    global finland suomi sweden sverige italy italia germany deutschland europe dept department team group desk
    no reply do not b2b pro online main general
    """
)


def _is_role(local: str) -> bool:
    words = fold(local.partition("+")[0]).split()
    if "".join(words).rstrip("0123456789") in _ROLE_WORDS:
        return True
    words = [stem for word in words if (stem := word.rstrip("0123456789"))]
    return any(word in _ROLE_WORDS for word in words) and all(
        word in _ROLE_WORDS or word in _BESIDE_ROLE for word in words
    )


def _key(local: str, host: str) -> str:
    local = local.lower()
    if host in _PLUS_PROVIDERS:
        local = local.partition("+")[0] or local
    if host in _GOOGLE:
        local, host = local.replace(".", "") or local, "gmail.com"
    return f"{local}@{host}"


def _invalid(value: str, message: str, code: str = "not-an-email") -> Invalid:
    return Invalid(code, value, message, "one address such as name@example.com")


def _unwrapped(text: str) -> str:
    """The address itself, out of ``mailto:``, ``Name <…>``, brackets and stray punctuation."""
    text = _HIDDEN_AT.sub("@", text)
    angled = _IN_ANGLES.search(text)
    if angled:
        text = angled.group(1)
    text = _MAILTO.sub("", text)
    if "?" in text and "@" in text.partition("?")[0]:
        text = text.partition("?")[0]  # mailto:a@b.fi?subject=…
    return _SPACED_AT.sub("@", text.strip(_AROUND))


def email(text: str | None) -> Email | None:
    """One e-mail address, or None when the text is blank or a placeholder.

    Takes ``mailto:``, ``Name <a@b.fi>``, ``a (at) b.fi`` and stray punctuation around. Raises Invalid:
    ``not-an-email``, ``email-with-two-at``, ``more-than-one-email`` (use :func:`emails`). Never asks DNS.
    """
    cleaned = clean(text)
    if text is None or cleaned is None:
        return None
    if _PLAIN.fullmatch(cleaned):
        return _checked(text, cleaned, cleaned)
    if len({part.lower() for part in _parts(cleaned)}) > 1:
        raise _invalid(cleaned, "there is more than one e-mail address here", "more-than-one-email")
    address = _unwrapped(cleaned)
    if "@" not in address:
        raise _invalid(cleaned, "there is no @ in this e-mail address")
    if address.count("@") > 1:
        raise _invalid(cleaned, "there are two @ in this e-mail address", "email-with-two-at")
    return _checked(text, cleaned, address)


def _checked(raw: str, cleaned: str, address: str) -> Email:
    local, _, host = address.partition("@")
    host = host.lower()
    if not _USUAL.fullmatch(address) or len(local) > _LONGEST_LOCAL or len(address) > _LONGEST or "xn--" in host:
        return _validated(raw, cleaned, address)
    return Email(raw, f"{local}@{host}", _key(local, host), host, _is_role(local), is_free_domain(host))


def _parts(text: str) -> list[str]:
    """The pieces of a field that look like addresses."""
    joined = _SPACED_AT.sub("@", _HIDDEN_AT.sub("@", text))
    pieces = (_MAILTO.sub("", piece).strip(_AROUND).partition("?")[0] for piece in _SEPARATORS.split(joined))
    return [piece for piece in pieces if "@" in piece]


def _validated(raw: str, cleaned: str, address: str) -> Email:
    from email_validator import EmailNotValidError, validate_email

    try:
        valid = validate_email(address, check_deliverability=False, test_environment=True)
    except (EmailNotValidError, UnicodeError) as error:
        raise _invalid(cleaned, "this is no e-mail address") from error
    host = ascii_host(valid.ascii_domain or valid.domain)
    if host is None or "." not in host:
        raise _invalid(cleaned, "the part after the @ is no domain")
    local = valid.local_part
    return Email(raw, f"{local}@{valid.domain}", _key(local, host), host, _is_role(local), is_free_domain(host))


def addresses(text: str | None) -> tuple[str, ...]:
    """``address`` of each of ``emails``, for whoever has no use for the rest. Raises Invalid."""
    if text is not None and len(text) <= _LONGEST and _PLAIN.fullmatch(text):
        local, _, host = text.partition("@")
        host = host.lower()
        if len(local) <= _LONGEST_LOCAL and "xn--" not in host:
            return (f"{local}@{host}",)
    return tuple([each.address for each in emails(text)])


def emails(text: str | None) -> list[Email]:
    """All addresses of a field, split at ``; , / |`` and white space, each mailbox once, in order.

    Names around the addresses are passed over. Raises Invalid for the first part with an @ that is no address, and
    for text that is not blank and has no address at all.
    """
    cleaned = clean(text)
    if cleaned is None:
        return []
    if _PLAIN.fullmatch(cleaned):
        return [_checked(cleaned, cleaned, cleaned)]
    parts = _parts(cleaned)
    if not parts:
        raise _invalid(cleaned, "there is no @ in this e-mail address")
    found: dict[str, Email] = {}
    for part in parts:
        one = email(part)
        if one is not None:
            found.setdefault(one.key, one)
    return list(found.values())
