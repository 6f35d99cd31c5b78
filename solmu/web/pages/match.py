"""Does this one exist already? Asked by a script for one record, such as a lead that a form was given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from solmu.config import Hub
from solmu.config.addresses import addresses
from solmu.errors import ConfigurationError
from solmu.golden.usual import usual_country
from solmu.mapping.values import Mapped
from solmu.match.given import read_given
from solmu.match.one import Lookup
from solmu.web import audit, problems
from solmu.web.access import Viewer
from solmu.web.page import Page
from solmu.web.site import TheSite

router = APIRouter()
PAGE = Page("match", "/api/match/one", router)
_LARGEST = 200
"""Fields that a record may have."""


class Answer(BaseModel):
    """What the hub knows of one organisation or person."""

    slot: str
    verdict: str  # same: it is this one · ask: a person would be asked · new
    golden_id: str | None
    candidates: list[dict[str, Any]]
    crowded: list[str]


class Found(BaseModel):
    """What the hub knows of a record. ``model`` is the version that it was matched by."""

    model: str
    organisation: Answer | None
    people: list[Answer]


@router.post("/api/match/one", response_model=Found)
def match_one(
    request: Request,
    site: TheSite,
    user: Viewer,
    record: Annotated[dict[str, Any], Body()],
    mapping: Annotated[str | None, Query(max_length=200)] = None,
) -> Any:
    """Whether a record exists already, why, and where it is in the CRM. Nothing is landed and nothing changes.

    The body is ``{"organisation": {…}, "person": {…}}`` with canonical fields, one of the two or both; with
    ``mapping`` it is a row as that source mapping reads it. 422 names the field that cannot be.
    """
    hub = site.hub
    try:
        with site.store.read() as connection:
            mapped = _read(hub, record, mapping, lambda: usual_country(connection))
    except ConfigurationError as wrong:
        return _refused(request, wrong)
    crms = [each.name for each in hub.connections.values() if each.is_target]
    with addresses(hub) as address:
        answer = Lookup(site.store, hub.settings.matching, crms=crms, address=address).find(mapped)
    if hub.settings.web.audit_views:
        with site.write() as connection:
            audit.note(connection, user.name, "record looked up", values=record, found=_named(answer))
    return answer


def _read(hub: Hub, record: dict[str, Any], mapping: str | None, usual: Callable[[], str | None]) -> Mapped:
    # A mapping may be any file of this machine to whoever is at its command line, and to nobody else.
    used = sorted({stream.mapping for each in hub.connections.values() for stream in each.source_streams.values()
                   if stream.mapping})  # fmt: skip
    if mapping is not None and mapping not in used:
        raise ConfigurationError(
            "no stream of this hub is read by that mapping", code="no-mapping", field="mapping", value=mapping,
            expected=", ".join(used) or "no mapping",
        )  # fmt: skip
    if sum(len(each) if isinstance(each, dict) else 1 for each in record.values()) > _LARGEST:
        raise ConfigurationError("this is too much for one record", code="no-record", expected=f"{_LARGEST} fields")
    return read_given(hub, record, mapping, usual)


def _refused(request: Request, wrong: ConfigurationError) -> Response:
    return problems.answer(request, 422, "wrong", wrong)


def _named(answer: dict[str, Any]) -> list[str]:
    """The golden records that an answer names."""
    told = [answer["organisation"], *answer["people"]]
    return [each["golden_id"] for one in told if one is not None for each in one["candidates"]]
