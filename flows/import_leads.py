"""Importing a list as a Prefect flow, so that it can be started from a form on Prefect's own page."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any, Literal

from prefect import flow
from prefect.artifacts import create_markdown_artifact

from solmu.config import find_hub, load_hub
from solmu.notify.tell import telling_if_it_breaks_off
from solmu.report.markdown import markdown
from solmu.store import open_store
from solmu.sync import imports


# Nothing is persisted: customer data stays in the hub's store, and Prefect keeps states and counts only.
@flow(name="solmu-import-leads", log_prints=False, persist_result=False)
def import_leads(
    file: Path,
    hub: str | None = None,
    mapping: str | None = None,
    partner: str | None = None,
    event: str | None = None,
    kind: Literal["lead", "participant", "contact"] | None = None,
    order: Literal["dmy", "mdy"] | None = None,
    save: str | None = None,
    push: bool = False,
    trial: bool = False,
) -> dict[str, Any]:
    """Bring in a list of leads, contacts or attendees: nobody is asked, so try an unknown list first.

    Args:
        file: the sheet (xlsx, xls, ods, csv or tsv), as the machine that runs the flow sees it
        hub: the hub's folder; default: as on the command line
        mapping: a mapping that exists; without it, one is proposed or the last one used
        partner: who reported these leads
        event: the event that these people attended, if no column says it
        kind: what each row is, if the proposal takes it for something else
        order: how dates are written that do not show it: dmy for the day first, mdy for the month first
        save: know this list by a name, and notice when its columns change
        push: send to the targets too
        trial: import into a scratch store, and keep nothing
    """
    if push and trial:
        raise ValueError("a trial writes nothing, so there is nothing to push")
    if event is not None and (partner is not None or kind not in (None, "participant")):
        raise ValueError("only a participation is of an event")
    loaded = load_hub(find_hub(hub))
    with imports.scratch(loaded) as workbench:
        ready = imports.prepare(
            loaded, file, mapping=mapping, partner=partner, event=event, kind=kind, save=save, order=order
        )
        shown = imports.look(ready, workbench)
        _tell("solmu-import-columns", _columns(shown), "What each column is taken to be")
        if trial:
            report = imports.try_out(ready, workbench)
            report["import"]["refused_file"] = None  # it is gone with the scratch folder
    if not trial:
        written = imports.save(ready)
        with telling_if_it_breaks_off(written, "import"):
            opened = open_store(written.store_url)
        with opened as store:
            report = imports.bring_in(written, store, ready, send=push)
        if report["exit"] in (130, 143):
            # Who asked for an end, such as Prefect on a cancellation, now gets it; the run is closed.
            signal.raise_signal(report["exit"] - 128)
    _tell("solmu-import", markdown(report), "Import report")
    return report


def _tell(key: str, text: str, description: str) -> None:
    create_markdown_artifact(key=key, markdown=text, description=description)


def _columns(shown: dict[str, Any]) -> str:
    lines = [f"`{shown['connection']}/{shown['stream']}`", "", "| column | becomes | sure |", "|---|---|---|"]
    lines += [
        f"| {_cell(each['column'])} | {each['field'] or '-'} | {each['confidence']:.0%} |" for each in shown["columns"]
    ]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
