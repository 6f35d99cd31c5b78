"""Webhook and heartbeat, against a real web server."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from solmu.config.settings import Heartbeat, Webhook
from solmu.errors import Fatal, Retriable
from solmu.notify.heartbeat import ping
from solmu.notify.message import MOST_LINES, WIDTH, Message, sample
from solmu.notify.webhook import body, post
from tests.unit.notify.servers import Web, web_server

TEXT = sample("Ääni Oy")


def deliver(web: Web, text: Message = TEXT, **changes: Any) -> None:
    settings = Webhook.model_validate({"url": "${WEBHOOK}", "timeout_seconds": 5, **changes})
    post(settings, text, address=f"{web.address}/services/T000/secret")


def beat(web: Web, path: str = "/ping/uuid", *, good: bool = True, **changes: Any) -> None:
    ping(Heartbeat.model_validate({"url": "${BEAT}", **changes}), address=web.address + path, good=good)


def test_a_chat_room_gets_one_document_with_the_text(web: Web) -> None:
    deliver(web)
    ((method, path, headers, content),) = web.calls
    assert (method, path, headers["Content-Type"]) == ("POST", "/services/T000/secret", "application/json")
    assert json.loads(content) == {"text": "\n".join([TEXT.subject, *TEXT.lines])}


def test_teams_gets_a_card(web: Web) -> None:
    deliver(web, format="adaptive-card")
    (attachment,) = json.loads(web.calls[0][3])["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert [block["text"] for block in attachment["content"]["body"]] == [TEXT.subject, *TEXT.lines]


@pytest.mark.parametrize("form", ["text", "adaptive-card"])
def test_the_longest_message_is_a_small_document(form: str) -> None:
    longest = Message("ä" * 120, ("😀" * WIDTH,) * MOST_LINES)
    assert len(body(form, longest)) < 16_384


def test_what_may_pass_is_tried_again(web: Web) -> None:
    web.answers = [(503, {}), (429, {"Retry-After": "0"})]
    deliver(web)
    assert len(web.calls) == 3


def test_what_does_not_pass_is_given_up_and_the_address_is_not_told(web: Web) -> None:
    web.answers = [(500, {})] * 9
    with pytest.raises(Retriable, match=r"the webhook could not take it \(HTTP 500\)") as later:
        deliver(web)
    assert len(web.calls) == 3
    assert "secret" not in str(later.value)


def test_a_refusal_is_final(web: Web) -> None:
    web.answers = [(404, {})]
    with pytest.raises(Fatal, match=r"refuses it \(HTTP 404\)"):
        deliver(web)
    assert len(web.calls) == 1


def test_nobody_else_gets_the_message_by_a_redirect(web: Web) -> None:
    with web_server() as other:
        web.answers = [(307, {"Location": f"{other.address}/elsewhere"})]
        with pytest.raises(Fatal, match="points to another address"):
            deliver(web)
        assert other.calls == []


def test_a_server_that_hangs_is_left_alone_in_time(web: Web) -> None:
    web.hangs = True
    began = time.monotonic()
    with pytest.raises(Retriable, match="did not answer: ReadTimeout"):
        deliver(web, timeout_seconds=0.2)
    assert time.monotonic() - began < 30


@pytest.mark.parametrize("address", ["", "ftp://example.invalid", "http://", "http://[::1", "no address"])
def test_what_is_no_address_is_said(address: str) -> None:
    with pytest.raises((Fatal, Retriable)):
        post(Webhook.model_validate({"url": "${X}"}), TEXT, address=address)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_good_run_pings_the_heartbeat(web: Web, method: str) -> None:
    beat(web, method=method)
    assert [call[:2] for call in web.calls] == [(method, "/ping/uuid")]
    assert web.calls[0][3] == b""


def test_a_bad_run_pings_the_address_with_fail(web: Web) -> None:
    beat(web, good=False)
    beat(web, "/ping/uuid/?team=a", good=False)
    assert web.paths == ["/ping/uuid/fail", "/ping/uuid/fail?team=a"]
