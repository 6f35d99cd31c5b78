"""Comments above the attributes of a class, where the code explains its settings and capabilities."""

from __future__ import annotations

import ast
import inspect


def comments_of(found: type) -> dict[str, str]:
    """{attribute: the comment above it}; a comment holds for all attributes up to the next one."""
    source = inspect.getsource(found)
    lines = source.splitlines()
    body = ast.parse(inspect.cleandoc(source) if source.startswith(" ") else source).body[0]
    assert isinstance(body, ast.ClassDef)
    comments: dict[str, str] = {}
    current, before = "", body.lineno
    for node in body.body:
        between = [line.strip() for line in lines[before : node.lineno - 1]]
        said = [line.removeprefix("#").strip() for line in between if line.startswith("#")]
        if said or "" in between:
            current = " ".join(said)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and current:
            comments[node.target.id] = current
        before = node.end_lineno or node.lineno
    return comments
