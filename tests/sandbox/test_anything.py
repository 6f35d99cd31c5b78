"""Whatever a client sends, it gets an answer of the API's kind."""

import contextlib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sandbox.salesforce import drafts, times
from sandbox.salesforce.errors import ApiError
from sandbox.salesforce.objects import OBJECTS
from sandbox.salesforce.query import compile_query

WORDS = st.sampled_from(
    (
        "SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "(", ")", ",", "=", "!=", "<", "LIKE", "IN", "ORDER BY",
        "LIMIT", "GROUP BY", "Id", "Name", "Account", "Contact", "Account.Name", "Owner.Name", "COUNT()", "COUNT(Id)",
        "null", "true", "7", "-1.5", "'x'", "'Ä%'", "TODAY", "LAST_N_DAYS:3", "2020-01-01", "2020-13-01T00:00:00Z",
        "FIELDS(ALL)", "SystemModstamp", "NumberOfEmployees", "Tags__c", "INCLUDES", "NULLS LAST", "DESC", "OFFSET",
        "\\", "\x00", "\n",
    )
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def compiles_or_is_refused(text: str) -> None:
    with contextlib.suppress(ApiError):
        compile_query(OBJECTS, text)


@given(st.lists(WORDS, max_size=20))
def test_any_words_are_a_query_or_are_refused(words: list[str]) -> None:
    compiles_or_is_refused(" ".join(words))
    compiles_or_is_refused(" ".join(["SELECT Id FROM Account WHERE", *words]))


@given(st.text())
def test_any_text_is_a_query_or_is_refused(text: str) -> None:
    compiles_or_is_refused(text)
    compiles_or_is_refused(f"SELECT Id FROM Account WHERE Name = '{text}'")


@given(st.sampled_from(sorted({*OBJECTS["Account"].fields, *OBJECTS["Contact"].fields})), JSON)
def test_any_value_is_taken_or_is_refused(name: str, value: Any) -> None:
    for sobject in (OBJECTS["Account"], OBJECTS["Contact"]):
        draft = drafts.from_json(OBJECTS, sobject, {name: value}, "insert")
        for kept in draft.values.values():
            assert kept is None or isinstance(kept, str | int | float)


@given(st.text())
def test_any_text_is_a_moment_or_is_none(text: str) -> None:
    moment = times.read(text)
    assert moment is None or times.read(times.write(moment)) == moment
    assert times.read_date(text) is None or len(str(times.read_date(text))) == 10


@given(st.integers(min_value=0, max_value=4_102_444_800_000))
def test_a_moment_survives_being_written(moment: int) -> None:
    assert times.read(times.write(moment)) == moment
