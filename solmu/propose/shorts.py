"""Words that people cut short in headings, written out: "Anspr.-partner Tel." is "Ansprechpartner Telefon". Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from solmu.propose.words import folded

_WORD = re.compile(r"([^\W\d_]+)(\.-?(?=[^\W\d_]))?")
_LEAST_BEFORE = 3
# In these words grow together: "Org.nr" is one word, "Cod.cliente" is two.
COMPOUNDING = frozenset({"de", "sv", "fi", "da", "no"})


def written_out(heading: str, shorts: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """A heading with its short words written out, once for each language that knows any of them.

    ``shorts``: language to its short words, folded, and what each is short for. In languages whose words grow together
    a longer word may end with a short one ("Firmenbuchnr").
    """
    for language, known in shorts.items():
        glue = "" if language in COMPOUNDING else " "

        def longer(found: re.Match[str], known: Mapping[str, str] = known, glue: str = glue) -> str:
            word, joined = found[1], found[2]
            plain = folded(word)
            full = known.get(plain) or (_ending_written_out(plain, known) if not glue else None)
            return (full or word) + (glue if joined and full else joined or "")

        if (text := _WORD.sub(longer, heading)) != heading:
            yield text


def _ending_written_out(word: str, known: Mapping[str, str]) -> str | None:
    for at in range(_LEAST_BEFORE, len(word) - 1):
        if (full := known.get(word[at:])) and len(full) > len(word[at:]):
            return word[:at] + full
    return None
