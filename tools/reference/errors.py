"""Error classes, exit codes, and every code that an error may carry, found in the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from solmu import errors
from tools.reference.markdown import block, code, page, table

ROOT = Path(__file__).resolve().parents[2]

EXIT_CODES = {
    0: "Done.",
    1: "Nothing could be done, the books do not balance, or `doctor` or `rebuild --check` found a difference.",
    2: "The command line or the configuration is wrong; nothing was done.",
    3: "Done, but some rows were refused, some actions failed, or one connection failed beside good ones.",
    4: "Stopped by a guard or by a plan that no longer holds; or `status --max-age` found no good run.",
    130: "Interrupted (Ctrl-C). The batch is finished or rolled back; the next run goes on from there.",
    141: "Nobody reads on what it says, as after `| head -1`; it has ended there, and what it had done is done.",
    143: "Ended by the system (SIGTERM); the same.",
}

# Where a code or the name of a guard stands in a call: under these keywords, or first in these, whose message comes
# further on.
_KEYWORDS = ("code", "guard")
_MESSAGE_PLACE = {"Invalid": 2, "Tripped": 1}


def errors_page() -> str:
    """``errors.md``."""
    known = {each.exit_code for each in vars(errors).values() if isinstance(each, type) and hasattr(each, "exit_code")}
    assert known <= set(EXIT_CODES), known
    tree = (errors.__doc__ or "").partition("::\n\n")[2].partition("\n\nEach carries")[0]
    return page(
        "Errors and exit codes",
        "## Exit codes",
        table(("Code", "Meaning"), ((str(number), text) for number, text in EXIT_CODES.items())),
        "## Errors",
        "With `--output json` an error is one document: "
        '`{"error": {code, message, connection, stream, record, file, line, field, value, expected}}`. '
        "Its class says what to do next:",
        block("\n".join(line.removeprefix("    ").replace("``", "") for line in tree.splitlines())),
        "## Codes",
        "The `code` of an error, of a row in quarantine, or the guard that stopped a run "
        "(`--override guard=<code>` lets it pass once). A target's own codes, such as Salesforce's, come beside these.",
        table(("Code", "Message", "From"), sorted(_codes())),
    )


def codes() -> set[str]:
    """Every code in the source, without backticks."""
    return {row[0].strip("`") for row in _codes()}


def _codes() -> set[tuple[str, str, str]]:
    found: dict[str, tuple[str, set[str]]] = {}
    for package in ("solmu", "connectors"):
        for path in sorted((ROOT / package).rglob("*.py")):
            module = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
            for name, message in _in(ast.parse(path.read_text(encoding="utf-8"))):
                said, modules = found.setdefault(name, (message, set()))
                found[name] = (said or message, modules | {module})
    return {(code(name), message, ", ".join(map(code, sorted(where)))) for name, (message, where) in found.items()}


def _in(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        named = {each.arg: _text(each.value) for each in node.keywords}
        name = next((named[key] for key in _KEYWORDS if named.get(key)), None)
        message = named.get("message") or next(filter(None, map(_text, node.args)), "")
        place = _MESSAGE_PLACE.get(_called(node))
        if place is not None and len(node.args) > place:
            name, message = _text(node.args[0]), _text(node.args[place]) or ""
        # A code is one word; what is made up at run time is a target's own.
        if name and " " not in name and "…" not in name:
            yield name, message


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _text(node: ast.expr) -> str | None:
    """A literal text; what is put into it shows as an ellipsis."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    return None
