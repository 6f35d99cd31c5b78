"""Synthetic mentions of private people: members, patients or visitors, as lists hold them that no employer stands in.

They have what the people of companies lack: a member number, a date of birth and a home. What makes them hard to match:
misspelt and swapped names, digits that slipped, day and month in the other order, people who moved, families under one
roof, twins, and fathers and sons of one name.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from tools.training_data import LANDS, Land, Mention, Values

NUMBER, BORN = "custom.member_number", "custom.born"
_FIRST_BORN, _DAYS = date(1930, 1, 1), 28_000
_LETTERS = "abcdefghijklmnoprstuvy"
_SYSTEMS = ("members", "visitors", "old-members")


@dataclass(frozen=True)
class _Member:
    truth: int
    land: Land
    given: str
    family: str
    born: date
    number: str
    home: tuple[str, str, str]
    phone: str


def members(seed: int, size: int, *, first_truth: int, first_record: int) -> list[Mention]:
    """Mentions of about ``size`` private people, two of each; truths and records count on from those given."""
    rng = Random(seed)
    people: list[_Member] = []
    while len(people) < size:
        one = _member(rng, first_truth + len(people))
        people.append(one)
        dice = rng.random()
        again = replace(_member(rng, first_truth + len(people), one.land), home=one.home, family=one.family)
        if dice < 0.15:  # family
            people.append(again)
        elif dice < 0.16:  # twins
            people.append(replace(again, born=one.born))
        elif dice < 0.17:  # father and son
            people.append(replace(again, given=one.given, born=one.born + timedelta(days=rng.randint(7_000, 12_000))))
    found: list[Mention] = []
    for one in people:
        for _ in range(rng.choice((1, 1, 2, 2, 3, 4))):
            record = first_record + len(found)
            found.append(Mention(one.truth, rng.choice(_SYSTEMS), record, _card(rng, one)))
    return found


def _member(rng: Random, truth: int, land: Land | None = None) -> _Member:
    land = land or rng.choice(LANDS)
    return _Member(
        truth,
        land,
        # More names than a list holds: two of the list's, or one that syllables make.
        rng.choice(land.given) if rng.random() < 0.5 else _made_up(rng, land),
        rng.choice(land.family) if rng.random() < 0.3 else _made_up(rng, land),
        _FIRST_BORN + timedelta(days=rng.randint(0, _DAYS)),
        f"{rng.randint(1_000_000, 9_999_999)}",
        _home(rng, land),
        f"+{land.dial}{rng.randint(20_000_000, 99_999_999)}",
    )


def _made_up(rng: Random, land: Land) -> str:
    return "".join(rng.choices(land.syllables, k=rng.choice((2, 2, 3)))).capitalize()


def _home(rng: Random, land: Land) -> tuple[str, str, str]:
    town = rng.choice(land.towns) if rng.random() < 0.5 else _made_up(rng, land)
    return (
        f"{rng.choice(land.streets)} {rng.randint(1, 150)}",
        f"{10 + sum(map(ord, town)) % 89}{rng.randint(0, 99):03d}",
        town,
    )


def _card(rng: Random, one: _Member) -> Values:
    given, family = (_misspelt(rng, name) if rng.random() < 0.08 else name for name in (one.given, one.family))
    dice = rng.random()
    if dice < 0.03:
        given, family = family, given
    elif dice < 0.05:
        given = ""
    values: Values = {"given_name": given, "family_name": family}
    if rng.random() < 0.75:
        values[BORN] = _born(rng, one.born)
    if rng.random() < 0.6:
        values[NUMBER] = _misspelt(rng, one.number, "0123456789") if rng.random() < 0.05 else one.number
    if rng.random() < 0.8:
        home = _home(rng, one.land) if rng.random() < 0.1 else one.home
        street, postcode, town = home
        values |= {
            "street": _misspelt(rng, street) if rng.random() < 0.1 else street,
            "postcode": _misspelt(rng, postcode, "0123456789") if rng.random() < 0.06 else postcode,
            "city": _misspelt(rng, town) if rng.random() < 0.08 else town,
        }
    if rng.random() < 0.2:
        values["phone"] = [one.phone]
    return values


def _born(rng: Random, born: date) -> str:
    dice = rng.random()
    if dice < 0.015 and born.day <= 12:
        return f"{born.year:04}-{born.day:02}-{born.month:02}"
    if dice < 0.06:
        part = rng.randrange(3)
        parts = [born.year + rng.choice((-10, -1, 1, 10)), born.month, born.day]
        if part:
            parts[0] = born.year
            parts[part] = rng.randint(1, 12 if part == 1 else 28)
        return "{:04}-{:02}-{:02}".format(*parts)
    return born.isoformat()


def _misspelt(rng: Random, text: str, letters: str = _LETTERS) -> str:
    """One or two letters changed, left out, doubled or swapped."""
    for _ in range(rng.choice((1, 1, 1, 2))):
        at = rng.randrange(len(text) - 1)
        text = rng.choice(
            (
                text[:at] + text[at + 1] + text[at] + text[at + 2 :],
                text[:at] + rng.choice(letters) + text[at:],
                text[:at] + text[at + 1 :],
                text[:at] + rng.choice(letters) + text[at + 1 :],
            )
        )
        if len(text) < 3:
            break
    return text
