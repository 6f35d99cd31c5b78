"""The valid name that somebody most likely meant."""

from __future__ import annotations

from collections.abc import Iterable

FEW = 16
"""Up to so many valid names are listed in an error; a longer list hides the answer instead of giving it."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name closest to what was written, upper and lower case aside, or None if none is close."""
    import difflib  # only when something is wrong already

    by_folded = {each.casefold(): each for each in known}
    found = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None


def choice_of(name: str, known: Iterable[str]) -> str:
    """What would have been right, in words: the nearest name first, then the others if they are few."""
    names = list(known)
    near = nearest(name, names)
    others = [each for each in names if each != near]
    if near is None:
        return "one of " + ", ".join(names) if names else "nothing here"
    return f"{near} (or {', '.join(others)})" if others and len(names) <= FEW else near
