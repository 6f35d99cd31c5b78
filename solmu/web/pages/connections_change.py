"""Adding a connection, its settings and its streams, with forms made from the connector's own settings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from solmu.config.connections import NAME
from solmu.config.connectors import connector_class, connector_names
from solmu.config.edit import set_settings, set_stream, stamp
from solmu.config.form import Entry, entered, entries, filled, from_preset
from solmu.config.mappings import mapping_names
from solmu.config.write import describe, write_connection
from solmu.errors import SolmuError
from solmu.normalise import fold
from solmu.sync.trying import add_tried
from solmu.web import audit
from solmu.web.access import Administrator
from solmu.web.page import Page
from solmu.web.pages.connections import found, start
from solmu.web.render import render
from solmu.web.roles import Role
from solmu.web.site import Site, TheSite
from solmu.web.texts import texts

router = APIRouter(include_in_schema=False)
PAGE = Page("connections-change", "/new-connection", router, role=Role.ADMINISTRATOR)
DIRECTIONS = ("source", "target", "both")
KINDS = ("lead", "contact", "participant", "order")
_SETTING = "set:"
_LONGEST = 20_000
_OWN = {"stream", "mapping", "direction", "include", "exclude"}  # a stream's keys that are the hub's, not a form's

Name = Annotated[str, Query(max_length=200)]


@router.get("/new-connection")
def choose(
    request: Request,
    connector: Name = "",
    preset: Annotated[int, Query(ge=-1, le=99)] = -1,
) -> Response:
    """Which kind of system; then its form."""
    if connector not in connector_names():
        kinds = {name: connector_class(name) for name in connector_names()}
        return render(request, "connections_kinds.html", kinds=kinds)
    kind = connector_class(connector)
    settings: dict[str, Any] = {}
    if 0 <= preset < len(kind.presets):
        chosen = kind.presets[preset]
        said = {key: request.query_params.get(f"ask-{key}", "").strip()[:500] for key in chosen.asks}
        if not all(said.values()):
            return render(request, "connections_preset.html", connector=connector, number=preset, preset=chosen)
        settings = from_preset(chosen.settings, said)
    return _new(request, connector, entries(kind.Settings, settings), {"name": connector, "direction": ""}, {})


@router.post("/new-connection")
async def add(request: Request, site: TheSite, user: Administrator) -> Response:
    """Write its file; it takes part in runs when somebody enables it."""
    form = await _form(request)
    return await run_in_threadpool(_add, request, site, user.name, form)


@router.get("/connections/{name}/settings")
def edit(request: Request, site: TheSite, name: str) -> Response:
    """Its settings as a form."""
    config = found(site.hub, name)
    form = entries(connector_class(config.connector).Settings, config.settings)
    return _settings(request, name, form, {}, stamp(config))


@router.post("/connections/{name}/settings")
async def change(request: Request, site: TheSite, user: Administrator, name: str) -> Response:
    """Write them."""
    form = await _form(request)
    return await run_in_threadpool(_change, request, site, user.name, name, form)


@router.get("/connections/{name}/stream")
def stream(
    request: Request, site: TheSite, name: str, stream: Name = "", job: Name = "", offered: Name = ""
) -> Response:
    """A stream's settings as a form: of one that is there, or of one that the system offers."""
    config = found(site.hub, name)
    model = connector_class(config.connector).StreamSettings
    known = config.streams.get(stream)
    if known is not None:
        options = known.options | ({"key": known.key} if known.key is not None else {})
        there = {"called": stream, "offered": known.stream, "mapping": known.mapping or "", "kind": ""}
        return _stream(request, site, name, _own(entries(model, options)), there, {}, stamp(config), new=False)
    start_with = _start(site, job, offered)
    there = {"called": _called(offered), "offered": offered, "mapping": "", "kind": ""}
    return _stream(request, site, name, _own(entries(model, start_with)), there, {}, stamp(config), new=True)


@router.post("/connections/{name}/stream")
async def try_stream(request: Request, site: TheSite, user: Administrator, name: str) -> Response:
    """Look at what a new stream would become; or write the settings of one that is there."""
    form = await _form(request)
    return await run_in_threadpool(_try_stream, request, site, user.name, name, form)


@router.post("/connections/{name}/stream/add")
async def add_stream(request: Request, site: TheSite, user: Administrator, name: str) -> Response:
    """Add a stream as it was looked at."""
    form = await _form(request)
    return await run_in_threadpool(_add_stream, site, user.name, name, form.get("job", ""))


def _add_stream(site: Site, who: str, name: str, job: str) -> Response:
    done = site.jobs.find(job)
    tried = (done.result or {}).get("tried") if done is not None else None
    if tried is None or tried["connection"] != name:
        raise SolmuError(
            "what was looked at is not remembered any more", code="no-job", expected="another look at the stream"
        )
    add_tried(site.hub, tried)
    _note(site, who, "stream added", name, stream=tried["name"])
    return RedirectResponse(f"/connections/{name}", 303)


def _add(request: Request, site: Site, who: str, form: Mapping[str, str]) -> Response:
    connector, name, direction = (form.get(key, "").strip() for key in ("connector", "name", "direction"))
    if connector not in connector_names():
        raise SolmuError("there is no such connector", code="no-connector")
    kind, hub = connector_class(connector), site.hub
    said = entered(kind.Settings, _texts(form))
    wrong = {f"set:{path}": text for path, text in said.problems.items()}
    if not NAME.fullmatch(name):
        wrong["name"] = texts()("connections.misnamed")
    elif name in hub.connections:
        wrong["name"] = texts()("connections.there-already")
    if direction not in directions(kind):
        wrong["direction"] = texts()("connections.which-direction")
    if not wrong:
        document = {"connector": connector, "direction": direction, "enabled": False, "settings": said.settings}
        comments = describe(name, kind, said.settings) | {"enabled": texts()("connections.not-yet")}
        try:
            write_connection(hub, name, document, comments)
        except SolmuError as problem:
            wrong["set:"] = problem.message
    if wrong:
        shown = filled(entries(kind.Settings), _texts(form), said.problems)
        return _new(request, connector, shown, {"name": name, "direction": direction}, wrong)
    _note(site, who, "connection added", name)
    return RedirectResponse(f"/connections/{name}", 303)


def _change(request: Request, site: Site, who: str, name: str, form: Mapping[str, str]) -> Response:
    config = found(site.hub, name)
    kind = connector_class(config.connector)
    said = entered(kind.Settings, _texts(form), config.settings)
    wrong = {f"set:{path}": text for path, text in said.problems.items()}
    status = 422
    if not wrong:
        try:
            set_settings(config, said.settings, describe(name, kind, said.settings), seen=form.get("seen", ""))
        except SolmuError as problem:
            wrong, status = {"set:": problem.message}, 409
    if wrong:
        shown = filled(entries(kind.Settings, config.settings), _texts(form), said.problems)
        return _settings(request, name, shown, wrong, stamp(config), status=status)
    _note(site, who, "connection changed", name)
    return RedirectResponse(f"/connections/{name}", 303)


def _try_stream(request: Request, site: Site, who: str, name: str, form: Mapping[str, str]) -> Response:
    hub = site.hub
    config = found(hub, name)
    model = connector_class(config.connector).StreamSettings
    called, offered, mapping, kind = (form.get(key, "").strip() for key in ("called", "offered", "mapping", "kind"))
    new = form.get("new") == "yes"
    known = config.streams.get(called)
    before = {} if known is None or new else known.options | ({"key": known.key} if known.key is not None else {})
    beside = {key: offered for key in ("stream",) if key in model.model_fields and offered}
    said = entered(model, _texts(form), before | beside)
    options = {key: value for key, value in said.settings.items() if key not in _OWN}
    wrong = {f"set:{path}": text for path, text in said.problems.items()}
    if not NAME.fullmatch(called):
        wrong["called"] = texts()("connections.misnamed")
    elif new and known is not None:
        wrong["called"] = texts()("connections.there-already")
    if mapping and mapping not in _mappings(site, config.direction):
        wrong["mapping"] = texts()("connections.no-mapping")
    if not wrong and new:
        return start(
            site,
            who,
            name,
            "try_stream",
            stream=offered or called,
            called=called,
            options=options,
            mapping=mapping or None,
            rows_are=kind if kind in KINDS else None,
        )
    status = 422
    if not wrong and known is not None:
        try:
            set_stream(config, called, ({"mapping": mapping} if mapping else {}) | options, seen=form.get("seen", ""))
        except SolmuError as problem:
            wrong, status = {"set:": problem.message}, 409
        else:
            _note(site, who, "connection changed", name, stream=called)
            return RedirectResponse(f"/connections/{name}", 303)
    there = {"called": called, "offered": offered, "mapping": mapping, "kind": kind}
    shown = _own(filled(entries(model, before), _texts(form), said.problems))
    return _stream(request, site, name, shown, there, wrong, stamp(config), new=new, status=status)


def _new(
    request: Request, connector: str, form: Sequence[Entry], there: Mapping[str, str], wrong: Mapping[str, str]
) -> Response:
    kind = connector_class(connector)
    said = texts()
    return render(
        request,
        "connections_new.html",
        status_code=422 if wrong else 200,
        connector=connector,
        about=(kind.__doc__ or "").strip().partition("\n")[0],
        presets=kind.presets,
        needs=form,
        there=there,
        directions={each: said(f"connections.direction.{each}") for each in directions(kind)},
        wrong=wrong,
    )


def _settings(
    request: Request, name: str, form: Sequence[Entry], wrong: Mapping[str, str], seen: str, *, status: int = 200
) -> Response:
    return render(
        request, "connections_settings.html", status_code=status, name=name, needs=form, wrong=wrong, seen=seen
    )


def _stream(
    request: Request,
    site: Site,
    name: str,
    form: Sequence[Entry],
    there: Mapping[str, str],
    wrong: Mapping[str, str],
    seen: str,
    *,
    new: bool,
    status: int = 200,
) -> Response:
    config, said = site.hub.connection(name), texts()
    blank = said("connections.propose") if config.direction == "source" else said("connections.fitting")
    return render(
        request,
        "connections_stream.html",
        status_code=status,
        name=name,
        needs=form,
        there=there,
        wrong=wrong,
        seen=seen,
        new=new,
        mappings={"": blank if new else said("connections.none")}
        | {each: each for each in _mappings(site, config.direction)},
        kinds={"": said("connections.as-it-looks")} | {each: said(f"connections.kind.{each}") for each in KINDS},
        proposes=new and config.direction == "source",
    )


def directions(kind: Any) -> list[str]:
    """Which ways a connector goes."""
    return [each for each in DIRECTIONS if (each == "target" or kind.can_read) and (each == "source" or kind.can_write)]


def _mappings(site: Site, direction: str) -> list[str]:
    return mapping_names(site.hub.folder, "sources" if direction == "source" else "targets")


def _start(site: Site, job: str, offered: str) -> dict[str, Any]:
    """The settings that a stream which was discovered begins with."""
    done = site.jobs.find(job)
    streams: Sequence[Mapping[str, Any]] = (done.result or {}).get("offered", ()) if done is not None else ()
    return next((dict(each["start"]) for each in streams if each["name"] == offered), {})


def _own(form: Sequence[Entry]) -> list[Entry]:
    return [each for each in form if each.path not in _OWN]


def _called(offered: str) -> str:
    """What a stream may be called in YAML, by what the system calls it."""
    return offered if NAME.fullmatch(offered) else re.sub(r"[^A-Za-z0-9]+", "-", fold(offered)).strip("-")


async def _form(request: Request) -> dict[str, str]:
    said = await request.form(max_fields=300)
    return {key: value[:_LONGEST].replace("\x00", "") for key, value in said.items() if isinstance(value, str)}


def _texts(form: Mapping[str, str]) -> dict[str, str]:
    return {key.removeprefix(_SETTING): value for key, value in form.items() if key.startswith(_SETTING)}


def _note(site: Site, who: str, what: str, name: str, **detail: Any) -> None:
    with site.write() as connection:
        audit.note(connection, who, what, f"connection:{name}", **detail)
