"""The mappings that could read a stream which is being added: those that exist and fit, and one that is proposed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any, Literal

from solmu.config.connectors import connector_names
from solmu.config.mappings import find_mapping, mapping_names
from solmu.errors import SolmuError
from solmu.mapping import load_source_mapping
from solmu.propose import Kind, Proposal, changed_columns, mapping_document, mapping_text, propose
from solmu.propose.orders import propose_orders
from solmu.sync.adding import SAMPLE, NewConnection, NewStream
from solmu.sync.layouts import free_name
from solmu.sync.proposed import suited, suppliers, undecided_dates

ENOUGH = 0.6
"""Share of a stream's columns that a mapping must read to be offered unasked."""


@dataclass(frozen=True, slots=True)
class Fitting:
    """One mapping that would do. ``reads`` of ``columns`` columns it reads; ``ready``: it was made for this connector.
    ``text`` is set where it is new, and ``notes`` say what its rows made of it; then ``proposal`` is what it comes
    from, or ``rows`` says what each row is: an order, an invoice, an order line."""

    name: str
    reads: int
    columns: int
    ready: bool = False
    text: str | None = None
    proposal: Proposal | None = None
    rows: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def about(self) -> str:
        """What a person chooses by."""
        if self.text is not None:
            what = f", each row an {self.rows}" if self.rows else ""
            return f"propose one{what}: it reads {self.reads} of {self.columns} columns; you can change it"
        if self.ready or not self.columns:
            return self.name
        return f"{self.name}: reads {self.reads} of {self.columns} columns"


def fitting(
    new: NewConnection,
    stream: NewStream,
    samples: Mapping[str, Sequence[Any]],
    *,
    kind: Kind | Literal["order"] | None = None,
) -> list[Fitting]:
    """What could read the stream, best first: what was made for it, then whatever reads most of its columns."""
    existing = [each for name in mapping_names(new.hub.folder, "sources") if (each := _existing(new, name, samples))]
    ready = [each for each in existing if each.ready]
    named = list(new.kind.fitting_mappings)
    # "scheme: typeform" says which of several forms' mappings it is.
    said = {value for value in new.settings.values() if isinstance(value, str)}
    made_for_it = sorted(
        ready,
        key=lambda each: (
            each.name.rpartition("/")[2] not in said,
            named.index(each.name) if each.name in named else -each.reads,
        ),
    )
    others = [
        each
        for each in existing
        if not each.ready and each.reads >= ENOUGH * each.columns > 0 and not _is_of_another(each.name, new.connector)
    ]
    proposed: list[Fitting | None] = []
    if samples and kind != "order":
        proposed.append(proposal_for(new, stream, samples, kind=kind))
    if samples and kind in (None, "contact", "order"):  # a database holds customers, and what they bought
        proposed.append(orders_for(new, stream, samples))
    if not samples and not made_for_it:
        others = sorted(existing, key=lambda each: -_alike(each.name, stream.name))
    return [
        *made_for_it,
        *sorted([*others, *filter(None, proposed)], key=lambda each: (-each.reads, each.text is not None)),
    ]


def proposal_for(
    new: NewConnection, stream: NewStream, samples: Mapping[str, Sequence[Any]], *, kind: Kind | None = None
) -> Fitting | None:
    """A new mapping by the columns and their values; None where they name nobody."""
    proposal = propose(samples, kind=kind)
    try:
        document = mapping_document(proposal)
    except ValueError:
        return None
    reads = sum(each.field not in (None, "ignore") for each in proposal.columns)
    return replace(_fitting(new, stream, samples, document, proposal, reads), proposal=proposal)


def orders_for(new: NewConnection, stream: NewStream, samples: Mapping[str, Sequence[Any]]) -> Fitting | None:
    """A new mapping for a table of orders; None where it is none, or where nobody knows whose they are."""
    if propose(samples).kind == "participant":
        return None  # those who buy tickets have order numbers too

    def customers_of(column: str) -> str | None:
        return _stream_with_keys(new, stream, column, samples[column])

    keys = [key for each in _customers(new, stream) for key in each.options.get("key", ())]
    own = stream.options.get("key", ())
    found = propose_orders(samples, customers_of, title=stream.stream, key=own, customer_keys=keys)
    if found is None:
        return None
    return replace(_fitting(new, stream, samples, found.document, found.described, found.reads), rows=found.rows)


def _fitting(
    new: NewConnection,
    stream: NewStream,
    samples: Mapping[str, Sequence[Any]],
    document: dict[str, Any],
    described: Proposal,
    reads: int,
) -> Fitting:
    """A proposed mapping as its file will be."""
    taken = any(each is not stream and each.text is not None for each in new.streams.values())
    name = free_name(new.hub, f"{new.name}-{stream.name}" if taken or len(new.streams) > 1 else new.name)
    about = [
        f"Proposed by `solmu connection add` for {new.name}/{stream.name}, from its columns. Change what is wrong, and",
        f"look again: solmu connection preview {new.name}",
    ]
    document, notes = suited(new.hub, document, samples)
    notes += [f"{note}; write `order: dmy` or `order: mdy` beside it" for note in undecided_dates(described, samples)]
    notes += suppliers(described)
    # Of the customer such a column says nothing; of the row it says how fresh it is.
    stamps = [each for each in changed_columns(samples, {})[1] if described.field_of(each) in (None, "ignore")]
    if stamps and "observed_at" not in document:
        document["observed_at"] = {"from": stamps[0], "as": "timestamp", "on_invalid": "drop"}
    text = mapping_text(name, document, described, [*about, *notes], also_read=stamps[:1])
    return Fitting(name, reads, len(samples), text=text, notes=tuple(notes))


def _stream_with_keys(new: NewConnection, stream: NewStream, column: str, values: Sequence[Any]) -> str | None:
    """The stream of customers, added before, that has these values for its keys; the one called most alike first."""
    wanted = {str(value) for value in values if value not in (None, "")}
    for other in sorted(_customers(new, stream), key=lambda each: -_alike(each.name, column)):
        key = other.options.get("key", ())
        if len(key) == 1:
            there = {str(value) for value in new.sample(other)[0].get(key[0], ())}
            # A sample of many customers need not hold those of a sample of many orders.
            if wanted & there or len(there) >= SAMPLE:
                return other.name
    return None


def _customers(new: NewConnection, stream: NewStream) -> list[NewStream]:
    """The streams of customers that were added before this one."""
    return [each for each in new.streams.values() if each is not stream and each.mapping and _is_of_customers(each)]


def _is_of_customers(stream: NewStream) -> bool:
    return stream.text is None or re.search(r"^(order|order_line):", stream.text, re.MULTILINE) is None


def target_mappings(new: NewConnection, stream: NewStream, *, both: bool) -> list[str]:
    """The mappings that could write the stream, and with ``both`` also read it; the one called most alike first."""
    folder = new.hub.folder
    names = [
        name
        for name in mapping_names(folder, "targets")
        if not both or find_mapping(folder, "sources", name) is not None
    ]
    return sorted(names, key=lambda name: (name.partition("/")[0] != new.connector, -_alike(name, stream.name)))


def _existing(new: NewConnection, name: str, samples: Mapping[str, Sequence[Any]]) -> Fitting | None:
    with suppress(SolmuError):
        mapping = load_source_mapping(new.hub, name)
        reads = len(mapping.columns & samples.keys())
        ready = name in new.kind.fitting_mappings or name.startswith(f"{new.connector}/")
        return Fitting(name, reads, len(samples), ready=ready)
    return None


def _is_of_another(name: str, connector: str) -> bool:
    """Whether a mapping ships for the records of some other connector."""
    folder, sign, _ = name.partition("/")
    return bool(sign) and folder != connector and folder in connector_names()


def _alike(name: str, stream: str) -> float:
    return SequenceMatcher(None, name.rpartition("/")[2].casefold(), stream.casefold()).ratio()
