"""Review: the pairs that wait for a person, one after the other, decided by key or by button."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from solmu.errors import SolmuError
from solmu.match.contradiction import Contradiction
from solmu.match.decisions import Verdict
from solmu.model import Entity
from solmu.normalise.country import known_country
from solmu.review.card import card
from solmu.review.decide import Moved, decide, named_pair
from solmu.review.decided import decisions
from solmu.review.graph import graph
from solmu.review.listing import listing
from solmu.review.names import PairId
from solmu.review.queue import COUNTED, Filters, count_waiting
from solmu.review.turn import next_pair
from solmu.steward.changes import carry_out
from solmu.steward.undo import undo_decision
from solmu.store import time
from solmu.store.owners import owners
from solmu.web.access import Steward
from solmu.web.page import Page
from solmu.web.render import render
from solmu.web.review_work import follow_soon
from solmu.web.roles import Role
from solmu.web.show import share
from solmu.web.site import Site, TheSite
from solmu.web.texts import texts
from solmu.web.users import User

router = APIRouter()
PAGE = Page("review", "/review", router, role=Role.STEWARD, order=20, badge=count_waiting)

_DAY = 86_400_000_000
_FARTHEST = 1_000_000
Name = Annotated[str, Query(max_length=200)]
Typed = Annotated[str, Form(max_length=200)]


class Asked(BaseModel):
    """Which pairs a steward wants to see, as the address has it."""

    entity: Entity | None = None
    source: str = Field("", max_length=200)
    country: str = Field("", max_length=200)
    owner: str = Field("", max_length=200)
    older: int = Field(0, ge=0, le=3650)
    unsure: bool = False
    skip: int = Field(0, ge=0, le=_FARTHEST)

    def filters(self) -> Filters:
        """The same for the queue. Raises SolmuError where a source is no connection's name at all."""
        return Filters(
            entity=self.entity,
            source=self.source or None,
            country=known_country(self.country) if self.country else None,
            owner=self.owner or None,
            before=time.now() - self.older * _DAY if self.older else None,
            unsure=self.unsure,
        )

    def wrong(self) -> SolmuError | None:
        """What keeps this from being looked for."""
        if not self.country or known_country(self.country):
            return None
        said = texts()
        return SolmuError(
            said("review.no-country"), code="bad-country", value=self.country, expected=said("review.a-country")
        )

    def address(self, **more: Any) -> str:
        """The page's address that shows the same."""
        told = {**self.model_dump(mode="json", exclude_defaults=True), **more}
        return "/review" + (f"?{urlencode(told)}" if told else "")


def asked(
    entity: Annotated[str, Query(pattern="^(organisation|person)?$")] = "",
    source: Name = "",
    country: Annotated[str, Query(max_length=200, description="A code of two letters, or a name.")] = "",
    owner: Name = "",
    older: Annotated[int, Query(ge=0, le=3650)] = 0,
    unsure: bool = False,
    skip: Annotated[int, Query(ge=0, le=_FARTHEST)] = 0,
) -> Asked:
    """What the address asks for; a form that leaves a filter open sends it blank."""
    country = country.strip()
    return Asked(
        entity=Entity(entity) if entity else None,
        source=source,
        country=known_country(country) or country,
        owner=owner,
        older=older,
        unsure=unsure,
        skip=skip,
    )


AskedFor = Annotated[Asked, Depends(asked)]


@router.get("/review", include_in_schema=False)
def show(
    request: Request, site: TheSite, user: Steward, want: AskedFor, pair: Annotated[str, Query(max_length=60)] = ""
) -> Response:
    """The next pair, or the one that is named."""
    return _page(request, site, user, want, named_pair(pair) if pair else None, problem=want.wrong())


@router.post("/review", include_in_schema=False)
def say(
    request: Request,
    site: TheSite,
    user: Steward,
    want: AskedFor,
    pair: Typed,
    verdict: Annotated[Verdict, Form()],
    seen: Typed = "",
    reason: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Record what the steward says, and go on to the next."""
    named = named_pair(pair)
    try:
        with site.write() as connection:
            decide(connection, named, verdict, who=user.name, now=time.now(), reason=reason or None, seen=seen or None)
    except (Moved, Contradiction) as problem:
        return _page(request, site, user, want, named, problem=problem)
    site.forget_badges()
    follow_soon(site, user.name)
    return RedirectResponse(want.address(), 303)


@router.post("/review/undo", include_in_schema=False)
def take_back(
    request: Request,
    site: TheSite,
    user: Steward,
    want: AskedFor,
    decision: Annotated[int, Form(ge=1, le=2**62)],
    pair: Typed = "",
    back: Annotated[str, Form(pattern="^(queue|decisions)$")] = "queue",
) -> Response:
    """Take a decision back, and show its pair again."""
    try:
        with site.write() as connection:
            carry_out(connection, undo_decision(connection, site.hub, decision), who=user.name, now=time.now())
    except Moved as problem:
        return _page(request, site, user, want, None, problem=problem)
    site.forget_badges()
    follow_soon(site, user.name)
    if back == "decisions":
        return RedirectResponse("/review/decisions", 303)
    return RedirectResponse(want.address(**({"pair": pair} if pair else {})), 303)


@router.get("/api/review")
def waiting(site: TheSite, user: Steward, want: AskedFor, limit: Annotated[int, Query(ge=1, le=200)] = 20) -> Any:
    """The pairs that wait, those first with which most is at stake and least is sure. ``total`` counts to a thousand;
    ``at_least`` says that there are more."""
    if wrong := want.wrong():
        raise wrong
    with site.read() as connection:
        return listing(
            connection, site.hub.settings.matching, want.filters(), limit=limit, after=want.skip, most=COUNTED
        )


@router.get("/api/review/{pair}")
def one(site: TheSite, user: Steward, pair: str) -> Any:
    """Everything that a steward needs to decide a pair; 404 where there is none of that name."""
    with site.read() as connection:
        return card(connection, site.hub, named_pair(pair))


class Said(BaseModel):
    """What a steward says of a pair. ``seen`` is that of the pair as it was shown."""

    verdict: Verdict
    seen: str | None = Field(None, max_length=200)
    reason: str | None = Field(None, max_length=1000)


@router.post("/api/review/{pair}")
def said(site: TheSite, user: Steward, pair: str, body: Said) -> dict[str, Any]:
    """Decide a pair. 422 where it was decided or changed meanwhile, or where decisions in force exclude it."""
    named = named_pair(pair)
    with site.write() as connection:
        done = decide(
            connection, named, body.verdict, who=user.name, now=time.now(), reason=body.reason, seen=body.seen
        )
    site.forget_badges()
    follow_soon(site, user.name)
    return {"decision": done.id, "pair": str(done.pair), "verdict": done.verdict.value}


def _page(
    request: Request, site: Site, user: User, want: Asked, pair: PairId | None, *, problem: SolmuError | None = None
) -> Response:
    hub = site.hub
    shown, drawing = None, None
    with site.read() as connection:
        turn = next_pair(connection, want.filters(), who=user.name, skip=want.skip)
        wanted = pair or turn.pair
        if wanted is not None:
            try:
                shown = card(connection, hub, wanted)
                drawing = graph(connection, wanted)
            except Moved as gone:  # not compared any more since it was asked for
                problem = problem or gone
        known = owners(connection)
        last = decisions(connection, hub.settings.matching, who=user.name, withdrawn=False, limit=1)["decisions"]
    return render(
        request,
        "review.html",
        status_code=409 if problem is not None and request.method == "POST" else 422 if want.wrong() else 200,
        want=want,
        turn=turn,
        named=pair is not None,
        card=shown,
        known=known,
        rows=_rows(shown) if shown else [],
        dates=_dates(shown) if shown else {},
        likely=_likely(shown["probability"]) if shown else "",
        graph=drawing,
        last=last[0] if last else None,
        problem=problem,
        notes=getattr(problem, "__notes__", []),
        sources={"": texts()("common.any"), **{name: name for name in sorted(hub.connections)}},
        verdicts=list(Verdict),
    )


def _rows(card: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The fields of a card, each with what the two would have in common."""
    merged = {each["field"]: each for each in (card["merged"] or {"fields": []})["fields"]}
    rows = [{**field, "merged": merged.pop(field["field"], None)} for field in card["fields"]]
    return rows + [
        {"field": name, "label": each["label"], "same": None, "left": None, "right": None, "merged": each}
        for name, each in merged.items()
    ]


def _dates(card: Mapping[str, Any]) -> dict[str, str]:
    """The day on which each of the two last said anything; only what is older needs a date of its own."""
    said = {name: [row[name]["since"][:10] for row in card["fields"] if row[name]] for name in ("left", "right")}
    return {name: max(days, default="") for name, days in said.items()}


def _likely(probability: float) -> str:
    """No score is certain, however it rounds."""
    least, most = 0.001, 0.999
    if probability > most:
        return texts()("review.more-than", share=share(most))
    return texts()("review.less-than", share=share(least)) if probability < least else share(probability)
