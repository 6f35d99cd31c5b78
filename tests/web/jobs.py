"""Waiting for the work that an answer of a page leads to."""

from __future__ import annotations

import time

import httpx
from playwright.sync_api import Page

from tests.web.client import Client


def ended(client: Client, answer: httpx.Response | str) -> dict[str, object]:
    """What is told at its end of the job that an answer leads to, or that has this page."""
    if isinstance(answer, str):
        page = answer
    else:
        assert answer.status_code == 303, answer.text
        page = answer.headers["location"]
    for _ in range(1200):
        told: dict[str, object] = client.get(f"/api{page}").json()
        if told["state"] not in ("waiting", "running"):
            return told
        time.sleep(0.05)
    raise AssertionError("the job did not end")


def done(client: Client, answer: httpx.Response) -> str:
    """Wait for a job that goes well; gives where it goes on."""
    told = ended(client, answer)
    assert told["state"] == "done", told
    return str(told["then"])


def went_on(page: Page) -> None:
    """Wait in a browser for the work that a button began: its page goes on to the result by itself."""
    page.wait_for_url("**/jobs/*")
    page.wait_for_url(lambda url: "/jobs/" not in url, timeout=90_000)
