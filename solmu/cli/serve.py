"""``solmu serve``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from solmu.cli.output import HubOption, messages
from solmu.errors import ConfigurationError

INSTALL = "pip install 'solmu[web]'"


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
    """Receive what systems push, at /in/<connection>, until it is told to stop."""
    import logging

    from solmu.config import find_hub

    try:
        from solmu.intake.server import serve as serve_hub
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in {"starlette", "uvicorn"}:
            raise
        raise ConfigurationError(
            f"`solmu serve` needs {error.name.partition('.')[0]}, which is not installed",
            code="not-installed",
            expected=INSTALL,
        ) from error
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.WARNING)
    signal = serve_hub(find_hub(hub), host=host, port=port, ready_file=ready_file, tell=_tell)
    return 128 + signal if signal else 0


def _tell(url: str, names: Sequence[str]) -> None:
    out = messages()
    if not names:
        out.print(f"listening on {url}; no connection of this hub takes deliveries yet", soft_wrap=True)
    for name in names:
        out.print(f"listening on {url}/in/{name}", soft_wrap=True)
