"""What is described at /api/openapi.json is how it is: no question that fits the description fails."""

from __future__ import annotations

import schemathesis
from anyio.from_thread import BlockingPortal
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from solmu.web import sessions, users
from solmu.web.app import make_pages
from solmu.web.site import Site
from tests.web.client import Client
from tests.web.conftest import MakeClient


def test_the_description_is_for_who_has_signed_in(client: MakeClient) -> None:
    answer = client(None).get("/api/openapi.json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "sign-in")
    paths = client("vera").get("/api/openapi.json").json()["paths"]
    assert "/api/customers" in paths
    assert all(path.startswith("/api/") for path in paths)


def test_no_question_that_fits_the_description_fails(site: Site, portal: BlockingPortal) -> None:
    app = make_pages(site)
    one = Client(app, portal)
    with site.write() as connection:
        session = sessions.begin(connection, users.find(connection, "adda").id)
    one.enter(session)
    schema = schemathesis.openapi.from_dict(app.openapi())
    operations = [found.ok() for found in schema.get_all_operations()]
    assert operations

    @settings(
        max_examples=8 * len(operations),
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.one_of([operation.as_strategy() for operation in operations]))
    def ask(case: schemathesis.Case) -> None:
        sent = case.as_transport_kwargs(base_url=one.address)
        answer = one.ask(
            sent["method"],
            sent["url"],
            params=sent.get("params"),
            json=sent.get("json"),
            headers={"Origin": one.address, "X-CSRF-Token": one.token},
        )
        assert answer.status_code < 500, (sent, answer.text)
        assert "json" in answer.headers["content-type"], sent

    ask()
    one.close()
