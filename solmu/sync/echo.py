"""Which values of a landed record only repeat what we wrote there. Pure.

For each field that we write, a remote keeps the value that was *written* for as long as it stands: as soon as somebody
else changes the field, the mark is dropped, and whatever stands there is evidence again. While the mark stands, the
mirror of the record (*observed*) shows what the target made of our value: it trims, cuts and reformats.

What the target made of a value may first be seen when the record lands. That first sight counts as our own value only
if our own user changed the record last and the version is the one that our write returned; otherwise it is an edit.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from solmu.sync.equal import same


def echoes(
    payload: Mapping[str, Any],
    written: Mapping[str, Any],
    observed: Mapping[str, Any],
    *,
    awaiting: Collection[str] = (),
) -> frozenset[str]:
    """The fields of a landed payload that repeat us.

    ``awaiting`` are the fields of our last write whose read-back this payload may be; see ``awaited``.
    """
    return frozenset(
        name
        for name, value in payload.items()
        if name in written
        and (name in awaiting or same(value, written[name]) or (name in observed and same(value, observed[name])))
    )


def awaited(
    agreed: Mapping[str, Mapping[str, Any]],
    *,
    known_version: str | None,
    version: str | None,
    changed_by_us: bool,
) -> frozenset[str]:
    """The fields whose read-back a landed record is: those that were written and not seen since, if it is our version.

    A target that returns no version from a write (``known_version`` is None) is trusted on the last modifier alone.
    """
    if not changed_by_us or (known_version is not None and version != known_version):
        return frozenset()
    return frozenset(name for name, agreement in agreed.items() if "target" not in agreement)


def standing(written: Mapping[str, Any], payload: Mapping[str, Any], echo: Collection[str]) -> dict[str, Any]:
    """What of ``written`` still stands after that payload: a field that it leaves out stays as it was."""
    return {name: value for name, value in written.items() if name not in payload or name in echo}


def agreed_after(
    agreed: Mapping[str, Mapping[str, Any]], sent: Mapping[str, Any], seen: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """The agreement after a write of ``sent``; ``seen`` is what the target says of the record in its answer.

    What it does not say is awaited. What an earlier write still waited for is no longer: the record that lands next may
    have been edited between the two writes, and bears our user's name all the same.
    """
    after = {name: {"target": agreement["hub"], **agreement} for name, agreement in agreed.items()}
    for name, value in sent.items():
        after[name] = {"hub": value, "target": seen[name]} if name in seen else {"hub": value}
    return after
