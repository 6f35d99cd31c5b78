"""``solmu notify test``: does a message arrive?"""

from __future__ import annotations

import typer

from solmu.cli.opening import the_hub
from solmu.cli.output import Format, HubOption, OutputOption, console, print_json

app = typer.Typer(help="Messages about runs: who is told.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Messages about runs: who is told."""


@app.command(name="test")
def send_test(hub: HubOption = None, output: OutputOption = Format.TEXT) -> int:
    """Send a test message by each channel of notify:, and ping nothing. Exit 1 if one of them does not take it."""
    from solmu.errors import ConfigurationError
    from solmu.notify.tell import try_channels

    loaded = the_hub(hub)
    results = try_channels(loaded)
    if not results:
        raise ConfigurationError(
            "no channel is configured",
            code="no-channel",
            file=str(loaded.folder / "hub.yaml"),
            field="notify",
            expected="notify: with smtp: or webhook:, as docs/how-to/notifications.md shows",
        )
    if output is Format.JSON:
        channels = [
            {"channel": name, "ok": error is None, "error": error and error.as_dict()} for name, error in results
        ]
        print_json({"ok": all(each["ok"] for each in channels), "channels": channels})
    else:
        for name, error in results:
            mark = "[green]sent[/]    " if error is None else "[bold red]not sent[/]"
            console().print(f"{mark} {name}", end="" if error else "\n")
            if error is not None:
                console().print(f": {error}", markup=False, soft_wrap=True)
    return 0 if all(error is None for _, error in results) else 1
