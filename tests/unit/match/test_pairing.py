"""Who is compared with whom, and that to remember a comparison changes nothing of it."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from solmu.match.explain import explanation, explanation_text
from solmu.match.features import organisation_features
from solmu.match.index import sharing
from solmu.match.model import default_model
from solmu.match.rules import judge
from solmu.match.score import Scorer
from solmu.model import Entity
from solmu.store.tables import block_key, mention
from tests.unit.match.cards import Cards
from tests.unit.match.test_incremental import muddle


@pytest.mark.parametrize("cap", [3, 8, 1_000])
def test_mentions_share_the_keys_that_no_more_than_the_cap_hold_whether_or_not_others_are_crowded(
    cards: Cards, cap: int
) -> None:
    muddle(cards, 1)
    cards.resolve()
    with cards.store.read() as connection:
        held: dict[str, set[int]] = {}
        for key, id in connection.execute(select(block_key.c.key, block_key.c.mention_id)):
            if not key.startswith(("o|long|", "p|born+name|", "p|home|")):
                held.setdefault(key, set()).add(id)
        ids = list(connection.scalars(select(mention.c.id)))
        found, crowded = sharing(connection, ids, cap)
    assert crowded == {key for key, those in held.items() if len(those) > cap}
    together = {two for those in held.values() if len(those) <= cap for two in combinations(sorted(those), 2)}
    assert sorted(found) == sorted([*together, *((right, left) for left, right in together)])


def test_a_card_that_comes_again_is_compared_as_it_was_the_first_time(
    cards: Cards, monkeypatch: pytest.MonkeyPatch
) -> None:
    values: dict[str, Any] = {
        "name": "Merivirta Telakka Oy",
        "phone": ["+35828221234"],
        "city": "Rauma",
        "country": "FI",
    }
    one = cards.organisation(**values)
    again = [cards.organisation(**values) for _ in range(3)]
    judged: list[Any] = []

    def counted(*given: Any, **more: Any) -> Any:
        judged.append(given)
        return judge(*given, **more)

    monkeypatch.setattr("solmu.match.pairing.judge", counted)
    cards.resolve()
    assert len(judged) == 1
    told = {(row.weight, row.band, row.rule, orjson.dumps(row.explanation)) for row in cards.pairs().values()}
    assert len(told) == 1
    assert set(cards.pairs()) == set(combinations([one, *again], 2))


def test_the_text_of_an_explanation_is_the_explanation() -> None:
    one, two = (organisation_features({"name": name, "city": "Rauma"}) for name in ("Kuulas Oy", "Kuulas Optiikka"))
    score = Scorer(default_model(Entity.ORGANISATION)).score(one, two)
    text = explanation_text(Entity.ORGANISATION, "score", score.levels)
    assert orjson.loads(text) == explanation(Entity.ORGANISATION, "score", score)
