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

from solmu.exchange import Remote
from solmu.sync.equal import same


def arriving(
    sent: Mapping[str, Any],
    written: Mapping[str, Any],
    payload: Mapping[str, Any],
    *,
    known_version: str | None,
    version: str | None,
    changed_by_us: bool,
) -> Mapping[str, Any]:
    """What a landed record may show of ``sent``, which was not answered: all of it, or nothing if it has not arrived.

    The version that our last answered write returned shows no later one. Where no version is known, a write has not
    arrived if we changed the record last and it still holds what we had ``written``: it is done whole or not at all.
    """
    if known_version is not None and version is not None:
        return {} if version == known_version else sent
    before = [name for name in sent if name in written and same(payload.get(name), written[name])]
    return {} if changed_by_us and any(not same(written[name], sent[name]) for name in before) else sent


def echoes(
    payload: Mapping[str, Any],
    written: Mapping[str, Any],
    observed: Mapping[str, Any],
    *,
    on_the_way: Mapping[str, Any] | None = None,
    awaiting: Collection[str] = (),
) -> frozenset[str]:
    """The fields of a landed payload that repeat us.

    ``on_the_way`` was sent and not answered, and may have arrived. ``awaiting`` are the fields of which this payload
    shows for the first time what the target made of our value; see ``awaited``.
    """
    sent = on_the_way or {}
    return frozenset(
        name
        for name, value in payload.items()
        if (name in awaiting and (name in written or name in sent))
        or (name in sent and same(value, sent[name]))
        or (name in written and (same(value, written[name]) or (name in observed and same(value, observed[name]))))
    )


def awaited(
    agreed: Mapping[str, Mapping[str, Any]],
    *,
    known_version: str | None,
    version: str | None,
    changed_by_us: bool,
    on_the_way: Collection[str] = (),
) -> frozenset[str]:
    """The fields of which a landed record shows for the first time what the target made of our value.

    If it is the version that our last write returned, those are the fields that were written and not seen since. If it
    is another version of our own user's, a write that had no answer has arrived, with the fields ``on_the_way``. A
    target that returns no version from a write (``known_version`` is None) is trusted on the last modifier alone.
    """
    if not changed_by_us:
        return frozenset()
    unseen = frozenset(name for name, agreement in agreed.items() if "target" not in agreement)
    if known_version is None:
        return unseen | frozenset(on_the_way)
    return unseen if version == known_version else frozenset(on_the_way)


def standing(
    written: Mapping[str, Any],
    payload: Mapping[str, Any],
    echo: Collection[str],
    on_the_way: Mapping[str, Any] | None = None,
    awaiting: Collection[str] = (),
) -> dict[str, Any]:
    """What of ``written`` still stands after that payload: a field that it leaves out stays as it was.

    ``on_the_way`` is what was sent and not answered. It stands from the moment that it is seen in the record.
    """
    marks = {name: value for name, value in written.items() if name not in payload or name in echo}
    arrived = {
        name: value for name, value in (on_the_way or {}).items() if name in awaiting or same(payload.get(name), value)
    }
    return marks | arrived


def agreed_again(
    agreed: Mapping[str, Mapping[str, Any]],
    payload: Mapping[str, Any],
    awaiting: Collection[str],
    on_the_way: Mapping[str, Any],
    *,
    changed_by_us: bool,
) -> dict[str, dict[str, Any]]:
    """The agreement once a landed record has shown what the target made of the fields ``awaiting``.

    Once somebody else has changed it, nothing is awaited any more: by our next write their edit would bear our name.
    """
    after = {name: dict(agreement) for name, agreement in agreed.items()}
    if not changed_by_us:
        after = {name: {"target": agreement["hub"], **agreement} for name, agreement in after.items()}
    for name in set(awaiting) & set(payload):
        hub = on_the_way[name] if name in on_the_way else after[name]["hub"]
        after[name] = {"hub": hub, "target": payload[name]}
    return after


def agreed_after(
    agreed: Mapping[str, Mapping[str, Any]], sent: Mapping[str, Any], seen: Mapping[str, Any], *, unedited: bool
) -> dict[str, dict[str, Any]]:
    """The agreement after a write of ``sent``; ``seen`` is what the target says of the record in its answer.

    What it does not say is awaited. What an earlier write still waits for is awaited further only if the record is
    known to have been ``unedited`` between the two: else an edit would bear our user's name.
    """
    after = {name: dict(agreement) for name, agreement in agreed.items()}
    if not unedited:
        after = {name: {"target": agreement["hub"], **agreement} for name, agreement in after.items()}
    for name, value in sent.items():
        after[name] = {"hub": value, "target": seen[name]} if name in seen else {"hub": value}
    return after


def has_arrived(
    sent: Mapping[str, Any], before: Mapping[str, Any], record: Remote, *, version_before: str | None
) -> bool:
    """Whether an update that was not answered was done, told by what the record is now.

    A write is done whole or not at all: where one of its values has arrived, the others were changed since.
    """
    if record.changed_by_us and version_before is not None and record.version is not None:
        return record.version != version_before
    return any(
        same(record.payload.get(name), value) and not same(value, before.get(name)) for name, value in sent.items()
    )
