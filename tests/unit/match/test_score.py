"""The compiled scorer says what Splink says."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solmu.match.comparisons import COMPARISONS, frequency_columns
from solmu.match.features import Features, OrganisationFeatures, PersonFeatures
from solmu.match.model import Model, default_model
from solmu.match.rows import row
from solmu.match.score import Scorer
from solmu.match.splink_engine import score_all
from solmu.model import Entity

# Few values, so that most comparisons have something to compare, and near misses are many.
_WORDS = st.sampled_from(["merivirta", "merivitra", "meri", "telakka", "telaka", "laiva", "oy laiva", "kuulas"])
_PEOPLE = st.sampled_from(["aino", "aina", "a", "salmela", "salmella", "kivela", "ainokaisa", "eero"])


def _some(*values: str) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(values), max_size=2)


def _maybe(*values: str) -> st.SearchStrategy[str | None]:
    return st.none() | st.sampled_from(values)


_PLACE = {
    "street": _maybe("satamat|1", "satamat|2", "sattamat|1"),
    "postcode": _maybe("26100", "90100", "26101"),
    "city": _maybe("rauma", "oulu", "raumaa"),
    "country": _maybe("FI", "SE"),
}


@st.composite
def organisations(draw: st.DrawFn) -> OrganisationFeatures:
    words = tuple(" ".join(draw(st.lists(_WORDS, max_size=3))).split())
    return OrganisationFeatures(
        core=" ".join(words),
        words=words,
        rare_words=frozenset(words) & draw(_some("merivirta", "telakka", "laiva")),
        compact="".join(words),
        aliases=draw(_some("merivirta", "kuulas")),
        legal_form=draw(_maybe("oy", "ab")),
        business_ids=draw(_some("FI:1", "FI:2")),
        domains=draw(_some("a.fi", "b.fi")),
        emails=draw(_some("info@a.fi", "info@b.fi")),
        phones=draw(_some("+3581", "+3582")),
        **{name: draw(values) for name, values in _PLACE.items()},
    )


@st.composite
def people(draw: st.DrawFn) -> PersonFeatures:
    given_name, family = draw(st.just("") | _PEOPLE), draw(st.just("") | _PEOPLE)
    return PersonFeatures(
        name=" ".join(sorted(f"{given_name} {family}".split())),
        given=given_name,
        family=family,
        emails=draw(_some("a@a.fi", "b@a.fi")),
        free_emails=draw(_some("a@gmail.com")),
        mailboxes=draw(_some("laiva99", "laiva98", "meritelakka")),
        born=draw(_maybe("19670309", "19670308")),
        identifiers=draw(_some("member:1234567", "member:7654321")),
        domains=draw(_some("a.fi", "b.fi")),
        phones=draw(_some("+3581", "+3582")),
        lines=draw(_some("+358401234567", "+358401234576", "+3582;ext=1")),
        employers=draw(st.frozensets(st.integers(1, 3), max_size=2)),
        employer_names=draw(_some("merivirta", "kuulas")),
        **{name: draw(values) for name, values in _PLACE.items()},
    )


@pytest.fixture(autouse=True)
def only_our_warnings() -> Iterator[None]:
    """Splink and DuckDB warn of their own future; it is pinned."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", FutureWarning)
        yield


@pytest.mark.parametrize(("entity", "cards"), [(Entity.ORGANISATION, organisations()), (Entity.PERSON, people())])
def test_it_equals_splink_on_any_cards(entity: Entity, cards: st.SearchStrategy[Features]) -> None:
    model = default_model(entity)

    @settings(max_examples=3)
    @given(left=st.lists(cards, min_size=12, max_size=15), right=st.lists(cards, min_size=12, max_size=15))
    def equal(left: list[Features], right: list[Features]) -> None:
        frequencies = {column: shares(column, [*left, *right]) for column in frequency_columns(entity)}
        agree(model, left, right, frequencies)

    equal()


def shares(column: str, cards: list[Features]) -> dict[str, float]:
    """Shares for some of the values: others have none, and are not adjusted."""
    values = sorted({str(value) for one in cards if (value := row(one)[column]) is not None})
    return {value: (number + 1) / 1000 for number, value in enumerate(values) if number % 3}


def agree(model: Model, left: list[Features], right: list[Features], frequencies: dict[str, dict[str, float]]) -> None:
    scorer = Scorer(model)
    theirs = score_all(model, left, right, frequencies)
    assert len(theirs) == len(left) * len(right)
    for (one, two), (weight, probability) in theirs.items():
        ours = scorer.score(left[one], right[two], frequencies)
        assert ours.weight == pytest.approx(weight, abs=1e-6)
        assert ours.probability == pytest.approx(probability, abs=1e-6)


def test_the_levels_add_up_to_the_weight() -> None:
    scorer = Scorer(default_model(Entity.ORGANISATION))
    one = OrganisationFeatures(core="merivirta", words=("merivirta",), compact="merivirta", city="rauma")
    nothing = scorer.score(OrganisationFeatures(), OrganisationFeatures())
    score = scorer.score(one, one)
    assert nothing.weight + sum(weight for _, _, weight in score.levels) == pytest.approx(score.weight)
    assert [name for name, _, _ in score.levels] == [one.name for one in COMPARISONS[Entity.ORGANISATION]]


def test_a_rare_name_in_common_says_more_than_a_common_one() -> None:
    scorer = Scorer(default_model(Entity.PERSON))
    one = PersonFeatures(name="aino salmela", given="aino", family="salmela")
    rare = scorer.score(one, one, {"family": {"salmela": 0.0001}})
    common = scorer.score(one, one, {"family": {"salmela": 0.1}})
    assert rare.weight > common.weight
