"""A store has the block keys that this release makes, whichever made them first. Synthetic names."""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import delete, select, update

from solmu.match.blocking import EDITION, block_keys
from solmu.match.features import organisation_features, person_features
from solmu.match.rekey import rekey
from solmu.match.resolve import mentions_of
from solmu.store.tables import block_key, dirty, meta
from tests.unit.match.cards import Cards, Settings

FIRM: dict[str, Any] = {
    "name": "Lumikuru Konepaja Oy",
    "domain": "lumikuru.example",
    "phone": ["+358405551234"],
    "business_id": "FI:2092540-6",
    "street": "Kuusikatu 5",
    "postcode": "90100",
    "city": "Oulu",
    "country": "FI",
}
AHO: dict[str, Any] = {
    "given_name": "Onni",
    "family_name": "Ahovaara",
    "email": ["onni@lumikuru.example", "onni.ahovaara@gmail.com"],
    "phone": ["+358405551235"],
    "custom.born": "1971-03-14",
    "street": "Rantatie 7",
    "postcode": "90100",
    "city": "Oulu",
}


def keys(cards: Cards) -> set[tuple[str, int]]:
    with cards.store.read() as connection:
        return {(row.key, row.mention_id) for row in connection.execute(select(block_key))}


def keyed_anew(cards: Cards) -> bool:
    return rekey(cards.store, lambda entity: mentions_of(entity, cards.settings, cards.crms), lambda _: None)


def test_keys_of_an_earlier_release_are_made_anew_once(cards: Cards) -> None:
    cards.add(FIRM, AHO)
    cards.resolve()
    made = keys(cards)
    with cards.store.write() as connection:
        connection.execute(delete(block_key).where(block_key.c.key.startswith("o|dom|")))
        connection.execute(
            update(block_key).where(block_key.c.key.startswith("o|name|")).values(key="o|name|as it was before")
        )
        connection.execute(delete(meta).where(meta.c.name == "keys:edition"))
    assert keyed_anew(cards)
    assert keys(cards) == made
    assert not keyed_anew(cards)
    with cards.store.read() as connection:  # the index only: nobody is matched anew for it
        assert not connection.scalars(select(dirty.c.id).where(dirty.c.consumer == "match")).all()


def test_a_store_without_keys_has_none_to_be_made(cards: Cards) -> None:
    cards.add(FIRM, AHO)
    assert not keyed_anew(cards)
    assert keys(cards) == set()
    cards.resolve()
    assert not keyed_anew(cards)


def test_whoever_makes_other_keys_raises_the_edition() -> None:
    """If this fails, cards have other keys than before: raise ``blocking.EDITION``, and state both here."""
    own = Settings(birth_dates=("custom.born",))
    firm = organisation_features(FIRM, system="erp", people=[AHO], identity=own)
    person = person_features(AHO, employers=[7], employer_names=["lumikurukonepaja"], identity=own)
    listed = "\n".join(sorted(block_keys(firm) | block_keys(person)))
    assert (EDITION, hashlib.sha256(listed.encode()).hexdigest()[:16]) == (2, "4ff383fc3ad4f9e4"), listed
