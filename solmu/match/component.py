"""The components that a change touches, read from the store and clustered.

A component is mentions connected by pairs, decisions, links or records that we created. Its clusters follow from its
own pairs alone, so that the cost of a change is that of what it touches.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from solmu.match import cluster as clustering
from solmu.match import decisions
from solmu.match.anchor import anchor
from solmu.match.cluster import Decision, Pair, Partition, Rank
from solmu.match.decisions import InForce
from solmu.match.decisions import in_force as standing
from solmu.match.index import Mentions
from solmu.match.known import Known
from solmu.match.model import Model
from solmu.match.rules import PROVEN, RULES, Band
from solmu.match.standing import (
    LIVE_OF_GOLDENS,
    LIVE_OF_MENTIONS,
    Judged,
    Live,
    created_by_us,
    judged_pairs,
    live_links,
    pinned_of,
    relations_of,
)

ASKED_BY_CRM = "crm-duplicate"
"""The rule of a pair that a CRM's own duplicate rule takes for one. Likeness does not answer it; a steward does."""


_TOGETHER = (Band.SAME.value, None)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What clustering made of some components."""

    golden_of: dict[int, int]
    why: dict[int, str]
    bands: dict[tuple[int, int], tuple[str, str | None]]  # by pair: its band now, and why it was held


@dataclass(slots=True)
class Component:
    """Mentions connected by pairs, decisions or links, with all that clustering them needs."""

    known: dict[int, Known]
    pairs: list[Judged]
    decisions: list[Decision]
    apart: list[
        tuple[frozenset[int], frozenset[int]]
    ]  # sets that somebody, or the data, said to be two; here or beyond
    links: dict[int, Live]  # live links by mention, those of the other ends of pairs and of ``apart`` included
    ours: dict[int, int]  # mentions of records that we created -> anchor of the golden record that they were made from
    pinned: set[int]
    model: Model

    @classmethod
    def around(
        cls,
        connection: Connection,
        ids: Iterable[int],
        mentions: Mentions,
        model: Model,
        in_force: InForce = standing,
    ) -> Component:
        """The components that these mentions are in. Several may come at once: they don't meet in clustering.

        With another ``in_force`` they are clustered as they would be under other decisions.
        """
        members: set[int] = set()
        edge = set(ids)
        rows: dict[tuple[int, int], Judged] = {}
        links: dict[int, Live] = {}
        ours: dict[int, int] = {}
        stored: dict[int, decisions.Stored] = {}
        relations: dict[int, Decision] = {}
        while edge:
            members |= edge
            new = judged_pairs(connection, edge)
            rows |= new
            reached = {id for key, row in new.items() if _joins(row, model) for id in key}
            live = live_links(connection, LIVE_OF_MENTIONS, edge)
            beside = live_links(connection, LIVE_OF_GOLDENS, {row.golden_id for row in live.values()})
            links |= live | beside
            made = created_by_us(connection, edge)
            ours |= made
            found = in_force(connection, edge)
            stored |= {one.id: one for one in found}
            decided = {id for one in found if one.verdict is decisions.Verdict.SAME for id in one.left | one.right}
            tied = relations_of(connection, edge)
            relations |= tied
            decided |= {id for one in tied.values() if one.same for id in one.left | one.right}
            edge = (reached | set(beside) | set(made) | set(made.values()) | decided) - members
        loaded = mentions.load(connection, members)
        known = {id: one for id, one in loaded.items() if id in links or _has_a_place(one, links)}
        # What is said of mentions without a place says nothing.
        ties = [one for one in relations.values() if (one.left | one.right) & known.keys()]
        parting = (decisions.Verdict.DIFFERENT, decisions.Verdict.RELATED)
        apart = [(one.left, one.right) for one in stored.values() if one.verdict in parting]
        apart += [(one.left, one.right) for one in ties if not one.same]
        # Where those are that are only beside: other ends of pairs, and whoever is said to be another one.
        ends = {id for key in rows for id in key} | {id for sides in apart for side in sides for id in side}
        links |= live_links(connection, LIVE_OF_MENTIONS, ends - links.keys())
        return cls(
            known=known,
            pairs=list(rows.values()),
            decisions=[
                *decisions.for_clustering(stored.values(), known),
                *(one for one in ties if one.left | one.right <= known.keys()),
            ],
            apart=apart,
            links=links,
            ours={id: origin for id, origin in ours.items() if id in known and origin in known},
            pinned=pinned_of(connection, known),
            model=model,
        )

    def reached_from(self, ids: Collection[int]) -> set[int]:
        """All that are in one component with any of these."""
        if not ids:
            return set()
        groups = [{row.left_id, row.right_id} for row in self.pairs if _joins(row, self.model)]
        groups += [{id, origin} for id, origin in self.ours.items()]
        groups += [set(one.left | one.right) for one in self.decisions if one.same]
        places: dict[int, set[int]] = {}
        for id, live in self.links.items():
            places.setdefault(live.golden_id, set()).add(id)
        groups += places.values()
        groups_of: dict[int, list[set[int]]] = {}
        for group in groups:
            for id in group:
                groups_of.setdefault(id, []).append(group)
        reached: set[int] = set()
        edge = set(ids)
        while edge:
            reached |= edge
            edge = {id for one in edge for group in groups_of.get(one, ()) for id in group} - reached
        return reached

    def without(self, ids: Collection[int]) -> Component:
        """The other components."""
        known = {id: one for id, one in self.known.items() if id not in ids}
        return replace(
            self,
            known=known,
            pairs=[row for row in self.pairs if row.left_id in known or row.right_id in known],
            decisions=[one for one in self.decisions if one.left | one.right <= known.keys()],
            ours={id: origin for id, origin in self.ours.items() if id in known},
        )

    def cluster(self) -> Outcome:
        """Cluster, choose ids, and say of each pair what became of it."""
        placed = {id for id, one in self.known.items() if _has_a_place(one, self.links)}
        joining = [row for row in self.pairs if _joins(row, self.model)]
        pairs = [
            Pair(
                row.left_id,
                row.right_id,
                row.weight,
                identity=row.rule in RULES,
                soft=_soft(row.rule),
                names_aside=_names_aside(row.rule),
            )
            for row in joining
            if row.left_id in placed and row.right_id in placed
        ]
        hub = [
            Decision(id, Rank.HUB, same=True, left=frozenset({id}), right=frozenset({origin}))
            for id, origin in self.ours.items()
            if id != origin
        ]
        traits = {id: self.known[id].traits for id in placed}
        partition = clustering.cluster(placed, pairs, [*self.decisions, *hub], traits)
        golden_of: dict[int, int] = {}
        for members in partition.clusters:
            golden_of |= dict.fromkeys(members, anchor(members, self.pinned))
        return Outcome(golden_of, self._why(golden_of, joining), self._bands(golden_of, partition))

    def _why(self, golden_of: dict[int, int], joining: Iterable[Judged]) -> dict[int, str]:
        """Why each mention is where it is: the strongest reason that holds between it and others there."""
        why = dict.fromkeys(golden_of, "born")
        for row in joining:
            golden = golden_of.get(row.left_id)
            if golden is not None and golden == golden_of.get(row.right_id):
                reason = "score" if row.rule == PROVEN else "identity"
                for id in (row.left_id, row.right_id):
                    if golden != id and why[id] != "identity":
                        why[id] = reason
        for one in self.decisions:
            for id in (one.left | one.right) if one.same else ():
                if golden_of[id] != id:
                    why[id] = "decision"
        return why | dict.fromkeys(self.ours.keys() & golden_of.keys(), "created-by-us")

    def _bands(self, golden_of: dict[int, int], partition: Partition) -> dict[tuple[int, int], tuple[str, str | None]]:
        """A pair whose ends came together is *same*; of the others, the strongest between two clusters is asked."""
        bands: dict[tuple[int, int], tuple[str, str | None]] = {}
        apart: list[Judged] = []
        for row in self.pairs:
            if self._golden(row.left_id, golden_of) == self._golden(row.right_id, golden_of):
                bands[row.left_id, row.right_id] = _TOGETHER
            else:
                apart.append(row)
        held = {(one.left, one.right): one.reason for one in partition.held}
        settled = {
            self._between(one, two, golden_of) for left, right in self.apart for one in left for two in right
        }  # two clusters that were asked about, or need no asking
        for row in sorted(apart, key=lambda row: (not _joins(row, self.model), -row.weight, row.left_id, row.right_id)):
            key = (row.left_id, row.right_id)
            between = self._between(*key, golden_of)
            if between in settled:
                bands[key] = Band.DIFFERENT.value, held.get(key)
            else:
                settled.add(between)
                bands[key] = Band.ASK.value, held.get(key)
        return bands

    def _between(self, one: int, two: int, golden_of: dict[int, int]) -> tuple[int, int]:
        here, there = self._golden(one, golden_of), self._golden(two, golden_of)
        return min(here, there), max(here, there)

    def _golden(self, id: int, golden_of: dict[int, int]) -> int:
        """Where a mention is; one of another component, where it was linked last, or else its own place."""
        if id in golden_of:
            return golden_of[id]
        live = self.links.get(id)
        return live.golden_id if live is not None else id


def _joins(row: Judged, model: Model) -> bool:
    """Whether the machine would join a stored pair: by a rule of identity, or by a score that has been proven."""
    if row.rule in RULES:
        return True
    return row.rule == PROVEN and model.thresholds.same is not None and bool(row.weight >= model.thresholds.same)


def _soft(rule: str) -> bool:
    return rule in RULES and RULES[rule].soft


def _names_aside(rule: str) -> bool:
    return rule in RULES and RULES[rule].names_aside


def _has_a_place(one: Known, links: Mapping[int, Live]) -> bool:
    """Whether a mention belongs to some golden record: it is compared, or has fallen silent after it was linked."""
    return one.compared or (one.silent and one.id in links)
