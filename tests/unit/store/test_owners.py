"""Whom the user ids of the CRMs stand for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from solmu.exchange import User
from solmu.store import Store, open_store
from solmu.store.owners import MOST, Owner, Owners, keep_owners, listed_at, owners

AINO, EERO = "005Sm0000000003IAA", "005Sm0000000004IAA"


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with open_store(database_url) as store:
        yield store


def keep(store: Store, name: str, *users: User, now: int = 1) -> Owners:
    with store.write() as connection:
        keep_owners(connection, name, users, now=now)
    return known(store)


def known(store: Store) -> Owners:
    with store.read() as connection:
        return owners(connection)


def test_an_id_is_known_by_the_name_that_its_crm_has_for_it(store: Store) -> None:
    assert known(store).named(AINO) is None
    found = keep(store, "crm", User(AINO, "Aino Testinen"), User(EERO, "Eero Mallikas", active=False), now=7)
    assert found.named(AINO, "crm") == found.named(AINO) == Owner("Aino Testinen", active=True)
    assert found.named(EERO) == Owner("Eero Mallikas", active=False)
    assert found.named(AINO, "other") is None
    assert (found.named(None), found.named(5), found.named("Aino Testinen")) == (None, None, None)
    assert (found.told(AINO), found.told("nobody")) == (f"Aino Testinen ({AINO})", "nobody")
    assert found.names == ["Aino Testinen"]
    with store.read() as connection:
        assert (listed_at(connection, "crm"), listed_at(connection, "other")) == (7, None)


def test_as_long_as_nothing_changes_it_is_one_object(store: Store) -> None:
    first = keep(store, "crm", User(AINO, "Aino Testinen"))
    assert known(store) is first
    assert keep(store, "crm", User(AINO, "Aino Mallikas")) is not first


def test_whoever_is_listed_no_longer_has_left_and_keeps_the_name(store: Store) -> None:
    keep(store, "crm", User(AINO, "Aino Testinen"), User(EERO, "Eero Mallikas"))
    assert keep(store, "crm", User(AINO, "Aino Testinen")).named(EERO) == Owner("Eero Mallikas", active=False)


def test_of_a_list_that_was_cut_off_nobody_is_said_to_have_left(store: Store) -> None:
    keep(store, "crm", User(EERO, "Eero Mallikas"))
    many = [User(f"005{number:015}", "Somebody") for number in range(MOST + 5)]
    found = keep(store, "crm", *many)
    assert found.named(many[0].id) is not None
    assert found.named(many[-1].id) is None
    assert found.named(EERO) is None  # no more are kept than are shown at once
    few = keep(store, "crm", User(AINO, "Aino Testinen"))
    assert few.named(many[0].id) == Owner("Somebody", active=False)


def test_an_id_that_two_crms_give_to_different_people_is_nobodys(store: Store) -> None:
    keep(store, "one", User("17", "Aino Testinen"), User("18", "Eero Mallikas"))
    found = keep(store, "two", User("17", "Onni Keksitty"), User("18", "Eero Mallikas"))
    assert found.named("17") is None
    assert found.named("17", "two") == Owner("Onni Keksitty", active=True)
    assert found.named("18") == Owner("Eero Mallikas", active=True)


def test_a_short_id_is_not_taken_for_one_in_just_any_field(store: Store) -> None:
    found = keep(store, "crm", User("17", "Aino Testinen"), User(EERO, "Eero Mallikas"))
    assert found.recognised("17", "crm") is None
    assert found.recognised(17, "crm") is None
    assert found.recognised(EERO, "crm") == Owner("Eero Mallikas", active=True)


def test_an_owner_is_meant_by_id_or_by_name(store: Store) -> None:
    found = keep(store, "crm", User(AINO, "Aino Testinen"), User(EERO, "Aino Testinen", active=False))
    assert found.ids(" aino testinen") == sorted([" aino testinen", AINO, EERO])
    assert found.ids(AINO) == [AINO]
