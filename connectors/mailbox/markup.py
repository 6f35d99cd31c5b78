"""HTML mail as text, for mails that come without a text of their own."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from solmu.normalise.word_list import word_set

_BLOCKS = word_set(
    """
    address article blockquote div dl dt dd figure footer form h1 h2 h3 h4 h5 h6 header hr li main ol p pre section
    table tr ul
    """
)
_HIDDEN = frozenset({"head", "script", "style", "template", "title"})
_BLANK = re.compile(r"[ \t\r\n\f]+")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        self.hidden = 0
        self.quotes = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self.hidden += 1
        if tag in _BLOCKS:
            self._break()
        if tag == "br":
            self._break(always=True)
        if tag in ("td", "th") and self.lines[-1].strip("> "):
            self.lines[-1] += " "
        if tag == "blockquote":
            self.quotes += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self.hidden = max(0, self.hidden - 1)
        if tag in _BLOCKS:
            self._break()
        if tag == "p":
            self._break(always=True)
        if tag == "blockquote":
            self.quotes = max(0, self.quotes - 1)

    def handle_data(self, data: str) -> None:
        text = _BLANK.sub(" ", data)
        if self.hidden or not text:
            return
        if not self.lines[-1]:
            text = text.lstrip()
            self.lines[-1] = "> " * bool(text and self.quotes)
        self.lines[-1] += text

    def _break(self, *, always: bool = False) -> None:
        if always or self.lines[-1]:
            self.lines.append("")


def text_of(html: str) -> str:
    """The text that a reader sees, a line a block; quotations begin with ``>``. Never raises, however broken."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.replace("\xa0", " ").strip() for line in reader.lines)).strip()
