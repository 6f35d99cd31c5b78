"""Who is let in, and what a request must bring with it to change something."""

from __future__ import annotations

import pytest
from fastapi import APIRouter
from sqlalchemy import select, update

from solmu.store.tables import audit, web_session
from solmu.web.access import Steward
from solmu.web.app import make_pages
from solmu.web.gate import HEADERS
from solmu.web.page import Page
from solmu.web.pages import all_pages
from solmu.web.roles import Role
from solmu.web.site import Site
from tests.web.client import Client
from tests.web.conftest import MakeClient
from tests.web.serving import PASSWORD

HOUR = 3_600_000_000


def test_who_has_not_signed_in_is_sent_there_and_comes_back(client: MakeClient) -> None:
    nobody = client(None)
    answer = nobody.get("/account?done=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/account%3Fdone%3D1")
    nobody.get(answer.headers["location"])
    answer = nobody.post("/sign-in", {"name": "Vera ", "password": PASSWORD, "next": "/account?done=1"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/account?done=1")
    assert "vera, viewer" in nobody.get("/account").text


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "evil"])
def test_signing_in_leads_to_pages_of_this_hub_only(elsewhere: str, client: MakeClient) -> None:
    nobody = client(None)
    nobody.get("/sign-in")
    answer = nobody.post("/sign-in", {"name": "vera", "password": PASSWORD, "next": elsewhere})
    assert answer.headers["location"] == "/"


def test_an_unknown_user_and_a_wrong_password_get_the_same_answer(client: MakeClient) -> None:
    nobody = client(None)
    nobody.get("/sign-in")
    answers = [nobody.post("/sign-in", {"name": name, "password": "wrong"}) for name in ("vera", "vora")]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].text.replace("vera", "vora") == answers[1].text


def test_guessing_passwords_is_slowed_down_for_the_user_wherever_it_comes_from(client: MakeClient) -> None:
    nobody = client(None)
    nobody.get("/sign-in")
    codes = [nobody.post("/sign-in", {"name": "sten", "password": "wrong"}).status_code for _ in range(9)]
    assert codes == [401] * 8 + [429]
    answer = nobody.post("/sign-in", {"name": "sten", "password": PASSWORD})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert nobody.post("/sign-in", {"name": "vera", "password": PASSWORD}).status_code == 303


def test_every_answer_forbids_the_browser_what_the_pages_do_not_need(client: MakeClient) -> None:
    one = client()
    for path in ("/account", "/sign-in", "/nothing", "/static/solmu.css", "/api/openapi.json"):
        headers = one.get(path).headers
        assert {name: headers[name] for name in HEADERS} == HEADERS
    assert one.get("/account").headers["cache-control"] == "no-store"


def test_the_cookie_is_for_this_site_only_and_bound_to_the_host_where_the_address_is_https(
    site: Site, client: MakeClient
) -> None:
    set_cookie = client(None).get("/sign-in").headers["set-cookie"]
    assert set_cookie.startswith("solmu-8000=")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(set_cookie.split("; "))
    secure = Client(make_pages(site), client(None)._portal, address="https://hub.example")
    set_cookie = secure.get("/sign-in").headers["set-cookie"]
    assert set_cookie.startswith("__Host-solmu=")
    assert {"HttpOnly", "Path=/", "SameSite=lax", "Secure"} <= set(set_cookie.split("; "))
    secure.close()


@pytest.mark.parametrize(
    ("data", "headers"),
    [
        ({"csrf": ""}, {}),
        ({"csrf": "0" * 64}, {}),
        ({}, {"Origin": "https://evil.example"}),
        ({}, {"Origin": "null"}),
        ({}, {"Sec-Fetch-Site": "cross-site"}),
    ],
)
def test_what_comes_from_elsewhere_changes_nothing(
    data: dict[str, str], headers: dict[str, str], client: MakeClient
) -> None:
    one = client()
    assert one.post("/sign-out", data, headers=headers).status_code == 403
    assert one.get("/account").status_code == 200
    assert one.post("/sign-out").status_code == 303
    assert one.get("/account").status_code == 303


def test_a_password_is_never_shown_again(client: MakeClient) -> None:
    one = client()
    page = one.post("/account", {"csrf": "", "old": PASSWORD, "new": "another-one-of-mine"})
    assert page.status_code == 403
    assert PASSWORD not in page.text
    assert "another-one-of-mine" not in page.text


def test_a_token_of_another_browser_is_none(client: MakeClient) -> None:
    one, other = client("vera"), client("vera")
    one.token = other.token
    assert one.post("/sign-out").status_code == 403


def test_no_form_is_larger_than_a_form_may_be(client: MakeClient) -> None:
    one = client()
    assert one.post("/account", {"new": "x" * 1_100_000}).status_code == 413


def test_the_store_keeps_no_token_and_signing_in_gives_a_new_one(site: Site, client: MakeClient) -> None:
    one = client(None)
    one.get("/sign-in")
    before = one.cookies["solmu-8000"]
    one.sign_in("vera", PASSWORD)
    token = one.cookies["solmu-8000"]
    assert token != before
    with site.read() as connection:
        kept = connection.scalars(select(web_session.c.token_hash)).all()
    assert token.encode() not in kept


@pytest.mark.parametrize("column", ["seen_at", "made_at"])
def test_a_session_ends_when_it_is_idle_and_in_any_case_one_day(column: str, site: Site, client: MakeClient) -> None:
    one = client()
    hours = 1 if column == "seen_at" else 12
    with site.write() as connection:
        connection.execute(update(web_session).values({column: web_session.c[column] - hours * HOUR}))
    assert one.get("/account").status_code == 303


@pytest.mark.parametrize(
    ("name", "status"), [("vera", 403), ("sten", 200), ("adda", 200)], ids=["viewer", "steward", "administrator"]
)
def test_a_role_may_what_the_one_below_it_may(name: str, status: int, site: Site, portal: object) -> None:
    router = APIRouter()

    @router.get("/decide")
    def decide(user: Steward) -> str:
        return user.name

    app = make_pages(site, [*all_pages(), Page("decide", "/decide", router)])
    one = Client(app, portal)  # type: ignore[arg-type]
    one.sign_in(name, PASSWORD)
    assert one.get("/decide").status_code == status
    one.close()


def test_no_route_but_signing_in_is_for_everybody(client: MakeClient) -> None:
    nobody = client(None)
    for page in all_pages():
        for route in page.router.routes:
            path = route.path  # type: ignore[attr-defined]
            if not page.public and "GET" in route.methods:  # type: ignore[attr-defined]
                answer = nobody.get(path.replace("{", "").replace("}", ""))
                assert answer.status_code in (303, 401), path


def test_whose_password_another_chose_has_to_choose_one_first(
    site: Site, client: MakeClient, password_hash: str
) -> None:
    from solmu.web import users

    with site.write() as connection:
        users.add(connection, "nina", Role.VIEWER, password_hash, by="adda", must_change=True)
    one = client("nina")
    assert one.get("/api/openapi.json").status_code == 403
    one.get("/account")
    new = {"password": PASSWORD, "new": "another synthetic phrase", "again": "another synthetic phrase"}
    assert one.post("/account", new | {"again": "different"}).status_code == 422
    assert one.post("/account", new | {"password": "wrong"}).status_code == 422
    assert one.post("/account", new | {"new": "short", "again": "short"}).status_code == 422
    assert one.post("/account", new).headers["location"] == "/"
    assert one.get("/api/openapi.json").status_code == 200


def test_the_audit_knows_who_signed_in_and_no_value(site: Site, client: MakeClient) -> None:
    one = client(None)
    one.get("/sign-in")
    one.post("/sign-in", {"name": "mistyped@example.com", "password": "wrong"})
    one.sign_in("vera", PASSWORD)
    one.post("/sign-out")
    with site.read() as connection:
        lines = connection.execute(select(audit).where(audit.c.what.like("web: sign%")).order_by(audit.c.id)).all()
    assert [(line.who, line.what) for line in lines] == [
        ("somebody", "web: sign-in failed"),
        ("vera", "web: signed in"),
        ("vera", "web: signed out"),
    ]
    assert "mistyped" not in str(lines)
