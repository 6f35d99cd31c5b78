"""Changed mentions compared with all that share a key with them, and the pairs stored."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from sqlalchemy import Connection

from solmu.match.as_before import as_before
from solmu.match.bearers import Bearers
from solmu.match.component import ASKED_BY_CRM
from solmu.match.crowds import Crowds
from solmu.match.explain import explanation_text
from solmu.match.index import Mentions, sharing
from solmu.match.known import Known
from solmu.match.mates import Mates
from solmu.match.model import Model
from solmu.match.rules import AS_BEFORE, PROVEN, RULES, SCORE, WAS_ONE, Band, judge
from solmu.match.score import Scorer
from solmu.match.standing import LIVE_OF_MENTIONS, as_judged, in_crms, live_links
from solmu.store import Store
from solmu.store.sql import run_many, run_with_ids
from solmu.store.tables import UNRANKED
from solmu.sync.hanging import touch

Ends = tuple[int, int]  # (left id, right id) of a pair
_Outcome = tuple[float, str, str]  # weight, rule and model: what identifies what came of a comparison
_Likeness = tuple[float, float, str, str, str]  # weight, probability, band, rule, explanation
_Row = tuple[int, int, float, float, str, str, str]  # a pair as it is stored: the first of ``_COLUMNS``

_COLUMNS = ("left_id", "right_id", "weight", "probability", "band", "rule", "explanation",
            "entity", "model", "run_id", "priority")  # fmt: skip
_STORE = f"""
INSERT INTO pair ({", ".join(_COLUMNS)}) VALUES ({", ".join("?" * len(_COLUMNS))})
ON CONFLICT (left_id, right_id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[2:])}
"""  # noqa: S608 (ours)
_REMEMBERED = 10_000
"""Comparisons that are remembered at once."""
_JOINING = RULES.keys() | {PROVEN}
_WERE_ONE = _JOINING | {WAS_ONE}
_DELETE = "DELETE FROM pair WHERE left_id = ? AND right_id = ?"
_STORED = ("SELECT left_id, right_id, weight, rule, model FROM pair WHERE left_id IN IDS",
           "SELECT left_id, right_id, weight, rule, model FROM pair WHERE right_id IN IDS")  # fmt: skip


class Compared(NamedTuple):
    """What comparing some mentions came to.

    ``judged`` counts the pairs; ``early`` are those of the mentions that are taken for somebody who still waits to be
    compared; ``crowded`` are the keys that made no pairs, as far as that is news.
    """

    judged: int
    gone: Sequence[Ends]
    new: Sequence[_Row]
    early: Collection[int]
    crowded: Collection[str]


class Pairing:
    """Compares the mentions of one slice, page by page; ``changed`` are all of them.

    ``crowded`` gathers the keys that more than ``cap`` mentions hold, which made no pairs; behind those where few looks
    are, each is compared with the first of every look (see ``crowds``).
    """

    def __init__(
        self,
        store: Store,
        mentions: Mentions,
        model: Model,
        changed: Container[int],
        *,
        cap: int,
        crms: Collection[str],
        run_id: str,
    ) -> None:
        self.crowded: set[str] = set()
        self._done: set[int] = set()
        self._gone: list[Ends] = []
        self._new: list[_Row] = []
        self._store = store
        self._mentions = mentions
        self._crowds = Crowds(mentions)
        self._model = model
        self._scorer = Scorer(model)
        self._changed = changed
        self._cap = cap
        self._crms = crms
        self._run_id = run_id
        self._compared: dict[tuple[int, int, bool], _Likeness | None] = {}

    def waits(self, id: int) -> bool:
        """Whether a mention is still to be compared."""
        return id in self._changed and id not in self._done

    def compare(self, ids: Sequence[int]) -> Compared:
        """Compare these mentions. Nothing is written; ``take`` takes what this gives."""
        crowded = set(self.crowded)
        with self._store.read() as connection:
            known = self._mentions.load(connection, ids)
            judged, found = self._judged(connection, self._candidates(connection, known))
            stored = self._replaceable(connection, known)
            found |= self._kept(connection, stored, found)
        asked = {ends for ends, (_, rule, _) in stored.items() if rule == ASKED_BY_CRM}
        gone = sorted(stored.keys() - found.keys() - asked)
        new = [
            row
            for ends, (outcome, row) in found.items()
            if stored.get(ends) != outcome and (ends not in asked or row[4] == Band.SAME.value)
        ]
        self._done.update(ids)
        same = Band.SAME.value
        early = {id for ends, (_, row) in found.items() if row[4] == same and any(map(self.waits, ends)) for id in ends}
        return Compared(judged, gone, new, early.intersection(ids), self.crowded - crowded)

    def take(self, ids: Sequence[int], compared: Compared) -> list[int]:
        """Take what comparing these mentions came to, here or in another process, to be stored with the next ``store``.

        Gives those of them that are not taken for anybody who still waits.
        """
        self._gone += compared.gone
        self._new += compared.new
        self._done.update(ids)
        self.crowded.update(compared.crowded)
        return [id for id in ids if id not in compared.early]

    def store(self) -> None:
        """Store the pairs that were taken."""
        gone, new = self._gone, self._new
        if gone or new:
            with self._store.write(trusted=True) as connection:  # mentions are never deleted
                run_many(connection, _DELETE, gone)
                touch(connection, {id for ends in gone for id in ends}, targets=self._crms)
                same = (self._model.entity.value, self._model.name, self._run_id, UNRANKED)
                run_many(connection, _STORE, [row + same for row in sorted(new)])
        self._gone, self._new = [], []

    def _candidates(self, connection: Connection, known: dict[int, Known]) -> list[Ends]:
        """Pairs of these mentions with all that share a key, but for those that were compared with all before."""
        compared = [id for id, one in known.items() if one.compared]
        found, crowded = sharing(connection, compared, self._cap)
        crowds = self._crowds.behind(connection, crowded)
        self.crowded |= crowded - crowds.keys()
        beside = [
            (id, other)
            for id in (compared if crowds else ())
            for key in known[id].keys & crowds.keys()
            for other in crowds[key].beside(id) - {id}
        ]
        done = self._done
        pairs = chain(found, beside)
        return sorted({(other, id) if other < id else (id, other) for id, other in pairs if other not in done})

    def _judged(
        self, connection: Connection, candidates: Sequence[Ends]
    ) -> tuple[int, dict[Ends, tuple[_Outcome, _Row]]]:
        """How many of these pairs are two cards', and those of them that are not simply different."""
        known = self._mentions.load(connection, {id for ends in candidates for id in ends})
        mates = Bearers(connection, self._mentions)
        judged = 0
        found: dict[Ends, tuple[_Outcome, _Row]] = {}
        for ends in candidates:
            left, right = known.get(ends[0]), known.get(ends[1])
            # One card never speaks twice of the same one.
            if left is None or right is None or left.record_id == right.record_id:
                continue
            judged += 1
            likeness = self._likeness(left, right, mates)
            if likeness is not None:
                found[ends] = self._row(ends, likeness)
        return judged, found

    def _kept(
        self, connection: Connection, stored: Mapping[Ends, _Outcome], found: Mapping[Ends, tuple[_Outcome, _Row]]
    ) -> dict[Ends, tuple[_Outcome, _Row]]:
        """Pairs of customers of a CRM that were joined, and stay so, or are asked about; see ``as_before``."""
        parted = {
            ends: outcome
            for ends, outcome in stored.items()
            if outcome[1] in _WERE_ONE and (ends not in found or found[ends][0][1] not in _JOINING)
        }
        known = self._mentions.load(connection, {id for ends in parted for id in ends})
        links = live_links(connection, LIVE_OF_MENTIONS, known.keys())
        in_crm = in_crms(connection, {live.golden_id for live in links.values()}, self._crms)
        # Where no card has changed, the rules have, or what is known of others: that parts them as it would any.
        settled = as_judged(connection, parted.keys())
        kept: dict[Ends, tuple[_Outcome, _Row]] = {}
        for ends, (weight, rule, model) in parted.items():
            left, right = (known.get(id) for id in ends)
            if left is None or right is None:
                continue
            band: Band | None = Band.ASK  # what was asked once is, until a person answers or the cards agree again
            if rule != WAS_ONE:
                here, there = (links.get(id) for id in ends)
                together = here is not None and there is not None and here.golden_id == there.golden_id
                if not together or links[ends[0]].golden_id not in in_crm:
                    continue
                of_crm = left.traits.crms or right.traits.crms
                if ends in settled and rule != AS_BEFORE and not of_crm:
                    continue
                band = as_before(left, right, weight=weight, rule=rule, model=model, now=self._model)
            if band is not None:
                score = self._scorer.score_rows(left.row, right.row)
                now = AS_BEFORE if band is Band.SAME else WAS_ONE
                explained = explanation_text(self._model.entity, now, score.levels)
                kept[ends] = self._row(ends, (score.weight, score.probability, band.value, now, explained))
        return kept

    def _row(self, ends: Ends, likeness: _Likeness) -> tuple[_Outcome, _Row]:
        weight, _, _, rule, _ = likeness
        return (weight, rule, self._model.name), ends + likeness

    def _likeness(self, left: Known, right: Known, mates: Mates) -> _Likeness | None:
        """What comes of comparing two mentions, None where they are simply different.

        Many a card comes again as it was: of two that have been compared already, the answer is remembered.
        """
        protected = left.traits.protected or right.traits.protected
        asked = left.look, right.look, protected
        if asked in self._compared:
            return self._compared[asked]
        if len(self._compared) >= _REMEMBERED:
            self._compared.clear()
        score = self._scorer.score_rows(left.row, right.row)
        thresholds = self._model.thresholds
        verdict = judge(left.features, right.features, score.weight, thresholds, mates=mates, protected=protected)
        answer: _Likeness | None = None
        if verdict.band is not Band.DIFFERENT:
            by_score = verdict.band is Band.SAME and verdict.rule == SCORE
            explained = explanation_text(self._model.entity, verdict.rule, score.levels)
            rule = PROVEN if by_score else verdict.rule
            answer = score.weight, score.probability, verdict.band.value, rule, explained
        self._compared[asked] = answer
        return answer

    def _replaceable(self, connection: Connection, known: dict[int, Known]) -> dict[Ends, _Outcome]:
        """Stored pairs that the comparison of these mentions replaces, with what identifies their outcome.

        A pair with a mention that has fallen silent stays as it was judged last: that is how it stays linked. A pair
        with one that was compared with all before is as it should be.
        """
        ids = [id for id, one in known.items() if not one.silent]
        found: dict[Ends, _Outcome] = {}
        for query in _STORED:
            rows = run_with_ids(connection, query, (), ids).all()
            found |= {(left, right): (weight, rule, model) for left, right, weight, rule, model in rows}
        compared = {id for id, one in known.items() if one.compared}
        others = {id for ends in found for id in ends} - compared
        there = self._mentions.load(connection, others)
        silent = {id for id, one in there.items() if one.silent}
        settled = silent | self._done
        return {ends: outcome for ends, outcome in found.items() if settled.isdisjoint(ends)}
