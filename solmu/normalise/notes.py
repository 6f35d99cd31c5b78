"""People hidden in free text: "Contact: Matti Virtanen, 040 1234567, matti@firm.fi; sales Anna Rossi anna@firm.fi"."""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from solmu.normalise.email import Email, email
from solmu.normalise.generic_words import is_generic
from solmu.normalise.invalid import Invalid
from solmu.normalise.legal_form import is_unmistakable
from solmu.normalise.person import PersonName, person_name
from solmu.normalise.phone import Phone, phones
from solmu.normalise.text import fold, tidy
from solmu.normalise.word_list import word_set


@dataclass(frozen=True, slots=True)
class PersonInNotes:
    """A person that a text names beside an e-mail address or a phone number. ``role`` as the text has it ("sales")."""

    name: PersonName
    email: Email | None
    phone: Phone | None
    role: str | None


# In characters: a name further from an address than this belongs to something else.
_REACH = 40
_JUST_AFTER = 3  # "anna.rossi@firm.it (Anna Rossi)"

_EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_CAPITALISED = r"(?:(?:[dlD][’']|O[’']|Mc|Mac)?[^\W\d_a-zß-öø-ÿ][^\W\d_]*(?:[-’'][^\W\d_]+)*)"
_PARTICLE = r"(?:af|av|da|de|dei|del|della|den|der|di|du|la|le|van|von|zu)"
_NAME = re.compile(rf"(?<![\w@.-]){_CAPITALISED}\.?(?:[ \t]+(?:{_PARTICLE}[ \t]+)*{_CAPITALISED}){{1,3}}(?![\w@-])")

# Words that begin a sentence or a line with a capital and are no name.
_NO_NAMES = word_set(
    """
    contact contacts contact person kontakt kontakti kontaktperson kontaktisik yhteyshenkilo yhteyshenkilot
    yhteystiedot referente referenti contatto contatti ansprechpartner ansprechpartnerin interlocuteur
    responsable
    tel telefon telefono telephone phone puh puhelin gsm mobile mobiili mob cell cellulare handy fax email e
    mail sahkoposti epost mobil portable
    called call spoke talked met ask asked meet meeting visit visited please note notes new old see with from by
    to and the this
    contattare contatta contattato rivolgersi kontakta kontaktade kontaktieren kontakte also anche ocksa auch
    soita soitettu soitto soitin puhuin puhuttu tavattu tapasin tapaaminen kysy uusi vanha myos lisaksi
    ringde ringt ring traffade mote fraga ny chiamare chiamato sentito parlato incontrato chiedere nuovo visita
    riunione angerufen anrufen gesprochen getroffen fragen neu besuch treffen appeler appele rencontre visite
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december
    street road avenue via piazza corso viale rue strasse katu tie helsinki tampere turku milano roma torino
    berlin munchen wien stockholm goteborg malmo tallinn tartu paris london finland suomi sverige italia
    deutschland
    """
)

_ROLES = word_set(
    """
    sales purchasing purchase buyer procurement ceo cto cfo coo owner director manager technical service
    marketing finance accounting support logistics production maintenance reception assistant engineer
    myynti osto ostot ostaja ostopaallikko myyntipaallikko myyntijohtaja toimitusjohtaja tj toimari johtaja
    omistaja huolto talous taloushallinto markkinointi tuotanto tekniikka assistentti laskutus varasto
    projektipaallikko
    vd inkop inkopare saljare forsaljning agare ekonomi chef platschef
    vendite acquisti acquisto titolare amministratore amministrazione direttore tecnico commerciale responsabile
    ufficio produzione magazzino contabilita
    vertrieb verkauf einkauf geschaftsfuhrer geschaftsfuhrerin inhaber inhaberin leiter buchhaltung technik
    ventes achats gerant directeur directrice comptable commercial
    muuk ost juhataja omanik
    """
)
_ROLE_BEFORE = re.compile(r"(?P<role>[^\W\d_]+(?:[ -][^\W\d_]+)?)\s*[:,–-]?\s*$")
_ROLE_AFTER = re.compile(r"^\s*[,(–-]\s*(?P<role>[^\W\d_]+(?:[ -][^\W\d_]+)?)\s*[),;.]?")
_LABEL_BEFORE = re.compile(r"[^\W\d_]{3,}\s*:\s*$")


@dataclass(frozen=True, slots=True)
class _Named:
    """A name and where it stands. ``introduced``: a label, a role or a word such as "Contact" stands before it."""

    start: int
    end: int
    name: PersonName
    role: str | None
    introduced: bool


@dataclass(frozen=True, slots=True)
class _Reachable:
    """An address or a number, and where it stands."""

    start: int
    end: int
    at: Email | Phone


def people_in_notes(text: str | None, region: str | None = None) -> list[PersonInNotes]:
    """The people that a notes field names together with an e-mail address or phone number, in order, each once.

    Careful rather than complete: two to four capitalised words count as a name only with an address or number at
    most 40 characters away in the same line, and not when they look like an organisation. ``region`` (ISO alpha-2)
    is where local phone numbers are dialled. Never raises; what cannot be read is passed over.
    """
    people: dict[str, PersonInNotes] = {}
    for line in re.split(r"[\r\n;•]+", text or ""):
        for person in _in_line(tidy(line), region):
            known = people.get(person.name.key)
            people[person.name.key] = person if known is None else _merged(known, person)
    return list(people.values())


def _merged(one: PersonInNotes, other: PersonInNotes) -> PersonInNotes:
    return replace(one, email=one.email or other.email, phone=one.phone or other.phone, role=one.role or other.role)


def _in_line(line: str, region: str | None) -> Iterator[PersonInNotes]:
    places = sorted([*_emails(line), *_phones(line, region)], key=lambda place: place.start)
    if not places:
        return
    # Blank out addresses and numbers, keeping positions, so that no name is read out of them.
    free = list(line)
    for place in places:
        free[place.start : place.end] = "\0" * (place.end - place.start)
    names = _names("".join(free))
    owners = [(_owner(place, names), place.at) for place in places]
    for named in names:
        ways = [at for owner, at in owners if owner is named]
        if ways:
            address = next((at for at in ways if isinstance(at, Email)), None)
            number = next((at for at in ways if isinstance(at, Phone)), None)
            yield PersonInNotes(named.name, address, number, named.role)


def _emails(line: str) -> Iterator[_Reachable]:
    for found in _EMAIL.finditer(line):
        with contextlib.suppress(Invalid):
            address = email(found.group())
            if address is not None:
                yield _Reachable(found.start(), found.end(), address)


def _phones(line: str, region: str | None) -> Iterator[_Reachable]:
    if sum(character.isdigit() for character in line) < 5:
        return  # spares loading the numbers of the world
    import phonenumbers

    for match in phonenumbers.PhoneNumberMatcher(line, region):
        with contextlib.suppress(Invalid):
            for number in phones(match.raw_string, region)[:1]:
                yield _Reachable(match.start, match.end, number)


def _names(line: str) -> list[_Named]:
    found = (_name(match, line) for match in _NAME.finditer(line))
    return [named for named in found if named is not None]


def _name(match: "re.Match[str]", line: str) -> _Named | None:
    start, words = match.start(), match.group().split()
    introduced: list[str] = []
    while words and (fold(words[0]) in _NO_NAMES or fold(words[0]) in _ROLES):
        introduced.append(words[0])
        start = line.index(words[0], start) + len(words.pop(0))
    # A closing full stop ends the sentence; inside, it is an initial's.
    words = [*words[:-1], words[-1].rstrip(".")] if words else []
    folded = [fold(word) for word in words]
    following = line[match.end() :].split(maxsplit=1)[:1]
    if (
        len(words) < 2
        or any(word in _NO_NAMES or word in _ROLES or (is_generic(word) and len(word) > 3) for word in folded)
        or any(is_unmistakable(word) for word in [*words, *following])
    ):
        return None
    try:
        name = person_name(" ".join(words))
    except Invalid:
        return None
    if name is None or not name.family:
        return None
    before, after = line[: match.start()], line[match.end() :]
    role = next((word for word in introduced if fold(word) in _ROLES), None) or _role(before, after)
    labelled = bool(introduced) or _LABEL_BEFORE.search(before) is not None or role is not None
    return _Named(start, match.end(), name, role, labelled)


def _role(before: str, after: str) -> str | None:
    for pattern, text in ((_ROLE_AFTER, after), (_ROLE_BEFORE, before)):
        found = pattern.search(text)
        if found:
            words = found["role"].split()
            for candidate in (" ".join(words), words[0] if pattern is _ROLE_AFTER else words[-1]):
                if any(part in _ROLES for part in fold(candidate).split()):
                    return candidate
    return None


def _owner(place: _Reachable, names: list[_Named]) -> _Named | None:
    """Whose address or number this is: the person it spells, else the nearest name before it, else one just after."""
    if isinstance(place.at, Email):
        local = fold(place.at.address.partition("@")[0]).replace(" ", "")
        spelt = [named for named in names if _spells(local, named.name)]
        if len(spelt) == 1:
            return spelt[0]
    before = [named for named in names if 0 <= place.start - named.end <= _REACH]
    after = [named for named in names if 0 <= named.start - place.end <= _JUST_AFTER]
    owner = before[-1] if before else (after[0] if after else None)
    # "Acme Trading info@acme.fi": an address of many is nobody's, unless somebody is introduced.
    if owner is not None and isinstance(place.at, Email) and place.at.is_role and not owner.introduced:
        return None
    return owner


def _spells(local: str, name: PersonName) -> bool:
    return any(len(part) > 2 and part in local for part in name.key.split())
