"""One org: everything that the handlers share."""

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.salesforce.auth import Auth
from sandbox.salesforce.calls import CallLog
from sandbox.salesforce.errors import ApiError
from sandbox.salesforce.exchange import Call
from sandbox.salesforce.limits import Limits
from sandbox.salesforce.misbehave import Misbehaving
from sandbox.salesforce.objects import SObject
from sandbox.salesforce.query import Queries
from sandbox.salesforce.records import Actor, Records
from sandbox.salesforce.store import Store


@dataclass(frozen=True, slots=True)
class Org:
    url: str
    objects: Mapping[str, SObject]
    store: Store
    records: Records
    queries: Queries
    auth: Auth
    limits: Limits
    calls: CallLog
    misbehaving: Misbehaving

    def sobject(self, name: str) -> SObject:
        """Raises ApiError NOT_FOUND, as the API does for an object that is not there."""
        found = self.objects.get(name)
        if found is None:
            lowered = name.lower()
            found = next((each for each in self.objects.values() if each.name.lower() == lowered), None)
        if found is None:
            raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
        return found

    def actor(self, call: Call) -> Actor:
        options = call.headers.get("sforce-duplicate-rule-header", "").lower().replace(" ", "")
        return Actor(call.user, "allowsave=true" in options, call.fault)
