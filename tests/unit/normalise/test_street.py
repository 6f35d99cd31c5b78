"""A line that holds a whole address: what of it is the postcode."""

from __future__ import annotations

import pytest

from solmu.normalise.street import postcode_in_line


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("Via Roma 12, 20121 Milano", "20121"),
        ("Storgatan 5, 111 22 Stockholm", "111 22"),
        ("12 Main Street, Springfield, OH 45501", "45501"),
        ("12 Main Street Springfield OH 45501-1234", "45501"),
        ("12 Mill Lane, Ashford, LE11 1UU", "LE11 1UU"),
        ("Suite 900, 1450 N City Rd", None),
        ("12 High Street, Flat 3", None),
        ("Satamakatu 4", None),
        (None, None),
    ],
)
def test_a_postcode_stands_behind_the_street_and_its_house(line: str | None, code: str | None) -> None:
    assert postcode_in_line(line) == code
