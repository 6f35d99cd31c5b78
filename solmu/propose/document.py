"""A proposal as a mapping: the document that is written to ``mappings/sources``."""

from __future__ import annotations

from typing import Any

from solmu.propose.attendance import status_by_columns, words_for_status
from solmu.propose.proposal import Proposal

_SURE = 0.8
_DATES = ("on",)
_REGIONAL = {"phone": "region", "postcode": "country", "business_id": "country"}
RECORDS = {"lead": "lead", "participant": "activity", "contact": "contact"}
"""What a mapping calls the record that each row of a kind is."""
_BLOCKS = {"lead": "lead", "participant": "activity"}
# What a name or a way to reach somebody is; a row without any of these is nobody's.
_REACHABLE = ("organisation.name", "person.name", "person.given_name", "person.family_name", "person.email",
    "organisation.email", "person.phone", "organisation.phone")  # fmt: skip

_DESCRIPTIONS = ("person.description", "organisation.description")


def mapping_document(proposal: Proposal, *, partner: str | None = None, event: str | None = None) -> dict[str, Any]:
    """The mapping that a proposal amounts to. ``partner`` is who reported the leads, ``event`` what the attendees
    attended, where the sheet does not say.

    A value that makes no sense refuses its row, so that somebody mends it, where the column is sure to be what it is
    taken for; where it is not, the value is dropped with a warning, and so is a number whose country nobody says.
    Raises ValueError if no column names anybody.
    """
    document: dict[str, Any] = {"record": RECORDS[proposal.kind]}
    for owner in ("organisation", "person"):
        block = {name: _spec(proposal, f"{owner}.{name}", name) for name in _fields(proposal, owner)}
        if owner == "organisation" and block:
            _add_domain(proposal, block)
        if block:
            document[owner] = block
    required = [field for field in _REACHABLE if proposal.columns_of(field)]
    if not required:
        raise ValueError("no column of this list names an organisation or a person, or says how to reach one")
    document["require"] = [required]
    hanging = _BLOCKS.get(proposal.kind)
    if hanging:
        document[hanging] = _hanging(proposal, hanging, partner, event)
        if "on" in document[hanging]:
            document["observed_at"] = {**document[hanging]["on"], "as": "timestamp", "on_invalid": "drop"}
    # What is written of a customer, where no lead is there to have it.
    free = _DESCRIPTIONS if proposal.kind == "contact" else ("notes",)
    notes = [name for field in free for name in proposal.columns_of(field)]
    if notes:
        document["people_in_notes"] = {"from": notes[0], **_place(proposal, "region")}
    consent = proposal.columns_of("consent.email")
    if consent:
        document["consent"] = {"email": {"from": consent[0]}}
    ignored = proposal.columns_of("ignore")
    if ignored:
        document["ignore"] = [_literal(name) for name in ignored]
    return document


def _fields(proposal: Proposal, owner: str) -> list[str]:
    """The fields of an owner, each once, in the sheet's order."""
    found = (column.field.partition(".") for column in proposal.columns if column.field)
    return list(dict.fromkeys(name for said, _, name in found if said == owner))


def _spec(proposal: Proposal, field: str, name: str) -> Any:
    columns = proposal.columns_of(field)
    spec: dict[str, Any] = {"from": columns[0] if len(columns) == 1 else columns}
    place = _place(proposal, _REGIONAL[name]) if name in _REGIONAL else {}
    spec |= place
    if name in _DATES and proposal.order:
        spec["order"] = proposal.order
    of_a_country = name in ("phone", "business_id")
    is_undecided = name in _DATES and not proposal.undecided.isdisjoint(columns)
    if name == "country" or is_undecided or (of_a_country and not place) or proposal.confidence_of(field) < _SURE:
        spec["on_invalid"] = "drop"
    elif of_a_country and "const" not in place[_REGIONAL[name]]:
        # A row may leave its country blank, or have one that nobody knows.
        spec["on_invalid"] = "drop-without-country"
    return spec


def _place(proposal: Proposal, option: str) -> dict[str, Any]:
    """Where a number is from: the row's country, else the sheet's."""
    columns = proposal.columns_of("organisation.country") or proposal.columns_of("person.country")
    if columns:
        return {option: {"from": columns, **({"default": proposal.country} if proposal.country else {})}}
    return {option: {"const": proposal.country}} if proposal.country else {}


def _add_domain(proposal: Proposal, block: dict[str, Any]) -> None:
    """Where people write from is evidence of where they work; free mail providers say nothing."""
    columns = [
        name
        for field in ("organisation.domain", "organisation.website", "organisation.email", "person.email")
        for name in proposal.columns_of(field)
    ]
    if columns and "name" in block:
        block["domain"] = {"from": columns, "on_invalid": "drop"}


def _hanging(proposal: Proposal, kind: str, partner: str | None, event: str | None) -> dict[str, Any]:
    block: dict[str, Any] = {name: _spec(proposal, f"{kind}.{name}", name) for name in _fields(proposal, kind)}
    if kind == "activity":
        owners = [each for each in ("person", "organisation") if _fields(proposal, each)]
        block = {"kind": {"const": "participation"}, **_said_of_all(proposal, event), **block, "of": owners}
        meant = words_for_status(proposal)
        if meant:
            block["status"] = {**block["status"], "as": "choice", "values": meant, "other": "keep"}
    if partner and kind == "lead":
        block["partner"] = {"const": partner}
    notes = proposal.columns_of("notes")
    if notes:
        said = [*proposal.columns_of(f"{kind}.text"), *notes]
        block["text"] = {"from": said}
    return block


def _said_of_all(proposal: Proposal, event: str | None) -> dict[str, Any]:
    """What holds for all attendees, where no column says it of each."""
    status = status_by_columns(proposal)
    stated = {"subject": event, "status": status}
    return {
        name: {"const": value}
        for name, value in stated.items()
        if value and not proposal.columns_of(f"activity.{name}")
    }


def _literal(name: str) -> str:
    """A column's name as a pattern that only it fits."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in name)
