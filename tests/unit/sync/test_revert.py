"""Taking back: what goes back, what is left, and that it stays back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from solmu.exchange import FieldInfo
from solmu.sync.action import Action, Context, GoldenView, RemoteView
from solmu.sync.echo import agreed_after, echoes, standing
from solmu.sync.plan import plan_record
from solmu.sync.revert import REVERT, Standing, TakenBack, Why, Wrote, agreed_back, take_back


@dataclass(frozen=True)
class Want:
    value: Any
    source: str | None = "phone"
    parent: str | None = None
    assign: bool = False
    only_on: str | None = None
    required: bool = False


def taken(wrote: Wrote, holds: Any, written: Mapping[str, Any], **options: Any) -> TakenBack:
    return take_back({"Phone": wrote}, Standing({"Phone": holds}, written), source="run r1", **options)


def why(result: TakenBack) -> Why:
    assert not result.fields
    return result.left["Phone"].why


def test_a_value_that_still_stands_goes_back_with_rule_and_source() -> None:
    [change] = taken(Wrote("1", "2"), "2", {"Phone": "2"}).fields.values()
    assert (change.old, change.new, change.rule, change.source) == ("2", "1", REVERT, "run r1")


def test_what_the_target_made_of_our_value_is_still_ours() -> None:
    [change] = taken(Wrote("1", "2 "), "(2)", {"Phone": "2 "}).fields.values()
    assert (change.old, change.new) == ("(2)", "1")


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_a_field_that_was_blank_is_cleared(nothing: str | None) -> None:
    assert taken(Wrote(nothing, "2"), "2", {"Phone": "2"}).fields["Phone"].new is None


def test_an_edit_is_left_also_where_somebody_entered_the_very_value_that_we_wrote() -> None:
    assert why(taken(Wrote("1", "2"), "3", {})) is Why.EDITED
    assert why(taken(Wrote("1", "2"), None, {})) is Why.EDITED
    assert why(taken(Wrote("1", "2"), "2", {})) is Why.EDITED


def test_what_a_later_run_wrote_is_left_and_the_run_is_named() -> None:
    result = taken(Wrote("1", "2", later="r2"), "3", {"Phone": "3"})
    assert why(result) is Why.LATER
    assert result.left["Phone"].run == "r2"


def test_what_is_as_it_was_needs_nothing() -> None:
    assert taken(Wrote("1", "2"), "1", {}) == TakenBack()
    box = {"Phone": FieldInfo("Phone", "checkbox")}
    assert taken(Wrote(None, True), False, {"Phone": True}, fields=box) == TakenBack()


def test_an_opt_out_is_never_taken_back() -> None:
    assert why(taken(Wrote(False, True), True, {"Phone": True}, opt_outs={"Phone"})) is Why.OPT_OUT


# --- what was taken back stays away -----------------------------------------------------------------------------------


def planned(hub: Any, remote: RemoteView, rule: str) -> Action:
    golden = GoldenView(1, 1, {"phone": hub}, {"phone": rule})
    return plan_record(golden, {"Phone": Want(hub)}, remote, Context())


@pytest.mark.parametrize("rule", ["hub", "newest", "rank", "union", "crm", "crm-unless-blank", "ask", "pin"])
@pytest.mark.parametrize("restored", [None, "1"])
def test_under_every_rule_it_stays_away(rule: str, restored: str | None) -> None:
    agreed = {"Phone": agreed_back({"Phone": {"hub": "2", "target": "(2)"}}, "Phone", restored)}
    remote = RemoteView("003", observed={"Phone": restored}, agreed=agreed)
    action = planned("2", remote, rule)
    assert (action.state, action.fields, action.conflicts) == ("unchanged", {}, {})


@pytest.mark.parametrize("rule", ["hub", "newest", "rank", "ask", "pin"])
def test_another_value_is_pushed_again(rule: str) -> None:
    agreed = {"Phone": agreed_back({"Phone": {"hub": "2", "target": "2"}}, "Phone", "1")}
    action = planned("3", RemoteView("003", observed={"Phone": "1"}, agreed=agreed), rule)
    assert action.fields["Phone"].new == "3"


# --- any sequence of writes, edits and reverts ------------------------------------------------------------------------


@dataclass
class Field:
    """One field of a record in a target, with what the hub knows of it; ``writes`` are the runs, oldest first."""

    holds: Any = None
    edited: bool = False  # whether what it holds is what a person entered
    hub: Any = None
    observed: dict[str, Any] = field(default_factory=lambda: {"Phone": None})
    written: dict[str, Any] = field(default_factory=dict)
    agreed: dict[str, Any] = field(default_factory=dict)
    writes: list[tuple[Any, Any, str]] = field(default_factory=list)  # old, new, rule
    entered: int = 0

    def land(self) -> None:
        payload = {"Phone": self.holds}
        self.written = standing(self.written, payload, echoes(payload, self.written, self.observed))
        self.observed = payload

    def edit(self, *, clear: bool) -> None:
        """A person enters a value that was never there; to clear what is blank is no edit."""
        self.entered += 1
        value = None if clear else f"entered {self.entered}"
        self.edited = self.edited or value != self.holds
        self.holds = value

    def push(self, rule: str) -> bool:
        self.land()
        remote = RemoteView("003", observed=self.observed, agreed=self.agreed)
        action = planned(self.hub, remote, rule)
        self.agreed |= action.agreed
        for change in action.fields.values():
            self._write(change.old, change.new, rule)
        return bool(action.fields)

    def revert(self, run: int) -> TakenBack:
        """Take back the run with that number."""
        self.land()
        result = take_back({"Phone": self.wrote(run)}, Standing(self.observed, self.written), source="run")
        for change in result.fields.values():
            self._write(change.old, change.new, REVERT)
        return result

    def wrote(self, run: int) -> Wrote:
        old, new, _ = self.writes[run]
        later = None
        for number, (_, after, rule) in enumerate(self.writes[run + 1 :], run + 1):
            later = None if rule == REVERT and after == new else str(number)
        return Wrote(old, new, later)

    def _write(self, old: Any, new: Any, rule: str) -> None:
        sent = {"Phone": new}
        agreed = agreed_after(self.agreed, sent, sent, unedited=True)
        if rule == REVERT:
            agreed["Phone"] = agreed_back(self.agreed, "Phone", new)
        self.holds, self.edited, self.agreed = new, False, agreed
        self.written, self.observed = sent, dict(sent)
        self.writes.append((old, new, rule))


STEPS = st.one_of(
    st.tuples(st.just("hub"), st.sampled_from(["h1", "h2", "h3"])),
    st.tuples(st.just("push"), st.just(None)),
    st.tuples(st.just("edit"), st.booleans()),
    st.tuples(st.just("land"), st.just(None)),
    st.tuples(st.just("revert"), st.integers(0, 20)),
)


@given(st.lists(STEPS, max_size=30), st.sampled_from(["hub", "newest", "ask", "crm-unless-blank"]))
@example([("edit", False), ("hub", "h1"), ("push", None), ("revert", 0), ("push", None), ("revert", 1)], "hub")
def test_no_revert_ever_replaces_what_somebody_entered(steps: list[tuple[str, Any]], rule: str) -> None:
    one = Field()
    for step, value in steps:
        match step:
            case "hub":
                one.hub = value
            case "push":
                one.push(rule)
            case "edit":
                one.edit(clear=value)
            case "land":
                one.land()
            case "revert" if one.writes:
                edited, before = one.edited, one.holds
                result = one.revert(value % len(one.writes))
                if edited:
                    assert not result.fields
                    assert one.holds == before
                _check_that_it_stays(one, rule, result)


def _check_that_it_stays(one: Field, rule: str, result: TakenBack) -> None:
    if not result.fields:
        return
    wrote_last = one.writes[-2][1]
    if one.hub == wrote_last:  # the hub still says what was taken back
        assert not one.push(rule)
    last = len(one.writes) - 1
    assert not one.revert(last - 1).fields  # taking back twice plans nothing


@given(st.sampled_from(["hub", "newest"]), st.booleans())
def test_a_revert_of_a_revert_restores_what_was_pushed(rule: str, blank: bool) -> None:
    one = Field(hub="h1")
    one.edit(clear=blank)
    one.push(rule)
    before = one.holds
    one.revert(0)
    assert one.holds != before
    one.revert(1)
    assert one.holds == before
    assert not one.push(rule)
    one.hub = "h2"
    assert one.push(rule)
