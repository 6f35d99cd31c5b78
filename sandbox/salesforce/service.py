"""One call in, one reply out: who may, where it goes, what an error looks like. No server in here."""

import logging

from sandbox.salesforce.bulk import Bulk
from sandbox.salesforce.collection import Collections
from sandbox.salesforce.composite import Composite
from sandbox.salesforce.controls import Controls
from sandbox.salesforce.errors import ApiError, not_found
from sandbox.salesforce.exchange import Call, Kind, Reply, answer
from sandbox.salesforce.limits import MAX_URI_BYTES
from sandbox.salesforce.org import Org
from sandbox.salesforce.page import page
from sandbox.salesforce.partner import PATH as PARTNER_PATH
from sandbox.salesforce.partner import Partner
from sandbox.salesforce.rest import Rest
from sandbox.salesforce.routes import Route, Router

_log = logging.getLogger("sandbox.salesforce")
_LOGIN_PATHS = ("/services/oauth2/", "/id/")


class Service:
    def __init__(self, org: Org, bulk: Bulk) -> None:
        self.org = org
        self._controls = Controls(org)
        rest, collections = Rest(org), Collections(org)
        composite = Composite(org.store, self._subrequest)
        self._rest = rest
        self._partner = Partner(org)
        self._router = Router([
            Route("GET", "", rest.resources),
            Route("GET", "limits", rest.limits),
            Route("GET", "sobjects", rest.global_describe),
            Route("GET", "query", rest.query),
            Route("GET", "queryAll", rest.query_all),
            Route("GET", "query/*", rest.query_more),
            Route("GET", "queryAll/*", rest.query_more),
            Route("GET", "sobjects/*", rest.basic_information),
            Route("POST", "sobjects/*", rest.create, "write"),
            Route("GET", "sobjects/*/describe", rest.describe),
            Route("GET", "sobjects/*/updated", rest.updated),
            Route("GET", "sobjects/*/deleted", rest.deleted),
            Route("GET", "sobjects/*/*", rest.retrieve),
            Route("PATCH", "sobjects/*/*", rest.update, "write"),
            Route("DELETE", "sobjects/*/*", rest.delete, "write"),
            Route("GET", "sobjects/*/*/*", rest.retrieve_by_key),
            Route("PATCH", "sobjects/*/*/*", rest.upsert, "write"),
            Route("DELETE", "sobjects/*/*/*", rest.delete_by_key, "write"),
            Route("POST", "composite", composite.composite, "write"),
            Route("POST", "composite/batch", composite.batch, "write"),
            Route("POST", "composite/sobjects", collections.create, "write"),
            Route("PATCH", "composite/sobjects", collections.update, "write"),
            Route("DELETE", "composite/sobjects", collections.delete, "write"),
            Route("GET", "composite/sobjects/*", collections.retrieve),
            Route("POST", "composite/sobjects/*", collections.retrieve),
            Route("PATCH", "composite/sobjects/*/*", collections.upsert, "write"),
            Route("GET", "jobs/ingest", bulk.list_all),
            Route("POST", "jobs/ingest", bulk.create, "write"),
            Route("GET", "jobs/ingest/*", bulk.get),
            Route("PATCH", "jobs/ingest/*", bulk.change_state, "write"),
            Route("DELETE", "jobs/ingest/*", bulk.delete, "write"),
            Route("PUT", "jobs/ingest/*/batches", bulk.upload, "write"),
            Route("GET", "jobs/ingest/*/successfulResults", bulk.successful),
            Route("GET", "jobs/ingest/*/failedResults", bulk.failed),
            # The documents write it in lower case, and clients both ways.
            Route("GET", "jobs/ingest/*/unprocessedrecords", bulk.unprocessed),
            Route("GET", "jobs/ingest/*/unprocessedRecords", bulk.unprocessed),
            Route("GET", "jobs/query", bulk.list_queries),
            Route("POST", "jobs/query", bulk.create_query),
            Route("GET", "jobs/query/*", bulk.get_query),
            Route("PATCH", "jobs/query/*", bulk.abort_query),
            Route("DELETE", "jobs/query/*", bulk.delete_query),
            Route("GET", "jobs/query/*/results", bulk.query_results),
        ])  # fmt: skip

    def kind(self, call: Call) -> Kind:
        """What kind of call it is, without doing it."""
        if call.path == "/" or call.path.startswith("/_"):
            return "control"
        if call.path.startswith(_LOGIN_PATHS):
            return "login"
        if call.path.startswith(PARTNER_PATH):
            return self._partner.kind(call)
        try:
            return self._route(call, _segments(call.path))[0].kind
        except ApiError:
            return "read"

    def handle(self, call: Call) -> Reply:
        """Never raises."""
        try:
            if call.path == "/":
                return page(self.org, call)
            if call.path.startswith("/_"):
                return self._controls.handle(call)
            if call.path.startswith(PARTNER_PATH) and call.method == "POST":
                return self._partner.handle(call)
            return self._login(call) if call.path.startswith(_LOGIN_PATHS) else self._api(call)
        except ApiError as error:
            return _refused(error)
        except Exception:
            _log.exception("%s %s", call.method, call.path)
            return _refused(ApiError(500, "UNKNOWN_EXCEPTION", "the sandbox failed; its log says why"))

    def _login(self, call: Call) -> Reply:
        auth, path = self.org.auth, call.path.rstrip("/")
        if path == "/services/oauth2/token" and call.method == "POST":
            return auth.token(call)
        if path == "/services/oauth2/revoke" and call.method == "POST":
            return auth.revoke(call)
        if path == "/services/oauth2/userinfo" or path.startswith("/id/"):
            return auth.identity(call)
        raise not_found()

    def _api(self, call: Call) -> Reply:
        if len(call.path) + len(call.query) > MAX_URI_BYTES:
            raise ApiError(414, "URI_TOO_LONG", f"the URI is longer than {MAX_URI_BYTES} bytes")
        with_headers = len(call.path) + len(call.query) + sum(map(len, (*call.headers, *call.headers.values())))
        if with_headers > MAX_URI_BYTES:
            raise ApiError(431, "REQUEST_HEADER_FIELDS_TOO_LARGE", f"URI and headers exceed {MAX_URI_BYTES} bytes")
        segments = _segments(call.path)
        if not segments and call.path.startswith("/services/data"):
            return self._rest.versions(call)
        route, arguments = self._route(call, segments)
        call.user = self.org.auth.sessions.user(call)
        self.org.limits.count()
        try:
            reply = route.handler(call, *arguments)
        except ApiError as error:
            reply = _refused(error)
        reply.headers["Sforce-Limit-Info"] = self.org.limits.header()
        return reply

    def _route(self, call: Call, segments: list[str]) -> tuple[Route, list[str]]:
        if not segments:
            raise not_found()
        return self._router.find(call, segments)

    def _subrequest(self, call: Call) -> Reply:
        """A part of a composite call: the same handlers, but one session and one count for all."""
        try:
            route, arguments = self._route(call, _segments(call.path))
            if route.path in ("composite", "composite/batch"):
                raise ApiError(400, "INVALID_INPUT", "a composite request cannot hold another")
            return route.handler(call, *arguments)
        except ApiError as error:
            return _refused(error)


def _segments(path: str) -> list[str]:
    """What follows `/services/data/`, still percent-encoded: an external id may hold an encoded slash."""
    if not path.startswith("/services/data"):
        return []
    return [each for each in path.removeprefix("/services/data").split("/") if each]


def _refused(error: ApiError) -> Reply:
    return answer(error.body(), error.status, headers=dict(error.headers))
