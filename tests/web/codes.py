"""The codes that the source has, by what they are codes of, and the pages' visible text, to look for them in it."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Final, get_args

import solmu
from solmu.config.settings import Exclude
from solmu.golden.rules import Rule
from solmu.intake import refusals
from solmu.match.component import ASKED_BY_CRM
from solmu.match.rules import PROTECTED, RULES, SCORE, WAS_ONE, Band
from solmu.model import FIELDS, HANGING_FIELDS
from solmu.notify import tell
from solmu.steward.intent import Kind
from solmu.sync.action import CHANGES
from solmu.sync.admission import NOT_INCLUDED
from solmu.sync.batch import WITHOUT_PARENT
from solmu.sync.deals import OVER, THERE
from solmu.sync.guard import GUARDS
from solmu.sync.ledger import MENTION_STATES
from solmu.sync.revert import REVERT
from solmu.web.texts import texts
from tests.web.client import Client
from tools.reference import errors

SOURCE = Path(solmu.__file__).parent
CONNECTORS = SOURCE.parent / "connectors"
_REFUSING = {"Invalid", "Skippable", "Unreadable", "_invalid", "_refused", "unreadable"}
_CODE = re.compile(r"[a-z]+(?:-[a-z]+)*")
_IN_TEXT = re.compile(r"(?<![\w/.@#=-])[a-z]+(?:[-_.][a-z]+)+(?![\w/@=-])")
_ATTRIBUTES = ("title", "aria-label", "placeholder", "alt")
_UNSEEN = {"script", "style", "code", "pre"}
ALIKE = 3
"""Pages of one kind, such as customers, that are looked at."""


@cache
def codes() -> dict[str, set[str]]:
    """By the names of the texts below ``words``."""
    return {family: set(found()) for family, found in FAMILIES.items()}


def raw(text: str, names: Collection[str] = ()) -> set[str]:
    """The machine's codes in a visible text: those of several words anywhere, one word where it stands alone.

    ``names`` are what somebody has called something, such as connections: no code of ours, whatever they are.
    """
    found = set(_IN_TEXT.findall(text)) & _several_words()
    return (found | {line for line in text.splitlines() if line in _single_words()}) - set(names)


def walk(client: Client, *starts: str) -> dict[str, str]:
    """The visible text of every page that can be reached by links, of each kind a few."""
    todo, seen, kinds = ["/", *starts], dict[str, str](), Counter[str]()
    while todo:
        address = todo.pop(0)
        kind = re.sub(r"(org|per|run|plan)_\w+|\d+|[\w-]{16,}|=[^&]*", "*", address)
        if address in seen or kinds[kind] == ALIKE:
            continue
        kinds[kind] += 1
        answer = client.get(address)
        if "location" in answer.headers:
            todo.append(answer.headers["location"])
        if "html" not in answer.headers.get("content-type", "") or "attachment" in answer.headers.get(
            "content-disposition", ""
        ):
            continue
        page = _Page()
        page.feed(answer.text)
        seen[address] = "\n".join(page.text)
        todo += [link if link.startswith("/") else address.partition("?")[0] + link for link in page.links]
    return seen


class _Page(HTMLParser):
    """The visible text of a page, and where it leads."""

    def __init__(self) -> None:
        super().__init__()
        self.links, self.text, self._unseen = list[str](), list[str](), 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self._unseen += tag in _UNSEEN
        self.text += [value for name in _ATTRIBUTES if (value := said.get(name))]
        link = (said.get("href") or "").partition("#")[0]
        if tag == "a" and link.startswith(("/", "?")) and "format=" not in link and "report." not in link:
            self.links.append(link)

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in _UNSEEN

    def handle_data(self, data: str) -> None:
        if not self._unseen and data.strip():
            self.text.append(" ".join(data.split()))


@cache
def _several_words() -> frozenset[str]:
    fields = {
        name for of, known in {**FIELDS, **HANGING_FIELDS}.items() for each in known for name in (each, f"{of}.{each}")
    }
    every = set[str]().union(*codes().values()) | errors.codes() | fields
    return frozenset(each for each in every if re.search(r"[a-z][-_.][a-z]", each))


@cache
def _single_words() -> frozenset[str]:
    """Codes that are one word, and no word that a page uses for something else."""
    said = texts()
    used = {said(key, n=2) if "{" not in str(said._texts[key]) else "" for key in said}
    found = codes()
    return frozenset(each for of in ("why", "rule") for each in found[of] if each not in used and "-" not in each)


def _reasons() -> Iterator[str]:
    """Of whatever refuses a single row."""
    known = errors.codes()
    for path in _modules(SOURCE / "normalise", SOURCE / "mapping", CONNECTORS, SOURCE / "sync" / "arrivals.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                with_defaults = zip(reversed(node.args.args), reversed(node.args.defaults), strict=False)
                yield from (
                    each.value
                    for argument, each in with_defaults
                    if argument.arg == "code" and isinstance(each, ast.Constant) and isinstance(each.value, str)
                )
            if isinstance(node, ast.Call) and _called(node) in _REFUSING:
                said = [*node.args[:3], *(each.value for each in node.keywords if each.arg == "code")]
                yield from (text for text in _constants(said) if text in known or "-" in text)


def _acts() -> Iterator[str]:
    """What the audit may say that somebody did."""
    yield from (tell._SENT, tell._NOT_SENT, refusals.WHAT)
    yield from (f"steward: {kind.value}" for kind in Kind)
    for path in _modules(SOURCE):
        prefix = "web: " if (SOURCE / "web") in path.parents else ""
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _called(node) in ("note", "_note"):
                said = [*node.args[2:3], *node.args[1:2], *(each.value for each in node.keywords if each.arg == "what")]
                yield from (prefix + each for each in _constants(said, re.compile(r"[a-z][a-z -]+")))
            elif isinstance(node, ast.keyword) and node.arg == "what" and path.name == "bundles.py":
                yield from _constants([node.value], re.compile(r"[a-z][a-z -]+"))


def _strings(path: Path, function: str) -> Iterator[str]:
    """The codes that a function names."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name == function:
            yield from _constants(ast.walk(node))


def _constants(nodes: object, shape: re.Pattern[str] = _CODE) -> Iterator[str]:
    for node in nodes:  # type: ignore[attr-defined]  # any iterable of nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and shape.fullmatch(node.value):
            yield node.value


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _modules(*places: Path) -> Iterator[Path]:
    for place in places:
        yield from [place] if place.is_file() else sorted(place.rglob("*.py"))


# Reading the whole source takes seconds, so that nobody does it before a test wants to know.
FAMILIES: Final[dict[str, Callable[[], Iterable[str]]]] = {
    "reason": _reasons,
    "why": lambda: _strings(SOURCE / "match" / "component.py", "_why"),
    "rule": lambda: {*(rule.value for rule in Rule), CHANGES, REVERT, "stamp", "merge", "assign default"},
    "band": lambda: {band.value for band in Band},
    "match": lambda: {*RULES, SCORE, PROTECTED, WAS_ONE, ASKED_BY_CRM},
    "kept": lambda: {*get_args(Exclude), NOT_INCLUDED, WITHOUT_PARENT, OVER, THERE},
    "guard": lambda: GUARDS,
    "did": lambda: {kind.value for kind in Kind},
    "mention": lambda: {*MENTION_STATES, "landed"},
    "audit": _acts,
}
