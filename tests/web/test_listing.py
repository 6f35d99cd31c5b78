"""Tables: their whole state stands in the address, and they read no more than they show."""

from __future__ import annotations

import pytest
from starlette.datastructures import QueryParams

from solmu.store.tables import audit
from solmu.web.listing import PER_PAGE, Look
from solmu.web.pages.people import AUDIT
from solmu.web.site import Site


@pytest.fixture
def lines(site: Site) -> Site:
    """120 lines in the audit, by two people in turn."""
    with site.write() as connection:
        connection.execute(audit.delete())
        rows = [
            {"at": n, "who": ("aino", "eero")[n % 2], "what": f"web: thing {n:03}", "detail": {}} for n in range(120)
        ]
        connection.execute(audit.insert(), rows)
    return site


def look(site: Site, asked: str) -> Look:
    with site.read() as connection:
        return AUDIT.look(connection, QueryParams(asked))


def test_a_listing_pages_and_says_where_it_is(lines: Site) -> None:
    first, last = look(lines, ""), look(lines, "page=3")
    assert (len(first.rows), first.count, first.more, first.first) == (PER_PAGE, 120, True, 1)
    assert (len(last.rows), last.count, last.more, last.first) == (20, 120, False, 101)


@pytest.mark.parametrize("asked", ["sort=nonsense&page=x", "page=-1", "page=0", "sort=detail"])
def test_an_address_that_makes_no_sense_shows_the_first_page(asked: str, lines: Site) -> None:
    assert [row.id for row in look(lines, asked).rows] == [row.id for row in look(lines, "").rows]


def test_a_listing_is_sorted_both_ways_and_filtered(lines: Site) -> None:
    assert look(lines, "sort=id").rows[0].at == 0
    assert look(lines, "sort=-id").rows[0].at == 119
    assert {row.who for row in look(lines, "who=aino").rows} == {"aino"}
    assert [row.at for row in look(lines, "what=Web: thing 01&sort=id").rows] == list(range(10, 20))


def test_what_a_filter_says_is_no_pattern(lines: Site) -> None:
    assert look(lines, "what=web%25").rows == []
    assert look(lines, "what=web_").rows == []
