"""Links between pages lead somewhere."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import Page, every

_LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"")


@pytest.mark.parametrize("page", every(), ids=lambda page: page.name)
def test_every_link_within_the_project_leads_somewhere(page: Page) -> None:
    for found in _LINK.findall(page.prose):
        link = found[0] or found[1]
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.path.parent / name).resolve() if name else page.path
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), link


def anchors(text: str) -> set[str]:
    """What headings are called in addresses: small letters, digits and hyphens."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_page_can_be_reached_from_the_readme() -> None:
    pages = {page.path: page for page in every()}
    readme = next(iter(pages))
    reached, waiting = {readme}, [readme]
    while waiting:
        path = waiting.pop()
        for link, _ in _LINK.findall(pages[path].prose):
            target = (path.parent / link.partition("#")[0]).resolve()
            target = target / "README.md" if target.is_dir() else target
            if target in pages and target not in reached:
                reached.add(target)
                waiting.append(target)
    assert {page.name for page in every()} == {pages[path].name for path in reached}
