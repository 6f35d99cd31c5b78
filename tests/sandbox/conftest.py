"""One sandbox for all tests of this folder; each test begins with an empty org."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.start import Running, start
from tests.sandbox.client import Api


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder: Path = tmp_path_factory.mktemp("salesforce")
    with start("salesforce", folder / "salesforce.db") as running:
        yield running
    assert not (folder / "salesforce.log").read_text()


@pytest.fixture(scope="session")
def _session(sandbox: Running) -> Iterator[Api]:
    with Api(sandbox) as session:
        yield session


@pytest.fixture
def api(_session: Api) -> Api:
    assert _session.call("POST", "/_reset").status_code == 204
    if _session.call("GET", "/services/oauth2/userinfo").status_code == 401:  # the test before let the session expire
        _session.log_in()
    _session.call("DELETE", "/_calls")
    return _session
