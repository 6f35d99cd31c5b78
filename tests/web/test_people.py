"""People and rights."""

from __future__ import annotations

import pytest

from solmu.errors import SolmuError
from solmu.web import users
from solmu.web.roles import Role
from solmu.web.site import Site
from tests.web.conftest import MakeClient
from tests.web.serving import PASSWORD


def test_only_an_administrator_sees_who_may_sign_in(client: MakeClient) -> None:
    assert client("sten").get("/people").status_code == 403
    page = client("adda").get("/people").text
    assert "vera" in page
    assert "sten" in page


def test_who_was_let_in_signs_in_and_chooses_a_password(client: MakeClient) -> None:
    adda = client("adda")
    given = {"name": "Nina@Example.com", "role": "steward", "password": "some given phrase"}
    assert adda.post("/people/add", given).headers["location"] == "/people?done=nina%40example.com"
    nina = client(None)
    assert nina.sign_in("nina@example.com", "some given phrase").status_code == 303
    assert nina.get("/").headers["location"] == "/account"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "vera"}, "There is a user of that name"),
        ({"name": "<script>"}, "This is no user name"),
        ({"password": "short"}, "This password is too short"),
        ({"role": "queen"}, "There is no such role"),
    ],
)
def test_what_cannot_be_is_said_in_the_form(change: dict[str, str], said: str, client: MakeClient) -> None:
    answer = client().post("/people/add", {"name": "nina", "role": "viewer", "password": "some given phrase"} | change)
    assert answer.status_code == 422
    assert said in answer.text
    assert "<script>" not in answer.text


def test_a_role_or_a_password_that_is_taken_away_is_gone_at_once(client: MakeClient) -> None:
    adda, sten, vera = client("adda"), client("sten"), client("vera")
    adda.post("/people/role", {"name": "sten", "role": "viewer"})
    assert sten.post("/figures/count").status_code == 403
    adda.post("/people/password", {"name": "sten", "password": "a newly given phrase"})
    assert sten.get("/account").status_code == 303
    adda.post("/people/remove", {"name": "vera"})
    assert vera.get("/account").status_code == 303
    assert client(None).sign_in("vera", PASSWORD).status_code == 401


def test_somebody_always_remains_administrator(site: Site, client: MakeClient) -> None:
    adda = client("adda")
    assert "Nobody would be administrator" in adda.post("/people/remove", {"name": "adda"}).text
    assert adda.post("/people/role", {"name": "adda", "role": "viewer"}).status_code == 422
    with site.write() as connection, pytest.raises(SolmuError, match="nobody would be administrator"):
        users.give_role(connection, "adda", Role.VIEWER, by="test")


def test_a_name_that_comes_back_has_no_old_password(site: Site, client: MakeClient, password_hash: str) -> None:
    adda = client("adda")
    adda.post("/people/remove", {"name": "vera"})
    adda.post("/people/add", {"name": "vera", "role": "viewer", "password": "some given phrase"})
    assert client(None).sign_in("vera", PASSWORD).status_code == 401
    assert client(None).sign_in("vera", "some given phrase").status_code == 303


def test_the_audit_can_be_filtered_and_exported(client: MakeClient) -> None:
    adda = client("adda")
    adda.post("/people/role", {"name": "sten", "role": "viewer"})
    lines = adda.get("/people/audit?who=adda&format=csv").text.splitlines()
    assert len(lines) == 2
    assert "web: role given" in lines[1]
