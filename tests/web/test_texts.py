"""Every text that a page asks for is there, and none is left over."""

from __future__ import annotations

import re
from pathlib import Path

import solmu.web
from solmu.web.pages import all_pages
from solmu.web.texts import texts

WEB = Path(solmu.web.__file__).parent
# t("a.b") and Column("x", "a.b", …) whole; t("a.b." ~ x) and t(f"a.b.{x}") by their beginning.
WHOLE = re.compile(r"""\bt\(\s*["']([\w.-]+)["']\s*[,)]|["'](\w+\.[\w.-]+)["']""")
BEGINS = re.compile(r"""["']([\w.-]+\.)["'] ~|f["']([\w.-]+\.)\{""")


def asked_for() -> tuple[set[str], set[str]]:
    whole: set[str] = set()
    begins: set[str] = set()
    for path in [*WEB.rglob("*.py"), *WEB.rglob("*.html")]:
        text = path.read_text(encoding="utf-8")
        whole |= {key for found in WHOLE.findall(text) for key in found if key}
        begins |= {key for found in BEGINS.findall(text) for key in found if key}
    return whole, begins


def test_every_text_that_is_asked_for_is_there() -> None:
    there = texts()
    files = {key.partition(".")[0] for key in there}
    missing = []
    for path in WEB.rglob("*.html"):
        for key in re.findall(r"""\bt\(\s*["']([\w.-]+)["']\s*[,)]""", path.read_text(encoding="utf-8")):
            if key not in there:
                missing.append(f"{path.name}: {key}")
    assert missing == []
    _, begins = asked_for()
    assert [key for key in begins if key.partition(".")[0] in files and not any(k.startswith(key) for k in there)] == []
    assert [page.name for page in all_pages() if page.order is not None and f"{page.name}.menu" not in there] == []


def test_no_text_is_left_over() -> None:
    whole, begins = asked_for()
    left = [key for key in texts() if key not in whole and not key.startswith(tuple(begins)) and ".menu" not in key]
    assert left == []
