"""Two sides edited at random, answers lost at random: they always come to rest, and nothing is doubled."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import hypothesis
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from solmu.exchange import Remote
from solmu.mapping.values import Wanted
from solmu.sync.action import Action, Context, GoldenView, Kind, RemoteView
from solmu.sync.echo import agreed_after, agreed_again, arriving, awaited, echoes, has_arrived, standing
from solmu.sync.equal import blank, same
from solmu.sync.plan import plan_record

FIELDS = {"Name": "hub", "Phone": "newest", "City": "crm", "Notes": "crm-unless-blank", "Segment": "ask"}
names = st.sampled_from(sorted(FIELDS))
values = st.sampled_from([None, "", "a", "b", "c", " a", "a name that is cut"])
LENGTH = 8
FAILURES = ("lost answer", "never arrived", "rejected")


@dataclass
class Target:
    """A CRM with a unique field for our id, which trims and cuts what it is given."""

    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    external: dict[str, str] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    by_us: dict[str, bool] = field(default_factory=dict)

    def write(self, action: Action, remote_id: str | None, external_id: str) -> str:
        if action.kind is Kind.CREATE:
            remote_id = self.external.setdefault(external_id, f"00{len(self.records)}")
        assert remote_id is not None
        record = self.records.setdefault(remote_id, {})
        record.update({name: self.kept(change.new) for name, change in action.fields.items()})
        self.versions[remote_id] = self.versions.get(remote_id, 0) + 1
        self.by_us[remote_id] = True
        return remote_id

    def edit(self, remote_id: str, name: str, value: Any) -> None:
        self.records[remote_id][name] = value
        self.versions[remote_id] += 1
        self.by_us[remote_id] = False

    @staticmethod
    def kept(value: Any) -> Any:
        return value.strip()[:LENGTH].strip() if isinstance(value, str) else value


@dataclass
class Known:
    """What the hub knows of the one record."""

    external_id: str = "rec_1"
    remote_id: str | None = None
    in_flight: Action | None = None
    observed: dict[str, Any] = field(default_factory=dict)
    agreed: dict[str, dict[str, Any]] = field(default_factory=dict)
    written: dict[str, Any] = field(default_factory=dict)
    version: str | None = None


class Sync(RuleBasedStateMachine):
    """One golden record, whose own source and whose CRM record change at will."""

    def __init__(self) -> None:
        super().__init__()
        self.source: dict[str, Any] = {}
        self.newest: dict[str, str] = {}
        self.claims: dict[str, Any] = {}
        self.target = Target()
        self.known = Known()
        self.version_when_sent: str | None = None
        # What actually stands in the record: our last write of a field, or somebody's later edit.
        self.pushed: dict[str, Any] = {}
        self.edits: dict[str, Any] = {}
        # Cut by the target, and the record edited before the hub saw that: by the rules this counts as an edit.
        self.doubtful: set[str] = set()

    @initialize(name=st.sampled_from(["a", "b"]))
    def begin(self, name: str) -> None:
        self.source["Name"] = name

    # --- what people do -----------------------------------------------------------------------------------------------

    @rule(name=names, value=values)
    def the_source_changes(self, name: str, value: Any) -> None:
        self.source[name] = value
        self.newest[name] = "source"

    @precondition(lambda self: bool(self.target.records))
    @rule(name=names, value=values)
    def somebody_edits_the_record(self, name: str, value: Any) -> None:
        self.target.edit("000", name, value)
        self.newest[name] = "target"
        on_its_way = self.known.in_flight.fields.get(name) if self.known.in_flight else None
        if on_its_way is not None and same(value, on_its_way.new):
            self.pushed[name] = value  # whoever types just what we have sent cannot be told from it
            self.edits.pop(name, None)
        else:
            self.edits[name] = value

    # --- what the hub does --------------------------------------------------------------------------------------------

    @rule()
    def the_record_lands(self) -> None:
        known = self.known
        if "000" not in self.target.records:
            return
        payload, version = dict(self.target.records["000"]), str(self.target.versions["000"])
        known.remote_id = "000"  # it carries our id
        sent = {name: change.new for name, change in known.in_flight.fields.items()} if known.in_flight else {}
        on_the_way = arriving(
            sent,
            known.written,
            payload,
            known_version=known.version,
            version=version,
            changed_by_us=self.target.by_us["000"],
        )
        waits = awaited(
            known.agreed,
            known_version=known.version,
            version=version,
            changed_by_us=self.target.by_us["000"],
            on_the_way=on_the_way,
        )
        if not self.target.by_us["000"]:
            self.doubtful |= {
                name
                for name, ours in self.pushed.items()
                if not same(ours, payload[name]) and "target" not in known.agreed.get(name, {})
            }
        echo = echoes(payload, known.written, known.observed, on_the_way=on_the_way, awaiting=waits)
        self.claims = {name: value for name, value in payload.items() if name not in echo}
        known.written = standing(known.written, payload, echo, on_the_way, waits)
        by_us = self.target.by_us["000"]
        known.agreed = agreed_again(known.agreed, payload, waits, on_the_way, changed_by_us=by_us)
        known.observed, known.version = payload, version
        self.check_evidence()

    def check_evidence(self) -> None:
        """What we wrote is never evidence, and what somebody else wrote always is."""
        assert set(self.claims) <= set(self.edits) | self.doubtful, "an echo passed for evidence"
        retyped = {
            name
            for name, value in self.edits.items()
            if any(same(value, ours) for ours in (self.pushed.get(name), Target.kept(self.pushed.get(name))))
        }
        assert set(self.edits) - retyped <= set(self.claims), "an edit passed for an echo"

    def golden(self) -> GoldenView:
        """Survivorship in miniature: who comes first is a matter of the rule, or of who changed last."""
        found: dict[str, Any] = {}
        for name, each in FIELDS.items():
            ours, theirs = self.source.get(name), self.claims.get(name)
            crm_first = each in {"crm", "crm-unless-blank"} or (
                each in {"newest", "ask"} and self.newest.get(name) == "target"
            )
            order = [theirs, ours] if crm_first else [ours, theirs]
            value = next((one for one in order if not blank(one)), None)
            if value is not None:
                found[name] = value
        return GoldenView(1, 1, found, FIELDS)

    def plan(self) -> Action:
        golden = self.golden()
        known = self.known
        remote = RemoteView(
            known.remote_id,
            known.external_id,
            True,
            known.observed,
            known.agreed,
            known.version,
            frozenset(known.written),
        )
        wanted = {name: Wanted(golden.values.get(name), name) for name in FIELDS}
        return plan_record(golden, wanted, remote, Context())

    @rule(fate=st.sampled_from(["done", "done, with a read-back", "done, without a version", *FAILURES]))
    def the_hub_pushes(self, fate: str) -> None:
        known = self.known
        if known.in_flight is not None:
            return  # nothing is sent before it is known what became of the last
        action = self.plan()
        self.check_sanity(action)
        known.agreed.update({name: dict(each) for name, each in action.agreed.items()})
        if action.state != "planned" or fate == "rejected":
            return
        if known.remote_id is not None and self.moved(action):
            return  # planned anew after it has landed
        if known.remote_id is not None and known.version is None:  # somebody may edit it unseen before the next write
            self.doubtful |= {name for name, each in known.agreed.items() if "target" not in each}
        self.version_when_sent = known.version
        if fate != "never arrived":
            self.target.write(action, known.remote_id, known.external_id)
            self.pushed.update({name: change.new for name, change in action.fields.items()})
            self.doubtful -= set(action.fields)
            self.edits = {name: value for name, value in self.edits.items() if name not in action.fields}
        if fate in {"lost answer", "never arrived"}:
            known.in_flight = action
            return
        seen = dict(self.target.records["000"]) if fate == "done, with a read-back" else {}
        self.close(action, seen)
        if fate == "done, without a version":
            known.version = None

    def moved(self, action: Action) -> bool:
        """The look before a write: by version where it is known, else by the values that are to be changed."""
        known, record = self.known, self.target.records["000"]
        if known.version is not None:
            return known.version != str(self.target.versions["000"])
        return any(not same(record.get(name), change.old) for name, change in action.fields.items())

    def close(self, action: Action, seen: dict[str, Any]) -> None:
        known = self.known
        unedited = known.version is not None
        known.remote_id, known.version = "000", str(self.target.versions["000"])
        sent = {name: change.new for name, change in action.fields.items()}
        seen = {name: value for name, value in seen.items() if name in sent}
        known.written.update(sent)
        known.observed = {**known.observed, **sent, **seen}
        known.agreed = agreed_after(known.agreed, sent, seen, unedited=unedited)

    @precondition(lambda self: self.known.in_flight is not None)
    @rule()
    def the_hub_looks_up_what_had_no_answer(self) -> None:
        known, action = self.known, self.known.in_flight
        assert action is not None
        known.in_flight = None
        record = self.target.records.get("000")
        if record is None:
            return
        by_us = self.target.by_us["000"]
        seen = Remote("000", dict(record), version=str(self.target.versions["000"]), changed_by_us=by_us)
        sent = {name: change.new for name, change in action.fields.items()}
        before = {name: change.old for name, change in action.fields.items()}
        if not by_us or self.version_when_sent is None:  # it cannot be told who changed what was cut
            self.doubtful |= {name for name, value in sent.items() if not same(record.get(name), value)}
        arrived = has_arrived(sent, before, seen, version_before=self.version_when_sent)
        if action.kind is Kind.CREATE or arrived:
            stands = {name: each for name, each in action.fields.items() if by_us or same(record.get(name), each.new)}
            self.close(replace(action, fields=stands), dict(record))
            if not by_us:
                known.version = None  # the mirror does not show what somebody did in that version

    # --- what people may rely on --------------------------------------------------------------------------------------

    @precondition(lambda self: "000" in self.target.records)
    @rule(name=st.sampled_from(["Name", "Phone", "Notes", "Segment"]))
    def what_somebody_clears_stays_clear(self, name: str) -> None:
        self.come_to_rest()
        if blank(self.target.records["000"].get(name)) or name in self.plan().conflicts:
            return
        agreement = self.known.agreed.get(name)
        if agreement is None or not same(self.source.get(name), agreement["hub"]):
            return  # the two never agreed on what the source says
        self.somebody_edits_the_record(name, None)
        self.come_to_rest()
        assert blank(self.target.records["000"][name])

    @precondition(lambda self: "000" in self.target.records)
    @rule(name=st.sampled_from(["Phone", "City", "Notes", "Segment"]), value=st.sampled_from(["x", "y"]))
    def what_somebody_enters_stays(self, name: str, value: str) -> None:
        self.come_to_rest()
        self.somebody_edits_the_record(name, value)
        self.come_to_rest()
        assert self.target.records["000"][name] == value

    # --- what always holds --------------------------------------------------------------------------------------------

    @invariant()
    def nothing_is_doubled(self) -> None:
        assert len(self.target.records) <= 1

    def check_sanity(self, action: Action) -> None:
        for name, change in action.fields.items():
            assert not blank(change.new), "a blank golden value never clears a target"
            if action.kind is not Kind.CREATE:
                assert not same(change.old, change.new)
                assert FIELDS[name] != "crm"
                assert FIELDS[name] != "crm-unless-blank" or blank(change.old) or name in self.known.written

    def come_to_rest(self) -> None:
        for _ in range(4):
            if self.known.in_flight is not None:
                self.the_hub_looks_up_what_had_no_answer()
            self.the_record_lands()
            self.the_hub_pushes("done")
        self.the_record_lands()

    def teardown(self) -> None:
        """Left alone, the two sides come to rest, and agree wherever a rule wants them to."""
        if not self.source:
            return
        self.come_to_rest()
        action = self.plan()
        assert not action.fields, "running again is empty"
        golden = self.golden()
        record = self.target.records.get("000", {})
        for name, each in FIELDS.items():
            wants, holds = golden.values.get(name), record.get(name)
            follows = each in {"hub", "newest"} or (each == "crm-unless-blank" and name in self.known.written)
            if follows and not blank(wants) and not blank(holds) and name not in action.conflicts:
                assert same(Target.kept(wants), Target.kept(holds)), f"{name}: {wants!r} and {holds!r}"


Sync.TestCase.settings = hypothesis.settings(max_examples=200, stateful_step_count=25)
TestSync = Sync.TestCase
