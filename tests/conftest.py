"""What every test may rely on: the stores, the peers, and a log without surprises.

- `database_url` is the address of a migrated, empty store. Each test that takes it runs on SQLite and on PostgreSQL.
  `sqlite_url` and `postgresql_url` are for the few tests that make sense on one of them; tests/stores-differ.txt lists
  those, and any other difference fails the run.
- `@pytest.mark.peer("name")` marks what needs a real system; see tests/peers. Where the machine has none, its tests are
  deselected and the run ends with `left out: name: why`; with SOLMU_REQUIRE_PEERS=1 the run fails instead.
- A test during which something logs an error fails, unless it takes the fixture `expect_errors`.
"""

from __future__ import annotations

import importlib
import logging
import os
import re
import shutil
import signal
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from sqlalchemy import URL

from tests.peers import postgres

# On two cores with busy neighbours the time that an example takes says nothing; and CI must not fail by chance.
UNHURRIED = hypothesis.settings(deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.register_profile("desk", UNHURRIED)
hypothesis.settings.register_profile("ci", UNHURRIED, derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "desk")

# The tester's own hub is none of a test's business.
os.environ.pop("SOLMU_HUB", None)

STORES = {"sqlite", "postgresql"}
DIFFER = Path(__file__).with_name("stores-differ.txt")

LEFT_OUT = pytest.StashKey[dict[str, str]]()  # peer: why
RAN_ON = pytest.StashKey[Counter[str]]()  # store: tests
KILLS = pytest.StashKey[Counter[str]]()  # what was killed: how often with work in hand


def pytest_configure(config: pytest.Config) -> None:
    config.stash[LEFT_OUT] = {}
    config.stash[RAN_ON] = Counter()
    config.stash[KILLS] = Counter()
    # Whoever starts the tests in the background makes them, and every process of theirs, deaf to Ctrl-C.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    if not any("[" in arg for arg in config.args):  # a test named with its store is on one store, of course
        refuse_unlisted_differences(items)
    trace_once(items)
    yield  # to -m and -k: only peers of the tests that they leave are looked for
    leave_out_absent_peers(config, items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from tests.spread import ByFile  # here, for runs without pytest-xdist

    return ByFile(config, log) if config.option.dist == "loadfile" else None


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """One of several processes (pytest-xdist) tells the first what it knows."""
    told = getattr(session.config, "workeroutput", None)
    if told is not None:
        told["ran_on"] = dict(session.config.stash[RAN_ON])
        told["kills"] = dict(session.config.stash[KILLS])
        told["left_out"] = session.config.stash[LEFT_OUT]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    told = getattr(node, "workeroutput", {})
    node.config.stash[RAN_ON].update(told.get("ran_on", {}))
    node.config.stash[KILLS].update(told.get("kills", {}))
    node.config.stash[LEFT_OUT].update(told.get("left_out", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    ran = config.stash[RAN_ON]
    if ran:
        terminalreporter.write_line(f"stores: {ran['sqlite']} on sqlite, {ran['postgresql']} on postgresql")
    kills = config.stash[KILLS]
    if kills:
        each = ", ".join(f"{what} {number}" for what, number in kills.items())
        terminalreporter.write_line(f"kills with work in hand: {kills.total()} ({each})")
    for line in left_out(config):
        terminalreporter.write_line(line)


# --- peers ------------------------------------------------------------------------------------------------------------


def leave_out_absent_peers(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests whose peer this machine cannot run, and note why."""
    absent = config.stash[LEFT_OUT]
    for name in sorted({name for item in items for name in peers_of(item)}):
        reason = importlib.import_module(f"tests.peers.{name}").available()
        if reason is not None:
            absent[name] = reason
    if absent and os.environ.get("SOLMU_REQUIRE_PEERS") == "1":
        problem = "; ".join(["SOLMU_REQUIRE_PEERS=1, and yet", *left_out(config)])
        if not hasattr(config, "workerinput"):
            raise pytest.UsageError(problem)
        items[0].session.shouldfail = problem  # of one of several processes nobody would read the error
    lacking = [item for item in items if peers_of(item) & absent.keys()]
    if lacking:
        config.hook.pytest_deselected(items=lacking)
        items[:] = [item for item in items if item not in lacking]


def peers_of(item: pytest.Item) -> set[str]:
    return {mark.args[0] for mark in item.iter_markers("peer")}


def left_out(config: pytest.Config) -> list[str]:
    return [f"left out: {name}: {why}" for name, why in config.stash[LEFT_OUT].items()]


# --- stores -----------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.peer("postgres"))])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a migrated, empty store, on each kind of database in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def sqlite_url(shared_statements: None, migrated_sqlite: Path, tmp_path: Path, pytestconfig: pytest.Config) -> str:
    pytestconfig.stash[RAN_ON]["sqlite"] += 1
    return f"sqlite:///{shutil.copyfile(migrated_sqlite, tmp_path / 'solmu.db')}"


@pytest.fixture
def postgresql_url(
    shared_statements: None, postgres_server: postgres.Server, migrated_postgresql: str, pytestconfig: pytest.Config
) -> Iterator[str]:
    """Mark a test that takes this by itself with `peer("postgres")`."""
    pytestconfig.stash[RAN_ON]["postgresql"] += 1
    with postgres_server.database(template=migrated_postgresql) as url:
        yield address(url)


@pytest.fixture(scope="session")
def shared_statements() -> Iterator[None]:
    from tests.statements import shared  # here, so that tests without a store do not pay for the import

    with shared():
        yield


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    with postgres.running(postgres.in_memory()) as server:
        yield server


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file to copy: migrating takes a hundred times longer."""
    path = tmp_path_factory.mktemp("template") / "solmu.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgresql(postgres_server: postgres.Server) -> Iterator[str]:
    """The name of a database to copy."""
    with postgres_server.database() as url:
        migrate(address(url))
        assert url.database is not None
        yield url.database


def migrate(url: str) -> None:
    from solmu.store import open_store

    open_store(url).close()


def address(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def refuse_unlisted_differences(items: list[pytest.Item]) -> None:
    """Fail unless every test that uses a store is there for both, or is listed."""
    lines = DIFFER.read_text().splitlines()
    listed = {line.split()[0] for line in lines if line.strip() and not line.startswith("#")}
    stores = defaultdict[str, set[str]](set)
    for item in items:
        if isinstance(item, pytest.Function):
            stores[item.nodeid.partition("[")[0]] |= stores_of(item)
    differ = {test for test, on in stores.items() if on and on != STORES}
    wrong = [f"{test} runs on {' and '.join(stores[test])} only" for test in sorted(differ - listed)]
    wrong += [f"{test} is listed, and does not differ" for test in sorted(listed & stores.keys() - differ)]
    if wrong:
        raise pytest.UsageError(f"not what {DIFFER.name} says:", *wrong)


def trace_once(items: list[pytest.Item]) -> None:
    """Coverage is that of the run on SQLite and of what is not for SQLite: tracing costs half as much as the test
    itself, and the same test on the other store passes the same lines."""
    tests = [item for item in items if isinstance(item, pytest.Function)]
    on_sqlite = {without_store(test) for test in tests if stores_of(test) == {"sqlite"}}
    for test in tests:
        if stores_of(test) == {"postgresql"} and without_store(test) in on_sqlite:
            test.add_marker("no_cover")


def without_store(test: pytest.Function) -> str:
    return re.sub(r"\b(sqlite|postgresql)\b", "", test.nodeid)


def stores_of(test: pytest.Function) -> set[str]:
    for fixture in ("database_url", "copies"):  # the second is that of tests/faults
        if fixture in test.fixturenames:
            return {str(test.callspec.params[fixture])}
    return {store for store in STORES if f"{store}_url" in test.fixturenames}


# --- what a test must not leave behind, nor pass over in silence ------------------------------------------------------


@pytest.fixture
def expect_errors(logged_errors: list[logging.LogRecord]) -> list[logging.LogRecord]:
    """For a test that provokes errors: those logged so far, so that it can say which."""
    return logged_errors


@pytest.fixture(autouse=True)
def logged_errors(request: pytest.FixtureRequest) -> Iterator[list[logging.LogRecord]]:
    """Fail a test during which an error is logged that it did not expect."""
    errors: list[logging.LogRecord] = []
    make_record = logging.getLogRecordFactory()

    def noting(*args: object, **kwargs: object) -> logging.LogRecord:
        record: logging.LogRecord = make_record(*args, **kwargs)
        if record.levelno >= logging.ERROR:
            errors.append(record)
        return record

    # Not a handler: loggers that do not propagate, as Prefect's, would pass it by.
    logging.setLogRecordFactory(noting)
    yield errors
    logging.setLogRecordFactory(make_record)
    if errors and "expect_errors" not in request.fixturenames:
        pytest.fail(
            "\n".join(["logged, and not expected:", *(f"{e.name}: {e.getMessage()}" for e in errors)]), pytrace=False
        )


@pytest.fixture(autouse=True)
def restored_signals() -> Iterator[None]:
    """The command line has a way of its own to end when it is told to; the test run must not keep it."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)
