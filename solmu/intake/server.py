"""Runs the web server of a hub until it is told to stop."""

from __future__ import annotations

import gc
import json
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from solmu.errors import ConfigurationError
from solmu.intake.doors import Doors
from solmu.intake.keeper import keeping
from solmu.intake.patience import Patience
from solmu.intake.receiver import Receiver
from solmu.intake.refusals import Refusals
from solmu.intake.store import IntakeStore, intake_path
from solmu.intake.writer import Writer

STOP_SECONDS = 10
"""How long requests under way may take once the server was told to stop."""

KEEP_ALIVE_SECONDS = 75
"""Longer than proxies keep their connections (nginx: 60 s), so that it is never we who close one while it is used."""

BACKLOG = 2048
_TICKS = 10  # of uvicorn's in a second
Listening = Callable[[str, Sequence[str]], None]
"""Told the address, and the names of the connections that take deliveries, once requests are answered."""


@contextmanager
def receiving(folder: Path) -> Iterator[tuple[Doors, Receiver]]:
    """What takes deliveries for the hub in ``folder``, ready to be mounted. Raises ConfigurationError.

    When the block ends, what was acknowledged is in ``intake.db``, and what was turned away in the audit.
    """
    doors, counted = Doors(folder), Refusals()
    try:
        with keeping(folder, doors, counted), Writer(lambda: IntakeStore(intake_path(folder))) as writer:
            yield doors, Receiver(doors, writer, counted)
    finally:
        doors.close()


def make_app(routes: Sequence[BaseRoute]) -> Starlette:
    """The application that is served: the receiver's routes, and those of whatever else the hub shows."""
    app = Starlette(routes=list(routes))
    app.router.redirect_slashes = False  # a sender that is redirected may come back without its body
    return app


def serve(
    folder: Path,
    *,
    host: str | None = None,
    port: int | None = None,
    ready_file: Path | None = None,
    tell: Listening,
    beside: Sequence[BaseRoute] = (),
) -> int | None:
    """Listen until SIGTERM or SIGINT, whose number this gives; requests under way are answered first.

    ``host`` and ``port`` default to those in ``hub.yaml``. ``ready_file`` gets ``{"url": …}`` once requests are
    answered, and goes when no more are. ``beside`` is what is served beside the receiver. Raises ConfigurationError
    where nobody can listen there.
    """
    with receiving(folder) as (doors, receiver):
        settings = doors.settings
        listener = _listener(host or settings.host, settings.port if port is None else port)
        url = _url(listener)
        names = doors.open_all()

        def ready() -> None:
            # What is loaded now stays: looking through it for garbage again and again would stop senders for a while.
            gc.freeze()
            if ready_file is not None:
                _write_whole(ready_file, json.dumps({"url": url}) + "\n")
            tell(url, names)

        config = uvicorn.Config(
            make_app([*receiver.routes(), *beside]),
            log_config=None,  # the program that calls decides where its log goes
            access_log=False,  # addresses may hold a secret path
            server_header=False,
            lifespan="off",
            ws="none",
            forwarded_allow_ips=list(settings.trusted_proxies),
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=STOP_SECONDS,
            backlog=BACKLOG,
        )
        server = _Server(config, ready)
        try:
            server.run(sockets=[listener])
        finally:
            listener.close()
            if ready_file is not None:
                ready_file.unlink(missing_ok=True)
        return server.stopped_by


class _Server(uvicorn.Server):
    """Says when it listens, gives up on senders that never begin, and leaves it to its caller what to do about the
    signal that stopped it."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready
        self._patience = Patience()
        self.stopped_by: int | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.should_exit:
            self._ready()

    async def on_tick(self, counter: int) -> bool:
        if counter % _TICKS == 0:
            for connection in self._patience.lost(self.server_state.connections):
                connection.transport.close()
        return await super().on_tick(counter)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        with super().capture_signals():
            yield
            self.stopped_by = next(reversed(self._captured_signals), None)
            # What it had caught, it would raise again: but to be told to stop is how this ends well.
            self._captured_signals.clear()


def _listener(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except (OSError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ConfigurationError(
            f"nobody can listen on {host} port {port}: {reason.lower()}",
            code="cannot-listen",
            field="port",
            value=port,
            expected="an address of this machine and a port that is free; --port 0 takes any",
        ) from error


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _write_whole(path: Path, text: str) -> None:
    """Whoever waits for the file never sees half of it."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
