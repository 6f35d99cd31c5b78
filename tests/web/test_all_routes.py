"""What holds for every route there is, also for those that are added later."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi.routing import APIRoute

from solmu.errors import ConfigurationError
from solmu.web import gate, uploads
from solmu.web.pages import all_pages
from solmu.web.roles import Role
from solmu.web.site import Site
from tests.web.conftest import MakeClient

FOR_VIEWERS = {"/account", "/api/match/one", "/jobs/{id}/stop", "/sign-in", "/sign-out"}
"""What a viewer may send: their own password, the end of what they started themselves, and a question."""

FOR_ADMINISTRATORS = ("/people", "/connections/", "/new-connection", "/conflicts/rule")
"""Beginnings of addresses below which only administrators change anything."""

SECRETIVE = ("/people", "/new-connection", "/conflicts/rule")
"""Beginnings of addresses that only administrators see."""

HOSTILE = (
    "\x00",
    "<script>alert(1)</script>",
    "'\";--",
    "9" * 40,
    "-1",
    "%",
    "../../etc/passwd",
    "=1+1",
    "\u202eä\U0001f600",
)


def routes(method: str) -> list[str]:
    """The addresses that all pages have for it, but for signing in."""
    return [
        route.path
        for page in all_pages()
        for route in page.router.routes
        if isinstance(route, APIRoute) and method in route.methods and not page.public
    ]


def filled(path: str, value: str = "1") -> str:
    return re.sub(r"\{[^}]+\}", quote(value, safe=""), path)


def test_nobody_sees_or_changes_anything_before_signing_in(client: MakeClient) -> None:
    nobody = client(None)
    nobody.get("/sign-in")
    assert {path: nobody.get(filled(path)).status_code for path in routes("GET")} == {
        path: 401 if path.startswith("/api/") else 303 for path in routes("GET")
    }
    assert {nobody.get(filled(path)).headers.get("location", "/sign-in")[:8] for path in routes("GET")} == {"/sign-in"}
    assert {path: nobody.post_json(filled(path), {}).status_code for path in routes("POST")} == dict.fromkeys(
        routes("POST"), 401
    )


def test_nothing_is_changed_without_the_token_and_from_elsewhere(client: MakeClient) -> None:
    one = client("adda")
    for path in routes("POST"):
        assert one.post(filled(path), {"csrf": ""}).status_code == 403, path
        assert one.post(filled(path), headers={"Origin": "https://evil.example"}).status_code == 403, path


@pytest.mark.parametrize("name", ["vera", "sten"])
def test_no_role_changes_what_is_not_for_it(name: str, client: MakeClient) -> None:
    """Fields are left out, so whoever is let in changes nothing either: 403 has to come before they are looked at."""
    one = client(name)
    for path in routes("POST"):
        answer = one.post(filled(path, "none-such"))
        only_administrators = path.startswith(FOR_ADMINISTRATORS)
        if path not in FOR_VIEWERS and (name == "vera" or only_administrators):
            assert answer.status_code == 403, path
    for path in routes("GET"):
        answer = one.get(filled(path, "none-such"))
        assert (answer.status_code == 403) or not path.startswith(SECRETIVE), path
        assert answer.status_code < 500, path


def test_stewards_pages_are_for_stewards(client: MakeClient) -> None:
    vera = client("vera")
    for page in all_pages():
        for route in page.router.routes:
            if isinstance(route, APIRoute) and "GET" in route.methods and page.role is not Role.VIEWER:
                assert vera.get(filled(route.path)).status_code == 403, route.path


def test_no_question_however_hostile_fails_a_page(client: MakeClient) -> None:
    one = client("adda")
    failed = []
    for page in all_pages():
        for route in page.router.routes:
            if not isinstance(route, APIRoute) or "GET" not in route.methods or page.public:
                continue
            names = {*_names(route), "page", "sort", "format", "q", "country", "owner", "who", "what", "subject"}
            asked = [(filled(route.path, value), dict.fromkeys(names, value)) for value in HOSTILE]
            if "{" in route.path:
                asked += [(filled(route.path), {}), (filled(route.path, str(2**63)), {})]
            for path, query in asked:
                answer = one.get(path, params=query)
                if answer.status_code >= 500 or "<script>alert(1)" in answer.text:
                    failed.append((path, query, answer.status_code))
            for each in sorted(_names(route)) if "{" not in route.path else []:
                for value in ("\x00", str(2**63)):
                    if one.get(route.path, params={each: value}).status_code >= 500:
                        failed.append((route.path, {each: value}, 500))
    assert not failed


def _names(route: APIRoute) -> set[str]:
    found, open_ones = set[str](), [route.dependant]
    while open_ones:
        one = open_ones.pop()
        found |= {each.alias for each in one.query_params}
        open_ones += one.dependencies
    return found


@pytest.mark.parametrize("host", ["hub.example/static/", "hub.example/account?", "hub.example:x", "[", "a b"])
def test_a_host_that_is_more_than_a_host_is_refused(host: str, client: MakeClient) -> None:
    assert client().get("/account", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("headers", [{"Origin": "http://["}, {"X-CSRF-Token": b"\xfc"}])
def test_a_header_that_is_nonsense_is_refused_as_any_other(headers: dict[str, str | bytes], client: MakeClient) -> None:
    assert client().post("/sign-out", headers=headers).status_code == 403


def test_a_token_with_odd_letters_is_refused_as_any_other(client: MakeClient) -> None:
    assert client().post("/sign-out", {"csrf": "ü"}).status_code == 403


def test_only_files_may_be_as_large_as_an_upload(client: MakeClient) -> None:
    one = client()
    large = one.post("/account", {"new": "x" * 1_100_000}, headers={"X-CSRF-Token": one.token})
    assert large.status_code == 413
    assert one.post_json("/account", {"new": "x" * 1_100_000}).status_code == 413


async def endless(first: bytes = b"") -> AsyncIterator[bytes]:
    """A body whose sender does not say how much there is."""
    yield first
    for _ in range(40):
        yield b"x" * 100_000


@pytest.mark.parametrize("path", ["/import/aaaaaaaaaaaaaaaaaaaaaaaa", "/import/aaaaaaaaaaaaaaaaaaaaaaaa/bring",
                                  "/new-connection", "/account", "/conflicts"])  # fmt: skip
@pytest.mark.parametrize("with_header", [True, False])
def test_a_form_that_is_too_large_is_refused_though_it_does_not_say_so(
    path: str, with_header: bool, client: MakeClient
) -> None:
    one = client()
    token = {"X-CSRF-Token": one.token} if with_header else {}
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    body = endless(f"csrf={one.token}&column=".encode())
    answer = one.ask("POST", path, content=body, headers={"Origin": one.address} | kind | token)
    assert answer.status_code == 413
    assert "This is too large" in answer.text


def test_a_list_that_is_too_large_is_refused_though_it_does_not_say_so(
    site: Site, client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "LARGEST_UPLOAD", 2_000_000)
    one = client()
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    kind = {"Content-Type": "multipart/form-data; boundary=b", "X-CSRF-Token": one.token}
    answer = one.ask("POST", "/api/import-list", content=endless(head), headers={"Origin": one.address} | kind)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too-large")
    assert not (site.folder / "imports").exists()


def test_who_has_not_signed_in_is_not_told_how_the_hub_is_set_up(site: Site, client: MakeClient) -> None:
    nobody = client(None)
    settings = site.folder / "hub.yaml"
    settings.write_text(settings.read_text() + "\nnonsense: hush-hush\n")
    with pytest.raises(ConfigurationError):
        _ = site.hub
    answers = [nobody.get(path) for path in ("/sign-in", "/")] + [nobody.get("/", headers={"Cookie": "solmu-8000=x"})]
    assert not any("nonsense" in answer.text or "hush" in answer.text for answer in answers)


@pytest.mark.parametrize(
    "name", ["é" * 300 + ".xlsx", "名" * 300 + ".csv", "../../evil\r\nx: y\x00.csv", "..\\..\\a.xlsx"]
)
def test_a_list_of_any_name_finds_a_place_in_its_own_folder(name: str, tmp_path: Path) -> None:
    one = uploads.begin(tmp_path, name, who="sten")
    one.file(tmp_path).write_bytes(b"")
    assert one.file(tmp_path).resolve().parent == tmp_path / "imports" / one.token
    assert one.name.isprintable()


def test_what_is_no_result_of_bulk_is_not_shown_as_one(site: Site, client: MakeClient) -> None:
    job = site.jobs.start("follow", "solmu.web.review_work:follow", who="sten", then="/")
    for _ in range(1200):
        if job.is_over:
            break
        time.sleep(0.05)
    assert job.result is not None
    assert client("sten").get(f"/review/bulk?job={job.id}").status_code == 200
