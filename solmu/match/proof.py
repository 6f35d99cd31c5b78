"""Whether a hub's scores may merge by themselves: stewards' answers weighed against the promised precision.

``calibrate`` looks and changes nothing. ``accept`` puts what it found in force as a new version of the model, and
``watch``, which every resolving calls first, takes a threshold back as soon as its audit does not keep the promise any
more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import Connection, func, select

from solmu.match.answered import answers, clustered
from solmu.match.bundles import Bundle, activate, active, keep, new_version, with_threshold
from solmu.match.calibrate import (
    LEAST,
    Answer,
    Audit,
    about,
    answers_needed,
    audit,
    correlations,
    fix_threshold,
    fixing,
)
from solmu.match.drawn import mergeable
from solmu.match.identity import Identity
from solmu.match.index import Mentions
from solmu.match.model import Model
from solmu.match.rules import PROVEN, SCORE
from solmu.model import Entity
from solmu.store import Store, dirty, time
from solmu.store.tables import mention, pair

OUTGROWN = 2.0
"""A calibration is old once the store holds this many times the mentions that it held then."""
_COMPARED = 50_000  # stored pairs that correlations are computed on


class Promise(Identity, Protocol):
    """What calibration needs of the hub's ``matching:`` settings."""

    @property
    def promised_precision(self) -> float:
        """The share of automatic merges that must be right."""

    @property
    def protected(self) -> Any:
        """Flags that protect from unasked merges."""


@dataclass(frozen=True)
class Calibration:
    """What the answers on one entity's pairs say.

    ``state``: *unproven* (scores only ask) · *proven* (``threshold`` may come in force, or is) · *broken* (the
    threshold in force does not keep the promise any more). ``fixing`` counts the answers that a threshold is fixed on;
    ``joins`` pairs that would merge by score.
    """

    entity: Entity
    version: str
    state: str
    promised: float
    in_force: float | None
    threshold: float | None
    audit: Audit | None
    answers: int
    fixing: int
    drawn: int
    unanswered: int
    joins: int
    mentions: int
    warnings: tuple[str, ...] = ()
    correlated: tuple[Mapping[str, Any], ...] = field(default=())

    @property
    def changes(self) -> bool:
        """Whether there is something to accept: a threshold that is not in force, or one that must go."""
        return self.state == "broken" or (self.state == "proven" and self.in_force != self.threshold)

    def as_dict(self) -> dict[str, Any]:
        """The document: ``about`` is how many answers to plan for, ``needed`` how many the audit must accept where all
        are right, ``lacking`` how many of these it lacks; ``fixing_needed`` how many a threshold is fixed on at least.
        """
        return {
            "entity": self.entity.value,
            "version": self.version,
            "state": self.state,
            "promised": self.promised,
            "in_force": self.in_force,
            "threshold": self.threshold,
            "answers": self.answers,
            "about": about(self.promised),
            "needed": answers_needed(self.promised),
            "fixing": self.fixing,
            "fixing_needed": LEAST,
            "lacking": self.audit.lacks(self.promised) if self.audit else None,
            "drawn": self.drawn,
            "unanswered": self.unanswered,
            "audit": self.audit.as_dict() if self.audit else None,
            "joins": self.joins,
            "mentions": self.mentions,
            "warnings": list(self.warnings),
            "correlated": [dict(each) for each in self.correlated],
        }

    def recorded(self, now: int) -> dict[str, Any]:
        """What the model keeps of it."""
        return {
            "at": time.iso(now),
            "state": self.state,
            "promised": self.promised,
            "answers": self.answers,
            "mentions": self.mentions,
            "audit": self.audit.as_dict() if self.audit else None,
        }


def calibrate(
    connection: Connection, settings: Promise, entity: Entity, *, crms: Iterable[str], bundle: Bundle | None = None
) -> Calibration:
    """Weigh the answers on an entity's pairs by the model in force. Changes nothing."""
    used = bundle or active(connection)
    model = used.models[entity]
    mentions = Mentions(entity, crms=tuple(crms), protected=settings.protected, identity=settings)
    population = mergeable(connection, model, mentions)
    known, drawn, unanswered = answers(connection, model, mentions, population)
    promised, in_force = settings.promised_precision, model.thresholds.same
    threshold = in_force if in_force is not None else fix_threshold(known, promised, model.thresholds.ask)
    found = None if threshold is None else audit(clustered(connection, known, population, threshold), threshold)
    kept = found is not None and found.keeps(promised)
    state = "proven" if kept else "unproven" if in_force is None else "broken"
    total = count_mentions(connection, entity)
    correlated = tuple(correlations(_weights(connection, model)))
    return Calibration(
        entity=entity,
        version=used.version,
        state=state,
        promised=promised,
        in_force=in_force,
        threshold=threshold,
        audit=found,
        answers=len(known),
        fixing=len(fixing(known, model.thresholds.ask)),
        drawn=drawn,
        unanswered=unanswered,
        joins=sum(threshold is not None and weight >= threshold for weight in population.values()),
        mentions=total,
        warnings=tuple(_warnings(model, known, drawn, unanswered, total, correlated)),
        correlated=correlated,
    )


def accept(store: Store, found: Calibration, *, who: str, now: int) -> str:
    """Put what was found in force: a proven threshold, or none where it is broken. Gives the new version's name.

    The mentions of the pairs that this concerns are marked; the next resolving joins or parts them.
    """
    same = found.threshold if found.state == "proven" else None
    with store.write() as connection:
        bundle = active(connection)
        if bundle.version != found.version:
            raise ValueError(f"calibrated for {found.version}, and {bundle.version} is in force")
        version = new_version(connection, f"{bundle.version.partition('+')[0]}+{time.iso(now)[:10]}")
        changed = with_threshold(bundle, found.entity, same, version=version, calibration=found.recorded(now), made=now)
        keep(connection, changed)
        activate(connection, version, who=who, now=now)
        model = changed.models[found.entity]
        dirty.mark(connection, "match", concerned(connection, model, found.in_force))
    return version


def concerned(connection: Connection, model: Model, before: float | None) -> set[int]:
    """The mentions whose pairs a changed threshold may join or part: one end of each pair is enough to judge it."""
    lowest = min((one for one in (model.thresholds.same, before) if one is not None), default=None)
    if lowest is None:
        return set()
    query = select(pair.c.left_id, pair.c.right_id).where(
        pair.c.entity == model.entity.value,
        pair.c.band.in_(("ask", "same", "different")),
        pair.c.rule.in_((SCORE, PROVEN)),
        pair.c.weight >= lowest,
    )
    return {id for row in connection.execute(query) for id in (row.left_id, row.right_id)}


def watch(store: Store, settings: Promise, *, crms: Iterable[str], now: int) -> list[Calibration]:
    """Take back every threshold in force whose audit does not keep the promise any more; gives what was taken back.

    Nearly free where scores only ask.
    """
    crms = tuple(crms)
    broken = []
    for entity in Entity:
        with store.read() as connection:
            bundle = active(connection)
            if bundle.models[entity].thresholds.same is None:
                continue
            found = calibrate(connection, settings, entity, crms=crms, bundle=bundle)
        if found.state == "broken":
            accept(store, found, who="solmu", now=now)
            broken.append(found)
    return broken


def count_mentions(connection: Connection, entity: Entity) -> int:
    """How many mentions of an entity are evidence."""
    query = select(func.count()).where(
        mention.c.entity == entity.value, mention.c.state.in_(("pending", "linked", "quarantined"))
    )
    return connection.scalar(query) or 0


def _warnings(
    model: Model,
    known: list[Answer],
    drawn: int,
    unanswered: int,
    total: int,
    correlated: tuple[Mapping[str, Any], ...],
) -> Iterable[str]:
    then = model.calibration.get("mentions")
    if model.thresholds.same is not None and then and total >= OUTGROWN * then:
        yield (
            f"the store has outgrown its calibration: {then} mentions then, {total} now; chance likenesses grow with "
            "it, so draw and answer more: solmu match sample"
        )
    if drawn and unanswered > 0.1 * drawn:
        yield (
            f"{unanswered} of {drawn} drawn pairs have no answer yet; if those are the hard ones, the figures flatter"
        )
    if known and not drawn:
        yield "no pair was drawn at random yet, so nothing can be audited: solmu match sample"
    for each in correlated:
        one, other = each["comparisons"]
        yield (
            f"{one} and {other} say much the same (correlation {each['correlation']} among {each['among']} pairs): "
            "what both say is counted twice, so weights are too high"
        )


def _weights(connection: Connection, model: Model) -> Iterable[tuple[bool, dict[str, float]]]:
    """What each comparison said of stored pairs: of those that are one, and of those that are likely two."""
    unknown = {
        comparison["output_column_name"]: level["label_for_charts"]
        for comparison in model.settings["comparisons"]
        for level in comparison["comparison_levels"]
        if level.get("is_null_level")
    }
    for band in ("same", "ask"):
        query = (
            select(pair.c.probability, pair.c.explanation)
            .where(pair.c.entity == model.entity.value, pair.c.band == band)
            .order_by(pair.c.left_id, pair.c.right_id)
            .limit(_COMPARED)
        )
        for probability, explanation in connection.execute(query):
            if band == "ask" and probability >= 0.5:
                continue
            bars = (explanation or {}).get("bars", ())
            yield (
                band == "same",
                {bar["field"]: bar["weight"] for bar in bars if unknown.get(bar["field"]) != bar["level"]},
            )
