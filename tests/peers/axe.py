"""axe-core, which judges pages by the rules of WCAG; from npm, run in the browser by tests/web."""

from __future__ import annotations

from functools import cache

from tests.peers.npm import Package
from tests.peers.place import ROOT

PACKAGE = Package("axe", ROOT / "tests" / "web" / "axe")


@cache
def available() -> str | None:
    """None when it is there or could be installed, else why not."""
    return PACKAGE.available()


@cache
def script() -> str:
    """What to run in a page to have `axe` there."""
    return (PACKAGE.set_up() / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
