"""The mapping of a list that is imported: proposed for it, or one that exists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from solmu.config import Hub
from solmu.config.mappings import find_mapping
from solmu.config.yaml import load
from solmu.errors import ConfigurationError, SolmuError
from solmu.mapping import load_source_mapping
from solmu.model import Hanging
from solmu.propose import Column, Kind, Order, Proposal, corrected, mapping_document, propose
from solmu.sync.known_lists import event_called
from solmu.sync.proposed import suited, suppliers, undecided_dates


@contextmanager
def telling(notes: Sequence[str]) -> Iterator[None]:
    """What goes wrong here may be explained by what there is to be said of the list, as of sheets that are not read."""
    try:
        yield
    except SolmuError as error:
        for note in notes:
            error.add_note(note)
        raise


def new_document(
    hub: Hub,
    samples: dict[str, list[Any]],
    mapping: str | None,
    partner: str | None,
    kind: Kind | None,
    event: str | None,
    path: Path,
    chosen: Mapping[str, str | None],
    order: Order | None = None,
) -> tuple[dict[str, Any] | None, Proposal | None, tuple[str, ...]]:
    """The mapping that must be written for this list, the proposal that it comes from, and notes on it; None: one that
    exists."""
    if mapping is not None:
        read = load_source_mapping(hub, mapping).columns
        if not read & set(samples):
            raise ConfigurationError(
                f"the mapping {mapping} reads none of these columns: {', '.join(samples)}",
                field="--mapping",
                value=mapping,
                expected=", ".join(sorted(read)),
            )
        found = find_mapping(hub.folder, "sources", mapping)
        if partner is None or found is None:
            return None, None, ()
        document = dict(load(found)[0])
        return {**document, "lead": {**(document.get("lead") or {}), "partner": {"const": partner}}}, None, ()
    proposal = corrected(propose(samples, kind=kind, title=path.stem, order=order), chosen)
    try:
        document = mapping_document(proposal, partner=partner, event=event or event_called(path))
    except ValueError as error:
        raise ConfigurationError(
            f"{error}: {', '.join(samples)}",
            code="no-proposal",
            expected="a column with a name, an e-mail address or a phone number; or a mapping: --mapping NAME",
        ) from error
    document, notes = suited(hub, document, samples)
    return (
        document,
        proposal,
        (*_said_for_all(document), *undecided_dates(proposal, samples), *suppliers(proposal), *notes),
    )


def must_propose(order: Order | None, mapping: str | None) -> None:
    """Raises ConfigurationError where somebody says how dates are written, and the mapping that reads them exists."""
    if order is not None and mapping is not None:
        raise ConfigurationError(
            f"this list is read by the mapping {mapping}, which says itself how dates are written",
            field="--dates",
            value="day-first" if order == "dmy" else "month-first",
            expected=f"`order: {order}` beside each date's `from` in mappings/sources/{mapping}.yaml",
        )


def _said_for_all(document: dict[str, Any]) -> tuple[str, ...]:
    """Notes on what was taken to hold for every attendee, since no column says it."""
    block = document.get("activity", {})
    said = {name: block[name]["const"] for name in ("subject", "status") if "const" in block.get(name, {})}
    told = {
        "subject": "no column names the event, so it is {!r}; say --event NAME if it is called otherwise",
        "status": "no column says who attended; by the other columns everybody counts as {!r}",
    }
    return tuple(told[name].format(value) for name, value in said.items())


def mapped_kind(hub: Hub, mapping: str) -> Kind | None:
    """What each row is to a mapping which exists; None for one of orders, or of something else."""
    known = load_source_mapping(hub, mapping)
    hung = {each.kind for each in known.hanging}
    if not hung:
        return "contact"
    return "lead" if Hanging.LEAD in hung else "participant" if hung == {Hanging.ACTIVITY} else None


def mapped_columns(hub: Hub, mapping: str, columns: Sequence[str]) -> list[Column]:
    """The columns of a list that is read by a mapping which exists."""
    known = load_source_mapping(hub, mapping)
    # Where people write from says where they work too: what a column is first of all goes last.
    fields = {
        column: f"{program.slot}.{name}"
        for program in known.entities
        for name, read in sorted(program.fields.items(), key=lambda each: each[0] != "domain")
        for column in read
    }
    for block in known.hanging:
        of_block = {column: f"{block.slot}.{name}" for name, read in block.by_field.items() for column in read}
        fields = {**dict.fromkeys(block.columns, block.slot), **of_block, **fields}
    fields = {**{column: f"consent.{purpose}" for purpose, read in known.consents.items() for column in read}, **fields}
    fields |= {column: "ignore" for column in columns if known.leaves_alone(column)}
    why = f"the mapping {mapping}"
    return [
        Column(column, fields.get(column), 1.0, why)
        if column in fields or column in known.columns
        else Column(column, None, 0.0, f"{why} does not read it")
        for column in columns
    ]
