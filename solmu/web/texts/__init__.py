"""What the pages say, one file a page: ``texts/<language>/<page>.yaml``. A translation is a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

_FOLDER = Path(__file__).parent
LANGUAGE = "en"


class Texts:
    """The texts of one language, found by dotted keys such as ``home.title``; the first part is the file's name."""

    def __init__(self, texts: Mapping[str, str | Mapping[str, str]]) -> None:
        self._texts = texts

    def __call__(self, key: str, **values: Any) -> str:
        """The text, with ``{name}`` filled in. A text with ``one`` and ``other`` is chosen by ``n``.

        Raises KeyError for a text that is not there: a page never shows a key.
        """
        found = self._texts[key]
        if not isinstance(found, str):
            found = found["one" if values.get("n") == 1 else "other"]
        return found.format_map(values) if values else found

    def __contains__(self, key: str) -> bool:
        return key in self._texts

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)


@cache
def texts(language: str = LANGUAGE) -> Texts:
    """All of a language."""
    found: dict[str, str | Mapping[str, str]] = {}
    for path in sorted((_FOLDER / language).glob("*.yaml")):
        found.update(_flat(path.stem, YAML(typ="safe").load(path)))
    return Texts(found)


@cache
def texts_of(page: str, language: str = LANGUAGE) -> Texts:
    """Those of one page, for whoever cannot wait until all are loaded."""
    return Texts(dict(_flat(page, YAML(typ="safe").load(_FOLDER / language / f"{page}.yaml"))))


def _flat(prefix: str, tree: Mapping[str, Any]) -> Iterator[tuple[str, str | Mapping[str, str]]]:
    for name, value in tree.items():
        key = f"{prefix}.{name}"
        if isinstance(value, Mapping) and set(value) != {"one", "other"}:
            yield from _flat(key, value)
        else:
            yield key, value if isinstance(value, Mapping) else str(value)
