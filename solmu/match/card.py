"""What the store holds of mentions, of the people on their cards and of their employers: what features are made of."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from solmu.match.features import organisation_key
from solmu.model import Entity
from solmu.store.sql import from_stored, run_with_ids
from solmu.sync.fold import evidence
from solmu.sync.slots import is_aside

WITHDRAWN = "withdrawn"
SPEAKS = frozenset({"pending", "linked", "quarantined"})
"""States in which a mention is evidence. One whose newest version was refused stands by its last good claim."""
SEEN = SPEAKS | {WITHDRAWN}
"""States in which it shows somebody, now or as it was last seen."""
SILENT = frozenset({WITHDRAWN, "erased"})
"""States in which it says nothing any more, but stays linked as it was last seen. Whom a list showed yesterday is still
recognised by that, though, when a row of another key comes: see ``Known.compared``."""

_READ = """
SELECT mention.id, entity, record_id, mention.state, public_id, claim, slot, connection
FROM mention JOIN source_record ON source_record.id = record_id WHERE mention.id IN IDS
"""
# The card's own organisation is left out here, since to read a claim costs more than all else.
_PEOPLE = """
SELECT record_id, claim, entity, state, slot FROM mention WHERE slot <> ? AND record_id IN IDS ORDER BY id
"""
_EMPLOYERS = """
SELECT affiliation.mention_id, golden_id, mention.claim FROM affiliation
JOIN mention ON mention.id = other_mention_id
JOIN mention AS person ON person.id = affiliation.mention_id
JOIN link ON link.mention_id = mention.id AND link.until IS NULL
WHERE (affiliation.state = 'live' OR (affiliation.state = 'withdrawn' AND person.state = 'withdrawn'))
AND affiliation.mention_id IN IDS
ORDER BY affiliation.id
"""


class StoredMention(NamedTuple):
    """A mention as it is stored."""

    id: int
    entity: str
    record_id: int
    state: str
    public_id: str
    claim: Any
    slot: str
    connection: str


def stored_mentions(connection: Connection, entity: Entity, ids: Sequence[int]) -> list[StoredMention]:
    """The mentions with these ids, as far as they are there and of this entity."""
    # The entity is looked at here: asked for it too, SQLite would read every mention of that entity.
    found = map(StoredMention._make, run_with_ids(connection, _READ, (), ids).all())
    return [one for one in found if one.entity == entity.value]


def people_on_cards(connection: Connection, records: Collection[int]) -> dict[tuple[int, str], list[dict[str, Any]]]:
    """Own values of the people of these source records, by record and when it spoke of them."""
    people: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for record_id, claim, entity, state, slot in run_with_ids(
        connection, _PEOPLE, (Entity.ORGANISATION.value,), records
    ).all():
        if entity == Entity.PERSON.value and state in SEEN:
            people.setdefault((record_id, when(state, slot)), []).append(evidence(from_stored(claim)))
    return people


def when(state: str, slot: str) -> str:
    """Who stands on a card together: those of now, those it showed last, or those whom others have replaced there."""
    if state != WITHDRAWN:
        return "now"
    return "replaced" if is_aside(slot) else "last"


def employers_of(connection: Connection, ids: Sequence[int]) -> dict[int, list[tuple[int, str]]]:
    """Golden id and compact name of every employer that a person has or had, by the person's mention."""
    employers: dict[int, list[tuple[int, str]]] = {}
    for person, golden_id, claim in run_with_ids(connection, _EMPLOYERS, (), ids).all():
        name = organisation_key(evidence(from_stored(claim)).get("name") or "")
        employers.setdefault(person, []).append((golden_id, name))
    return employers
