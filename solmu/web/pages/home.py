"""Home: last night in one look, what waits for a person, and how customers are looked after."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from pydantic import BaseModel
from sqlalchemy import ColumnElement, exists, select
from starlette.responses import RedirectResponse, Response

from solmu.config import Hub
from solmu.config.settings import Web
from solmu.followup.count import outdated, summary
from solmu.followup.lists import FIGURES, NARROWED_BY, customers, same_in, sorted_by, tiers_of
from solmu.followup.own import task_streams
from solmu.golden.countries import some_in
from solmu.model import CanonicalField, Entity
from solmu.store.owners import Owners, owners
from solmu.store.tables import follow_up
from solmu.web import audit, home_read, problems
from solmu.web.access import Steward, Viewer
from solmu.web.listing import Column, Listing
from solmu.web.owner_names import called, choices, owner
from solmu.web.page import Page
from solmu.web.render import render
from solmu.web.site import TheSite
from solmu.web.texts import texts

router = APIRouter()
PAGE = Page("home", "/", router, order=0)
WORK = "solmu.web.home_work:count_customers"
_LISTS = 32
"""Lists that are kept as they were put together: of each figure, for a day."""


class Figures(BaseModel):
    """The figures of the home page; null where nobody has counted yet. ``filled`` is a share from 0 to 1."""

    counted: bool
    customers: int | None = None
    no_owner: int | None = None
    no_next_step: int | None = None
    unreachable: int | None = None
    long_ago: int | None = None
    filled: float | None = None


@router.get("/", include_in_schema=False)
def home(request: Request, site: TheSite, user: Viewer) -> Response:
    """The page."""
    hub = site.hub
    with site.read() as connection:
        last = home_read.last_run(connection)
        told = summary(connection)
        stale = outdated(connection, told)
        waits = [each for each in home_read.waits(connection, hub) if each["count"]]
        alerts = home_read.alerts(connection, hub, last)
    # Counting changes nothing that anybody said: it may as well begin when somebody looks.
    counting = site.jobs.under_way("count")
    if stale and last is not None and not counting:
        counting = [site.jobs.start("count", WORK, who=user.name, then="/", once=True)]
    wide, narrow, words = home_read.drawings(hub, last.report) if last is not None else (None, None, "")
    return render(
        request,
        "home.html",
        last=last,
        wide=wide,
        narrow=narrow,
        words=words,
        waits=waits,
        alerts=alerts,
        figures=_figures(told),
        definition=lambda name: _definition(hub, name),
        told=told,
        counting=counting[0] if counting else None,
        rules=hub.settings.web,
    )


@router.post("/figures/count", include_in_schema=False)
def count_now(site: TheSite, user: Steward) -> Response:
    """Count anew."""
    job = site.jobs.start("count", WORK, who=user.name, then="/", once=True)
    return RedirectResponse(f"/jobs/{job.id}", 303)


@router.get("/figures/{name}", include_in_schema=False)
def figure(name: str, request: Request, site: TheSite, user: Viewer) -> Response:
    """The customers behind a figure, as a page or, noted in the audit, as a file."""
    if name not in FIGURES:
        return problems.answer(request, 404, "not-found")
    with site.read() as connection:
        told, known = summary(connection), owners(connection)
        look = list_of(site.hub, name, told, known).answer(request, connection)
    if isinstance(look, Response):
        with site.write() as connection:
            audit.note_export(connection, user.name, name, request.query_params)
        return look
    return render(
        request,
        "figure.html",
        name=name,
        look=look,
        told=told,
        definition=_definition(site.hub, name),
        narrowed={each: request.query_params[each] for each in NARROWED_BY if request.query_params.get(each)},
        takers=bool(task_streams(site.hub)),
    )


@router.get("/api/figures", response_model=Figures)
def api_figures(site: TheSite) -> Any:
    """How customers are looked after, as it was counted last."""
    with site.read() as connection:
        told = summary(connection)
    return {"counted": False} if told is None else {"counted": True, **told}


def _figures(told: dict[str, Any] | None) -> list[dict[str, Any]]:
    if told is None:
        return []
    counts = dict(zip(FIGURES, ("no_owner", "no_next_step", "unreachable", "long_ago", "filled"), strict=True))
    return [
        {"name": name, "value": told[key], "of": told["customers"], "share": key == "filled"}
        for name, key in counts.items()
    ]


def _definition(hub: Hub, name: str) -> str:
    t, rules = texts(), hub.settings.web
    if name == "completeness":
        fields = hub.fields(Entity.ORGANISATION)
        return t(f"home.definition.{name}", fields=", ".join(_label(fields, each) for each in rules.complete))
    if name == "long-ago":
        days = [
            t("home.definition.long-ago-days", tier=tier, days=number)
            for tier, number in rules.contact_days_by_tier.items()
        ]
        days.append(t("home.definition.long-ago-other", days=rules.contact_days))
        return t(f"home.definition.{name}", days="; ".join(days))
    return t(f"home.definition.{name}")


def _label(fields: Mapping[str, CanonicalField], name: str) -> str:
    return fields[name].label.lower() if name in fields else name


def list_of(hub: Hub, name: str, told: dict[str, Any] | None, known: Owners) -> Listing:
    """The customers behind a figure; ``told`` is what was counted last."""
    rules = hub.settings.web
    days = tuple(sorted(rules.contact_days_by_tier.items()))
    ids = tuple((told or {}).get("owners", ()))
    return _list_of(name, datetime.now(UTC).date(), tuple(tiers_of(told)), rules.contact_days, days, ids, known)


def _some(name: str) -> Callable[[ColumnElement[Any]], ColumnElement[bool]]:
    """Whether any customer has that value, by the index that begins with the column."""
    other = follow_up.alias()
    return lambda place: exists(select(other.c.golden_id).where(other.c[name] == place))


@lru_cache(_LISTS)
def _list_of(
    name: str,
    today: date,
    tiers: tuple[str, ...],
    contact_days: int,
    contact_days_by_tier: tuple[tuple[str, int], ...],
    ids: tuple[str, ...],
    known: Owners,
) -> Listing:
    rules = Web(contact_days=contact_days, contact_days_by_tier=dict(contact_days_by_tier))
    rows = customers(name, today, rules, tiers)
    columns = (
        Column(
            "name", "home.column.name", follow_up.c.name, sort=True, link=lambda row: f"/customers/{row['public_id']}"
        ),
        Column("public_id", "home.column.id", follow_up.c.public_id, shown=False),
        Column(
            "country",
            "home.column.country",
            follow_up.c.country,
            filter="equals",
            there=partial(some_in, Entity.ORGANISATION),
        ),
        Column(
            "tier",
            "home.column.tier",
            follow_up.c.tier,
            filter="equals",
            there=_some("tier"),
            choices={tier: tier for tier in tiers if tier},
        ),
        Column(
            "owner",
            "home.column.owner",
            follow_up.c.owner,
            filter="equals",
            there=_some("owner"),
            choices=choices(ids, known),
            words=lambda row: owner(row["owner"], known),
            told=lambda id: called(id, known),
        ),
        Column("owner_id", "home.column.owner-id", follow_up.c.owner, shown=False),
        Column("contacted_on", "home.column.contacted", follow_up.c.contacted_on, kind="day", sort=True),
        Column("next_on", "home.column.next", follow_up.c.next_on, kind="day"),
        Column("filled", "home.column.filled", follow_up.c.filled, kind="share", sort=True),
    )
    return Listing(
        f"customers-{quote(name)}", columns, rows, follow_up.c.golden_id, sorted_by(name), same_in(name), kept=True
    )
