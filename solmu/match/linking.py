"""Components that a change touches clustered anew, and their links made what they should be."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from solmu.match.component import Component, Outcome
from solmu.match.index import Mentions
from solmu.match.model import Model
from solmu.match.rules import Band
from solmu.match.standing import pairs_of
from solmu.model import Entity
from solmu.store import Store, dirty
from solmu.store.sql import add_rows, as_document, run_many, run_with_ids
from solmu.store.tables import UNRANKED, link
from solmu.sync.hanging import touch
from solmu.sync.let_in import plan_whom_it_lets_in

_END = "UPDATE link SET until = ? WHERE id IN IDS"
# Who was withdrawn while this went on stays so. By the state as it is, SQLite might look for all of that state.
_LINKED = "UPDATE mention SET state = 'linked' WHERE state || '' = 'pending' AND id IN IDS"
_GOLDEN = """
INSERT INTO golden (id, public_id, entity, state, version, document, document_hash, mentions, protected, updated_at)
VALUES (?, ?, ?, 'live', 0, '{}', ?, 0, ?, ?) ON CONFLICT (id) DO NOTHING
"""
_BAND = "UPDATE pair SET band = ?, explanation = ?, priority = ? WHERE left_id = ? AND right_id = ?"
_PEOPLE = "SELECT DISTINCT mention_id FROM affiliation WHERE mention_id IS NOT NULL AND other_mention_id IN IDS"
_PEOPLES_GOLDENS = """
SELECT DISTINCT golden_id FROM link JOIN affiliation ON affiliation.mention_id = link.mention_id
WHERE link.until IS NULL AND affiliation.other_mention_id IN IDS
"""


class Linking:
    """Clusters and links the mentions of one slice, page by page.

    ``touched`` gathers the golden records whose links changed; ``rematched`` counts the people who were marked to be
    looked at again because their employer changed.
    """

    def __init__(
        self, store: Store, mentions: Mentions, model: Model, *, crms: Collection[str], run_id: str, now: int
    ) -> None:
        self.touched: set[int] = set()
        self.rematched = 0
        self._store = store
        self._mentions = mentions
        self._model = model
        self._crms = crms
        self._run_id = run_id
        self._now = now
        self._seen: set[int] = set()  # whose component is done

    def link(self, ids: Sequence[int], work: Sequence[tuple[int, int]], waits: Callable[[int], bool]) -> set[int]:
        """Cluster the components of these mentions; ``work`` of the consumer ``match`` is done with that.

        Gives those of them that are left for later, because somebody in their component ``waits`` to be compared.
        """
        fresh = [id for id in ids if id not in self._seen]
        left: set[int] = set()
        component = None
        if fresh:
            with self._store.read() as connection:
                component = Component.around(connection, fresh, self._mentions, self._model)
            left = component.reached_from({id for id in component.known if waits(id)})
            component = component.without(left) if left else component
            self._seen.update(component.known, (id for id in fresh if id not in left))
        outcome = component.cluster() if component else None
        with self._store.write(trusted=True) as connection:  # nor mentions nor golden records are ever deleted
            if component and outcome:
                goldens = self._store_links(connection, component, outcome)
                _store_bands(connection, component, outcome)
                asked = {id for ends, (band, _) in outcome.bands.items() if band == Band.ASK.value for id in ends}
                asked |= {id for row in component.pairs if row.band == Band.ASK.value for id in row[:2]}
                touch(connection, asked, targets=self._crms)  # whoever is asked about enters no CRM
                dirty.mark(connection, "golden", goldens)
                self.touched |= goldens
            dirty.done(connection, "match", [one for one in work if one[0] not in left])
        return left.intersection(ids)

    def _store_links(self, connection: Connection, component: Component, outcome: Outcome) -> set[int]:
        """End and begin links where they changed; gives the golden records that this touches."""
        ended: list[int] = []
        begun: list[tuple[Any, ...]] = []
        goldens: set[int] = set()
        moved: set[int] = set()
        for id in sorted(component.known):
            live, wanted = component.links.get(id), outcome.golden_of.get(id)
            before = live.golden_id if live is not None else None
            if before == wanted:
                continue
            moved.add(id)
            if live is not None:
                ended.append(live.id)
                goldens.add(live.golden_id)
            if wanted is not None:
                begun.append((id, wanted, self._now, outcome.why[id], self._run_id))
                goldens.add(wanted)
        if ended:
            run_with_ids(connection, _END, (self._now,), ended)
        self._store_golden(connection, component, {row[1] for row in begun})
        add_rows(connection, link, ("mention_id", "golden_id", "since", "why", "run_id"), begun)
        pending = [id for id, one in component.known.items() if one.state == "pending" and id in outcome.golden_of]
        if pending:
            run_with_ids(connection, _LINKED, (), pending)
        if self._model.entity is Entity.ORGANISATION and moved:
            self.rematched += mark_people(connection, moved)
            self._plan_who_hangs_there(connection, moved & component.links.keys())
            # A new card may carry the first lead of a company that is known, and so let in its people.
            known = {live.golden_id for live in component.links.values()}
            joined = {outcome.golden_of[id] for id in moved - component.links.keys() if id in outcome.golden_of}
            plan_whom_it_lets_in(connection, joined & known, targets=self._crms)
        return goldens

    def _store_golden(self, connection: Connection, component: Component, ids: Iterable[int]) -> None:
        """Golden records that were not there before, empty: computing them is the next step's work."""
        entity, known = self._model.entity.value, component.known
        run_many(connection, _GOLDEN, [(id, known[id].public_id, entity, b"", False, self._now) for id in sorted(ids)])

    def _plan_who_hangs_there(self, connection: Connection, organisations: Collection[int]) -> None:
        """The people of organisations that went from one golden record to another hang on another record in a CRM."""
        if organisations:
            people = run_with_ids(connection, _PEOPLES_GOLDENS, (), organisations).scalars().all()
            for crm in self._crms:
                dirty.mark(connection, f"target:{crm}", people)


def mark_people(connection: Connection, organisations: Collection[int]) -> int:
    """The people of organisations that were renamed, or whose cluster changed, are matched again; gives how many are
    that were not marked already."""
    people = set(run_with_ids(connection, _PEOPLE, (), organisations).scalars()) if organisations else set()
    people -= {id for id, _ in dirty.among(connection, "match", people)}
    dirty.mark(connection, "match", people)
    return len(people)


def _store_bands(connection: Connection, component: Component, outcome: Outcome) -> None:
    changed: Mapping[tuple[int, int], tuple[str, str | None]] = {
        (row.left_id, row.right_id): outcome.bands[row.left_id, row.right_id]
        for row in component.pairs
        if outcome.bands[row.left_id, row.right_id] != (row.band, row.held)
    }
    rows = []
    for row in pairs_of(connection, {left for left, _ in changed}) if changed else ():
        if (row.left_id, row.right_id) in changed:
            band, held = changed[row.left_id, row.right_id]
            explained = as_document({**row.explanation, "held": held})
            rows.append((band, explained, UNRANKED, row.left_id, row.right_id))
    run_many(connection, _BAND, rows)
