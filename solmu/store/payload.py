"""Payloads as the store keeps them: canonical JSON, compressed, with a keyed hash."""

from __future__ import annotations

import functools
import hashlib
import zlib
from collections.abc import Callable
from typing import Any, cast

import orjson

_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
_PLAIN, _DEFLATED = b"\x00", b"\x01"
_WORTH_IT = 1024  # bytes; below, deflate costs more time than writing what it would save


def canonical(value: Any) -> bytes:
    """The one JSON text of a value: sorted keys, no spaces, UTF-8."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # it costs to allow for keys that are no text, and they are rare
        return orjson.dumps(value, option=_OPTIONS)


def keyed_hash(key: bytes, text: bytes) -> bytes:
    """16 bytes that are equal for equal texts, and say nothing to whoever lacks the key."""
    return hasher(key)(text)


@functools.lru_cache(maxsize=4)
def hasher(key: bytes) -> Callable[[bytes], bytes]:
    """``keyed_hash`` by one key, for many texts."""
    # The key is a block of its own, and the same for every text: hashed once.
    begun = hashlib.blake2b(key=key, digest_size=16)

    def hash_of(text: bytes) -> bytes:
        digest = begun.copy()
        digest.update(text)
        return digest.digest()

    return hash_of


def content_hash(key: bytes, text: bytes, *, deleted: bool = False, unreadable: str | None = None) -> bytes:
    """The hash of a row as it was received, by the canonical text of its payload.

    A deletion and a reason for refusal (``unreadable`` is its code) are content too: the same fields with another fate
    are a change.
    """
    fate = f"unreadable {unreadable}" if unreadable else "deleted" if deleted else ""
    return keyed_hash(key, text + fate.encode() if fate else text)


def plain_hash(value: Any) -> str:
    """A hash of a value that holds nothing personal: configuration, recipes, plans."""
    return hashlib.blake2b(canonical(value), digest_size=16).hexdigest()


def pack(text: bytes) -> bytes:
    """Compress."""
    return _PLAIN + text if len(text) < _WORTH_IT else _DEFLATED + zlib.compress(text, 3)


def unpack(data: bytes) -> dict[str, Any]:
    """The payload again. Raises ValueError for what ``pack`` has not made."""
    try:
        text = data[1:] if data[:1] == _PLAIN else zlib.decompress(data[1:])
    except zlib.error as error:
        raise ValueError("this is no packed payload") from error
    return cast(dict[str, Any], orjson.loads(text))
