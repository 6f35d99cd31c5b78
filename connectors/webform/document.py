"""What a body says: JSON, a posted form, or a form in parts, as one JSON document, within limits."""

from __future__ import annotations

import codecs
import hashlib
import json
import re
from email.message import Message
from email.utils import collapse_rfc2231_value
from typing import Any
from urllib.parse import parse_qsl

import orjson

DEEPEST = 32
MOST_FIELDS = 1_000
FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data"

_JSON_TYPE = re.compile(r"(application|text)/([\w.-]+\+)?json")
_INT64 = 2**63

# What Python's parser of parameters takes grows with the square of both, and a form's address is known to everybody.
_LONGEST_HEADER = 4_000
_MOST_PARAMETERS = 50

_NO_CHARSETS = frozenset({"punycode", "idna"})
"""Python has them as codecs, but they are for names of domains, and take hours over a body."""


class Unparsable(ValueError):
    """The body is not what it should be; ``code`` and ``expected`` say so to a report."""

    def __init__(self, code: str, message: str, expected: str, value: str | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.expected, self.value = code, message, expected, value


def parse(body: bytes, content_type: str, *, charset: str = "utf-8", encoding: str = "") -> Any:
    """The document in a body: what JSON holds, or of a form its fields.

    Fields that repeat are lists; files are blocks with name, type, size and SHA-256. ``charset`` counts where the
    content type names none. Raises Unparsable.
    """
    kind, options = _content_type(content_type)
    charset = options.get("charset", charset)
    if encoding not in ("", "identity"):
        raise Unparsable("content-encoding", "the body is packed", "a body without Content-Encoding", encoding)
    if _JSON_TYPE.fullmatch(kind) or (kind in ("", "text/plain") and body.lstrip()[:1] in (b"{", b"[")):
        return _checked(_json(_decoded(body, charset)))
    if kind == FORM:
        return _checked(_form(_decoded(body, charset), charset))
    if kind == PARTS:
        return _checked(_fields(_parts(body, options.get("boundary", ""), charset)))
    raise Unparsable(
        "content-type",
        "this is neither JSON nor a form",
        f"application/json, {FORM} or {PARTS}",
        kind or "no Content-Type",
    )


def parse_text(text: str) -> Any:
    """JSON within JSON, or in a form's field. Raises Unparsable."""
    return _checked(_json(text))


def depth_of(value: Any) -> int:
    """How many levels of lists and blocks there are, counted no further than needed to refuse it."""
    level, deepest = [value], 0
    while level and deepest <= DEEPEST:
        inner: list[Any] = []
        for each in level:
            if isinstance(each, dict):
                inner.extend(each.values())
            elif isinstance(each, list):
                inner.extend(each)
        if not inner and not any(isinstance(each, dict | list) for each in level):
            break
        level, deepest = inner, deepest + 1
    return deepest


def _content_type(text: str) -> tuple[str, dict[str, str]]:
    message = Message()
    message["content-type"] = text.replace("\r", " ").replace("\n", " ")
    options = {name: value for name, value in _options(message, "content-type").items() if value}
    # `Message` takes a missing type for text/plain.
    return message.get_content_type() if text.strip() else "", options


def _options(message: Message, header: str) -> dict[str, str]:
    """The parameters of a header (RFC 2231), names in lower case; none where it is missing."""
    text = str(message.get(header, ""))
    if len(text) > _LONGEST_HEADER or text.count(";") > _MOST_PARAMETERS:
        raise _no_header(header, f"at most {_LONGEST_HEADER:,} characters and {_MOST_PARAMETERS} parameters")
    try:
        found = message.get_params(failobj=[], header=header)[1:]
        return {name.lower(): collapse_rfc2231_value(value) for name, value in found}
    except ValueError:  # endless numbers, a NUL in the name of a character set
        raise _no_header(header, "parameters as RFC 2231 has them") from None


def _no_header(header: str, expected: str) -> Unparsable:
    return Unparsable("not-a-header", f"{header.title()} cannot be read", expected)


def _decoded(body: bytes, charset: str) -> str:
    try:
        name = codecs.lookup(charset).name
        if name in _NO_CHARSETS:
            raise LookupError(charset)
        # A BOM is none of the text, wherever it came from.
        return body.decode("utf-8-sig" if name == "utf-8" else charset)
    except LookupError:
        raise Unparsable("unknown-charset", "this character set is not known", "such as utf-8", charset) from None
    except (UnicodeDecodeError, ValueError) as error:
        at = f" at byte {error.start + 1:,}" if isinstance(error, UnicodeDecodeError) else ""
        raise Unparsable(
            "wrong-charset", f"the body is not in {charset}{at}", "text in the character set that is stated", charset
        ) from None


def _json(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_number, parse_int=_int, parse_float=_float)
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        where = f" in line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise Unparsable("not-json", f"this is no JSON{where}", "JSON as RFC 8259 has it") from None


def _int(text: str) -> int | str:
    """A number that other programs would round stays text."""
    value = int(text) if len(text) < 20 else _INT64
    return value if -_INT64 <= value < _INT64 else text


def _float(text: str) -> float | str:
    value = float(text)
    return value if abs(value) < float("inf") else text


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number of JSON")


def _checked(document: Any) -> Any:
    if depth_of(document) > DEEPEST:
        raise _too_deep()
    try:
        orjson.dumps(document)
    except TypeError:
        raise Unparsable("no-text", "there is half a character in it", "text that can be written as UTF-8") from None
    return document


def _too_deep() -> Unparsable:
    return Unparsable("too-deep", "its blocks are nested too deeply", f"at most {DEEPEST} levels")


def _form(text: str, charset: str) -> dict[str, Any]:
    try:
        pairs = parse_qsl(
            text.strip("\r\n"), keep_blank_values=True, encoding=charset, errors="strict", max_num_fields=MOST_FIELDS
        )
    except UnicodeDecodeError:
        raise Unparsable(
            "wrong-charset", f"a field is not in {charset}", "text in the character set that is stated", charset
        ) from None
    except ValueError:
        raise _too_many() from None
    return _fields(list(pairs))


def _fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found


def _parts(body: bytes, boundary: str, charset: str) -> list[tuple[str, Any]]:
    """The fields of multipart/form-data (RFC 7578)."""
    if not boundary or not boundary.isascii():
        raise Unparsable("no-boundary", "the form's parts have no boundary", f"{PARTS}; boundary=…")
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary.encode("ascii"), MOST_FIELDS + 2)
    if len(pieces) > MOST_FIELDS + 2:
        raise _too_many()
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise Unparsable("cut-off", "the form ends before its last part", "parts, and the boundary with -- at the end")
    return [field for piece in pieces[1:-1] if (field := _part(piece, charset)) is not None]


def _part(piece: bytes, charset: str) -> tuple[str, Any] | None:
    head, _, data = piece.partition(b"\r\n\r\n")
    message = Message()
    for line in head.decode("utf-8", "replace").split("\r\n"):
        name, colon, value = line.partition(":")
        if colon and name.strip().lower() in ("content-disposition", "content-type"):
            message[name.strip()] = value.strip()
    said = _options(message, "content-disposition")
    if "name" not in said:
        return None
    options = _options(message, "content-type")
    if "filename" in said:
        digest = hashlib.sha256(data).hexdigest()
        kind = message.get_content_type() if "content-type" in message else None
        return said["name"], {"file": said["filename"], "type": kind, "size": len(data), "sha256": digest}
    return said["name"], _decoded(data, options.get("charset") or charset)


def _too_many() -> Unparsable:
    return Unparsable("too-many-fields", "the form has too many fields", f"at most {MOST_FIELDS:,}")
