"""Each distinct value is normalised once."""

import pytest

from solmu.normalise import Invalid, country, distinct, remembered


def test_each_distinct_value_is_normalised_once() -> None:
    seen: list[str] = []

    def counted(text: str) -> str | None:
        seen.append(text)
        return country(text)

    assert distinct(counted, ["Suomi", "FI", "Suomi", "", "Suomi"]) == {"Suomi": "FI", "FI": "FI", "": None}
    assert seen == ["Suomi", "FI", ""]


def test_a_value_that_cannot_be_normalised_is_kept_with_its_reason() -> None:
    results = distinct(country, ["Suomi", "Baltic"])
    reason = results["Baltic"]
    assert results["Suomi"] == "FI"
    assert isinstance(reason, Invalid)
    assert reason.code == "not-a-country"


def test_other_errors_are_not_swallowed() -> None:
    def blow_up(value: str) -> str:
        raise RuntimeError(value)

    with pytest.raises(RuntimeError):
        distinct(blow_up, ["a"])


def test_remembered_results_and_refusals_are_computed_once() -> None:
    calls: list[str] = []

    @remembered(size=2)
    def halved(text: str, *, strict: bool = False) -> int:
        calls.append(text)
        if int(text) % 2:
            raise Invalid("odd", text, "this number is odd", "an even number")
        return int(text) // 2

    assert [halved("4"), halved("4")] == [2, 2]
    for _ in range(2):
        with pytest.raises(Invalid, match="odd") as caught:
            halved("5")
        assert caught.value.value == "5"
    assert calls == ["4", "5"]


def test_what_is_remembered_is_bounded() -> None:
    calls: list[int] = []

    @remembered(size=1)
    def echoed(number: int) -> int:
        calls.append(number)
        return number

    assert [echoed(1), echoed(2), echoed(1)] == [1, 2, 1]
    assert calls == [1, 2, 1]
