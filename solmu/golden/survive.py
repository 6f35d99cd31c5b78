"""Which value survives. Pure: claims, rules and pins in, a golden document out.

A golden document is ``{field: {"value", "mention", "rule", "since"}}``; a field with several values has ``"mentions"``
too, one an item. Echoes abstain: only what a source says of its own wins. Blank values never survive.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from solmu.golden.rules import Rule, Rules
from solmu.golden.together import together
from solmu.golden.voice import Entry, Voice, blank, plain
from solmu.model import Entity

Document = dict[str, dict[str, Any]]

EDITION = 5
"""Of what is written here: what an earlier one computed is computed anew."""

_SEVERAL = frozenset({Rule.UNION, Rule.ANY})
"""Rules that make something of one mention's words, too; of one alone, all others take what it says."""
_BY_SIDE = frozenset({Rule.HUB, Rule.CRM, Rule.CRM_UNLESS_BLANK})


@dataclass(frozen=True, slots=True)
class Pin:
    """A steward's own value for a field."""

    field: str
    value: Any
    mention: int
    at: int


_Heard = tuple[Voice, Mapping[str, Entry]]  # a mention, and all that it says of its own


class _Candidate(NamedTuple):
    voice: Voice
    name: str
    value: Any
    since: Sequence[Any]  # [low or None, high]
    filled: int  # how much of its group the same mention fills


def survive(entity: Entity, voices: Sequence[Voice], rules: Rules, pins: Iterable[Pin] = ()) -> Document:
    """The golden document of one entity. The order of ``voices`` makes no difference."""
    document: Document = {}
    voices = sorted(voices, key=lambda voice: voice.mention)
    said = frozenset().union(*(voice.claim for voice in voices))
    heard = [(voice, voice.all_own()) for voice in voices]
    for rule, fields in rules.groups(entity, said):
        if len(heard) == 1 and rule not in _SEVERAL:
            voice, own = heard[0]
            document.update(_all_of(voice, _candidates(voice, own, fields), (), fields, rule))
        else:
            document.update(_settle(rule, fields, heard, rules))
    # Two golden records that came together may each have one: the later word prevails.
    for pin in sorted(pins, key=lambda pin: (pin.at, pin.mention)):
        document[pin.field] = {
            "value": pin.value,
            "mention": pin.mention,
            "rule": Rule.PIN.value,
            "since": pin.at,
        }
    return {name: entry for name, entry in document.items() if not blank(entry["value"])}


def values(document: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """{field: value} of a golden document."""
    return {name: entry["value"] for name, entry in document.items()}


def _settle(rule: Rule, names: Sequence[str], heard: Sequence[_Heard], rules: Rules) -> Document:
    candidates = [candidate for voice, own in heard for candidate in _candidates(voice, own, names)]
    if not candidates:
        return {}
    if rule is Rule.UNION:
        return {name: _union(_of(candidates, name), rules) for name in names}
    if rule is Rule.ANY:
        best = _first(candidates, rules, key=lambda c: (not c.value,))
        return {best.name: _entry(best, rule)}
    alone = candidates[0].voice is candidates[-1].voice  # then every such rule says the same
    best = candidates[0] if alone else _winner(rule, candidates, rules)
    winner = best.voice
    if rule is Rule.NEWEST and not alone and _is_open(best, candidates, rules):
        rule = Rule.ASK  # which of them is newer cannot be told, nor does a source's rank say: a person may be asked
    won = [candidate for candidate in candidates if candidate.voice is winner]
    others = [] if len(won) == len(names) else _others(rule, candidates, winner, rules)
    return _all_of(winner, won, others, names, rule)


def _all_of(
    winner: Voice, won: Sequence[_Candidate], others: Sequence[Voice], names: Sequence[str], rule: Rule
) -> Document:
    """Fields that belong together win together: a street never gets another address's postcode."""
    if len(won) == len(names) or not won:
        return {candidate.name: _entry(candidate, rule) for candidate in won}
    return {
        name: {"value": value, "mention": voice.mention, "rule": rule.value, "since": voice.claim[name]["since"][1]}
        for name, (voice, value) in together(names, winner, others).items()
    }


def _others(rule: Rule, candidates: Sequence[_Candidate], winner: Voice, rules: Rules) -> list[Voice]:
    """Those beside the winner, best first: by side where the rule is of sides, then as sources rank."""
    found = {candidate.voice.mention: candidate for candidate in candidates if candidate.voice is not winner}

    def order(candidate: _Candidate) -> tuple[Any, ...]:
        by_crm = candidate.voice.connection in rules.crms
        side = by_crm if rule is Rule.HUB else rule in _BY_SIDE and not by_crm
        return (side, *_order(candidate, rules))

    return [candidate.voice for candidate in sorted(found.values(), key=order)]


def _of(candidates: Iterable[_Candidate], name: str) -> list[_Candidate]:
    return [candidate for candidate in candidates if candidate.name == name]


def _candidates(voice: Voice, own: Mapping[str, Entry], names: Sequence[str]) -> list[_Candidate]:
    """What one mention says of its own of these fields."""
    said = [name for name in names if name in own]
    filled = len(said)
    return [_Candidate(voice, name, (entry := own[name])["value"], entry["since"], filled) for name in said]


def _winner(rule: Rule, candidates: Sequence[_Candidate], rules: Rules) -> _Candidate:
    if rule in _BY_SIDE:
        by_crm = [candidate for candidate in candidates if candidate.voice.connection in rules.crms]
        others = [candidate for candidate in candidates if candidate.voice.connection not in rules.crms]
        return _first(others or by_crm, rules) if rule is Rule.HUB else _first(by_crm or others, rules)
    if rule is Rule.NEWEST:
        # Where that tells nothing the hub's side stands, so that a CRM which says otherwise is a difference to be seen.
        return _latest(
            _first(_unbeaten(candidates), rules, key=lambda c: (rules.rank(c.voice.connection), _by_crm(c, rules))),
            candidates,
            rules,
        )
    if rule is Rule.COMPLETE:
        return _first(candidates, rules, key=lambda c: (-c.filled, -len(str(c.value))))
    if rule is Rule.LONGEST:
        return _first(candidates, rules, key=lambda c: (-len(str(c.value)),))
    if rule is Rule.FREQUENT:
        # What counts is the first field of the group: the name, the street.
        times = Counter(plain(c.value) for c in candidates if c.name == candidates[0].name)
        return _first(candidates, rules, key=lambda c: (-times[plain(c.value)],))
    return _first(candidates, rules)


def _first(
    candidates: Iterable[_Candidate], rules: Rules, key: Callable[[_Candidate], tuple[Any, ...]] | None = None
) -> _Candidate:
    """The best by ``key``, then as ``_order`` says."""
    if key is None:
        return min(candidates, key=lambda candidate: _order(candidate, rules))
    return min(candidates, key=lambda candidate: (*key(candidate), *_order(candidate, rules)))


def _order(candidate: _Candidate, rules: Rules) -> tuple[int, ...]:
    """By source; of one source the fuller, then the newer, then the first that came."""
    return (rules.rank(candidate.voice.connection), -candidate.filled, -candidate.since[1], candidate.voice.mention)


def _latest(best: _Candidate, candidates: Sequence[_Candidate], rules: Rules) -> _Candidate:
    """Of the source that has it, the record with the latest date; those that say when they changed need no guess."""
    if not _is_dated(best):
        return best
    dated = [each for each in candidates if each.voice.connection == best.voice.connection and _is_dated(each)]
    return _first(dated, rules, key=lambda c: (-c.since[1],))


def _is_open(best: _Candidate, candidates: Sequence[_Candidate], rules: Rules) -> bool:
    """Whether another says something else that may be as new as ``best``, of a source that ranks as high."""
    rank, same = rules.rank(best.voice.connection), {each.name: each for each in candidates if each.voice is best.voice}
    rivals = {each.voice.mention for each in _unbeaten(candidates) if rules.rank(each.voice.connection) == rank}
    return any(
        each.voice.mention in rivals
        and each.name in same
        and plain(each.value) != plain(same[each.name].value)
        and not _dated_earlier(each, best)
        for each in candidates
    )


def _dated_earlier(each: _Candidate, best: _Candidate) -> bool:
    """Whether of two records of one source that one is older, by a date of its own; what has none is no rival of it."""
    if each.voice.connection != best.voice.connection or not _is_dated(best):
        return False
    return not _is_dated(each) or each.since[1] < best.since[1]


def _by_crm(candidate: _Candidate, rules: Rules) -> bool:
    return candidate.voice.connection in rules.crms


def _is_dated(candidate: _Candidate) -> bool:
    return candidate.since[1] not in candidate.voice.read


def _unbeaten(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """Those that no other is surely newer than.

    When a value changed is known as an interval, and only intervals that do not overlap decide. What came with a first
    load is of unknown age, and loses to whatever is known.
    """
    known = [candidate for candidate in candidates if candidate.since[0] is not None]
    if not known:
        return list(candidates)
    latest = max(low for candidate in known if (low := candidate.since[0]) is not None)
    # Whoever changed last did so after ``latest``; an interval that ends before is surely older.
    unbeaten = [candidate for candidate in known if candidate.since[1] > latest or candidate.since[0] == latest]
    return unbeaten or known


def _union(candidates: Sequence[_Candidate], rules: Rules) -> dict[str, Any]:
    ordered = sorted(candidates, key=lambda c: (rules.rank(c.voice.connection), c.voice.mention))
    items: dict[Any, tuple[Any, _Candidate]] = {}
    for candidate in ordered:
        listed = candidate.value if isinstance(candidate.value, list) else [candidate.value]
        for value in listed:
            # Addresses and numbers are told apart by every character, so only case is overlooked.
            items.setdefault(str(value).casefold(), (value, candidate))
    found = list(items.values())
    if not found:
        return {"value": None, "mention": None, "rule": Rule.UNION.value, "since": None}
    return {
        "value": [value for value, _ in found],
        "mention": found[0][1].voice.mention,
        "mentions": [candidate.voice.mention for _, candidate in found],
        "rule": Rule.UNION.value,
        "since": max(candidate.since[1] for _, candidate in found),
    }


def _entry(candidate: _Candidate, rule: Rule) -> dict[str, Any]:
    return {
        "value": candidate.value,
        "mention": candidate.voice.mention,
        "rule": rule.value,
        "since": candidate.since[1],
    }
