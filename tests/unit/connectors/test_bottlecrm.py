"""What BottleCRM's connector makes of answers and lists, without a BottleCRM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from connectors.bottlecrm.answers import error_of, first_problem, problem_of
from connectors.bottlecrm.listing import Listing
from connectors.bottlecrm.objects import KINDS
from connectors.bottlecrm.record import body_of, payload_of, version_of
from solmu.errors import Fatal, Retriable

TASKS, ACCOUNTS = KINDS["tasks"], KINDS["accounts"]
REQUEST = httpx.Request("GET", "https://crm.example/api/tasks/")


@pytest.mark.parametrize(
    ("document", "field", "message"),
    [
        ({"error": True, "errors": {"name": ["Too long."]}}, "name", "Too long."),
        ({"error": True, "errors": {"custom_fields": {"size": "must be a number"}}}, "cf_size", "must be a number"),
        ({"error": True, "errors": "A lead exists."}, None, "A lead exists."),
        ({"account": ["“x” is not a valid UUID."]}, "account", "“x” is not a valid UUID."),
        ({"detail": "Not found."}, None, "Not found."),
        ({"error": True, "errors": {}}, None, "no reason was given"),
        ([], None, "no reason was given"),
    ],
)
def test_a_refusal_names_its_field_and_reason(document: Any, field: str | None, message: str) -> None:
    assert first_problem(document) == (field, message)


@pytest.mark.parametrize(
    ("errors", "code"),
    [
        ({"name": ["Account already exists with this name"]}, "duplicate"),
        ({"email": ["Another lead in this organisation already uses that email address."]}, "duplicate"),
        ({"name": ["This field may not be null."]}, "required"),
        ({"country": ['"ZZ" is not a valid choice.']}, "invalid"),
        ("No.", "refused"),
    ],
)
def test_a_refusal_has_a_code_that_says_what_to_do(errors: Any, code: str) -> None:
    response = httpx.Response(400, json={"error": True, "errors": errors}, request=REQUEST)
    assert problem_of(response).code == code


def test_a_call_that_fails_says_what_to_do_next() -> None:
    throttled = error_of(httpx.Response(429, headers={"Retry-After": "7"}, request=REQUEST))
    assert isinstance(throttled, Retriable)
    assert throttled.retry_after == 7
    assert isinstance(error_of(httpx.Response(502, text="<html>", request=REQUEST)), Retriable)
    for status, detail in ((401, "x"), (403, "Organization context is required."), (403, "This token lacks a scope.")):
        error = error_of(httpx.Response(status, json={"detail": detail}, request=REQUEST))
        assert isinstance(error, Fatal)
        assert error.field == "token"


def test_a_payload_is_flat_and_is_sent_in_its_own_form() -> None:
    record = {
        "id": "t",
        "title": "Call",
        "account": {"id": "a", "name": "Tester Oy"},
        "contacts": [{"id": "c"}, {"id": "d"}],
        "assigned_to": [],
        "tags": [{"id": "g", "name": "Fair"}],
        "custom_fields": {"solmu_id": "slm_1"},
        "is_unanswered": True,
    }
    payload = payload_of(TASKS, record)
    assert payload == {
        "id": "t",
        "title": "Call",
        "account": "a",
        "contact": "c",
        "owner": None,
        "tags": ["Fair"],
        "cf_solmu_id": "slm_1",
    }
    assert body_of(TASKS, {"title": "Call", "contact": "c", "owner": None, "cf_size": 3}) == {
        "title": "Call",
        "contacts": ["c"],
        "assigned_to": [],
        "custom_fields": {"size": 3},
    }


def test_a_version_is_of_what_people_entered() -> None:
    entered = {"name": "Tester Oy", "annual_revenue": "1000", "description": None, "is_active": True}
    shown = {"id": "a", "name": " Tester Oy", "annual_revenue": "1000.00", "description": "", "cf_solmu_stamp": "x"}

    def version(payload: Mapping[str, Any]) -> str:
        return version_of(ACCOUNTS, payload, "solmu_stamp")

    assert version(entered) == version(shown)
    for change in ({"name": "Other Oy"}, {"is_active": False}, {"cf_size": 3}, {"annual_revenue": "1"}):
        assert version(entered | change) != version(entered)


class Moving:
    """A list from which, or to which, a record goes after each page."""

    def __init__(self, ids: list[str], *changes: list[str]) -> None:
        self.states = [ids, *changes]

    def ask(self, limit: int, offset: int) -> Mapping[str, Any]:
        ids = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        rows = [{"id": id} for id in ids[offset : offset + limit]]
        return {"tasks": rows, "tasks_count": len(ids)}


@pytest.mark.parametrize("after", [list("bcdefgh"), list("xabcdefgh"), list("abcdefghx")])
def test_a_list_that_moves_is_gone_through_again(after: list[str]) -> None:
    listing = Listing(TASKS, Moving(list("abcdefgh"), after).ask, page=3)
    seen = [row["id"] for page in listing.pages() for row in page]
    assert set(after) <= set(seen)
    assert len(seen) == len(set(seen))
    assert listing.whole


def test_a_list_that_never_rests_is_not_called_whole() -> None:
    states = [[f"{number}-{each}" for each in range(8)] for number in range(40)]
    listing = Listing(TASKS, Moving(*states).ask, page=3)
    list(listing.pages())
    assert not listing.whole


@pytest.mark.parametrize("page", [3, 10, 25, 100])
def test_a_list_in_two_parts_is_read_to_the_end_of_the_longer(page: int) -> None:
    active, closed = [{"id": f"a{number}"} for number in range(10)], [{"id": f"c{number}"} for number in range(25)]

    def ask(limit: int, offset: int) -> Mapping[str, Any]:
        some = slice(offset, offset + limit)
        return {
            "active_accounts": {"open_accounts": active[some], "open_accounts_count": len(active)},
            "closed_accounts": {"close_accounts": closed[some], "close_accounts_count": len(closed)},
        }

    listing = Listing(ACCOUNTS, ask, page)
    assert sorted(row["id"] for rows in listing.pages() for row in rows) == sorted(row["id"] for row in active + closed)
    assert listing.whole
    assert listing.count() == 35
