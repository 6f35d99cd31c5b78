"""Codes as a person reads them: the texts below ``words``. A code that has none, such as a target's own or that of a
connector from elsewhere, is shown with its hyphens as spaces. Addresses, files and JSON keep the codes themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from solmu.model import FIELDS, HANGING_FIELDS
from solmu.sync.guard import GUARDS
from solmu.sync.slots import in_its_place, is_aside
from solmu.web.show import plain
from solmu.web.texts import texts

_ASSIGNED = re.compile(r"assign (\d+)")
_SHORT = {"url": "URL", "tls": "TLS", "api": "API", "ca": "CA", "oauth": "OAuth", "seconds": "in seconds"}
_UNITS = frozenset({"in seconds"})
_NAMED = re.compile(r"`?--save NAME`?(?: with a name of its own)?")
_COMMAND = re.compile(r"`solmu ([a-z]+(?: [a-z]+)*)([^`]*)`")
_CODE = re.compile(r"[a-z]+(?:[-_][a-z]+)+")


def word(code: Any, family: str) -> str:
    """What a code of that family means; ``family`` is one below ``words``, or another group of texts by its path."""
    if code is None:
        return ""
    said = texts()
    for key in (f"words.{family}.{code}", f"{family}.{code}"):
        if key in said:
            return said(key)
    return spaced(str(code))


def rule(name: str | None) -> str:
    """By which rule a value survived, or whom an assignment rule has named."""
    assigned = _ASSIGNED.fullmatch(name or "")
    return texts()("words.assigned", n=assigned[1]) if assigned else word(name, "rule")


def labelled(message: str) -> str:
    """A message with each canonical field in it, such as ``organisation.name``, by the name that people read."""
    return _dotted().sub(_label, message)


def part(name: str) -> str:
    """What a slot such as ``organisation#2`` stands for."""
    base, _, which = in_its_place(name).partition("#")
    part = f"{word(base, 'part')} {which}".rstrip()
    return texts()("words.before", part=part) if is_aside(name) else part


def setting(path: str) -> str:
    """What a connection's setting such as ``oauth.token_url`` is called; its own name stands in the file."""
    said = texts()
    known = f"words.setting.{path}"
    if known in said:
        return said(known)
    parts = [[_SHORT.get(each, each) for each in part.split("_")] for part in path.split(".")]
    names = [
        f"{' '.join(words[:-1])}, {words[-1]}" if words[-1] in _UNITS and len(words) > 1 else " ".join(words)
        for words in parts
    ]
    text = ": ".join(names)
    return text if text[1:2].isupper() else text[:1].upper() + text[1:]


def on_pages(message: str) -> str:
    """A message with each command in it that has a button or a page by what that is called."""
    return _NAMED.sub(texts()("words.command.save"), _COMMAND.sub(_place, message))


def _place(found: re.Match[str]) -> str:
    said, words = texts(), found[1].split()
    for length in (2, 1):
        key = f"words.command.{'-'.join(words[:length])}"
        rest = [*words[length:], *found[2].split()]
        if "--first-ten-are-right" in rest:
            key += "-first-ten"
        if rest and f"{key}-one" in said:
            return said(f"{key}-one", which=rest[0])
        if key in said:
            return said(key)
    return found[0]


def done(what: str) -> str:
    """A line of the audit."""
    return word(what, "audit")


def subject(named: str | None) -> str:
    """What a line of the audit is about: ``user:3`` as user 3."""
    kind, colon, which = (named or "").partition(":")
    if colon:
        return f"{word(kind, 'subject')} {which}"
    return word(kind, "guard") if kind in GUARDS else kind


def detail(told: Mapping[str, Any]) -> str:
    """What else a line of the audit says."""
    return "; ".join(
        f"{spaced(name)}: {spaced(value) if name == 'code' else _value(value)}"
        for name, value in told.items()
        if value not in (None, "", [])
    )


def actions() -> dict[str, str]:
    """Everything that the audit may say somebody did, with its words."""
    prefix = "words.audit."
    found = {key.removeprefix(prefix): texts()(key) for key in texts() if key.startswith(prefix)}
    return dict(sorted(found.items(), key=lambda each: each[1].casefold()))


def spaced(code: str) -> str:
    """A code as words; whatever is no code, such as somebody's name, is left as it is."""
    return code.replace("-", " ").replace("_", " ") if _CODE.fullmatch(code) else code


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{spaced(str(name))} {_value(each)}" for name, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_value(each) for each in value)
    return plain(value)


@cache
def _labels() -> Mapping[str, str]:
    return {
        f"{of}.{name}": texts()("words.field-of", entity=word(str(of), "part"), field=field.label.lower())
        for of, fields in (*FIELDS.items(), *HANGING_FIELDS.items())
        for name, field in fields.items()
    }


@cache
def _dotted() -> re.Pattern[str]:
    longest_first = sorted(_labels(), key=len, reverse=True)
    return re.compile(rf"(?<![\w./@-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w/@-]|\.\w)")


def _label(found: re.Match[str]) -> str:
    label = _labels()[found[0]]
    return label if found.start() == 0 else label[0].lower() + label[1:]
