"""Golden records that one record may be one of, as an answer tells them: why, and where they are in the CRMs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, select

from solmu.match.explain import HELD, explanation
from solmu.match.rules import PROTECTED, RULES, Band
from solmu.match.score import Score
from solmu.model import Entity
from solmu.store.tables import golden, link, remote

Address = Callable[[str, str, str], str | None]
"""Gives the address at which a person sees a record: target, object, remote id."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """The strongest comparison of the record with one golden record."""

    mention_id: int
    golden_id: int
    band: Band
    rule: str
    score: Score
    held: str | None = None

    def held_for(self, reason: str | None) -> Candidate:
        """The same, or a question where what else is known there speaks against it: see ``cluster.Held``."""
        if reason is None:
            return self
        rule = PROTECTED if reason.endswith("-protected") else self.rule
        return replace(self, band=Band.ASK, rule=rule, held=reason)

    @property
    def why_held(self) -> str | None:
        """In words, where the rule's sentence does not tell it."""
        return HELD[self.held] if self.held is not None and self.rule != PROTECTED else None


def order(one: Candidate) -> tuple[bool, bool, float, int]:
    """By which the likeliest comes first."""
    return one.band is not Band.SAME, one.rule not in RULES, -one.score.weight, one.mention_id


def as_answers(
    connection: Connection, entity: Entity, found: Sequence[Candidate], address: Address
) -> list[dict[str, Any]]:
    """Candidates as an answer names them, with where each is in the CRMs."""
    ids = [one.golden_id for one in found]
    query = select(golden.c.id, golden.c.public_id, golden.c.name, golden.c.mentions, golden.c.protected)
    rows = {row.id: row for row in connection.execute(query.where(golden.c.id.in_(ids)))}
    remotes = _remotes(connection, ids, address)
    answers = []
    for one in found:
        there, why = rows[one.golden_id], explanation(entity, one.rule, one.score, one.held)
        answers.append(
            {
                "golden_id": there.public_id,
                "name": there.name,
                "band": one.band.value,
                "rule": one.rule,
                "weight": round(one.score.weight, 2),
                "probability": round(one.score.probability, 6),
                "sentence": " ".join(filter(None, (why["sentence"], one.why_held))),
                "bars": why["bars"],
                "mentions": there.mentions,
                "protected": there.protected,
                "remotes": remotes.get(one.golden_id, []),
            }
        )
    return answers


def _remotes(connection: Connection, goldens: Iterable[int], address: Address) -> dict[int, list[dict[str, Any]]]:
    """Where these golden records are in the CRMs, the primary record of each first."""
    query = (
        select(link.c.golden_id, remote.c.target, remote.c.object, remote.c.remote_id, remote.c.role)
        .join(link, link.c.mention_id == remote.c.mention_id)
        .where(
            link.c.golden_id.in_(list(goldens)),
            link.c.until.is_(None),
            remote.c.state == "live",
            remote.c.remote_id.is_not(None),
        )
        .order_by(remote.c.role, remote.c.target, remote.c.object, remote.c.remote_id)
    )
    found: dict[int, list[dict[str, Any]]] = {}
    for each in connection.execute(query):
        found.setdefault(each.golden_id, []).append(
            {
                "target": each.target,
                "object": each.object,
                "remote_id": each.remote_id,
                "role": each.role,
                "url": address(each.target, each.object, each.remote_id),
            }
        )
    return found
