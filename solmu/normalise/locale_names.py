"""What countries, languages and currencies are called in the languages whose names are known here."""

from collections.abc import Iterator
from typing import Literal

from solmu.normalise.text import fold

LANGUAGES = ("en", "fi", "sv", "it", "de", "fr", "et")


def locale_names(kind: Literal["territories", "languages", "currencies"]) -> Iterator[tuple[str, str]]:
    """Codes, each with a folded name, as babel has them."""
    from babel import Locale

    for language in LANGUAGES:
        for code, name in getattr(Locale(language), kind).items():
            yield code, fold(name)
