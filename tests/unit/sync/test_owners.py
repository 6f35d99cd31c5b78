"""Learning what the users of a CRM are called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from connectors.base import Connector
from solmu.errors import Fatal
from solmu.exchange import StreamInfo, User
from solmu.store import Store, open_store, time
from solmu.store.owners import Owner, keep_owners, owners
from solmu.sync.owners import follow_owners
from solmu.sync.run import run_all
from solmu.sync.trying import checked
from tests.hubs import make_hub

AINO = "005Sm0000000003IAA"
DAY = 86_400_000_000


class Crm(Connector):
    """It lists one user, until it is told not to."""

    asked = 0
    refuses = False

    def __init__(self) -> None:
        """It reaches nothing."""

    def check(self) -> list[str]:
        return []

    def discover(self) -> list[StreamInfo]:
        return []

    def users(self) -> Iterable[User]:
        self.asked += 1
        if self.refuses:
            raise Fatal("this token may not list users", code="forbidden")
        yield User(AINO, "Aino Testinen")


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with open_store(database_url) as store:
        yield store


def named(store: Store) -> Owner | None:
    with store.read() as connection:
        return owners(connection).named(AINO)


def test_a_list_is_asked_for_once_an_hour_at_most(store: Store) -> None:
    crm = Crm()
    for _ in range(3):
        follow_owners(store, "crm", crm)
    assert (crm.asked, named(store)) == (1, Owner("Aino Testinen", active=True))
    with store.write() as connection:
        keep_owners(connection, "crm", [User(AINO, "Aino Ennen")], now=time.now() - DAY)
    follow_owners(store, "crm", crm)
    assert (crm.asked, named(store)) == (2, Owner("Aino Testinen", active=True))


def test_a_crm_that_does_not_tell_leaves_what_is_known_and_stops_nothing(store: Store) -> None:
    with store.write() as connection:
        keep_owners(connection, "crm", [User(AINO, "Aino Ennen")], now=time.now() - DAY)
    crm = Crm()
    crm.refuses = True
    follow_owners(store, "crm", crm)
    assert (crm.asked, named(store)) == (1, Owner("Aino Ennen", active=True))


def test_a_system_without_users_is_read_as_ever(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> None:
    hub = make_hub(tmp_path_factory.mktemp("hub"), store=database_url)
    with open_store(hub.store_url) as store:
        assert run_all(hub, store, send=False)["exit"] == 0
        with store.read() as connection:
            assert owners(connection).names == []
    assert not any("users" in note for note in checked(hub, "crm"))
