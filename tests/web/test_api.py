"""What is described at /api/openapi.json is how it is: no question that fits the description fails."""

from __future__ import annotations

from copy import copy
from typing import Any

import schemathesis
from anyio.from_thread import BlockingPortal
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from solmu.store.tables import golden, pair, run
from solmu.web import sessions, users
from solmu.web.app import make_pages
from solmu.web.jobs import Jobs
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
    answers = ask_all(site, portal, app, app.openapi(), 8)
    assert {kind for _, kind in answers} == {"application/json"}


def test_no_page_fails_whatever_is_asked_of_it(site: Site, portal: BlockingPortal) -> None:
    # Whatever would begin work waits for ever: it is the pages that are tried.
    site.jobs = Jobs(site.folder, at_once=0)
    app = make_pages(site)
    answers = ask_all(site, portal, app, described(site, app), 4)
    assert {200, 303, 404, 422} <= {status for status, _ in answers}


UNDESCRIBED = {"type": "object", "additionalProperties": {"type": "string"}, "maxProperties": 12}
"""The body of a form whose fields depend on what is in it."""


def described(site: Site, app: FastAPI) -> dict[str, Any]:
    """All routes but signing out, the pages among them, with ids and names among the parameters that there are."""
    routes = [copy(route) for page in app.state.pages for route in page.router.routes if not page.public]
    for route in routes:
        route.include_in_schema = True
    document = get_openapi(title="pages", version="1", routes=routes)
    with site.read() as connection:
        known = [
            *("one", "crm", "leads", "reachable", "adda", "1"),
            *connection.scalars(select(golden.c.public_id).limit(2)),
            *connection.scalars(select(run.c.id).limit(1)),
            *(str(id) for id in connection.scalars(select(pair.c.left_id).limit(1))),
        ]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "path":
                    parameter["schema"] = {"anyOf": [{"enum": known}, parameter["schema"]]}
            if method == "post" and "requestBody" not in operation:
                kind = "application/json" if path.startswith("/api/") else "application/x-www-form-urlencoded"
                operation["requestBody"] = {"content": {kind: {"schema": UNDESCRIBED}}}
    return document


def ask_all(
    site: Site, portal: BlockingPortal, app: FastAPI, document: dict[str, Any], each: int
) -> set[tuple[int, str]]:
    """Ask what fits a description, as an administrator; gives what was answered: status and type."""
    one = Client(app, portal)
    with site.write() as connection:
        session = sessions.begin(connection, users.find(connection, "adda").id)
    one.enter(session)
    operations = [found.ok() for found in schemathesis.openapi.from_dict(document).get_all_operations()]
    assert operations
    answered: set[tuple[int, str]] = set()

    @settings(
        max_examples=each * len(operations),
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
            headers={"Origin": one.address, "X-CSRF-Token": one.token},
            **{name: sent[name] for name in ("json", "data", "files") if sent.get(name)},
        )
        assert answer.status_code < 500, (sent, answer.text)
        answered.add((answer.status_code, answer.headers.get("content-type", "")))

    ask()
    assert one.get("/account").status_code == 200, "it was signed out meanwhile"
    one.close()
    return answered
