"""What may be accepted in bulk: by likeness, each band with what the answers so far say of it."""

from __future__ import annotations

from solmu.match.bundles import active
from solmu.match.decisions import Verdict
from solmu.match.drawn import draw
from solmu.match.index import Mentions
from solmu.model import Entity
from solmu.review.decide import decide as decide_pair
from solmu.review.likeness import BULK_REASON, bands, by_likeness
from solmu.review.names import PairId
from tests.unit.review.conftest import SHEET_METAL, Decide, Hub


def asked_by_score(hub: Hub, count: int) -> set[PairId]:
    """Companies and what may be their service branches: nothing but the score asks."""
    found = set()
    for number, word in enumerate(("Kelovaara", "Rantamaki", "Jarvilampi", "Suohonka", "Kalliokivi")[:count]):
        card = {
            "domain": f"{word.lower()}.example", "email": [f"info@{word.lower()}.example"],
            "phone": [f"+35840{1234567 + number}"], "street": f"Satamakatu {number + 1}", "postcode": "26100",
            "city": "Rauma", "country": "FI",
        }  # fmt: skip
        names = (f"{word} Oy", f"{word} Huolto Oy")
        found.add(PairId(*(hub.organisation(name=name, **card) for name in names)))
    return found


def test_a_band_says_what_waits_and_how_many_of_its_like_were_right(hub: Hub, decide: Decide) -> None:
    pairs = sorted(asked_by_score(hub, 5))
    held = hub.asked(**SHEET_METAL)
    hub.settle()
    decide(pairs[0], Verdict.SAME)
    decide(pairs[1], Verdict.DIFFERENT)
    with hub.store.write() as connection:
        decide_pair(connection, pairs[2], Verdict.SAME, who="anna", now=1, reason=BULK_REASON)
    with hub.store.read() as connection:
        found = bands(connection, Entity.ORGANISATION)
        free = by_likeness(connection, Entity.ORGANISATION)
    assert {pair for _, pair in free} == {*pairs[3:]}
    assert held not in {pair for _, pair in free}
    assert sum(each.waiting for each in found) == len([1 for likely, _ in free if likely >= found[-1].least])
    # Of what was accepted in bulk nobody looked at the single pair.
    assert (sum(each.answered for each in found), sum(each.right for each in found)) == (2, 1)


def test_what_was_drawn_is_nothing_for_bulk(hub: Hub) -> None:
    pairs = asked_by_score(hub, 3)
    hub.settle()
    with hub.store.write() as connection:
        mentions = Mentions(Entity.ORGANISATION, crms=("crm",), protected=("key_account",))
        drawn = draw(connection, active(connection)(Entity.ORGANISATION), mentions, 1, seed=7, now=1)
    (one,) = {PairId(*each.pair) for each in drawn.pairs}
    with hub.store.read() as connection:
        free = {pair for _, pair in by_likeness(connection, Entity.ORGANISATION)}
        waiting = sum(each.waiting for each in bands(connection, Entity.ORGANISATION))
        first = by_likeness(connection, Entity.ORGANISATION, limit=1)
    assert free == pairs - {one}
    assert waiting <= len(free)
    assert len(first) == 1
