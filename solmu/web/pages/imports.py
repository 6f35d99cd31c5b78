"""Import: a list dropped on the page, what its columns are taken for, how its rows would land, and bringing it in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, UploadFile
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import FileResponse, RedirectResponse, Response

from solmu.errors import SolmuError
from solmu.model import FIELDS, HANGING_FIELDS, Hanging
from solmu.sync import arm, imports
from solmu.sync.layouts import slug
from solmu.web import audit, uploads
from solmu.web.access import Steward
from solmu.web.gate import LARGEST_UPLOAD
from solmu.web.import_work import prepared
from solmu.web.landing import landing
from solmu.web.page import Page
from solmu.web.render import render
from solmu.web.roles import Role
from solmu.web.site import Site, TheSite
from solmu.web.texts import texts

router = APIRouter(include_in_schema=False)
PAGE = Page("import", "/import", router, role=Role.STEWARD, order=40)

_ORDERS = ("dmy", "mdy")
KINDS = ("lead", "participant", "contact")
_SHOWN = 20
_MOST = 20  # refused rows, and values left out, that are listed
_PIECE = 1 << 20
_EXAMPLES = 3
_COLUMN = "column:"  # a form's name for the field of the column that follows
_NOTHING = "-"
_PLACE = frozenset({"no-header", "no-sheet", "empty-sheet", "no-rows", "no-proposal", "bad-settings"})
_TEXT_SUFFIXES = frozenset({".csv", ".tsv"})
# What an error of reading a list can name instead of a column.
_SETTINGS = frozenset({"delimiter", "encoding", "files", "folder", "header", "key", "max_cells", "sheet"})


@router.get("/import")
def show(request: Request, site: TheSite, user: Steward) -> Response:
    """Where a list is dropped; and the last ones."""
    return render(
        request,
        "import.html",
        recent=uploads.recent(site.folder, _SHOWN),
        suffixes=uploads.SUFFIXES,
        largest=LARGEST_UPLOAD,
    )


@router.post("/api/import-list")
async def drop(site: TheSite, user: Steward, file: UploadFile) -> dict[str, str]:
    """Take a list; gives the page that shows it. Only the pages' own script sends files."""
    one = await run_in_threadpool(uploads.begin, site.folder, file.filename or "", who=user.name)
    with one.file(site.folder).open("xb") as out:
        while piece := await file.read(_PIECE):
            out.write(piece)
    await run_in_threadpool(uploads.arrived, site.folder, one)
    return {"url": f"/import/{one.token}"}


@router.get("/import/{token}")
def look(request: Request, site: TheSite, user: Steward, token: str) -> Response:
    """What its columns are taken for, and its rows as they would land; or what became of it."""
    one = uploads.find(site.folder, token)
    if one.outcome is not None:
        problems = [each | {"where": _where(each, one)} for each in one.outcome["problems"]]
        return render(request, "import_done.html", one=one, report=one.outcome, problems=problems)
    return _look(request, site, one)


@router.post("/import/{token}")
async def correct(request: Request, site: TheSite, user: Steward, token: str) -> Response:
    """Take what was corrected, and show it again."""
    form = await request.form(max_fields=2000)
    one = await run_in_threadpool(uploads.find, site.folder, token)
    await run_in_threadpool(uploads.keep, site.folder, one, **_said(form))
    return RedirectResponse(f"/import/{token}", 303)


@router.post("/import/{token}/bring")
async def bring(request: Request, site: TheSite, user: Steward, token: str) -> Response:
    """Bring it in as it was last shown."""
    form = await request.form(max_fields=2000)
    one = await run_in_threadpool(uploads.find, site.folder, token)
    if one.outcome is not None:
        return RedirectResponse(f"/import/{token}", 303)
    one = await run_in_threadpool(uploads.keep, site.folder, one, **_said(form))
    return await run_in_threadpool(_start, site, user.name, one, form.get("send") == "yes")


@router.post("/import/{token}/forget")
def forget(site: TheSite, user: Steward, token: str) -> Response:
    """Forget a list that was only looked at."""
    uploads.drop(site.folder, uploads.find(site.folder, token))
    return RedirectResponse("/import", 303)


@router.get("/import/{token}/refused")
def refused(site: TheSite, user: Steward, token: str) -> Response:
    """The workbook with the rows that were refused, each with its reason."""
    one = uploads.find(site.folder, token)
    kept = ((one.outcome or {}).get("import") or {}).get("refused_file")
    if not kept or not Path(kept).is_file():
        raise SolmuError("no row of this list was refused, or its workbook is gone", code="no-refused")
    return FileResponse(kept, filename=Path(kept).name)


def _start(site: Site, who: str, one: uploads.Upload, send: bool) -> Response:
    work, then = "solmu.web.import_work:bring_in", f"/import/{one.token}"
    before = site.jobs.under_way("import")
    job = site.jobs.start("import", work, who=who, then=then, once=True, token=one.token, send=send)
    if job not in before:
        with site.write() as connection:
            audit.note(connection, who, "list imported", f"import:{one.token}", values=one.name, send=send)
    return RedirectResponse(f"/jobs/{job.id}", 303)


def _look(request: Request, site: Site, one: uploads.Upload) -> Response:
    hub = site.hub
    shown: dict[str, Any] | None = None
    problem: SolmuError | None = None
    try:
        ready = prepared(hub, one)
        with imports.scratch(hub) as workbench:
            shown = imports.look(ready, workbench, site.store)
    except SolmuError as refusal:
        problem = refusal
    with site.read() as connection:
        armed = [
            each.name for each in hub.connections.values() if each.is_target and arm.arming(connection, each.name).armed
        ]
    return render(
        request,
        "import_look.html",
        status_code=200 if problem is None else 422,
        one=one,
        shown=shown,
        rows=landing(hub, shown["preview"]["rows"]) if shown else [],
        choices=_choices(shown["kind"] or "lead") if shown else {},
        kinds={kind: texts()(f"import.kind.{kind}") for kind in KINDS},
        orders={order: texts()(f"import.dates.{order}") for order in _ORDERS},
        armed=armed,
        problem=problem,
        told=[_without_its_name(note, one.name) for note in shown["notes"]] if shown else [],
        where=_where(problem.as_dict(), one) if problem else "",
        most=_MOST,
        right=_right(problem),
        notes=getattr(problem, "__notes__", []),
        prefix=_COLUMN,
        nothing=_NOTHING,
        labels={key: label for fields in _choices("").values() for key, label in fields.items()},
        another=one.called
        or (problem is not None and (problem.code == "columns-changed" or "--save" in (problem.expected or ""))),
        elsewhere=one.sheet or one.header or (problem is not None and problem.code in _PLACE),
    )


def _right(problem: SolmuError | None) -> str | None:
    """What would be right, as the page has it: the fields of a stream are not to be seen here."""
    if problem is not None and problem.code == "no-header":
        return texts()("import.no-header-do")
    return problem.expected if problem is not None else None


def _without_its_name(note: str, name: str) -> str:
    """A note on a list whose name stands above it."""
    return note.removeprefix(f"{name}: ").removeprefix(f"{name}, ")


def _where(problem: Mapping[str, Any], one: uploads.Upload) -> str:
    """Where in the list it is: its row and its column, as far as they are known."""
    said, where = texts(), []
    line, field = problem["line"], problem["field"]
    if line is not None:
        is_text = Path(one.name).suffix.lower() in _TEXT_SUFFIXES
        where.append(said("import.at-line" if is_text else "import.at-row", line=line))
    if field and field not in _SETTINGS and not field.startswith("--"):
        where.append(said("import.at-column", column=field))
    place = ", ".join(where)
    return place[:1].upper() + place[1:]


def _said(form: FormData) -> dict[str, Any]:
    """What a form says of a list; a column that the form leaves at its proposal is not chosen by hand."""
    chosen = {
        name.removeprefix(_COLUMN): None if value == _NOTHING else value
        for name, value in form.items()
        if name.startswith(_COLUMN) and isinstance(value, str) and value and value != form.get(f"was-{name}")
    }
    before = {
        name.removeprefix("kept-"): value or None
        for name, value in form.items()
        if name.startswith("kept-") and isinstance(value, str)
    }
    kind = str(form.get("kind") or "")
    known = {field for fields in _choices("").values() for field in fields}
    return {
        "kind": kind if kind in KINDS else "",
        "partner": str(form.get("partner") or "")[:200].strip(),
        "event": str(form.get("event") or "")[:200].strip(),
        "dates": str(form.get("dates") or "") if form.get("dates") in _ORDERS else "",
        "called": slug(str(form["called"])[:60]) if form.get("called") else "",
        "sheet": str(form.get("sheet") or "")[:100].strip(),
        "header": int(row) if (row := str(form.get("header") or "").strip()[:6]).isdecimal() and int(row) else None,
        "chosen": {column: field for column, field in {**before, **chosen}.items() if field is None or field in known},
    }


def _choices(kind: str) -> dict[str, dict[str, str]]:
    """The fields that a column can be taken for, by what they are of. All of them where ``kind`` is blank."""
    said = texts()
    found = {entity.value: {f"{entity.value}.{name}": field.label for name, field in fields.items()}
             for entity, fields in FIELDS.items()}  # fmt: skip
    hanging = {"lead": (Hanging.LEAD,), "participant": (Hanging.ACTIVITY,), "contact": ()}.get(
        kind, (Hanging.LEAD, Hanging.ACTIVITY)
    )
    for each in hanging:
        found[each.value] = {f"{each.value}.{name}": field.label for name, field in HANGING_FIELDS[each].items()}
    found["other"] = {
        "notes": said("import.notes"),
        "consent.email": said("import.consent"),
        "ignore": said("import.ignore"),
    }
    return found
