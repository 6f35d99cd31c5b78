"""A labelled synthetic set of organisations: what makes companies hard to tell apart, by kind.

Nothing here is real, and nothing was taken from anywhere: stems are made of syllables, numbers are counted up. Each
kind is one rule that says what cards there are and who is who; the rules were written before any result was looked at.
``organisations.py`` measures matching on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from benchmarks.organisation_lands import LANDS, SCRIPTS, Land

SEED = 4
_STEMS = 9
"""Houses of each kind."""


@dataclass(frozen=True)
class Card:
    """One source's card; ``truth`` is the same for cards of one organisation."""

    kind: str
    truth: str
    values: dict[str, Any]


class _Maker:
    """Makes the parts of cards; every value that it gives is given once."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.serial = 3_100_000
        self.taken: set[str] = set()

    def stem(self, land: Land) -> str:
        while True:
            stem = "".join(self.rng.sample(land.syllables, 3)).capitalize()
            if stem not in self.taken:
                self.taken.add(stem)
                return stem

    def number(self) -> int:
        self.serial += self.rng.randint(3, 90)
        return self.serial

    def phone(self, dial: str) -> str:
        return f"+{dial}{self.number()}{self.rng.randint(0, 9)}"

    def place(self, land: Land, town: int = 0) -> dict[str, str]:
        name = land.towns[town % len(land.towns)]
        code = f"{10 + 7 * (town % 4)}{self.rng.randint(100, 999)}"
        return {"street": f"{self.rng.choice(land.streets)} {self.rng.randint(1, 99)}", "postcode": code, "city": name}


@dataclass(frozen=True)
class _House:
    """What a rule makes cards from."""

    make: _Maker
    land: Land
    stem: str
    trade: str
    form: str
    domain: str
    phone: str
    place: dict[str, str]
    business_id: str

    @property
    def name(self) -> str:
        return f"{self.stem} {self.trade}"

    @property
    def full(self) -> dict[str, Any]:
        """All that a careful source knows, but for the name and the number in the register."""
        return {**self.place, "phone": [self.phone], "domain": self.domain, "country": self.land.code}


def _house(make: _Maker, land: Land) -> _House:
    stem, trade = make.stem(land), make.rng.choice(land.trades)
    ascii_stem = stem.lower().translate(str.maketrans("äöåøüßéł", "aoaousel"))
    return _House(make, land, stem, trade, land.forms[0], f"{ascii_stem}.example", make.phone(land.dial),
                  make.place(land, make.rng.randrange(4)), f"{land.code}:{make.number()}")  # fmt: skip


Said = Iterator[tuple[str, dict[str, Any]]]
"""Who is meant, by a letter, and what the card says."""


def _forms(h: _House) -> Said:
    """The legal form before, behind, spelt out, or left out."""
    for form in h.land.forms:
        yield "a", {"name": f"{h.name} {form}", "city": h.place["city"], "country": h.land.code}
    yield "a", {"name": f"{h.form} {h.name}", **h.place}
    yield "a", {"name": h.name, "phone": [h.phone], "city": h.place["city"]}


def _word_order(h: _House) -> Said:
    yield "a", {"name": f"{h.stem} {h.trade} {h.form}", **h.place}
    yield "a", {"name": f"{h.trade} {h.stem}", "city": h.place["city"]}
    yield "a", {"name": f"{h.trade} {h.stem} {h.form}", "postcode": h.place["postcode"], "phone": [h.phone]}


def _typing(h: _House) -> Said:
    yield "a", {"name": f"{h.name} {h.form}", **h.full}
    yield "a", {"name": h.name[:3] + h.name[4] + h.name[3] + h.name[5:], "phone": [h.phone], "city": h.place["city"]}
    yield "a", {"name": h.name[:-2] + h.name[-1], **h.place}
    yield "a", {"name": h.name[:5] + h.name[4:], "domain": h.domain}


def _swapped(h: _House) -> Said:
    """Columns of a sheet the wrong way round."""
    yield "a", {"name": f"{h.name} {h.form}", **h.full}
    yield "a", {"name": h.name, **h.place, "street": h.place["city"], "city": h.place["street"], "phone": [h.phone]}
    yield "a", {"name": h.place["city"], "city": h.name, "domain": h.domain, "phone": [h.phone]}


def _abbreviated(h: _House) -> Said:
    short = "".join(word[0] for word in f"{h.stem} {h.trade} {h.land.word}".split())
    whole = f"{h.stem} {h.trade} {h.land.word}"
    yield "a", {"name": f"{whole} {h.form}", **h.full}
    yield "a", {"name": f"{short} {h.form}", "phone": [h.phone], "domain": h.domain}
    yield "a", {"name": f"{h.stem[:4]}. {h.trade[:4]}.", **h.place, "phone": [h.phone]}
    yield "b", {"name": f"{short} {h.form}", **h.make.place(h.land, 3), "phone": [h.make.phone(h.land.dial)]}


def _former(h: _House) -> Said:
    was = h.make.stem(h.land)
    yield "a", {"name": f"{h.name} {h.form} (ex {was} {h.trade})", **h.full}
    yield "a", {"name": f"{was} {h.trade} {h.form}", "city": h.place["city"], "phone": [h.phone]}
    yield "a", {"name": h.name, "city": h.place["city"]}


def _renamed(h: _House) -> Said:
    """A new name, and nothing but the number that says so; and somebody else who took the old one."""
    now = h.make.stem(h.land)
    yield "a", {"name": f"{h.name} {h.form}", **h.place, "business_id": h.business_id}
    yield "a", {"name": f"{now} {h.form}", **h.place, "business_id": h.business_id, "domain": h.domain}
    elsewhere = h.make.place(h.land, h.land.towns.index(h.place["city"]) + 1)
    yield "b", {"name": f"{h.name} {h.form}", **elsewhere, "business_id": f"{h.land.code}:{h.make.number()}"}


def _chain(h: _House) -> Said:
    """Sites: one name, phone and domain, each at an address of its own, on two cards."""
    for at, site in enumerate("abc"):
        place = h.make.place(h.land, at)
        yield site, {"name": f"{h.name} {h.form}", **h.full, **place}
        yield site, {"name": h.name, **place, "domain": h.domain}


def _one_address(h: _House) -> Said:
    other = h.make.stem(h.land)
    yield "a", {"name": f"{h.name} {h.form}", **h.full}
    yield "a", {"name": h.name, **h.place}
    yield "b", {"name": f"{other} {h.trade} {h.form}", **h.place, "phone": [h.make.phone(h.land.dial)]}
    yield "b", {"name": f"{other} {h.trade}", **h.place, "country": h.land.code}


def _two_firms_of_one(h: _House) -> Said:
    """One person runs both: address, phone and mail are hers."""
    mail = f"owner@{h.domain}"
    other = next(trade for trade in h.land.trades if trade != h.trade)
    yield "a", {"name": f"{h.name} {h.form}", **h.full, "email": [mail]}
    yield "a", {"name": h.name, "phone": [h.phone], "email": [mail]}
    yield "b", {"name": f"{h.stem} {other} {h.form}", **h.full, "email": [mail]}
    yield "b", {"name": f"{h.stem} {other}", "phone": [h.phone], "city": h.place["city"]}


def _franchise(h: _House) -> Said:
    """One brand and domain, in each town another firm."""
    for at, firm in enumerate("ab"):
        place, phone = h.make.place(h.land, at), h.make.phone(h.land.dial)
        yield firm, {"name": f"{h.stem} {place['city']}", **place, "phone": [phone], "domain": h.domain}
        number = f"{h.land.code}:{h.make.number()}"
        yield firm, {"name": f"{h.stem} {place['city']} {h.form}", "phone": [phone], "business_id": number}


def _abroad(h: _House) -> Said:
    """Mother and daughter: "X Oy", "X Sverige AB"; and one that is told by its form and land only."""
    lands = [land for land in LANDS if land.code != h.land.code]
    one, two = h.make.rng.sample(lands, 2)
    yield "a", {"name": f"{h.name} {h.form}", **h.full}
    yield "b", {"name": f"{h.stem} {one.word} {one.forms[0]}", **h.make.place(one, 1), "domain": h.domain}
    yield "b", {"name": f"{h.stem} {one.word}", "country": one.code, "city": one.towns[1]}
    yield "c", {"name": f"{h.name} {two.forms[0]}", **h.make.place(two, 2), "domain": h.domain, "country": two.code}


def _holding(h: _House) -> Said:
    """Holding, operating and property company under one roof."""
    yield "a", {"name": f"{h.name} {h.form}", **h.full}
    yield "a", {"name": h.name, "phone": [h.phone], "domain": h.domain}
    yield "b", {"name": f"{h.stem} {h.land.holding} {h.form}", **h.full}
    yield "b", {"name": f"{h.name} {h.land.holding}", **h.place}
    yield "c", {"name": f"{h.stem} Group {h.form}", **h.full}


def _other_form(h: _House) -> Said:
    """A partnership and a company of one family, at one address."""
    yield "a", {"name": f"{h.name} {h.form}", **h.full}
    yield "b", {"name": f"{h.name} {h.land.other}", **h.place, "phone": [h.phone]}


def _namesakes(h: _House) -> Said:
    for at, one in enumerate("ab"):
        phone, place = h.make.phone(h.land.dial), h.make.place(h.land, at)
        number = f"{h.land.code}:{h.make.number()}"
        yield one, {"name": f"{h.name} {h.form}", **place, "phone": [phone], "business_id": number}
        yield one, {"name": h.name, "phone": [phone], "city": place["city"]}


def _numbered(h: _House) -> Said:
    """Companies of one owner that a number or letter tells apart."""
    for one, sign in zip("abc", ("1", "2", "II"), strict=True):
        yield one, {"name": f"{h.name} {sign} {h.form}", **h.full}


def _translated(h: _House) -> Said:
    yield "a", {"name": f"{h.stem} {h.trade} {h.form}", **h.full}
    yield "a", {"name": f"{h.stem} Industries Ltd", "phone": [h.phone], "domain": h.domain, "city": h.place["city"]}


_RULES: tuple[Callable[[_House], Said], ...] = (
    _forms, _word_order, _typing, _swapped, _abbreviated, _former, _renamed, _chain, _one_address, _two_firms_of_one,
    _franchise, _abroad, _holding, _other_form, _namesakes, _numbered, _translated,
)  # fmt: skip


def cards(seed: int = SEED) -> list[Card]:
    """All cards; the same for the same seed."""
    make = _Maker(seed)
    found: list[Card] = []
    for rule in _RULES:
        kind = rule.__name__.strip("_")
        for number, land in enumerate((*LANDS, *LANDS)[:_STEMS]):
            said = rule(_house(make, land))
            found += [Card(kind, f"{kind}-{number}{who}", values) for who, values in said]
    for number, (code, dial, names, here, there) in enumerate(SCRIPTS):
        phone, domain = make.phone(dial), f"script{number}.example"
        own, short, abroad = names
        for values in (
            {"name": own, "city": here, "country": code, "phone": [phone]},
            {"name": short, "city": here, "country": code},
            {"name": abroad, "city": there, "country": code, "phone": [phone], "domain": domain},
            {"name": abroad, "domain": domain},
        ):
            found.append(Card("scripts", f"scripts-{number}a", values))
    return found
