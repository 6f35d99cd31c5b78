"""`/composite` with references between subrequests, and `/composite/batch` without ("Composite Resources")."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import orjson

from sandbox.salesforce.errors import ApiError
from sandbox.salesforce.exchange import Call, Reply, answer
from sandbox.salesforce.store import Store

MAX_SUBREQUESTS = 25
_REFERENCE = re.compile(r"@\{(\w+)\.([\w.\[\]]+)\}")

Dispatch: TypeAlias = Callable[[Call], Reply]


class Composite:
    def __init__(self, store: Store, dispatch: Dispatch) -> None:
        self._store = store
        self._dispatch = dispatch

    def composite(self, call: Call) -> Reply:
        document = call.json_object()
        requests = document.get("compositeRequest")
        if not isinstance(requests, list) or not requests:
            raise ApiError(400, "JSON_PARSER_ERROR", "compositeRequest must be a list at [line:1, column:1]")
        _check_size(requests)
        for reference, count in Counter(str(each.get("referenceId", "")) for each in requests).items():
            if not re.fullmatch(r"\w+", reference) or count > 1:
                message = f"Provided referenceId ('{reference}') is empty, not valid or not unique"
                raise ApiError(400, "INVALID_INPUT", message)
        if document.get("allOrNone") is not True:
            results = self._all(call, requests)
        else:
            try:
                with self._store.write():
                    results = self._all(call, requests)
                    if any(each["httpStatusCode"] >= 400 for each in results):
                        raise _RolledBack(results)
            except _RolledBack as rollback:
                results = [_halted(each) for each in rollback.results]
        return answer({"compositeResponse": results}, records=len(results))

    def _all(self, call: Call, requests: list[Any]) -> list[dict[str, Any]]:
        answers: dict[str, Any] = {}
        results = []
        for request in requests:
            reference = str(request["referenceId"])
            body, status, headers = self._subrequest(call, request, answers)
            answers[reference] = body if status < 400 else None
            results.append({"body": body, "httpHeaders": headers, "httpStatusCode": status, "referenceId": reference})
        return results

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


class _RolledBack(Exception):
    def __init__(self, results: list[dict[str, Any]]) -> None:
        super().__init__()
        self.results = results


def _halted(result: dict[str, Any]) -> dict[str, Any]:
    """What a part of a transaction that was rolled back is told, unless it was itself the reason."""
    if result["httpStatusCode"] >= 400:
        return result
    message = "The transaction was rolled back since another operation in the same transaction failed."
    body = [{"errorCode": "PROCESSING_HALTED", "message": message}]
    return {**result, "body": body, "httpHeaders": {}, "httpStatusCode": 400}


def _check_size(requests: list[Any]) -> None:
    if len(requests) > MAX_SUBREQUESTS:
        message = f"The request can contain up to {MAX_SUBREQUESTS} subrequests, got {len(requests)}"
        raise ApiError(400, "LIMIT_EXCEEDED", message)


def _filled(text: str, answers: Mapping[str, Any]) -> str:
    """`@{ref.id}` and `@{ref.records[0].Id}` replaced by values of earlier answers. Raises _Unresolved."""

    def value(match: re.Match[str]) -> str:
        found: Any = answers.get(match.group(1))
        for step in re.findall(r"\w+", match.group(2)):
            if isinstance(found, list) and step.isdecimal() and int(step) < len(found):
                found = found[int(step)]
            elif isinstance(found, Mapping) and step in found:
                found = found[step]
            else:
                raise _Unresolved(match.group(0))
        return str(found)

    return _REFERENCE.sub(value, text)
