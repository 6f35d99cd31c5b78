"""Work beside the pages: a few at once, the next in a queue that the pages tell of, and nothing twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from solmu.web.jobs import Job, Jobs
from solmu.web.site import Site
from tests.web.conftest import MakeClient

SLOW = "tests.web.slow_work:wait"
QUICK = "tests.web.slow_work:give"


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Jobs]:
    made = Jobs(tmp_path, at_once=1)
    yield made
    made.close()


def until(true: Callable[[], bool]) -> None:
    for _ in range(1200):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come to that")


def start(jobs: Jobs, work: str, kind: str = "count", **options: object) -> Job:
    return jobs.start(kind, work, who="sten", then=f"/{kind}", **options)


def test_the_next_one_waits_until_there_is_room(jobs: Jobs) -> None:
    first = start(jobs, SLOW)
    second, third = start(jobs, QUICK, value=2), start(jobs, QUICK, value=3)
    assert [(each.state, each.ahead) for each in (first, second, third)] == [
        ("running", 0), ("waiting", 1), ("waiting", 2)]  # fmt: skip
    assert jobs.under_way() == [first, second, third]
    jobs.stop(first.id)
    until(lambda: third.is_over)
    assert (first.state, second.result, third.result) == ("stopped", 2, 3)


def test_one_that_waits_can_be_stopped_before_it_begins(jobs: Jobs) -> None:
    first, second, third = (start(jobs, SLOW) for _ in range(3))
    jobs.stop(second.id)
    assert (second.state, second.ahead, third.ahead) == ("stopped", 0, 1)
    jobs.close()
    until(lambda: first.is_over)
    assert third.state == "stopped"


def test_what_is_asked_for_twice_at_the_same_moment_is_done_once(jobs: Jobs) -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: start(jobs, SLOW, once=True).id, range(16)))
    assert len(set(made)) == 1
    assert start(jobs, SLOW, "quality", once=True).id != made[0]


def test_one_that_fails_says_why_and_makes_room(jobs: Jobs) -> None:
    broken, next_one = start(jobs, "tests.web.slow_work:fail"), start(jobs, QUICK, value=1)
    until(lambda: next_one.is_over)
    assert broken.state == "failed"
    assert broken.error is not None
    assert broken.error["message"] == "it does not go"
    assert next_one.state == "done"


def test_the_page_of_one_that_waits_says_so(site: Site, client: MakeClient) -> None:
    site.jobs = Jobs(site.folder, at_once=1)
    start(site.jobs, SLOW)
    second, third = start(site.jobs, SLOW, "import"), start(site.jobs, SLOW, "quality")
    sten = client("sten")
    assert "It waits until another piece of work is done." in sten.get(f"/jobs/{second.id}").text
    page = sten.get(f"/jobs/{third.id}").text
    assert "It waits until 2 others are done." in page
    assert "Measuring the quality of the records" in page
    told = sten.get(f"/api/jobs/{third.id}").json()
    assert (told["state"], told["ahead"]) == ("waiting", 2)
    assert sten.post(f"/jobs/{third.id}/stop").status_code == 303
    assert "It was stopped." in sten.get(f"/jobs/{third.id}").text
