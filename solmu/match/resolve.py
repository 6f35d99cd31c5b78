"""The resolver: from dirty mentions to pairs, clusters and links. What the night calls.

Organisations first, then people, whose employers are part of their evidence. For each entity three passes over the
changed mentions: their block keys into the index; candidates by index look-up, scored and stored as pairs; and the
components that this touched, clustered anew from all their pairs. Every write is a short transaction, and nothing is
scored in one. A crash at any point repeats work and loses none: a mention's dirty row goes in the transaction that
stores its links, after everything that rests on it.

Whoever is named like a changed mention is looked at again too, because rules may rest on a name being nobody else's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from solmu.match.blocking import mates_keys
from solmu.match.component import ASKED_BY_CRM, PROVEN, Component, Outcome, judged_pairs, pairs_of
from solmu.match.explain import explanation
from solmu.match.identity import Identity
from solmu.match.index import SILENT, Bearers, Known, Mentions, holders, sharing, sizes, store_keys
from solmu.match.mates import MATES
from solmu.match.model import Model, default_model
from solmu.match.rules import SCORE, Band, judge
from solmu.match.score import Scorer
from solmu.model import Entity
from solmu.store import Store, dirty
from solmu.store.sql import among, chunks, upsert
from solmu.store.tables import UNRANKED, affiliation, golden, link, mention, pair

PAGE = 500
"""Mentions in one transaction."""
SLICE = 20_000
"""Dirty mentions whose keys are all in the index before the first of them is compared. ``Mentions`` remembers more."""
NAMES = 5_000
"""Keys of names that are looked up in one transaction."""
_DEBTS = 100  # the largest crowded keys that are reported


class Settings(Identity, Protocol):
    """What the resolver needs of the hub's ``matching:`` settings."""

    @property
    def block_cap(self) -> int:
        """How many mentions a block key may hold before it makes no new pairs."""

    @property
    def protected(self) -> Sequence[str]:
        """Flags that protect from unasked merges."""


@dataclass(slots=True)
class Resolved:
    """What a run of the resolver did.

    ``pairs`` counts those that were compared, by what became of them. ``recall_debt`` lists block keys that made no
    pairs because more mentions than the cap hold them, the largest first. ``touched`` counts golden records whose links
    changed, ``rematched_people`` those looked at again because their employer changed.
    """

    pairs: dict[str, int] = field(default_factory=lambda: {band.value: 0 for band in Band})
    recall_debt: list[tuple[str, int]] = field(default_factory=list)
    touched: int = 0
    mentions: int = 0
    rematched_people: int = 0


Work = list[tuple[int, int]]  # (mention id, generation of its dirty row)


def resolve(
    store: Store,
    settings: Settings,
    *,
    run_id: str,
    now: int,
    remotes: Collection[str],
    progress: Callable[[int], None] | None = None,
    models: Callable[[Entity], Model] = default_model,
) -> Resolved:
    """Resolve every mention that is marked. The caller holds the lease ``resolve``.

    ``now`` is when links begin and end, in microseconds; ``remotes`` are the connections that are CRMs; ``progress`` is
    told how many more mentions are done.
    """
    resolved = Resolved()
    crowded: set[str] = set()
    touched: set[int] = set()
    with store.read() as connection:
        cards = _organisations_on_cards(connection)
    for entity in (Entity.ORGANISATION, Entity.PERSON):
        after = 0
        while True:
            with store.read() as connection:
                work, reached = _marked(connection, entity, after)
            extra = cards if entity is Entity.ORGANISATION else set()
            if work or extra:
                a_pass = _Pass(
                    store, entity, settings, models(entity), run_id, now, remotes, resolved, crowded, touched
                )
                a_pass.run(work, extra, progress)
                cards = set()
            elif not after:
                break
            # At the end from the beginning: passes mark what they find there.
            after = reached if work else 0
    resolved.touched = len(touched)
    with store.read() as connection:
        debts = sizes(connection, crowded)
    resolved.recall_debt = sorted(debts.items(), key=lambda one: (-one[1], one[0]))[:_DEBTS]
    return resolved


def _marked(connection: Connection, entity: Entity, after: int) -> tuple[Work, int]:
    """The next slice of dirty mentions of an entity behind the id ``after``, by id; and the id that it reached."""
    work: Work = []
    while len(work) < SLICE:
        taken = dirty.take(connection, "match", PAGE, after=after)
        if not taken:
            break
        after = taken[-1][0]
        # The entity is looked at here: asked for it too, SQLite would read every mention of that entity.
        query = select(mention.c.id, mention.c.entity).where(among(connection, mention.c.id, [id for id, _ in taken]))
        of_entity = {id for id, of in connection.execute(query).all() if of == entity.value}
        work += [one for one in taken if one[0] in of_entity]
    return work, after


def _organisations_on_cards(connection: Connection) -> set[int]:
    """Organisations on the cards of people who changed: they lend the organisation their mail domain and phone.

    Those that are marked themselves are left out, for their turn comes anyway, one slice at a time.
    """
    found: set[int] = set()
    people = mention.alias()
    after = 0
    while taken := dirty.take(connection, "match", PAGE, after=after):
        after = taken[-1][0]
        query = (
            select(mention.c.id, mention.c.entity, people.c.entity)
            .join(people, people.c.record_id == mention.c.record_id)
            .where(among(connection, people.c.id, [id for id, _ in taken]))
        )
        wanted = (Entity.ORGANISATION.value, Entity.PERSON.value)
        on_cards = {id for id, *entities in connection.execute(query).all() if tuple(entities) == wanted}
        found |= on_cards - {id for id, _ in dirty.among(connection, "match", on_cards)}
    return found


@dataclass(slots=True)
class _Pass:
    """One slice of one entity's changed mentions on its way through the three passes."""

    store: Store
    entity: Entity
    settings: Settings
    model: Model
    run_id: str
    now: int
    crms: Collection[str]
    resolved: Resolved
    crowded: set[str]
    touched: set[int]
    mentions: Mentions = field(init=False)
    changed: set[int] = field(init=False, default_factory=set)  # those that are compared, mates included

    def __post_init__(self) -> None:
        self.mentions = Mentions(self.entity, crms=self.crms, protected=self.settings.protected, identity=self.settings)

    def run(self, work: Work, extra: Collection[int], progress: Callable[[int], None] | None) -> None:
        marked = {id for id, _ in work}
        self.changed = marked | set(extra)
        names: set[str] = set()
        tell = progress or (lambda _: None)  # of each page, so that whoever is to stop hears of it in time
        for ids in chunks(sorted(self.changed), PAGE):
            names |= self._index(ids)
            tell(0)
        for some_names in chunks(sorted(names), NAMES):
            self.changed |= self._mates(some_names)
        judged = 0
        for ids in chunks(sorted(self.changed), PAGE):
            judged += self._compare(ids)
            tell(0)
        # What is not marked comes first: once a marked mention is done, nothing would call for them again.
        seen: set[int] = set()
        for ids in chunks(sorted(self.changed - marked), PAGE):
            self._link(ids, {}, seen)
        for some in chunks(work, PAGE):
            self._link([id for id, _ in some], dict(some), seen)
            tell(len(some))
        self.resolved.mentions += len(work)
        self._count(judged)

    # --- first pass: block keys -----------------------------------------------------------------------------------

    def _index(self, ids: Sequence[int]) -> set[str]:
        """Store the keys of these mentions; gives those under which their mates are found."""
        with self.store.read() as connection:
            known = self.mentions.load(connection, ids)
        wanted = {id: one.keys for id, one in known.items()}
        with self.store.write() as connection:
            added, removed = store_keys(connection, wanted)
            # Whoever bore the old name is nobody's mate by the new one.
            names = {key for keys in removed.values() for key in mates_keys(keys)}
            found, _ = holders(connection, names, MATES)
            dirty.mark(connection, "match", {id for those in found.values() for id in those} - self.changed)
            if self.entity is Entity.ORGANISATION:
                renamed = {id for keys in (added, removed) for id in keys if _has_name(keys[id])}
                self._mark_people(connection, renamed)
        return {key for keys in wanted.values() for key in mates_keys(keys)}

    def _mates(self, names: Sequence[str]) -> set[int]:
        """Who is found under these keys of names, as far as a name is not a common one."""
        with self.store.read() as connection:
            found, _ = holders(connection, names, MATES)
        return {id for those in found.values() for id in those}

    # --- second pass: pairs ---------------------------------------------------------------------------------------

    def _compare(self, ids: Sequence[int]) -> int:
        """Compare these mentions with all that share a key, and store the pairs; gives how many were compared."""
        scorer = Scorer(self.model)
        rows: dict[tuple[int, int], dict[str, Any]] = {}
        judged = 0
        with self.store.read() as connection:
            known = self.mentions.load(connection, ids)
            candidates = self._candidates(connection, known)
            others = self.mentions.load(connection, {id for one in candidates for id in one})
            mates = Bearers(connection, self.mentions)
            for left_id, right_id in sorted(candidates):
                left, right = others.get(left_id), others.get(right_id)
                # One card never speaks twice of the same one.
                if left is None or right is None or left.record_id == right.record_id:
                    continue
                judged += 1
                score = scorer.score_rows(left.row, right.row)
                protected = left.traits.protected or right.traits.protected
                verdict = judge(
                    left.features, right.features, score.weight, self.model.thresholds, mates=mates, protected=protected
                )
                if verdict.band is not Band.DIFFERENT:
                    by_score = verdict.band is Band.SAME and verdict.rule == SCORE
                    rows[left_id, right_id] = {
                        "left_id": left_id,
                        "right_id": right_id,
                        "entity": self.entity.value,
                        "weight": score.weight,
                        "probability": score.probability,
                        "band": verdict.band.value,
                        "rule": PROVEN if by_score else verdict.rule,
                        "explanation": explanation(self.entity, verdict.rule, score),
                        "model": self.model.name,
                        "run_id": self.run_id,
                        "priority": UNRANKED,
                    }
            stored = self._replaceable(connection, known)
        asked = {key for key, (_, rule, _) in stored.items() if rule == ASKED_BY_CRM}
        gone = sorted(stored.keys() - rows.keys() - asked)
        new = [
            row
            for key, row in sorted(rows.items())
            if stored.get(key) != _identity(row) and (key not in asked or row["band"] == Band.SAME.value)
        ]
        if gone or new:
            with self.store.write() as connection:
                if gone:
                    connection.execute(
                        delete(pair).where(
                            pair.c.left_id == bindparam("b_left"), pair.c.right_id == bindparam("b_right")
                        ),
                        [{"b_left": left, "b_right": right} for left, right in gone],
                    )
                for some in chunks(new):
                    upsert(connection, pair, some, conflict=("left_id", "right_id"))
        return judged

    def _candidates(self, connection: Connection, known: dict[int, Known]) -> set[tuple[int, int]]:
        """Pairs of these mentions with all that share a key.

        Of two mentions that are both changed the later one makes the pair, so that each is compared once.
        """
        found, crowded = sharing(connection, [id for id, one in known.items() if one.speaks], self.settings.block_cap)
        self.crowded |= crowded
        return {
            (other, id) if other < id else (id, other) for id, other in found if other < id or other not in self.changed
        }

    def _replaceable(self, connection: Connection, known: dict[int, Known]) -> dict[tuple[int, int], tuple[Any, ...]]:
        """Stored pairs that the comparison of these mentions replaces, with what identifies their outcome.

        A pair with a mention that has fallen silent stays as it was judged last: that is how it stays linked. A pair
        with a later mention that is compared too is that one's to replace.
        """
        ids = [id for id, one in known.items() if one.state not in SILENT]
        found: dict[tuple[int, int], tuple[Any, ...]] = {}
        columns = (pair.c.left_id, pair.c.right_id, pair.c.weight, pair.c.rule, pair.c.model)
        for some in chunks(ids):
            for end in (pair.c.left_id, pair.c.right_id):
                rows = connection.execute(select(*columns).where(among(connection, end, some))).all()
                found |= {(left, right): tuple(rest) for left, right, *rest in rows}
        speaking = {id for id, one in known.items() if one.speaks}
        others = {id for key in found for id in key} - speaking
        there = self.mentions.load(connection, others)
        silent = {id for id, one in there.items() if one.state in SILENT}
        return {
            key: value
            for key, value in found.items()
            if not silent & set(key) and not (key[0] in known and key[1] in self.changed and key[1] not in known)
        }

    # --- third pass: clusters and links ---------------------------------------------------------------------------

    def _link(self, ids: Sequence[int], generations: dict[int, int], seen: set[int]) -> None:
        """Cluster the components of these mentions anew, and make their links what they should be."""
        fresh = [id for id in ids if id not in seen]
        work = list(generations.items())
        with self.store.read() as connection:
            component = Component.around(connection, fresh, self.mentions, self.model) if fresh else None
        if component is None:
            with self.store.write() as connection:
                dirty.done(connection, "match", work)
            return
        seen.update(fresh, component.known)  # in place: whoever called goes on with it
        outcome = component.cluster()
        with self.store.write() as connection:
            goldens = self._store_links(connection, component, outcome)
            self._store_bands(connection, component, outcome)
            dirty.mark(connection, "golden", goldens)
            dirty.done(connection, "match", work)
        self.touched |= goldens

    def _count(self, judged: int) -> None:
        """Add up what became of the pairs that were compared."""
        bands: Counter[str] = Counter()
        for ids in chunks(sorted(self.changed), PAGE):
            page = set(ids)
            with self.store.read() as connection:
                for (left_id, right_id), row in judged_pairs(connection, ids).items():
                    later = right_id if right_id in self.changed else left_id
                    bands[row.band] += later in page
        for band in (Band.SAME, Band.ASK):
            self.resolved.pairs[band.value] += bands[band.value]
        self.resolved.pairs[Band.DIFFERENT.value] += judged - bands[Band.SAME.value] - bands[Band.ASK.value]

    def _store_links(self, connection: Connection, component: Component, outcome: Outcome) -> set[int]:
        """End and begin links where they changed; gives the golden records that this touches."""
        ended: list[int] = []
        begun: list[dict[str, Any]] = []
        goldens: set[int] = set()
        moved: set[int] = set()
        for id in component.known:
            live, wanted = component.links.get(id), outcome.golden_of.get(id)
            if live is not None and live.golden_id != wanted:
                ended.append(live.id)
                goldens.add(live.golden_id)
                moved.add(id)
            if wanted is not None and (live is None or live.golden_id != wanted):
                begun.append(
                    {
                        "mention_id": id,
                        "golden_id": wanted,
                        "since": self.now,
                        "why": outcome.why[id],
                        "run_id": self.run_id,
                    }
                )
                goldens.add(wanted)
                moved.add(id)
        for ids in chunks(ended):
            connection.execute(update(link).where(link.c.id.in_(ids)).values(until=self.now))
        self._store_golden(connection, component, {row["golden_id"] for row in begun})
        if begun:
            connection.execute(insert(link), begun)
        pending = [id for id, one in component.known.items() if one.state == "pending" and id in outcome.golden_of]
        for ids in chunks(pending):
            connection.execute(update(mention).where(mention.c.id.in_(ids)).values(state="linked"))
        if self.entity is Entity.ORGANISATION:
            self._mark_people(connection, moved)
            self._plan_people(connection, [id for id in moved if component.links.get(id) is not None])
        return goldens

    def _store_golden(self, connection: Connection, component: Component, ids: Iterable[int]) -> None:
        """Golden records that were not there before, empty: computing them is the next step's work."""
        rows: list[dict[str, Any]] = [
            {
                "id": id,
                "public_id": component.known[id].public_id,
                "entity": self.entity.value,
                "state": "live",
                "version": 0,
                "document": {},
                "document_hash": b"",
                "mentions": 0,
                "protected": False,
                "updated_at": self.now,
            }
            for id in sorted(ids)
        ]
        for some in chunks(rows):
            upsert(connection, golden, some, conflict=("id",), update=())

    def _store_bands(self, connection: Connection, component: Component, outcome: Outcome) -> None:
        changed = {
            (row.left_id, row.right_id)
            for row in component.pairs
            if outcome.bands[row.left_id, row.right_id] != (row.band, row.held)
        }
        if changed:
            connection.execute(
                update(pair)
                .where(pair.c.left_id == bindparam("b_left"), pair.c.right_id == bindparam("b_right"))
                .values(band=bindparam("b_band"), explanation=bindparam("b_explanation"), priority=UNRANKED),
                [
                    {
                        "b_left": row.left_id,
                        "b_right": row.right_id,
                        "b_band": outcome.bands[row.left_id, row.right_id][0],
                        "b_explanation": {**row.explanation, "held": outcome.bands[row.left_id, row.right_id][1]},
                    }
                    for row in pairs_of(connection, {left for left, _ in changed})
                    if (row.left_id, row.right_id) in changed
                ],
            )

    def _mark_people(self, connection: Connection, organisations: Collection[int]) -> None:
        """The people of organisations that were renamed, or whose cluster changed, are matched again."""
        for some in chunks(sorted(organisations)):
            query = select(affiliation.c.mention_id).where(
                among(connection, affiliation.c.other_mention_id, some), affiliation.c.mention_id.is_not(None)
            )
            people = set(connection.scalars(query))
            for ids in chunks(sorted(people)):
                people -= {id for id, _ in dirty.among(connection, "match", ids)}
            dirty.mark(connection, "match", people)
            self.resolved.rematched_people += len(people)

    def _plan_people(self, connection: Connection, organisations: Collection[int]) -> None:
        """The people of organisations that went from one golden record to another hang on another record in a CRM."""
        for some in chunks(sorted(organisations)):
            query = (
                select(link.c.golden_id)
                .join(affiliation, affiliation.c.mention_id == link.c.mention_id)
                .where(among(connection, affiliation.c.other_mention_id, some), link.c.until.is_(None))
            )
            people = set(connection.scalars(query))
            for crm in self.crms:
                dirty.mark(connection, f"target:{crm}", people)


def _has_name(keys: Iterable[str]) -> bool:
    return any(key.startswith("o|name|") for key in keys)


def _identity(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["weight"], row["rule"], row["model"]
