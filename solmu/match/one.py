"""Does this one exist already? One record against everything that the store knows, without writing.

Candidates come from the block index, as in the night, and are scored and judged in the same way; what is new is only
that the record itself is not in the store. An organisation comes first; the golden records that it is taken for are the
person's employers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, Protocol

from sqlalchemy import Connection, and_, select

from solmu.config.protection import is_protected
from solmu.mapping.values import Mapped
from solmu.match.bearers import Bearers
from solmu.match.blocking import block_keys, candidate_keys
from solmu.match.bundles import active
from solmu.match.candidate import Address, Candidate, as_answers, order
from solmu.match.crowds import Crowds
from solmu.match.explain import SAME_NAME, SHARED_MAILBOX
from solmu.match.features import (
    Features,
    OrganisationFeatures,
    PersonFeatures,
    organisation_features,
    person_features,
)
from solmu.match.identity import Identity
from solmu.match.index import Mentions, holders
from solmu.match.known import Known
from solmu.match.mates import Namesakes
from solmu.match.model import Model
from solmu.match.objections import objections
from solmu.match.organisation_questions import not_told_apart
from solmu.match.rows import row
from solmu.match.rules import Band, judge, traits_of
from solmu.match.score import Scorer
from solmu.match.standing import places_of
from solmu.model import Entity
from solmu.normalise import fold
from solmu.store import Store
from solmu.store.tables import golden, link

SHOWN = 10
"""Candidates of an entity that an answer names, at most."""
_NEW = -1  # an organisation that nobody knows would get a golden record of its own
_NAMES = frozenset({"name", "given_name", "family_name"})


class Settings(Identity, Protocol):
    """What a look-up needs of the hub's ``matching:`` settings."""

    @property
    def block_cap(self) -> int: ...

    @property
    def protected(self) -> Sequence[str]: ...


class Lookup:
    """Answers for one record after another, with the models in force when it was made: make a new one for each night.

    ``crms`` are the connections that are CRMs. Not for several threads at once.
    """

    def __init__(
        self,
        store: Store,
        settings: Settings,
        *,
        crms: Collection[str],
        address: Address = lambda _target, _object, _id: None,
    ) -> None:
        with store.read() as connection:
            bundle = active(connection)
        self.version = bundle.version
        self._store = store
        self._settings = settings
        self._crms = crms
        self._address = address
        self._scorers = {entity: Scorer(bundle(entity)) for entity in Entity}

    def find(self, mapped: Mapped, *, shown: int = SHOWN) -> dict[str, Any]:
        """What the store knows of the record: ``{model, organisation, people}``, None and [] for what it is silent on.

        Each answer is ``{slot, verdict, golden_id, candidates, crowded}``. ``verdict``: *same* (a night would link it
        there), *ask* (a person would be asked), *new*. ``golden_id`` is that of the only *same*, None where there is
        none or several. A candidate is ``{golden_id, name, band, rule, weight, probability, sentence, bars, mentions,
        protected, remotes}``, the best first, and each of its remotes ``{target, object, remote_id, role, url}``.
        ``crowded`` lists keys that too many hold, behind which nothing was looked for.
        """
        people = [each for each in mapped.mentions if each.entity is Entity.PERSON]
        organisations = [each for each in mapped.mentions if each.entity is Entity.ORGANISATION]
        with self._store.read() as connection:
            employers: list[int] = []
            names: list[str] = []
            answers = []
            for each in organisations:
                features = organisation_features(
                    each.fields, people=[one.fields for one in people], identity=self._settings
                )
                answer, same = self._answer(connection, each.slot, features, each.fields, shown)
                answers.append(answer)
                employers += same or [_NEW]  # who works for another one of that name is another one
                names.append(features.compact)
            told = []
            for each in people:
                person = person_features(
                    each.fields, employers=employers, employer_names=names, identity=self._settings
                )
                told.append(self._answer(connection, each.slot, person, each.fields, shown)[0])
        return {"model": self.version, "organisation": answers[0] if answers else None, "people": told}

    def _answer(
        self, connection: Connection, slot: str, features: Features, values: Mapping[str, Any], shown: int
    ) -> tuple[dict[str, Any], list[int]]:
        entity = Entity.ORGANISATION if isinstance(features, OrganisationFeatures) else Entity.PERSON
        model = self._scorers[entity].model
        mentions = Mentions(entity, crms=self._crms, protected=self._settings.protected, identity=self._settings)
        protected = is_protected(values, self._settings.protected)
        found, crowded = self._compared(connection, mentions, model, features, protected=protected)
        if not found and isinstance(features, PersonFeatures) and not features.name:
            found = self._users(connection, mentions, features, shown)
        if not found:
            found = self._namesakes(connection, mentions, features, values, shown)
        same = [one for one in found if one.band is Band.SAME]
        places = list(dict.fromkeys(one.golden_id for one in same))
        told = as_answers(connection, entity, found[:shown], self._address)
        return {
            "slot": slot,
            "verdict": "same" if len(places) == 1 else "ask" if found else "new",
            "golden_id": told[0]["golden_id"] if len(places) == 1 else None,
            "candidates": told,
            "crowded": sorted(crowded),
        }, places

    def _compared(
        self, connection: Connection, mentions: Mentions, model: Model, features: Features, *, protected: bool
    ) -> tuple[list[Candidate], dict[str, int]]:
        """The golden records that the record may be, the best first, each by its strongest comparison."""
        keys = block_keys(features)
        held, crowded = holders(connection, candidate_keys(keys), self._settings.block_cap)
        crowds = Crowds(mentions).behind(connection, crowded)
        crowded = {key: size for key, size in crowded.items() if key not in crowds}
        beside = chain(*held.values(), *(crowd.firsts for crowd in crowds.values()))
        known = mentions.load(connection, set(beside))
        places = places_of(connection, known)
        mates = _WithOneMore(Bearers(connection, mentions), features, keys)
        scorer, mine = self._scorers[model.entity], row(features)
        traits = traits_of(features, protected=protected)
        best: dict[int, Candidate] = {}
        for id, other in sorted(known.items()):
            if id not in places:
                continue
            score = scorer.score_rows(mine, other.row)
            verdict = judge(
                features,
                other.features,
                score.weight,
                model.thresholds,
                mates=mates,
                protected=traits.protected or other.traits.protected,
            )
            if verdict.band is Band.DIFFERENT:
                continue
            candidate = Candidate(id, places[id], verdict.band, verdict.rule, score)
            before = best.get(places[id])
            if before is None or order(candidate) < order(before):
                best[places[id]] = candidate
        same = [(one.golden_id, one.rule) for one in best.values() if one.band is Band.SAME]
        against = objections(connection, mentions, traits, same)
        return sorted((one.held_for(against.get(one.golden_id)) for one in best.values()), key=order), crowded

    def _users(self, connection: Connection, mentions: Mentions, one: PersonFeatures, shown: int) -> list[Candidate]:
        """Who uses a shared mailbox, when no more than that is known of somebody."""
        query = (
            select(link.c.mention_id, link.c.golden_id)
            .join(golden, golden.c.id == link.c.golden_id)
            # Asked for the entity itself, SQLite might look through all people.
            .where(golden.c.email.in_(sorted(one.role_emails)), golden.c.entity.concat("") == Entity.PERSON.value)
            .where(link.c.until.is_(None))
            .order_by(link.c.mention_id)
        )
        found = connection.execute(query.limit(self._settings.block_cap)).tuples()
        return self._asked(connection, mentions, one, found, SHARED_MAILBOX, shown)

    def _namesakes(
        self, connection: Connection, mentions: Mentions, one: Features, values: Mapping[str, Any], shown: int
    ) -> list[Candidate]:
        """Who bears that name, when no more than a name is known of somebody, or nothing tells a company from them. A
        night would not link them by it, and where many bear the name not even ask."""
        live = select(link.c.mention_id, link.c.golden_id).where(link.c.until.is_(None)).order_by(link.c.mention_id)
        if isinstance(one, OrganisationFeatures):
            if not one.compact:
                return []
            held, _ = holders(connection, frozenset({f"o|name|{one.compact}"}), self._settings.block_cap)
            bearers = set(chain(*held.values()))
            query = live.where(link.c.mention_id.in_(sorted(bearers)))
        else:
            if not values.keys() <= _NAMES:
                return []
            name = fold(values.get("name") or f"{values.get('given_name', '')} {values.get('family_name', '')}".strip())
            bears = and_(golden.c.search_name == name, golden.c.entity == Entity.PERSON.value)
            query = live.join(golden, golden.c.id == link.c.golden_id).where(bears)
        found = connection.execute(query.limit(self._settings.block_cap)).tuples().all()
        if isinstance(one, OrganisationFeatures) and not one.bare:
            found = _not_told_apart(one, found, mentions.load(connection, bearers))
        return self._asked(connection, mentions, one, found, SAME_NAME, shown)

    def _asked(
        self,
        connection: Connection,
        mentions: Mentions,
        one: Features,
        found: Iterable[tuple[int, int]],
        rule: str,
        shown: int,
    ) -> list[Candidate]:
        """The first mention of each golden record, for a person to tell whether it is the one."""
        first: dict[int, int] = {}
        for mention_id, golden_id in found:
            first.setdefault(golden_id, mention_id)
        known = mentions.load(connection, list(first.values())[:shown])
        scorer, mine = self._scorers[mentions.entity], row(one)
        return [
            Candidate(id, place, Band.ASK, rule, scorer.score_rows(mine, known[id].row))
            for place, id in first.items()
            if id in known
        ]


def _not_told_apart(
    one: OrganisationFeatures, found: Sequence[tuple[int, int]], known: Mapping[int, Known]
) -> list[tuple[int, int]]:
    """Those of these mentions of whose golden record none is another company: a contact's mail domain does not say so,
    since people move and keep writing from where they were."""

    def is_another(id: int) -> bool:
        other = known[id].features if id in known else None
        return not isinstance(other, OrganisationFeatures) or not not_told_apart(one, other)

    others = {golden_id for id, golden_id in found if is_another(id)}
    return [each for each in found if each[1] not in others]


class _WithOneMore:
    """Answers ``rules.Mates`` as if the record were in the store: what a name is worth depends on who else bears it."""

    def __init__(self, bearers: Bearers, features: Features, keys: frozenset[str]) -> None:
        self._bearers = bearers
        self._features = features
        self._keys = keys
        self._answers: dict[frozenset[str], Namesakes | None] = {}

    def __call__(self, keys: Iterable[str]) -> Namesakes | None:
        asked = frozenset(keys)
        if asked not in self._answers:
            found = self._bearers(asked)
            if found is not None and asked & self._keys:
                found = found.and_one(self._features)
            self._answers[asked] = found
        return self._answers[asked]
