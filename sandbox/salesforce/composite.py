"""`/composite` with references between subrequests, and `/composite/batch` without ("Composite Resources")."""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import orjson

from sandbox.salesforce.errors import ApiError
from sandbox.salesforce.exchange import Call, Reply, answer

MAX_SUBREQUESTS = 25
_REFERENCE = re.compile(r"@\{(\w+)\.([\w.\[\]]+)\}")

Dispatch: TypeAlias = Callable[[Call], Reply]


class Composite:
    def __init__(self, dispatch: Dispatch) -> None:
        self._dispatch = dispatch

    def composite(self, call: Call) -> Reply:
        document = call.json_object()
        requests = document.get("compositeRequest")
        if not isinstance(requests, list) or not requests:
            raise ApiError(400, "JSON_PARSER_ERROR", "compositeRequest must be a list at [line:1, column:1]")
        _check_size(requests)
        if document.get("allOrNone") is True:
            # A rollback over several handlers would need one transaction around them all.
            raise ApiError(501, "NOT_IMPLEMENTED", "this sandbox runs /composite with allOrNone=false only")
        answers: dict[str, Any] = {}
        results = []
        for request in requests:
            reference = str(request.get("referenceId", ""))
            if not re.fullmatch(r"\w+", reference) or reference in answers:
                raise ApiError(
                    400, "INVALID_INPUT", f"Provided referenceId ('{reference}') is empty, not valid or not unique"
                )
            body, status, headers = self._subrequest(call, request, answers)
            answers[reference] = body if status < 400 else None
            results.append({"body": body, "httpHeaders": headers, "httpStatusCode": status, "referenceId": reference})
        return answer({"compositeResponse": results}, records=len(results))

    def _subrequest(
        self, call: Call, request: Mapping[str, Any], answers: Mapping[str, Any]
    ) -> tuple[Any, int, Mapping[str, str]]:
        try:
            url = _filled(str(request.get("url", "")), answers)
            raw_body = orjson.dumps(request["body"]).decode() if "body" in request else ""
            body = _filled(raw_body, answers).encode()
        except _Unresolved as problem:
            message = f"Invalid reference specified. No value for {problem} found in any of the previous requests."
            return [{"message": message, "errorCode": "PROCESSING_HALTED"}], 400, {}
        path, _, query = url.partition("?")
        headers = {**call.headers, **{k.lower(): str(v) for k, v in (request.get("httpHeaders") or {}).items()}}
        inner = Call(str(request.get("method", "GET")), path, query, headers, body, call.user, fault=call.fault)
        reply = self._dispatch(inner)
        shown = orjson.loads(reply.body) if reply.body else None
        return shown, reply.status, reply.headers

    def batch(self, call: Call) -> Reply:
        document = call.json_object()
        requests = document.get("batchRequests")
        if not isinstance(requests, list) or not requests:
            raise ApiError(400, "JSON_PARSER_ERROR", "batchRequests must be a list at [line:1, column:1]")
        _check_size(requests)
        halt = document.get("haltOnError") is True
        results: list[dict[str, Any]] = []
        failed = False
        for request in requests:
            if failed and halt:
                skipped = [{"errorCode": "BATCH_PROCESSING_HALTED", "message": "Batch processing halted per request"}]
                results.append({"statusCode": 412, "result": skipped})
                continue
            path, _, query = str(request.get("url", "")).partition("?")
            full = path if path.startswith("/") else f"/services/data/{path}"
            body = orjson.dumps(request["richInput"]) if "richInput" in request else b""
            inner = Call(
                str(request.get("method", "GET")), full, query, call.headers, body, call.user, fault=call.fault
            )
            reply = self._dispatch(inner)
            failed = failed or reply.status >= 400
            results.append({"statusCode": reply.status, "result": orjson.loads(reply.body) if reply.body else None})
        return answer({"hasErrors": failed, "results": results}, records=len(results))


class _Unresolved(Exception):
    pass


def _check_size(requests: list[Any]) -> None:
    if len(requests) > MAX_SUBREQUESTS:
        message = f"The request can contain up to {MAX_SUBREQUESTS} subrequests, got {len(requests)}"
        raise ApiError(400, "LIMIT_EXCEEDED", message)


def _filled(text: str, answers: Mapping[str, Any]) -> str:
    """`@{ref.id}` and `@{ref.records[0].Id}` replaced by values of earlier answers. Raises _Unresolved."""

    def value(match: re.Match[str]) -> str:
        found: Any = answers.get(match.group(1))
        for step in re.findall(r"\w+", match.group(2)):
            if isinstance(found, list) and step.isdigit() and int(step) < len(found):
                found = found[int(step)]
            elif isinstance(found, Mapping) and step in found:
                found = found[step]
            else:
                raise _Unresolved(match.group(0))
        return str(found)

    return _REFERENCE.sub(value, text)
