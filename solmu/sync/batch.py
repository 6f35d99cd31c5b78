"""The lines of a plan for one batch of golden records. Pure: what was loaded in, lines out.

``plan`` knows what to do about one record; here is which records there are: which golden record is admitted, which of
several records in the target is the primary one, which parent must be there first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from solmu.model import Entity
from solmu.sync import deals, required
from solmu.sync.action import CHANGES, Context, GoldenView, Kind, Owner, Parent
from solmu.sync.assign import owner_of
from solmu.sync.gate import Gate
from solmu.sync.merging import merge_lines
from solmu.sync.mirror import Known
from solmu.sync.opted_out import told_of
from solmu.sync.outbox import subject
from solmu.sync.plan import plan_record
from solmu.sync.planned import Batch, Line, Settings, TargetStream
from solmu.sync.shown import Shown, remote_view, would_be_refused
from solmu.sync.views import Golden, Hung, Past, Views

DELETED_THERE = "deleted-there"
WITHOUT_PARENT = "without-parent"
CONVERTED_THERE = "converted-there"


def plan_batch(
    views: Views,
    ids: Iterable[int],
    streams: Sequence[TargetStream],
    settings: Settings,
    in_flight: Collection[str] = (),
) -> Batch:
    """Plan the golden records ``ids`` for a target, and the parents that they need.

    ``in_flight`` are the subjects of actions that were sent and not answered: nothing is planned for those until it is
    known what became of them.
    """
    planner = _Planner(views, streams, settings, in_flight)
    for id in ids:
        planner.plan(id)
    return planner.batch


class _Planner:
    def __init__(
        self, views: Views, streams: Sequence[TargetStream], settings: Settings, in_flight: Collection[str]
    ) -> None:
        self.views = views
        self.settings = settings
        self.gate = Gate(views, streams)
        self.in_flight = in_flight
        self.batch = Batch()
        self.streams = {stream.name: stream for stream in streams}
        self._demanded = {stream.name: required.demanded(stream.fields) for stream in streams}
        self.own = {
            entity: [stream for stream in streams if stream.entity is entity and stream.hanging is None]
            for entity in Entity
        }
        self.hanging = [stream for stream in streams if stream.hanging is not None]
        self._show = Shown(views.sources, settings.rule)
        self._done: dict[tuple[int, str], Line | None] = {}
        self._verdicts: dict[int, str | None] = {}

    def plan(self, id: int) -> None:
        """One golden record that is due: its own records in the target, and what hangs on it."""
        golden = self.views.goldens.get(id)
        if golden is None:
            return  # it was merged into another, which is due by itself
        kept_out = self._own_records(golden)
        if kept_out is not None:
            self.batch.kept_out[kept_out] += 1
            return
        for stream in self.hanging:
            for hung in self.views.hanging.get(id, ()):
                if stream.takes(hung) and self.gate.kept_out_by(golden, stream) is None:
                    self._hung_record(golden, stream, hung)

    # --- a golden record's own records --------------------------------------------------------------------------------

    def _own_records(self, golden: Golden) -> str | None:
        """Plan them in every stream that is for them; gives the rule that keeps it out of all of them, if so."""
        if golden.id in self._verdicts:
            return self._verdicts[golden.id]
        verdict: str | None = None
        let_in = False
        for stream in self._streams_for(golden):
            reason = self._own_record(golden, stream)
            verdict = verdict or reason
            let_in = let_in or reason is None
        self._verdicts[golden.id] = None if let_in else verdict
        return self._verdicts[golden.id]

    def _streams_for(self, golden: Golden) -> list[TargetStream]:
        """The streams where the target has it; else the first one that takes it: one person never becomes both a
        contact and a lead."""
        streams = self.own[golden.entity]
        if len(streams) < 2:
            return streams
        known = self.views.remotes.get(golden.id, ())
        there = {each.object for each in known if each.state == "live" or self._is_in_flight(each)}
        gone = {each.object for each in known if each.state in {"deleted", "merged"}}
        for objects in (there, gone):  # whom somebody has deleted as a lead is not made as a contact
            if having := [stream for stream in streams if stream.name in objects]:
                return having
        open_to = [stream for stream in streams if self.gate.kept_out_by(golden, stream) is None]
        # What was meant to be made and has not been stays where it was meant to, as long as it may.
        intended = {each.object for each in known if each.state == "intended"}
        return [stream for stream in open_to if stream.name in intended] or open_to[:1] or streams[:1]

    def _own_record(self, golden: Golden, stream: TargetStream) -> str | None:
        """Plan it in one stream; gives the rule that keeps it out."""
        key = (golden.id, stream.name)
        if key in self._done or self._planned_before(golden, stream):
            return None
        reason = self.gate.kept_out_by(golden, stream)
        if reason is not None:
            return reason
        records = [each for each in self.views.remotes.get(golden.id, ()) if each.object == stream.name]
        live = [each for each in records if each.state == "live"]
        intended = [each for each in records if each.state == "intended"]
        if not live and golden.id in self.views.becoming:
            return CONVERTED_THERE  # it is there, as a record that is still to land
        if not live and not intended and records:
            return DELETED_THERE  # somebody deleted it, or merged it away; it is not made again unasked
        self._done[key] = None  # a circle of parents ends here
        for number, each in enumerate(live):
            role = "primary" if number == 0 else "secondary"
            if each.role != role:
                self.batch.roles[each.id] = role
        if live:
            self.batch.abandoned += [each.id for each in intended if not self._is_in_flight(each)]
        chosen = next(iter(live), next(iter(intended), None))
        line = self._done[key] = self._line(golden, stream, None, chosen, self._show(golden))
        doubles = [each for each in live[1:] if not self._is_in_flight(each)]
        ready = [each for each in doubles if not self._tells_of_opt_out(golden, stream, each)]
        if stream.merges and line is not None:
            for merge in merge_lines(line, ready, self.settings.mint):
                self._add(merge)
        return None

    def _tells_of_opt_out(self, golden: Golden, stream: TargetStream, each: Known) -> bool:
        """Plan what tells a further record of an opt-out; gives whether there is anything to tell it."""
        context = Context(
            fields=stream.fields,
            written=self.views.written.get(subject(stream.name, each.external_id or ""), {}),
            rewritten_times=self.settings.rewritten_times,
            object=stream.name,
        )
        external_id = each.external_id or self.settings.mint()
        action = told_of(self._show(golden), stream, remote_view(each, external_id), context)
        return action is not None and self._add(Line(stream, golden, None, each, external_id, action)) is not None

    # --- what hangs on it ---------------------------------------------------------------------------------------------

    def _hung_record(self, golden: Golden, stream: TargetStream, hung: Hung) -> None:
        remote = self.views.hung_remotes.get((hung.table, hung.id))
        if remote is not None and (remote.object != stream.name or remote.state not in {"live", "intended"}):
            return
        reason = deals.kept_out_by(self.views, golden.id, stream, hung, remote)
        if reason is not None:
            self.batch.kept_out[reason] += 1
            self.batch.abandoned += [remote.id] if remote is not None and not self._is_in_flight(remote) else []
            return
        parents = self._parents(golden, stream, hung)
        if stream.parents and not parents:
            self.batch.kept_out[WITHOUT_PARENT] += 1
            return
        sources: dict[str, str | Sequence[str]] = dict.fromkeys(hung.document, hung.source)
        view = GoldenView(golden.id, golden.version, hung.document, {}, sources)
        self._line(golden, stream, hung, remote, view, parents)

    # --- parents ------------------------------------------------------------------------------------------------------

    def _parents(self, golden: Golden, stream: TargetStream, hung: Hung | None) -> dict[str, Parent]:
        found: dict[str, Parent] = {}
        for name in stream.parents:
            parent_stream = self.streams.get(name)
            parent_id = self._parent_id(golden, parent_stream, hung) if parent_stream else None
            if parent_stream is None or parent_id is None:
                continue
            parent = self._parent(parent_id, parent_stream)
            if parent is not None:
                found[name] = parent
        return found

    def _parent_id(self, golden: Golden, parent_stream: TargetStream, hung: Hung | None) -> int | None:
        """The golden record whose record in that stream is pointed at."""
        if hung is None:
            wanted = self.views.organisation.get(golden.id) if golden.entity is Entity.PERSON else None
            return wanted if parent_stream.entity is Entity.ORGANISATION else None
        if parent_stream.entity is golden.entity:
            return golden.id
        if parent_stream.entity is Entity.PERSON:
            return hung.person
        return self.views.organisation.get(golden.id)

    def _parent(self, id: int, stream: TargetStream) -> Parent | None:
        golden = self.views.goldens.get(id)
        if golden is None:
            return None
        live = [
            each.remote_id
            for each in self.views.remotes.get(id, ())
            if each.object == stream.name and each.state == "live" and each.remote_id is not None
        ]
        if live:
            return Parent(live[0], frozenset(live[1:]), source=golden.public_id)
        before = self._planned_before(golden, stream)
        if before is None:
            self._own_records(golden)
            line = self._done.get((id, stream.name))
            if line is not None:
                coming = line.action.kind is Kind.CREATE and line.action.state == "planned"
                return Parent(subject=line.subject if coming else None, source=golden.public_id)
            waits = id in self.views.becoming or any(
                each.object == stream.name and self._is_in_flight(each) for each in self.views.remotes.get(id, ())
            )
            return Parent(source=golden.public_id) if waits or self._refused(golden, stream) else None
        coming = before.action == "create" and before.state == "planned"
        return Parent(subject=before.subject if coming else None, source=golden.public_id)

    def _planned_before(self, golden: Golden, stream: TargetStream) -> Past | None:
        """What an earlier batch of this plan has decided about it, for the sake of one of its children."""
        for past in self.views.past.get(golden.id, ()):
            if past.plan_id == self.views.plan_id and past.subject.startswith(f"{stream.name}/"):
                return past
        return None

    def _refused(self, golden: Golden, stream: TargetStream) -> bool:
        """Whether the target refused to make it, and would again."""
        return any(
            past.state == "rejected" and past.action == "create" and past.subject.startswith(f"{stream.name}/")
            for past in self.views.past.get(golden.id, ())
        )

    # --- a line -------------------------------------------------------------------------------------------------------

    def _line(
        self,
        golden: Golden,
        stream: TargetStream,
        hung: Hung | None,
        remote: Known | None,
        view: GoldenView,
        parents: Mapping[str, Parent] | None = None,
    ) -> Line | None:
        if remote is not None and self._is_in_flight(remote):
            return None
        external_id = (remote.external_id if remote else None) or self.settings.mint()
        context = Context(
            fields=stream.fields,
            external_id=stream.external_id,
            parents=self._parents(golden, stream, None) if parents is None else parents,
            owner=self._owner(golden, hung) if remote is None or remote.remote_id is None else None,
            written=self.views.written.get(subject(stream.name, external_id), {}),
            rewritten_times=self.settings.rewritten_times,
            rulings=self.views.rulings.get(remote.id, {}) if remote else {},
            default_rule=CHANGES if hung else "hub",
            object=stream.name,
            demanded=self._demanded[stream.name],
        )
        action = plan_record(
            view,
            stream.mapping.desired(view.values),
            None if remote is None else remote_view(remote, external_id),
            context,
        )
        return self._add(Line(stream, golden, hung, remote, external_id, action))

    def _add(self, line: Line) -> Line | None:
        """Plan it, unless it was refused as it is."""
        past = self.views.past.get(line.golden.id)
        if past:
            standing = [each for each in past if each.state == "rejected" and each.subject == line.subject]
            if any(would_be_refused(each, line.action) for each in standing):
                return None
            line.replaces = tuple(each.id for each in standing)
        self.batch.lines.append(line)
        return line

    def _owner(self, golden: Golden, hung: Hung | None) -> Owner | None:
        if not self.settings.assignment.rules:
            return owner_of(self.settings.assignment, {})  # nobody need know about whom it is
        organisation = self.views.organisation.get(golden.id)
        about = self.views.goldens.get(organisation, golden) if organisation is not None else golden
        partners = [
            *([hung.document["partner"]] if hung and hung.document.get("partner") else []),
            *self.views.partners.get(golden.id, ()),
            *(self.views.partners.get(organisation, ()) if organisation is not None else ()),
            *(partner for id in self.views.people.get(golden.id, ()) for partner in self.views.partners.get(id, ())),
        ]
        return owner_of(self.settings.assignment, about.values, partners)

    def _is_in_flight(self, remote: Known) -> bool:
        return remote.external_id is not None and subject(remote.object, remote.external_id) in self.in_flight
