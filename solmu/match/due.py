"""Which mentions are to be resolved."""

from __future__ import annotations

from sqlalchemy import Connection

from solmu.model import Entity
from solmu.store import dirty
from solmu.store.sql import run_with_ids

Work = list[tuple[int, int]]  # (mention id, generation of its dirty row)

_PAGE = 5_000
_ENTITY = "SELECT id, entity FROM mention WHERE id IN IDS"
# Asked for each entity by itself, SQLite would read every mention of it.
_ON_CARDS = """
SELECT DISTINCT one.id FROM mention AS other JOIN mention AS one ON one.record_id = other.record_id
LEFT JOIN dirty ON dirty.consumer = 'match' AND dirty.id = one.id
WHERE dirty.id IS NULL AND one.entity || other.entity = ? AND other.id IN IDS
"""


def marked(connection: Connection, entity: Entity, most: int, *, after: int) -> tuple[Work, int]:
    """The next marked mentions of an entity behind the id ``after``, by id, at most ``most``; and the id reached."""
    work: Work = []
    while len(work) < most:
        taken = dirty.take(connection, "match", _PAGE, after=after)
        if not taken:
            break
        after = taken[-1][0]
        # The entity is looked at here: asked for it too, SQLite would read every mention of that entity.
        rows = run_with_ids(connection, _ENTITY, (), [id for id, _ in taken]).all()
        of_entity = {id for id, of in rows if of == entity.value}
        work += [one for one in taken if one[0] in of_entity]
    if len(work) > most:
        del work[most:]
        after = work[-1][0]
    return work, after


def organisations_on_cards(connection: Connection) -> set[int]:
    """Organisations on the cards of people who changed: they lend the organisation their mail domain and phone.

    Those that are marked themselves are left out, for their turn comes anyway, one slice at a time.
    """
    found: set[int] = set()
    after = 0
    wanted = Entity.ORGANISATION.value + Entity.PERSON.value
    while taken := dirty.take(connection, "match", _PAGE, after=after):
        after = taken[-1][0]
        found.update(run_with_ids(connection, _ON_CARDS, (wanted,), [id for id, _ in taken]).scalars())
    return found
