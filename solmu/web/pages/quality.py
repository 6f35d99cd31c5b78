"""Quality: how complete, valid, fresh, unique and consistent the records are, and which to mend first."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from solmu.config import Hub
from solmu.model import Entity
from solmu.report.export import Sheet
from solmu.report.quality import GROUPS, LOOKED_AT, WORST, history, quality, worst_records
from solmu.report.quality_figures import DIMENSIONS, FRESH_DAYS, MEASURES, complete_of
from solmu.store.owners import Owners, owners
from solmu.web import audit, quality_show
from solmu.web.access import Steward, Viewer
from solmu.web.listing import MEDIA, PER_PAGE, as_file
from solmu.web.owner_names import called, owner
from solmu.web.page import Page
from solmu.web.render import render
from solmu.web.site import TheSite
from solmu.web.texts import texts

router = APIRouter()
PAGE = Page("quality", "/quality", router, order=90)
WORK = "solmu.web.quality_work:measure_now"
Of = Annotated[Entity, Query(alias="of")]
By = Annotated[str, Query(pattern=f"^({'|'.join(DIMENSIONS)})$")]
Why = Annotated[str, Query(pattern=f"^({'|'.join(MEASURES)})?$")]
Number = Annotated[int, Query(ge=1, le=WORST)]


@router.get("/quality", include_in_schema=False)
def show(request: Request, site: TheSite, user: Viewer, of: Of = Entity.ORGANISATION, by: By = "source") -> Response:
    """The five figures, and what they are made of."""
    with site.read() as connection:
        told = quality(connection)
        days, known = history(connection), owners(connection)
    measuring = site.jobs.under_way("quality")
    return render(
        request,
        "quality.html",
        told=told,
        one=told["entities"][of.value] if told else None,
        figures=quality_show.figures(told, days, of.value) if told else [],
        rows=quality_show.rows(told, of.value, by, lambda name: called(name, known)) if told else [],
        of=of.value,
        by=by,
        entities=[each.value for each in Entity],
        dimensions=DIMENSIONS,
        measures=MEASURES,
        definitions=_definitions(site.hub, of),
        label=lambda name: owner(name, known) if name and by == "owner" else _label(site.hub, of, by, name),
        measuring=measuring[0] if measuring else None,
        groups=GROUPS,
        width=quality_show.WIDTH,
        height=quality_show.HEIGHT,
    )


@router.post("/quality/measure", include_in_schema=False)
def measure(site: TheSite, user: Steward) -> Response:
    """Measure anew."""
    job = site.jobs.start("quality", WORK, who=user.name, then="/quality", once=True)
    return RedirectResponse(f"/jobs/{job.id}", 303)


@router.get("/quality/records", include_in_schema=False)
def records(
    request: Request,
    site: TheSite,
    user: Viewer,
    of: Of = Entity.ORGANISATION,
    why: Why = "",
    page: Number = 1,
    form: Annotated[str, Query(alias="format", max_length=10)] = "",
) -> Response:
    """The worst records, and what is wrong with each."""
    with site.read() as connection:
        told = quality(connection)
        found, known = worst_records(connection, of, why or None), owners(connection)
    if form in MEDIA:
        with site.write() as connection:
            audit.note_export(connection, user.name, "quality", request.query_params)
        return as_file(_sheet(site.hub, of, found, known), form)
    first = (page - 1) * PER_PAGE
    return render(
        request,
        "quality_records.html",
        told=told,
        found=found[first : first + PER_PAGE],
        first=first + 1,
        count=len(found),
        number=page,
        more=len(found) > first + PER_PAGE,
        of=of.value,
        why=why,
        whys={"": texts()("quality.any-reason")} | {each: texts()(f"quality.measure.{each}") for each in MEASURES},
        entities={each.value: texts()(f"quality.of.{each.value}") for each in Entity},
        known=known,
        reason=lambda each: _reason(site.hub, of, each),
        worst=WORST,
    )


@router.get("/api/quality")
def as_json(site: TheSite, user: Viewer) -> Any:
    """What was measured last, each figure as `[good, of]`, and the shares by day; `measured` is null before."""
    with site.read() as connection:
        return {"measured": quality(connection), "days": history(connection)}


def _definitions(hub: Hub, entity: Entity) -> dict[str, str]:
    t, fields = texts(), hub.fields(entity)
    complete = ", ".join(
        fields[each].label.lower() if each in fields else each
        for each in complete_of(entity, hub.settings.web.complete)
    )
    values = {"fields": complete, "days": FRESH_DAYS, "n": LOOKED_AT}
    return {each: t(f"quality.definition.{each}", **values) for each in MEASURES}


def _label(hub: Hub, entity: Entity, by: str, name: str) -> str:
    if by == "field":
        fields = hub.fields(entity)
        return fields[name].label if name in fields else name
    return name or texts()(f"quality.blank.{by}")


def _reason(hub: Hub, entity: Entity, why: str) -> str:
    name, _, field = why.partition(":")
    said = texts()(f"quality.wrong.{name}")
    return f"{said}: {_label(hub, entity, 'field', field).lower()}" if field else said


def _sheet(hub: Hub, entity: Entity, found: list[dict[str, Any]], known: Owners) -> Sheet:
    t = texts()
    names = ("public_id", "name", "country", "city", "owner", "owner_id")
    columns = tuple(t(f"quality.column.{each}") for each in (*names, "why"))
    return Sheet(
        f"fix-list-{entity.value}",
        columns,
        (
            [*(row[name] for name in names), "; ".join(_reason(hub, entity, each) for each in row["why"])]
            for row in ({**each, "owner": called(each["owner"], known), "owner_id": each["owner"]} for each in found)
        ),
    )
