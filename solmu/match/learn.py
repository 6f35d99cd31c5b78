"""A model of the hub's own data: what is read for it, how much of it, and what becomes of it.

Whole golden records are read or left out, so that the pairs that training learns from stay whole. Nothing of a single
person goes into a model: of names only those are kept that many bear.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Protocol

from sqlalchemy import Connection, select

from solmu.match.bearers import Bearers
from solmu.match.blocking import candidate_keys
from solmu.match.bundles import Bundle, new_version, usable
from solmu.match.calibrate import correlations
from solmu.match.card import SPEAKS
from solmu.match.comparisons import NOTHING_SAID, frequency_columns
from solmu.match.conditions import Row
from solmu.match.identity import Identity
from solmu.match.index import Mentions, holders
from solmu.match.known import Known
from solmu.match.model import Frequencies, Model, Thresholds
from solmu.match.rules import SCORE, Band, judge
from solmu.match.score import Score, Scorer
from solmu.match.standing import places_of
from solmu.match.train import Untrainable, train
from solmu.model import Entity
from solmu.store import Store, time
from solmu.store.sql import chunks
from solmu.store.tables import link, mention

MOST = 100_000
"""Mentions that are read, at most: more teach nothing new."""
LEAST = 500
"""Mentions of an entity that a model of one's own takes; with fewer, the one in force is the better one."""
BEARERS = 5
"""A name that fewer mentions bear is no part of a model: it would tell of somebody."""
_NAMES = 20_000  # the most common names that a model keeps
_LOOKED_AT = 2_000  # mentions whose candidates tell where asking begins to be worth it
_ASKED_PER_THOUSAND = 10.0
_HASH = 2_654_435_761  # Knuth's multiplicative hash: neighbouring ids fall apart


class Settings(Identity, Protocol):
    """What learning needs of the hub's ``matching:`` settings."""

    @property
    def block_cap(self) -> int: ...

    @property
    def protected(self) -> Sequence[str]: ...

    @property
    def max_pairs(self) -> int: ...


def learn(
    store: Store,
    settings: Settings,
    *,
    crms: Collection[str],
    now: int,
    seed: int,
    progress: Callable[[str, int], None] = lambda _step, _more: None,
    warn: Callable[[Untrainable], None] = lambda _: None,
) -> Bundle:
    """Train a version on what the store holds. It is not kept yet, and not in force.

    An entity of which there is too little, or that nothing tells apart, keeps the model in force; ``warn`` is told why.
    Raises Untrainable where that is so for both.
    """
    with store.read() as connection:
        base = usable(connection)
        version = new_version(connection, time.iso(now)[:10])
        models: dict[Entity, Model] = {}
        reasons: list[Untrainable] = []
        for entity in Entity:
            try:
                models[entity] = _learn(
                    connection, settings, base(entity), version, crms=crms, seed=seed, progress=progress
                )
            except Untrainable as reason:
                models[entity] = base(entity)
                reasons.append(reason)
    if len(reasons) == len(Entity):
        # What can be mended is said rather than that there is too little.
        raise min(reasons, key=lambda each: each.code == "too-little")
    for each in reasons:
        if each.code != "too-little":
            warn(each)
    return Bundle(version, "trained", now, models)


def _learn(
    connection: Connection,
    settings: Settings,
    base: Model,
    version: str,
    *,
    crms: Collection[str],
    seed: int,
    progress: Callable[[str, int], None],
) -> Model:
    ids, share = _sample(connection, base.entity, seed)
    if len(ids) < LEAST:
        raise Untrainable(
            "there is too little here to learn from, so the model in force is the better one",
            code="too-little",
            expected=f"at least {LEAST} organisations or people, some of which are alike",
        )
    mentions = Mentions(base.entity, crms=crms, protected=settings.protected, identity=settings)
    known: dict[int, Known] = {}
    for some in chunks(ids):
        # One at a time is kept: the cache of ``mentions`` is for what follows.
        known |= mentions.load(connection, some)
        progress(f"reading {base.entity}s", len(some))
    model = train(
        base.entity,
        [one.features for one in known.values()],
        version=version,
        thresholds=base.thresholds,
        seed=seed,
        max_pairs=settings.max_pairs,
        base=base,
        sampled=share,
        frequencies=frequencies(base.entity, [one.row for one in known.values()]),
    )
    progress(f"training {base.entity}s", len(known))
    scored = _candidates(connection, settings, model, mentions, ids[:_LOOKED_AT])
    ask = _ask(scored, min(len(ids), _LOOKED_AT))
    correlated = correlations(
        (score.probability >= 0.5, {name: weight for name, label, weight in score.levels if label not in NOTHING_SAID})
        for score, _ in scored
    )
    notes = {
        "made_by": "solmu match train",
        "mentions": len(known),
        "share_of_store": round(share, 4),
        "seed": seed,
        "base": base.name,
        "candidates_looked_at": len(scored),
        "asked_per_1000": _ASKED_PER_THOUSAND,
        "correlated": correlated,
        "doubtful": doubtful(model),
    }
    return Model(base.entity, version, model.settings, model.frequencies, Thresholds(ask), notes)


def doubtful(model: Model) -> list[str]:
    """Levels that say the opposite of what they mean: the best likeness in a comparison that speaks against."""
    found = []
    for comparison in model.settings["comparisons"]:
        levels = [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]
        best, worst = levels[0], levels[-1]
        if best["m_probability"] <= best["u_probability"]:
            found.append(f"{comparison['output_column_name']}: {best['label_for_charts']!r} speaks against")
        if worst["m_probability"] > worst["u_probability"]:
            found.append(f"{comparison['output_column_name']}: {worst['label_for_charts']!r} speaks for")
    return found


def _sample(connection: Connection, entity: Entity, seed: int) -> tuple[list[int], float]:
    """Ids of mentions to learn from, and how large a part of all they are."""
    query = (
        select(mention.c.id, link.c.golden_id)
        .join(link, (link.c.mention_id == mention.c.id) & link.c.until.is_(None))
        .where(mention.c.entity == entity.value, mention.c.state.in_(SPEAKS))
    )
    return whole_parts(((row.id, row.golden_id) for row in connection.execute(query)), seed)


def whole_parts(placed: Iterable[tuple[int, int]], seed: int) -> tuple[list[int], float]:
    """Mentions of a random part of the golden records, all of each, at most about ``MOST``; and how large a part.

    ``placed`` has the numbers of a mention and of its golden record.
    """
    rows = list(placed)
    share = min(1.0, MOST / len(rows)) if rows else 1.0
    below = int(share * 2**32)
    drawn = (((golden * _HASH + seed * 97) % 2**32, id) for id, golden in rows)
    return [id for _, id in sorted(one for one in drawn if one[0] < below)], share


def frequencies(entity: Entity, rows: Collection[Row]) -> Frequencies:
    """How common the names among these mentions are, of those that enough of them bear."""
    found: dict[str, Mapping[str, float]] = {}
    for column in frequency_columns(entity):
        counts = Counter(str(value) for one in rows if (value := one[column]) is not None)
        total = counts.total()
        common = sorted(
            ((value, count) for value, count in counts.items() if count >= BEARERS), key=lambda one: (-one[1], one[0])
        )
        found[column] = {value: float(f"{count / total:.6g}") for value, count in common[:_NAMES]}
    return found


def _candidates(
    connection: Connection, settings: Settings, model: Model, mentions: Mentions, ids: Sequence[int]
) -> list[tuple[Score, bool]]:
    """The pairs of some mentions with all that share a key, each with whether a person could be asked about it."""
    scorer, mates = Scorer(model), Bearers(connection, mentions)
    places = places_of(connection, ids)
    found: list[tuple[Score, bool]] = []
    for some in chunks(sorted(ids)):
        known = mentions.load(connection, some)
        keys_of = {id: candidate_keys(one.keys) for id, one in known.items()}
        held, _ = holders(connection, {key for keys in keys_of.values() for key in keys}, settings.block_cap)
        pairs = {(id, other) for id, keys in keys_of.items() for key in keys for other in held.get(key, ())}
        others = mentions.load(connection, {other for _, other in pairs})
        places |= places_of(connection, {other for _, other in pairs} - places.keys())
        for id, other in sorted(pairs):
            left, right = known[id], others.get(other)
            if right is None or right.record_id == left.record_id:
                continue
            score = scorer.score_rows(left.row, right.row)
            apart = places.get(id) != places.get(other)
            verdict = judge(left.features, right.features, score.weight, _ASK_ALL, mates=mates)
            found.append((score, apart and verdict.band is Band.ASK and verdict.rule == SCORE))
    return found


_ASK_ALL = Thresholds(ask=float("-inf"))


def _ask(scored: Sequence[tuple[Score, bool]], looked_at: int) -> float:
    """The weight from which on asking stays within what a steward may be asked, and never at less than even odds."""
    weights = sorted((score.weight for score, open_ in scored if open_), reverse=True)
    # Each pair is found from both of its ends.
    allowed = int(2 * _ASKED_PER_THOUSAND * looked_at / 1000)
    last = weights[allowed] if len(weights) > allowed else weights[-1] if weights else 0.0
    return round(max(last + 0.05, 0.0), 1)
