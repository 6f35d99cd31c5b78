"""Connections: how each system stands, what a connection says, and trying it before a night does."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from solmu.config import ConnectionConfig, Hub
from solmu.config.connectors import connector_class
from solmu.config.edit import set_enabled
from solmu.config.shown import shown_settings
from solmu.errors import SolmuError
from solmu.report.connections import connections_stand
from solmu.web import audit, problems
from solmu.web.access import Administrator, Viewer
from solmu.web.landing import landing
from solmu.web.page import Page
from solmu.web.render import render
from solmu.web.site import Site, TheSite

router = APIRouter()
PAGE = Page("connections", "/connections", router, order=80)
WORK = "solmu.web.connection_work:{}"
KIND = "connection"
Text = Annotated[str, Form(max_length=200)]


@router.get("/connections", include_in_schema=False)
def show(request: Request, site: TheSite, user: Viewer) -> Response:
    """All of them."""
    hub = site.hub
    with site.read() as connection:
        return render(request, "connections.html", stand=connections_stand(connection, hub))


@router.get("/api/connections")
def as_json(site: TheSite, user: Viewer) -> Any:
    """The connections with their streams, and how each stands; times are microseconds since 1970."""
    hub = site.hub
    with site.read() as connection:
        return {"connections": [asdict(each) for each in connections_stand(connection, hub)]}


@router.get("/connections/{name}", include_in_schema=False)
def one(request: Request, site: TheSite, user: Viewer, name: str) -> Response:
    """One of them: what it is told, what it reads and writes, how that went."""
    hub = site.hub
    config = found(hub, name)
    with site.read() as connection:
        stand = next(each for each in connections_stand(connection, hub) if each.name == name)
    model, trouble = None, None
    try:
        model = connector_class(config.connector)
    except SolmuError as problem:
        trouble = problem
    return render(
        request,
        "connections_one.html",
        config=config,
        stand=stand,
        settings=shown_settings(model.Settings, config.settings) if model else {},
        about={field.alias or key: field.description or "" for key, field in model.Settings.model_fields.items()}
        if model
        else {},
        connector=_first_line(model.__doc__) if model else "",
        trouble=trouble,
        logs_in=model is not None and model.logs_in(config.settings),
        file=config.file.relative_to(hub.folder) if config.file.is_relative_to(hub.folder) else config.file.name,
    )


@router.post("/connections/{name}/check", include_in_schema=False)
def check(site: TheSite, user: Administrator, name: str) -> Response:
    """Ask the system something real."""
    found(site.hub, name)
    return start(site, user.name, name, "check")


@router.post("/connections/{name}/login", include_in_schema=False)
def login(site: TheSite, user: Administrator, name: str) -> Response:
    """Log in for it, where a system wants a person to."""
    config = found(site.hub, name)
    if not connector_class(config.connector).logs_in(config.settings):
        raise SolmuError("nobody needs to log in for this connection", code="no-login")
    with site.write() as connection:
        audit.note(connection, user.name, "login for a connection begun", f"connection:{name}")
    return start(site, user.name, name, "login")


@router.post("/connections/{name}/discover", include_in_schema=False)
def discover(site: TheSite, user: Administrator, name: str) -> Response:
    """Ask the system what it offers."""
    found(site.hub, name)
    return start(site, user.name, name, "discover")


@router.post("/connections/{name}/preview", include_in_schema=False)
def preview(site: TheSite, user: Administrator, name: str, stream: Text) -> Response:
    """See how the first rows of a stream would land."""
    if stream not in found(site.hub, name).source_streams:
        raise SolmuError("this connection reads no such stream", code="no-stream")
    return start(site, user.name, name, "look", stream=stream)


@router.post("/connections/{name}/enable", include_in_schema=False)
def enable(site: TheSite, user: Administrator, name: str) -> Response:
    """Let it take part in runs, once it has answered."""
    found(site.hub, name)
    with site.write() as connection:
        audit.note(connection, user.name, "connection to be enabled", f"connection:{name}")
    return start(site, user.name, name, "enable")


@router.post("/connections/{name}/disable", include_in_schema=False)
def disable(site: TheSite, user: Administrator, name: str) -> Response:
    """Leave it out of runs."""
    set_enabled(found(site.hub, name), False)
    with site.write() as connection:
        audit.note(connection, user.name, "connection disabled", f"connection:{name}")
    return RedirectResponse(f"/connections/{name}", 303)


@router.get("/connections/{name}/tried/{job}", include_in_schema=False)
def tried(request: Request, site: TheSite, user: Administrator, name: str, job: str) -> Response:
    """What the system said."""
    hub = site.hub
    config = found(hub, name)
    done = site.jobs.find(job)
    if done is None or not done.kind.startswith(KIND):
        return problems.answer(request, 404, "no-job")
    if not done.is_over:
        return RedirectResponse(f"/jobs/{job}", 303)
    said = done.result or {}
    return render(
        request, "connections_tried.html", config=config, job=done, result=said, landing=partial(landing, hub)
    )


def found(hub: Hub, name: str) -> ConnectionConfig:
    """The connection of that name. Raises SolmuError."""
    config = hub.connections.get(name)
    if config is None:
        raise SolmuError("there is no such connection", code="no-connection")
    return config


def start(site: Site, who: str, name: str, work: str, **arguments: Any) -> Response:
    """Begin to try it, and go to where that can be watched."""
    job = site.jobs.start(
        f"{KIND}-{work}",
        WORK.format(work),
        who=who,
        about=name,
        then=f"/connections/{name}/tried/{{id}}",
        name=name,
        **arguments,
    )
    return RedirectResponse(f"/jobs/{job.id}", 303)


def _first_line(text: str | None) -> str:
    return (text or "").strip().partition("\n")[0]
