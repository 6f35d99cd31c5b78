"""A machine asks for JSON with a token of its own, without signing in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from solmu.errors import SolmuError
from solmu.store import time
from solmu.store.tables import audit, web_token
from solmu.web import attempts, gate, tokens
from solmu.web.roles import Role
from solmu.web.site import Site
from solmu.web.tokens import find, make, revoke
from tests.web.client import Client
from tests.web.conftest import MakeClient
from tests.web.test_user_command import solmu

ONE = "/api/match/one"
ASKED = {"person": {"name": "Nobody Known", "email": "nobody@known.example"}}


def token(site: Site, role: Role = Role.VIEWER, name: str = "website") -> str:
    with site.write() as connection:
        return make(connection, name, role, by="test")


def ask(one: Client, secret: str, path: str = ONE, body: Any = None) -> httpx.Response:
    """As a machine does: without a cookie, `Origin` or the token of a form."""
    asked = {"Authorization": f"Bearer {secret}".encode()}
    return one.ask("POST", path, json=ASKED if body is None else body, headers=asked)


def test_a_machine_asks_without_signing_in(site: Site, client: MakeClient) -> None:
    nobody, secret = client(None), token(site)
    answer = ask(nobody, secret)
    assert (answer.status_code, answer.json()["people"][0]["verdict"]) == (200, "new"), answer.text
    assert "set-cookie" not in answer.headers
    assert nobody.get("/api/customers?q=kotka", headers={"Authorization": f"bearer  {secret}"}).status_code == 200


def test_a_machine_may_do_no_more_than_its_right(site: Site, client: MakeClient) -> None:
    nobody = client(None)
    for secret, status in ((token(site), 403), (token(site, Role.STEWARD, "robot"), 404)):
        assert ask(nobody, secret, "/api/review/1-2", {"verdict": "same"}).status_code == status
    with site.write() as connection, pytest.raises(SolmuError, match="no token may do so much"):
        make(connection, "boss", Role.ADMINISTRATOR, by="test")


def test_a_token_opens_no_page(site: Site, client: MakeClient) -> None:
    nobody, secret = client(None), token(site, Role.STEWARD)
    for path in ("/", "/people", "/quarantine", "/customers"):
        assert nobody.get(path, headers={"Authorization": f"Bearer {secret}"}).status_code == 303
    assert ask(nobody, secret, "/review").status_code == 403


def test_a_cookie_still_needs_what_only_our_pages_have(site: Site, client: MakeClient) -> None:
    one = client("vera")
    answer = one.ask("POST", ONE, json=ASKED)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "foreign")
    for wrong in ("Basic dmVyYTp4", "Bearer"):
        assert one.ask("POST", ONE, json=ASKED, headers={"Authorization": wrong}).status_code in (401, 403)


def test_a_token_stands_above_whoever_has_signed_in_and_a_wrong_one_lets_nobody_in(
    site: Site, client: MakeClient
) -> None:
    one, secret = client("adda"), token(site)
    assert ask(one, secret, "/api/review/1-2", {"verdict": "same"}).status_code == 403
    for wrong in ("solmu_wrong", "", "ü", "x" * 5000, secret[:-1]):
        answer = ask(one, wrong)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "no-token")
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_revoked_token_lets_nobody_in_and_its_name_is_free_again(site: Site, client: MakeClient) -> None:
    nobody, secret = client(None), token(site)
    with site.write() as connection:
        revoke(connection, "Website ", by="test")
    assert ask(nobody, secret).status_code == 401
    again = token(site)
    assert (again != secret, ask(nobody, secret).status_code, ask(nobody, again).status_code) == (True, 401, 200)
    with site.write() as connection, pytest.raises(SolmuError, match="no token of that name"):
        revoke(connection, "none", by="test")


def test_the_store_has_no_token_and_the_audit_says_who_made_and_used_it(site: Site, client: MakeClient) -> None:
    settings = site.folder / "hub.yaml"
    settings.write_text(settings.read_text() + "web: {audit_views: true}\n")
    secret = token(site)
    assert ask(client(None), secret).status_code == 200
    with site.read() as connection:
        kept = connection.execute(select(web_token)).one()
        said = connection.execute(select(audit.c.who, audit.c.what, audit.c.subject).order_by(audit.c.id)).all()
    assert not any(secret in str(value) or secret.encode() in bytes(str(value), "utf-8") for value in kept)
    assert [tuple(row) for row in said[-2:]] == [
        ("test", "web: token made", "token:website"),
        ("token:website", "web: record looked up", None),
    ]


def test_when_a_token_was_used_is_noted_once_a_minute(site: Site) -> None:
    secret = token(site)
    with site.write() as connection:
        found = find(connection, secret)
        assert found is not None
        assert found[1]
        tokens.touch(connection, found[0].id)
        assert find(connection, secret, now=time.now()) is not None
        assert [
            stale
            for _, stale in filter(
                None, [find(connection, secret), find(connection, secret, now=time.now() + 61_000_000)]
            )
        ] == [False, True]


def test_a_machine_that_asks_too_often_has_to_wait(
    site: Site, client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "MOST_A_SECOND", 0.5)
    nobody, secret, other = client(None), token(site), token(site, name="other")
    answers = [nobody.get("/api/customers?q=kotka", headers={"Authorization": f"Bearer {secret}"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert 1 <= int(answers[1].headers["retry-after"]) <= 2
    assert ask(nobody, other).status_code == 200


def test_guessing_tokens_is_slowed_down_for_the_address_it_comes_from(
    site: Site, client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "MOST_PER_ADDRESS", 3)
    nobody, secret = client(None), token(site)
    assert [ask(nobody, "solmu_guess").status_code for _ in range(5)] == [401, 401, 401, 429, 429]
    assert ask(nobody, secret).status_code == 429


def test_the_description_says_how_to_be_let_in(client: MakeClient) -> None:
    told = client("vera").get("/api/openapi.json").json()
    assert told["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert told["security"] == [{"token": []}, {"session": []}]


@pytest.mark.parametrize("name", ["", "a b", "token:x", "ä", "x" * 101])
def test_a_name_that_is_none_is_refused(name: str, site: Site) -> None:
    with pytest.raises(SolmuError, match="no name of a token"):
        token(site, name=name)


def test_an_administrator_sees_tokens_and_revokes_them(site: Site, client: MakeClient) -> None:
    one, secret = client("adda"), token(site)
    page = one.get("/people").text
    assert "website" in page
    assert secret not in page
    assert one.post("/people/revoke", {"name": "website"}).status_code == 303
    assert "website" not in one.get("/people").text
    assert one.post("/people/revoke", {"name": "website"}).status_code == 422
    assert 'data-label="What">Revoked a token' in one.get("/people/audit").text


def test_tokens_by_command_line(tmp_path: Path) -> None:
    from tests.hubs import make_hub

    hub = make_hub(tmp_path / "hub").folder
    made = solmu(hub, "token", "add", "Partner", "--role", "steward")
    assert made.returncode == 0, made.stderr
    secret = made.stdout.strip()
    assert secret.startswith("solmu_")
    assert secret not in made.stderr
    assert solmu(hub, "token", "add", "partner").returncode == 1
    listed = json.loads(solmu(hub, "token", "list", "--output", "json").stdout)["tokens"]
    assert [(each["name"], each["role"], each["used"]) for each in listed] == [("partner", "steward", None)]
    assert solmu(hub, "token", "revoke", "partner").returncode == 0
    assert "no machine has a token" in solmu(hub, "token", "list").stderr
