"""Customers: found by anything, and everything about one of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Path, Query, Request
from pydantic import BaseModel
from sqlalchemy import and_, literal_column, select
from starlette.responses import RedirectResponse, Response

from solmu.errors import SolmuError
from solmu.golden.countries import some_in
from solmu.golden.explain import explain
from solmu.golden.find import find
from solmu.golden.rules import ALWAYS
from solmu.golden.ties import ties
from solmu.model import Entity
from solmu.steward.pointing import point
from solmu.store.owners import owners
from solmu.store.tables import golden
from solmu.web import audit, customer_acts, customer_around, customer_read, customer_timeline, problems
from solmu.web.access import Steward, Viewer
from solmu.web.customer_acts import Asked
from solmu.web.listing import Column, Listing
from solmu.web.page import Page
from solmu.web.render import render
from solmu.web.site import Site, TheSite

router = APIRouter()
PAGE = Page("customers", "/customers", router, order=10)
Text = Annotated[str, Query(max_length=500)]
Typed = Annotated[str, Form(max_length=4000)]
Number = Annotated[int, Query(ge=1, le=200)]
ChangeNumber = Annotated[int, Path(ge=1, le=2**62)]
Act = Literal["merge", "unmerge", "split", "pin", "unpin"]
VIEWS = ("overview", "sources", "history", "targets")


class Hit(BaseModel):
    """A golden record that a search found."""

    id: str
    entity: str
    name: str | None
    city: str | None
    country: str | None


class Hits(BaseModel):
    """What was found, and by which kind of evidence."""

    by: str | None
    found: list[Hit]


_LIVE = golden.c.mentions > literal_column("0")
"""Of all live ones; a condition of the index by country."""


def _listing(entity: Entity) -> Listing:
    columns = (
        Column("name", "customers.column.name", golden.c.name, link=lambda row: f"/customers/{row['public_id']}"),
        Column("search", "customers.column.begins", golden.c.search_name, sort=True, filter="starts", shown=False,
               exported=False),
        Column("public_id", "customers.column.id", golden.c.public_id, shown=False),
        Column("city", "customers.column.city", golden.c.city),
        Column("country", "customers.column.country", golden.c.country, filter="equals",
               there=lambda place: and_(some_in(entity, place), _LIVE)),
        Column("email", "customers.column.email", golden.c.email),
        Column("phone", "customers.column.phone", golden.c.phone),
        Column("mentions", "customers.column.mentions", golden.c.mentions, kind="number"),
        Column("updated", "customers.column.updated", golden.c.updated_at, kind="moment"),
    )  # fmt: skip
    rows = select(golden).where(golden.c.entity == entity.value, golden.c.state == "live")
    return Listing(f"{entity.value}s", columns, rows, golden.c.id, "search", kept=True)


LISTINGS = {entity: _listing(entity) for entity in Entity}


@router.get("/customers", include_in_schema=False)
def customers(
    request: Request, site: TheSite, user: Viewer, q: Text = "", entity: Entity = Entity.ORGANISATION
) -> Response:
    """What a search found; without one, all of them by name."""
    with site.read() as connection:
        if q.strip():
            found = find(connection, q)
            rows = customer_read.found_rows(connection, found)
            if len(rows) == 1:
                return RedirectResponse(f"/customers/{rows[0].public_id}", 303)
            by = found[0].by if found else None
            return render(request, "customers_found.html", rows=rows, by=by, sought=q)
        look = LISTINGS[entity].answer(request, connection)
    if isinstance(look, Response):
        with site.write() as connection:
            audit.note_export(connection, user.name, f"{entity.value}s", request.query_params)
        return look
    return render(request, "customers.html", look=look, entity=entity)


@router.get("/api/customers", response_model=Hits)
def api_customers(site: TheSite, q: Annotated[str, Query(min_length=1, max_length=500)]) -> Any:
    """Golden records by name, e-mail, phone, CRM id or address, order number, or an id of ours; twenty at most."""
    with site.read() as connection:
        found = find(connection, q)
        rows = customer_read.found_rows(connection, found)
    hits = [
        {"id": row.public_id, "entity": row.entity, "name": row.name, "city": row.city, "country": row.country}
        for row in rows
    ]
    return {"by": found[0].by if found else None, "found": hits}


@router.get("/api/customers/{id}")
def api_customer(request: Request, site: TheSite, user: Viewer, id: str) -> Any:
    """Why a golden record is what it is, as `solmu explain --output json` has it."""
    with site.read() as connection:
        row = customer_read.resolve(connection, id)
        if row is None:
            return problems.answer(request, 404, "no-customer", _nobody(id))
        told = explain(connection, row.id)
    _note_view(site, user.name, row.id, "api")
    return told


@router.get("/customers/{id}", include_in_schema=False)
def customer(
    request: Request,
    site: TheSite,
    user: Viewer,
    id: str,
    view: Literal["overview", "sources", "history", "targets"] = "overview",
    page: Number = 1,
    kind: Literal["", "order", "lead", "deal", "activity"] = "",
    done: Annotated[int, Query(ge=0, le=2**62)] = 0,
    later: Text = "",
) -> Response:
    """One of them."""
    hub = site.hub
    with site.read() as connection:
        row = customer_read.resolve(connection, id)
        if row is None:
            return problems.answer(request, 404, "no-customer")
        if row.public_id != id:  # it was merged into another, or mistyped in capitals: the address of now is shown
            return RedirectResponse(f"/customers/{row.public_id}?view={view}", 303)
        shown: dict[str, Any] = {"known": owners(connection)}
        if view == "overview":
            neighbours = customer_around.around(connection, row.id, row.entity)
            people = [one.golden_id for one in neighbours if one.entity == Entity.PERSON.value]
            theirs = [row.id, *people] if row.entity == Entity.ORGANISATION.value else [row.id]
            shown["graph"] = customer_around.draw(neighbours)
            shown["entries"], shown["more"] = customer_timeline.timeline(
                connection, theirs, kind=kind or None, page=page
            )
            shown["card"] = explain(connection, row.id)
            shown["ties"] = ties(connection, row.id) if row.entity == Entity.PERSON.value else {}
        elif view == "sources":
            shown["sources"], shown["count"] = customer_read.sources(connection, row.id, page=page)
            shown["per_page"] = customer_read.SIDE_BY_SIDE
        elif view == "history":
            shown["changes"], shown["links"] = customer_read.past(connection, row.id)
            shown["card"] = explain(connection, row.id)
        else:
            shown["targets"] = customer_read.targets(connection, hub, row)
    _note_view(site, user.name, row.id, view)
    return render(
        request,
        f"customer_{view}.html",
        row=row,
        view=view,
        views=VIEWS,
        page=page,
        kind=kind,
        kinds=customer_timeline.KINDS,
        done=done,
        later=later,
        fields=hub.fields(Entity(row.entity)),
        never_pinned=ALWAYS,
        **shown,
    )


@router.get("/customers/{id}/{act}", include_in_schema=False)
def ask(
    request: Request,
    site: TheSite,
    user: Steward,
    id: str,
    act: Act,
    other: Text = "",
    of: Annotated[list[str], Query(max_length=500)] = [],  # noqa: B006  FastAPI copies it
    field: Text = "",
    value: Annotated[str | None, Query(max_length=4000)] = None,
    until: Text = "",
) -> Response:
    """The form of an act, and what it would do once it is filled in."""
    asked = Asked(act, other, tuple(of), field, value, until)
    return _form(request, site, id, asked)


@router.post("/customers/{id}/{act}", include_in_schema=False)
def act(
    request: Request,
    site: TheSite,
    user: Steward,
    id: str,
    act: Act,
    seen: Typed = "",
    other: Typed = "",
    of: Annotated[list[str], Form(max_length=500)] = [],  # noqa: B006  FastAPI copies it
    field: Typed = "",
    value: Annotated[str | None, Form(max_length=4000)] = None,
    until: Typed = "",
    reason: Typed = "",
) -> Response:
    """Do it."""
    asked = Asked(act, other, tuple(of), field, value or "" if act == "pin" else value, until)
    try:
        done = customer_acts.done(
            site.hub, site.store, id, asked, seen=seen, who=user.name, reason=reason.strip() or None
        )
    except SolmuError as problem:
        return _form(request, site, id, asked, problem=problem)
    return _done(site, id, done)


@router.get("/changes/{change}/undo", include_in_schema=False)
def ask_undo(request: Request, site: TheSite, user: Steward, change: ChangeNumber) -> Response:
    """What undoing a change would do."""
    return _undo_form(request, site, change)


@router.post("/changes/{change}/undo", include_in_schema=False)
def undo(
    request: Request, site: TheSite, user: Steward, change: ChangeNumber, seen: Typed = "", reason: Typed = ""
) -> Response:
    """Undo it."""
    try:
        done = customer_acts.undone(
            site.hub, site.store, change, seen=seen, who=user.name, reason=reason.strip() or None
        )
    except SolmuError as problem:
        return _undo_form(request, site, change, problem=problem)
    return _done(site, "", done)


def _note_view(site: Site, who: str, golden_id: int, view: str) -> None:
    if site.hub.settings.web.audit_views:
        with site.write() as connection:
            audit.note(connection, who, "customer looked at", f"golden:{golden_id}", view=view)


def _form(request: Request, site: Site, id: str, asked: Asked, *, problem: SolmuError | None = None) -> Response:
    hub = site.hub
    with site.read() as connection:
        row = customer_read.resolve(connection, id)
        if row is None:
            return problems.answer(request, 404, "no-customer")
        preview = None
        if asked.complete:
            try:
                preview = customer_acts.shown(connection, hub, row.public_id, asked)
            except SolmuError as error:
                problem = problem or error
        known = owners(connection)
        records = point(connection, row.public_id).members if asked.act in ("unmerge", "split") else ()
        others = customer_read.found_rows(connection, find(connection, asked.other)) if asked.other.strip() else []
    return render(
        request,
        "customer_act.html",
        status_code=422 if problem else 200,
        row=row,
        asked=asked,
        preview=preview,
        problem=problem,
        records=records,
        known=known,
        others=[each for each in others if each.id != row.id and each.entity == row.entity],
        fields=hub.fields(Entity(row.entity)),
    )


def _undo_form(request: Request, site: Site, change: int, *, problem: SolmuError | None = None) -> Response:
    preview = None
    with site.read() as connection:
        known = owners(connection)
        try:
            preview = customer_acts.shown_undo(connection, site.hub, change)
        except SolmuError as error:
            problem = problem or error
    return render(
        request,
        "customer_undo.html",
        status_code=422 if problem else 200,
        change=change,
        preview=preview,
        known=known,
        problem=problem,
    )


def _done(site: Site, id: str, done: dict[str, Any]) -> Response:
    site.forget_badges()
    where = id if id in done["golden"] or not done["golden"] else done["golden"][0]
    query = urlencode({"done": done["change"], **({} if done["followed"] else {"later": done["why_not"]})})
    return RedirectResponse(f"/customers/{where}?{query}", 303)


def _nobody(id: str) -> SolmuError:
    return SolmuError("there is no such customer", code="no-customer", field="id", value=id[:100])
