"""A rule for a field in conflict, so that nobody is asked again: what it would change is shown before it is written."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import ndiff
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from solmu.config.edit_rule import Proposed, propose_rule, set_rule
from solmu.config.settings import WINNABLE
from solmu.errors import ConfigurationError, SolmuError
from solmu.golden.rules import ALWAYS, Rule
from solmu.model import Entity
from solmu.steward.conflicts import shown
from solmu.steward.under_rule import under_rule
from solmu.web import audit
from solmu.web.access import Administrator
from solmu.web.page import Page
from solmu.web.render import render
from solmu.web.roles import Role
from solmu.web.site import Site, TheSite
from solmu.web.texts import texts

router = APIRouter(include_in_schema=False)
PAGE = Page("conflicts-rule", "/conflicts/rule", router, role=Role.ADMINISTRATOR)
_AROUND = 3  # lines of the file shown around one that changes

Number = Annotated[int, Query(ge=1, le=2**62)]


@router.get("/conflicts/rule")
def look(request: Request, site: TheSite, number: Number, rule: Annotated[str, Query(max_length=40)] = "") -> Response:
    """The rules that the field of a conflict may have; of a chosen one, what it would change."""
    return _page(request, site, _conflict(site, number), rule)


@router.post("/conflicts/rule")
def write(
    request: Request,
    site: TheSite,
    user: Administrator,
    number: Annotated[int, Form(ge=1, le=2**62)],
    rule: Annotated[str, Form(max_length=40)],
    seen: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Write it, as it was shown."""
    one = _conflict(site, number)
    entity, field = Entity(one["entity"]), one["hub_field"]
    if rule not in _rules(site, entity, field):
        raise SolmuError("this field cannot have that rule", code="no-rule")
    try:
        set_rule(site.hub, entity, field, rule, _about(rule), seen=seen)
    except SolmuError as problem:
        return _page(request, site, one, rule, problem=problem)
    with site.write() as connection:
        audit.note(connection, user.name, "rule set", f"rule:{entity.value}.{field}", rule=rule)
    return RedirectResponse(f"/conflicts?ruled={rule}", 303)


def _page(
    request: Request, site: Site, one: dict[str, Any], rule: str, *, problem: SolmuError | None = None
) -> Response:
    hub, entity, field = site.hub, Entity(one["entity"]), one["hub_field"]
    known = hub.fields(entity)[field]
    rules = _rules(site, entity, field)
    status = 200 if problem is None else 409
    proposed: Proposed | None = None
    if rule in rules:
        try:
            proposed = propose_rule(hub, entity, field, rule, _about(rule))
        except ConfigurationError as wrong:
            problem, status = wrong, 422
    waiting = []
    if proposed is not None:
        with site.read() as connection:
            waiting = under_rule(connection, hub, proposed.hub, entity, field)
    return render(
        request,
        "conflicts_rule.html",
        status_code=status,
        one=one,
        label=known.label,
        now=hub.settings.survivorship.rule(entity, known),
        rule=rule if rule in rules else "",
        rules={each: texts()(f"conflicts.rules.{each}") for each in rules},
        proposed=proposed,
        difference=list(_difference(proposed.before, proposed.after)) if proposed else [],
        waiting=waiting,
        problem=problem,
    )


def _conflict(site: Site, number: int) -> dict[str, Any]:
    with site.read() as connection:
        one = shown(connection, site.hub, number)
    if not one["hub_field"] or one["entity"] is None:
        raise SolmuError("this conflict is about no field of the hub that could have a rule", code="no-rule")
    return one


def _rules(site: Site, entity: Entity, field: str) -> list[str]:
    """Those that people who edit it in a CRM can win by; fields in conflict are edited there."""
    if field in ALWAYS:
        return []
    many = site.hub.fields(entity)[field].many
    return [each.value for each in Rule if each.value in WINNABLE and (many or each is not Rule.UNION)]


def _about(rule: str) -> str:
    return f"{texts()('conflicts.rule-comment')} {texts()(f'conflicts.rules.{rule}')}"


def _difference(before: str, after: str) -> Iterator[tuple[str, str]]:
    """The lines that go (-) and come (+), with some around them; ("…", "") where lines are left out."""
    lines = [(line[0], line[2:]) for line in ndiff(before.splitlines(), after.splitlines()) if line[0] != "?"]
    changed = [number for number, (sign, _) in enumerate(lines) if sign != " "]
    last = -1
    for number, line in enumerate(lines):
        if any(abs(number - place) <= _AROUND for place in changed):
            if number != last + 1:
                yield "…", ""
            yield line
            last = number
