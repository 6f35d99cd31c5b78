"""Which golden records may enter which streams of a target, by the rules of admission. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from solmu.model import Entity
from solmu.sync import admission
from solmu.sync.planned import TargetStream
from solmu.sync.views import Golden, Views


class Gate:
    """Asks once of each golden record and stream. ``streams`` are all of the target."""

    def __init__(self, views: Views, streams: Sequence[TargetStream]) -> None:
        self._views = views
        self._people = [each for each in streams if each.entity is Entity.PERSON and each.hanging is None]
        self._kept_out: dict[tuple[int, str], str | None] = {}

    def kept_out_by(self, golden: Golden, stream: TargetStream) -> str | None:
        """The rule that keeps it out, if one does."""
        key = (golden.id, stream.name)
        if key not in self._kept_out:
            self._kept_out[key] = self._judged(golden, stream)
        return self._kept_out[key]

    def _judged(self, golden: Golden, stream: TargetStream) -> str | None:
        facts = self._views.facts
        organisation = self._views.organisation.get(golden.id)
        return admission.kept_out_by(
            golden.entity,
            facts[golden.id],
            stream.rules,
            organisation=self._for_employee(facts[organisation], stream) if organisation in facts else None,
            people=[
                self._for_employer(golden.id, id, stream) for id in self._views.people.get(golden.id, ()) if id in facts
            ],
        )

    def _for_employee(self, organisation: admission.Facts, stream: TargetStream) -> admission.Facts:
        """What lets in whoever works there. That it is in the target says where to make them: in the streams whose
        records belong to one, if there are any. A CRM's own lead is no record of a customer's employee."""
        if any(each.parents for each in self._people) and not stream.parents:
            return replace(organisation, in_target=False)
        return organisation

    def _for_employer(self, employer: int, id: int, stream: TargetStream) -> admission.Facts:
        """What lets somebody's employer in: a record of theirs that belongs to one. A CRM's own lead has no account.

        It belongs to one employer only. Were others let in as well whom some list names, each would be created on the
        night on which something about it happens to change.
        """
        person = self._views.facts[id]
        if not person.in_target:
            return person
        belonging = {each.name for each in self._people if stream.name in each.parents}
        is_elsewhere = self._views.organisation.get(id, employer) != employer
        if is_elsewhere or (belonging and belonging.isdisjoint(person.streams)):
            return replace(person, in_target=False)
        return person
