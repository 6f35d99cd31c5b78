"""``solmu serve``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from solmu.cli.output import HubOption, messages
from solmu.errors import ConfigurationError

INSTALL = "pip install 'solmu[web]'"
NEEDED = ("argon2", "fastapi", "python_multipart", "starlette", "uvicorn")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(serve)


def serve(
    hub: HubOption = None,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; default: hub.yaml's, else 127.0.0.1.", show_default=False)
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            help="Port to listen on, 0 for any that is free; default: hub.yaml's, else 8000.",
            min=0,
            max=65535,
            show_default=False,
        ),
    ] = None,
    ready_file: Annotated[
        Path | None, typer.Option("--ready-file", metavar="FILE", help='Write {"url": …} there once it listens.')
    ] = None,
) -> int:
    """Show the pages, and receive what systems push at /in/<connection>, until it is told to stop."""
    import logging
    from contextlib import ExitStack
    from importlib.util import find_spec

    from solmu.config import find_hub

    absent = next((name for name in NEEDED if find_spec(name) is None), None)
    if absent is not None:
        raise ConfigurationError(
            f"`solmu serve` needs {absent}, which is not installed", code="not-installed", expected=INSTALL
        )
    from solmu.intake.background import in_background
    from solmu.intake.server import serve as serve_hub
    from solmu.live.beside import small_runs_beside
    from solmu.web.later import LatePages

    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.WARNING)
    folder = find_hub(hub)
    pages = LatePages(folder)
    with ExitStack() as beside:

        def listens(url: str, names: Sequence[str]) -> None:
            # No sender waits for what takes its time to load.
            _tell(url, names)
            beside.enter_context(in_background("pages", pages.keep))
            beside.enter_context(small_runs_beside(folder))

        signal = serve_hub(folder, host=host, port=port, ready_file=ready_file, tell=listens, beside=pages.routes)
    return 128 + signal if signal else 0


def _tell(url: str, names: Sequence[str]) -> None:
    out = messages()
    out.print(f"pages at {url}/", soft_wrap=True)
    if not names:
        out.print(f"listening on {url}; no connection of this hub takes deliveries yet", soft_wrap=True)
    for name in names:
        out.print(f"listening on {url}/in/{name}", soft_wrap=True)
