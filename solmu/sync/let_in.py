"""Who may be let into a target because their company comes to be: its people wait for it outside."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from solmu.store import dirty
from solmu.store.sql import run_with_ids

_PEOPLE = """
SELECT DISTINCT theirs.golden_id FROM link AS here
JOIN affiliation ON affiliation.other_mention_id = here.mention_id AND affiliation.state = 'live'
JOIN link AS theirs ON theirs.mention_id = affiliation.mention_id AND theirs.until IS NULL
WHERE here.until IS NULL AND NOT EXISTS (
  SELECT 1 FROM link AS those JOIN remote ON remote.mention_id = those.mention_id
  WHERE those.golden_id = here.golden_id AND those.until IS NULL AND remote.target = ? AND remote.state = 'live'
) AND here.golden_id IN IDS
"""


def plan_whom_it_lets_in(connection: Connection, companies: Collection[int], *, targets: Collection[str]) -> None:
    """Have the people of these companies planned anew for each target in which their company is not there yet.

    A first lead or order lets in the company, and its people with it, who themselves have not changed.
    """
    for target in targets if companies else ():
        people = run_with_ids(connection, _PEOPLE, (target,), companies).scalars().all()
        dirty.mark(connection, f"target:{target}", people)
