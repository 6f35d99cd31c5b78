"""The ASGI side: reads a request, lets `Service` answer it in a thread, and misbehaves on the wire when told to."""

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sandbox.salesforce.errors import ApiError
from sandbox.salesforce.exchange import Call, Reply, answer
from sandbox.salesforce.limits import MAX_BODY_BYTES, MAX_UPLOAD_BYTES
from sandbox.salesforce.misbehave import Misbehaviour
from sandbox.salesforce.org import Org
from sandbox.salesforce.service import Service

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_LOOPBACK = ("127.0.0.1", "::1")
_THREADS = 8


class App:
    """An ASGI application over one org; `started` and `stopped` run once each."""

    def __init__(self, org: Org, service: Service, started: Callable[[], None], stopped: Callable[[], None]) -> None:
        self._org = org
        self._service = service
        self._started = started
        self._stopped = stopped
        self._threads = ThreadPoolExecutor(_THREADS, "call")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._started()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                self._threads.shutdown()
                self._stopped()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        start = time.perf_counter()
        call = _call(scope)
        refusal = _refusal(scope, call)
        body = await _body(receive, MAX_UPLOAD_BYTES if call.path.endswith("/batches") else MAX_BODY_BYTES)
        control = call.path == "/" or call.path.startswith("/_")
        misbehaviour = None if control else self._org.misbehaving.take(call)
        if body is None:
            refusal = answer(ApiError(413, "REQUEST_TOO_LARGE", "the request's body is too large").body(), 413)
        else:
            call.body = body
        reply = refusal or await self._answer(call, misbehaviour)
        if not control:
            self._log(call, reply, misbehaviour, time.perf_counter() - start)
        if reply is None:
            await _drop(receive)
        else:
            cut = misbehaviour.cut(reply.body) if misbehaviour and misbehaviour.kind == "truncate" else None
            await _send(send, reply, cut, clean=bool(misbehaviour and misbehaviour.clean))
            if cut is not None and misbehaviour is not None and not misbehaviour.clean:
                await _drop(receive, flush=True)

    async def _answer(self, call: Call, misbehaviour: Misbehaviour | None) -> Reply | None:
        """The reply; None where the connection is to be dropped instead."""
        if misbehaviour is None:
            return await self._work(call)
        match misbehaviour.kind:
            case "status":
                if misbehaviour.work:
                    await self._work(call)
                return misbehaviour.reply()
            case "reset":
                return None
            case "reset_after":
                await self._work(call)
                return None
            case "slow":
                await asyncio.sleep(misbehaviour.seconds)
            case "expire_session":
                self._org.auth.sessions.expire()
            case "partial":
                call.fault = misbehaviour.partial_fault()
            case "twice":
                await self._work(call)
        return await self._work(call)

    async def _work(self, call: Call) -> Reply:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._service.handle, call)

    def _log(self, call: Call, reply: Reply | None, misbehaviour: Misbehaviour | None, seconds: float) -> None:
        self._org.calls.add(
            method=call.method,
            path=call.path,
            query=call.query,
            # 0: the connection was dropped without an answer.
            status=reply.status if reply else 0,
            kind=self._service.kind(call),
            bytes_in=len(call.body),
            bytes_out=len(reply.body) if reply else 0,
            records=reply.records if reply else 0,
            seconds=seconds,
            fault=misbehaviour.kind if misbehaviour else None,
        )


def _call(scope: Scope) -> Call:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    raw_path = scope.get("raw_path", b"").decode("latin-1").partition("?")[0] or scope["path"]
    return Call(scope["method"], raw_path, scope["query_string"].decode("latin-1"), headers)


def _refusal(scope: Scope, call: Call) -> Reply | None:
    """The sandbox answers this machine only, and no page of another site in its browser."""
    client = scope.get("client")
    host = call.headers.get("host", "").rpartition(":")[0].strip("[]")
    local = client is not None and client[0] in _LOOPBACK and host in (*_LOOPBACK, "localhost")
    if local and "origin" not in call.headers:
        return None
    return answer(ApiError(403, "FORBIDDEN", "the sandbox answers on loopback only").body(), 403)


async def _body(receive: Receive, most: int) -> bytes | None:
    """The whole body; None (but read to its end) when it is larger than `most` bytes."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        part = message.get("body", b"")
        size += len(part)
        if size <= most:
            parts.append(part)
        else:
            parts.clear()
        if not message.get("more_body"):
            break
    return b"".join(parts) if size <= most else None


async def _send(send: Send, reply: Reply, cut: bytes | None, *, clean: bool) -> None:
    body = reply.body if cut is None else cut
    length = len(body) if clean or cut is None else len(reply.body)
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers.items()]
    if reply.status not in (204, 304):
        headers += [(b"content-type", reply.content_type.encode()), (b"content-length", str(length).encode())]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": cut is not None and not clean})


async def _drop(receive: Receive, *, flush: bool = False) -> None:
    """Drops the connection. ASGI has no word for that; uvicorn's `receive` belongs to the object with the transport."""
    transport = receive.__self__.transport  # type: ignore[attr-defined]
    transport.close() if flush else transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
