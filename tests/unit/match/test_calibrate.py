"""A threshold has to be proven on stewards' answers, and loses its force when they say otherwise. All synthetic."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solmu.match import bundles
from solmu.match.calibrate import Answer, about, answers_needed, audit, correlations, fix_threshold
from solmu.match.decisions import Verdict
from solmu.match.drawn import Draw, draw, open_draws
from solmu.match.index import Mentions
from solmu.match.proof import Calibration, accept, calibrate, watch
from solmu.match.resolve import resolve
from solmu.match.rules import PROVEN
from solmu.match.taken_back import in_words, taken_back
from solmu.model import Entity
from solmu.report.interval import wilson
from solmu.report.trust import trust
from solmu.review.decide import decide
from solmu.review.names import PairId
from solmu.store import open_store
from tests.unit.match.cards import Cards

DRAWN = 1.0


def audited(count: int, errors: int, *, weight: float = 10.0, clusters: int | None = None) -> list[Answer]:
    """So many drawn answers of the audited sample."""
    found: list[Answer] = []
    number = 0
    while len(found) < count:
        number += 1
        right = len(found) >= errors
        one = Answer((number, number + 1), weight, right, DRAWN, number if clusters is None else number % clusters)
        if one.audits:
            found.append(one)
    return found


def fixing(count: int, *, right: bool = True, weight: float = 10.0) -> list[Answer]:
    """So many answers that a steward picked: they never audit."""
    return [Answer((1_000_000 + n, 2_000_000 + n), weight, right, None, n) for n in range(count)]


# --- what a number of answers proves ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "errors", "proves"), [(381, 0, True), (380, 0, False), (563, 1, True), (562, 1, False)]
)
def test_a_precision_of_99_percent_takes_381_answers_without_an_error_or_563_with_one(
    answers: int, errors: int, *, proves: bool
) -> None:
    assert audit(audited(answers, errors), 5.0).keeps(0.99) is proves


def test_about_400_answers_are_planned_for() -> None:
    assert answers_needed(0.99) == 381
    assert about(0.99) == 400
    # One answer in ten fixes the threshold, and that takes twenty, however little is promised.
    assert about(0.9) == 200


def test_how_many_more_right_answers_would_prove_it_is_told() -> None:
    for count, errors in ((0, 0), (100, 0), (380, 0), (400, 1), (500, 3)):
        lacking = audit(audited(count, errors), 5.0).lacks(0.99)
        assert lacking > 0
        assert audit(audited(count + lacking, errors), 5.0).keeps(0.99)
    assert audit(audited(300, 0), 5.0).lacks(0.99) == 81
    assert audit(audited(381, 0), 5.0).lacks(0.99) == 0
    assert audit(audited(400, 0, clusters=100), 5.0).lacks(0.99) > 200


@given(st.integers(1, 2000), st.integers(0, 30))
def test_the_lower_bound_is_below_the_share_and_falls_with_every_error(count: int, errors: int) -> None:
    errors = min(errors, count)
    low, high = wilson(count - errors, count) or (0, 0)
    assert 0 <= low <= (count - errors) / count + 1e-12
    assert (count - errors) / count - 1e-12 <= high <= 1
    if errors < count:
        worse = wilson(count - errors - 1, count)
        assert worse is not None
        assert worse[0] < low + 1e-12
    more = wilson(2 * (count - errors), 2 * count)
    assert more is not None
    assert more[0] >= low - 1e-12


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([0.01, 0.1, 0.5, 1.0])), min_size=1, max_size=60))
def test_uneven_chances_never_make_answers_worth_more_than_they_are(drawn: Sequence[tuple[bool, float]]) -> None:
    answers = [Answer((n, n + 1), 10.0, right, chance, n) for n, (right, chance) in enumerate(drawn)]
    found = audit(answers, 5.0).pairs
    assert found.worth <= found.answers
    if found.answers:
        unweighted = wilson(found.answers - (found.errors > 0), found.answers)
        assert unweighted is not None
        assert found.low <= unweighted[0] + 1e-9


def test_an_error_that_stands_for_many_pairs_weighs_as_many() -> None:
    common = audited(500, 0)
    rare = [Answer(one.pair, 10.0, n > 0, 0.05 if n < 25 else 1.0, one.cluster) for n, one in enumerate(common)]
    equal = [Answer(one.pair, 10.0, n > 0, 1.0, one.cluster) for n, one in enumerate(common)]
    assert audit(rare, 5.0).pairs.low < audit(equal, 5.0).pairs.low


def test_many_pairs_of_few_clusters_prove_little() -> None:
    found = audit(audited(400, 0, clusters=20), 5.0)
    assert found.pairs.low >= 0.99
    assert not found.keeps(0.99)


def test_what_stewards_picked_fixes_a_threshold_and_audits_none() -> None:
    picked = fixing(500)
    assert fix_threshold(picked, 0.99, 0.0) == 10.0
    assert audit(picked, 5.0).pairs.answers == 0


def test_the_audited_answers_have_no_say_in_the_threshold() -> None:
    answers = [*fixing(50, weight=12.0), *audited(50, 50, weight=12.0)]
    assert fix_threshold(answers, 0.99, 0.0) == 12.0


def test_right_answers_far_up_do_not_hide_errors_below() -> None:
    answers = [*fixing(1000, weight=30.0), *fixing(5, right=False, weight=12.0), *fixing(100, weight=11.0)]
    assert fix_threshold(answers, 0.99, 0.0) == 30.0
    assert fix_threshold(fixing(5), 0.99, 0.0) is None


def test_comparisons_that_say_the_same_are_told() -> None:
    twice = [(True, {"name": float(n % 3), "email": float(n % 3), "phone": float(n % 5)}) for n in range(300)]
    (found,) = correlations(twice)
    assert (found["comparisons"], found["among"], found["correlation"]) == (["email", "name"], "same", 1.0)
    assert correlations(twice[:50]) == []


# --- stewards at work -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rules:
    promised_precision: float = 0.9  # which 35 answers prove: the tests would take long with 381
    protected: Sequence[str] = ("key_account",)
    block_cap: int = 200
    identifiers: tuple[str, ...] = ()
    birth_dates: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()


RULES = Rules()
SYLLABLES = ("kelo", "vaara", "ranta", "maki", "jarvi", "lampi", "suo", "honka", "kallio", "niemi")


class Stewards(Cards):
    """Cards that score alone asks about: a company and its service branch, which are one or not, as ``truth`` says."""

    def settle(self) -> None:
        watch(self.store, RULES, crms=self.crms, now=next(self.clock))
        with self.store.read() as connection:
            models = bundles.active(connection)
        moment = next(self.clock)
        resolve(self.store, self.settings, run_id=f"r{moment}", now=moment, remotes=self.crms, models=models)

    def pairs_of_kind(self, count: int, *, strong: bool, start: int) -> list[PairId]:
        words = [f"{a}{b}{c}" for a, b, c in product(SYLLABLES, repeat=3)][start : start + count]
        made = []
        for number, word in enumerate(words, start=start):
            card = {
                "domain": f"{word}.example", "email": [f"info@{word}.example"], "phone": [f"+35840{1234567 + number}"],
                "street": f"Satamakatu {number % 90 + 1}", "postcode": "26100", "city": "Rauma", "country": "FI",
            }  # fmt: skip
            first = f"{word} Oy" if strong else f"{word} Telakka Oy"
            made.append(PairId(*(self.organisation(name=name, **card) for name in (first, f"{word} Huolto Oy"))))
        return made

    def say(self, pair: PairId, verdict: Verdict) -> None:
        with self.store.write() as connection:
            decide(connection, pair, verdict, who="anna", now=next(self.clock))

    def draw(self, count: int) -> Draw:
        with self.store.write() as connection:
            model = bundles.active(connection)(Entity.ORGANISATION)
            return draw(connection, model, self.mentions(), count, seed=7, now=next(self.clock))

    def mentions(self) -> Mentions:
        return Mentions(Entity.ORGANISATION, crms=self.crms, protected=("key_account",))

    def calibrate(self) -> Calibration:
        with self.store.read() as connection:
            return calibrate(connection, RULES, Entity.ORGANISATION, crms=self.crms)

    def answer(self, drawn: Draw, strong: Sequence[PairId], *, wrong: int = 0) -> None:
        """Anna knows the truth; ``wrong`` many of the strong ones are not the same after all."""
        for one in drawn.pairs:
            pair = PairId(*one.pair)
            same = pair in strong
            if same and wrong:
                wrong, same = wrong - 1, False
            self.say(pair, Verdict.SAME if same else Verdict.DIFFERENT)


@pytest.fixture
def stewards(database_url: str) -> Iterator[Stewards]:
    with open_store(database_url) as store:
        yield Stewards(store)


def test_a_proven_threshold_merges_and_an_error_takes_it_back(stewards: Stewards) -> None:
    strong = stewards.pairs_of_kind(85, strong=True, start=0)
    weak = stewards.pairs_of_kind(8, strong=False, start=100)
    stewards.settle()
    assert {stewards.band(pair.left, pair.right) for pair in (*strong, *weak)} == {"ask"}
    assert stewards.calibrate().state == "unproven"

    # What stewards pick does not prove anything, however much of it there is.
    for pair in strong[:25]:
        stewards.say(pair, Verdict.SAME)
    stewards.settle()
    found = stewards.calibrate()
    assert (found.state, found.answers) == ("unproven", 25)
    assert any("drawn at random" in warning for warning in found.warnings)

    drawn = stewards.draw(56)
    assert len({one.pair for one in drawn.pairs}) == 56
    assert all(0 < one.chance <= 1 for one in drawn.pairs)
    stewards.answer(drawn, strong)
    stewards.settle()
    found = stewards.calibrate()
    assert found.audit is not None
    assert (found.state, found.audit.pairs.errors, found.unanswered) == ("proven", 0, 0)
    waiting = [pair for pair in strong if stewards.band(pair.left, pair.right) == "ask"]
    assert waiting
    assert found.joins >= len(waiting)

    version = accept(stewards.store, found, who="anna", now=next(stewards.clock))
    stewards.settle()
    assert all(stewards.together(pair.left, pair.right) for pair in strong)
    assert not any(stewards.together(pair.left, pair.right) for pair in weak)
    assert {stewards.why(max(pair.left, pair.right)) for pair in waiting} == {"score"}
    with stewards.store.read() as connection:
        model = bundles.active(connection)(Entity.ORGANISATION)
    assert (model.version, model.thresholds.same) == (version, found.threshold)
    assert model.calibration["audit"]["pairs"]["errors"] == 0
    assert model.calibration["mentions"] == 186
    again_found = stewards.calibrate()
    with stewards.store.read() as connection:
        told = trust(connection, RULES, crms=stewards.crms)["organisation"]
    assert again_found.audit is not None
    assert (told["state"], told["threshold"], told["answers"]) == ("proven", found.threshold, 56)
    assert (told["pairs"], told["clusters"]) == (
        again_found.audit.pairs.as_dict(),
        again_found.audit.clusters.as_dict(),
    )
    assert told["picked"]["asked"]["answers"] == 25  # which prove nothing

    # A pair that the threshold has merged is drawn, blind, and turns out to be two.
    again = stewards.draw(len(waiting))
    stewards.answer(again, strong, wrong=6)
    stewards.settle()
    with stewards.store.read() as connection:
        assert bundles.active(connection)(Entity.ORGANISATION).thresholds.same is None
    open_again = [pair for pair in waiting if pair not in {PairId(*one.pair) for one in again.pairs}]
    assert not any(row.rule == PROVEN for row in stewards.pairs().values())
    assert not any(stewards.together(pair.left, pair.right) for pair in open_again)
    assert stewards.calibrate().state == "unproven"
    # Whoever runs the hub is told, until something takes its place.
    with stewards.store.read() as connection:
        (lost,) = taken_back(connection)
    assert (lost["entity"], lost["promised"], lost["newly"]) == ("organisation", 0.9, True)
    assert lost["low"] < 0.9
    assert "scores merge no organisations by themselves any more since 1970-01-01" in in_words(lost)
    with stewards.store.write() as connection:
        bundles.activate(connection, bundles.SHIPPED, who="anna", now=next(stewards.clock))
        assert taken_back(connection) == []


def test_why_nothing_is_proven_is_told(stewards: Stewards) -> None:
    strong = stewards.pairs_of_kind(75, strong=True, start=0)
    stewards.settle()
    for pair in strong[:19]:
        stewards.say(pair, Verdict.SAME)
    found = stewards.calibrate().as_dict()
    assert (found["fixing"], found["fixing_needed"], found["lacking"]) == (19, 20, None)
    for pair in strong[19:21]:
        stewards.say(pair, Verdict.SAME)
    assert stewards.calibrate().as_dict()["lacking"] == 35


def test_a_threshold_that_lets_errors_through_is_not_accepted(stewards: Stewards) -> None:
    strong = stewards.pairs_of_kind(75, strong=True, start=0)
    stewards.settle()
    for pair in strong[:25]:
        stewards.say(pair, Verdict.SAME)
    stewards.answer(stewards.draw(50), strong, wrong=9)
    found = stewards.calibrate()
    assert found.state == "unproven"
    assert not found.changes
    assert found.audit is not None
    assert found.audit.pairs.errors
    assert found.audit.pairs.low < RULES.promised_precision


def test_what_may_not_merge_unasked_is_not_drawn_and_does_not_merge_by_score(stewards: Stewards) -> None:
    stewards.crms = ("erp",)  # all cards live in one CRM now
    held = stewards.pairs_of_kind(3, strong=True, start=0)
    stewards.settle()
    assert {stewards.band(pair.left, pair.right) for pair in held} == {"ask"}
    assert stewards.draw(10).pairs == ()


def test_drawn_pairs_wait_until_they_are_answered_and_are_drawn_once(stewards: Stewards) -> None:
    strong = stewards.pairs_of_kind(6, strong=True, start=0)
    stewards.settle()
    first, second = stewards.draw(4), stewards.draw(4)
    assert len(first.pairs) == 4
    assert len(second.pairs) == 2
    stewards.say(PairId(*first.pairs[0].pair), Verdict.UNSURE)
    with stewards.store.read() as connection:
        model = bundles.active(connection)(Entity.ORGANISATION)
        waiting = {PairId(*one.pair) for one in open_draws(connection, model)}
    assert waiting == set(strong) - {PairId(*first.pairs[0].pair)}
    assert any("no answer yet" in warning for warning in stewards.calibrate().warnings)


def test_a_store_that_has_outgrown_its_calibration_is_told(stewards: Stewards) -> None:
    stewards.pairs_of_kind(2, strong=True, start=0)
    stewards.settle()
    with stewards.store.write() as connection:
        bundle = bundles.active(connection)
        grown = bundles.with_threshold(
            bundle, Entity.ORGANISATION, 30.0, version="v", calibration={"mentions": 2}, made=1
        )
        bundles.keep(connection, grown)
        bundles.activate(connection, "v", who="anna", now=1)
    assert any("outgrown" in warning for warning in stewards.calibrate().warnings)
