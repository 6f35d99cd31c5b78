"""`POST /services/Soap/u/<version>`: what this sandbox speaks of the SOAP API (partner WSDL): login, logout, merge."""

import re
from dataclasses import replace
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from sandbox.salesforce import drafts, soap
from sandbox.salesforce.drafts import Draft
from sandbox.salesforce.errors import ApiError, Refused
from sandbox.salesforce.exchange import Call, Kind, Reply
from sandbox.salesforce.merging import merge
from sandbox.salesforce.objects import SObject
from sandbox.salesforce.org import Org
from sandbox.salesforce.records import Actor
from sandbox.salesforce.rest import NEWEST, OLDEST

PATH = "/services/Soap/u/"
MOST_REQUESTS = 200
# `login` gives an address that ends in the organisation's id.
_VERSION = re.compile(r"(\d\d)\.0(?:/[0-9A-Za-z]+)?")


class Partner:
    def __init__(self, org: Org) -> None:
        self.org = org

    def kind(self, call: Call) -> Kind:
        """What kind of call it is, without doing it."""
        try:
            return "write" if soap.read(call.body).operation == "merge" else "login"
        except soap.Fault:
            return "login"

    def handle(self, call: Call) -> Reply:
        try:
            return self._handle(call)
        except soap.Fault as fault:
            return fault.reply()
        except ApiError as error:
            return soap.Fault(error.code, error.message).reply()

    def _handle(self, call: Call) -> Reply:
        version = _VERSION.fullmatch(call.path.removeprefix(PATH).rstrip("/"))
        if version is None or not OLDEST <= int(version[1]) <= NEWEST:
            raise soap.Fault("UNSUPPORTED_API_VERSION", "Invalid Api version specified on URL")
        request = soap.read(call.body)
        match request.operation:
            case "login":
                return self.org.auth.soap_login(request, f"{version[1]}.0")
            case "logout":
                return self.org.auth.soap_logout(request)
            case "merge":
                return self._merge(call, request)
        raise soap.not_understood(
            f"this sandbox speaks SOAP for login, logout and merge only, not for {request.operation}"
        )

    def _merge(self, call: Call, request: soap.Request) -> Reply:
        """A result for each request; each is a transaction of its own."""
        user = self.org.auth.sessions.user_of(request.session)
        if user is None:
            raise soap.Fault("INVALID_SESSION_ID", "Invalid Session ID found in SessionHeader: Illegal Session")
        call.user = user
        self.org.limits.count()
        asked = list(request.body)
        if len(asked) > MOST_REQUESTS:
            message = f"record limit reached. cannot submit more than {MOST_REQUESTS} records into this call"
            raise soap.Fault("EXCEEDED_ID_LIMIT", message)
        typed = [(self._sobject(each), each) for each in asked]
        actor = self.org.actor(call)
        results = "".join(self._merged(sobject, each, actor) for sobject, each in typed)
        inner = f'<mergeResponse xmlns="urn:partner.soap.sforce.com">{results}</mergeResponse>'
        return soap.answer(inner, records=len(asked))

    def _sobject(self, request: Element) -> SObject:
        master = _part(request, "masterRecord")
        named = "" if master is None else next((soap.text(each) for each in master if soap.local(each) == "type"), "")
        if not named:
            message = "Missing entity type information. sObject requires a separate 'type' field be sent."
            raise soap.Fault("INVALID_TYPE", message, kind="InvalidSObject")
        try:
            sobject = self.org.sobject(named)
        except ApiError:
            message = f"sObject type '{named}' is not supported."
            raise soap.Fault("INVALID_TYPE", message, kind="InvalidSObject") from None
        if not sobject.mergeable:
            raise soap.Fault("INVALID_TYPE_FOR_OPERATION", "entity type does not support merge")
        return sobject

    def _merged(self, sobject: SObject, request: Element, actor: Actor) -> str:
        losers = [soap.text(each) for each in request if soap.local(each) == "recordToMergeIds"]
        try:
            failure = actor.fault() if actor.fault else None
            if failure is not None:
                raise Refused(failure.code, failure.message, *failure.fields)
            winner = _winner(sobject, request)
            with self.org.store.write() as db:
                # The failure on demand befalls the request, and not each record that it moves.
                moved = merge(self.org.records, db, sobject, winner, losers, replace(actor, fault=None))
        except Refused as refusal:
            error = refusal.error
            fields = "".join(f"<fields>{escape(name)}</fields>" for name in error.fields)
            return (
                f"<result><errors>{fields}<message>{escape(error.message)}</message>"
                f"<statusCode>{error.code}</statusCode></errors>"
                '<id xsi:nil="true"/><success>false</success></result>'
            )
        merged = "".join(f"<mergedRecordIds>{escape(each)}</mergedRecordIds>" for each in losers)
        related = "".join(f"<updatedRelatedIds>{each}</updatedRelatedIds>" for each in moved)
        return f"<result><id>{winner.record_id}</id>{merged}<success>true</success>{related}</result>"


def _winner(sobject: SObject, request: Element) -> Draft:
    """The record that is left, and what the request changes of it. Raises Refused."""
    columns, row, cleared, record_id = [], [], [], None
    for part in () if (master := _part(request, "masterRecord")) is None else master:
        name = soap.local(part)
        if name == "Id":
            record_id = soap.text(part)
        elif name == "fieldsToNull":
            cleared.append(soap.text(part))
        elif name != "type":
            columns.append(name)
            row.append(soap.text(part))
    fields = {name: sobject.field(name) for name in (*columns, *cleared)}
    for name, field in fields.items():
        if field is None:
            raise Refused("INVALID_FIELD", f"No such column '{name}' on entity '{sobject.name}'", name)
        if field.external_id:
            raise Refused("INVALID_FIELD_FOR_INSERT_UPDATE", "an external id cannot be given in a merge", name)
    known = [field for name in (*columns, *cleared) if (field := fields[name]) is not None]
    draft = drafts.from_csv(known, [*row, *(drafts.NULL_IN_CSV for _ in cleared)], "update")
    draft.record_id = record_id
    for error in draft.errors:
        raise Refused(error.code, error.message, *error.fields)
    return draft


def _part(element: Element, name: str) -> Element | None:
    return next((each for each in element if soap.local(each) == name), None)
