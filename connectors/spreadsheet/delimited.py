"""Reads csv and tsv: what encoding, what delimiter, then row by row, however long the file is."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from typing import BinaryIO

from connectors.spreadsheet.files import File
from connectors.spreadsheet.guard import too_long
from connectors.spreadsheet.header import are_labels
from solmu.errors import Fatal
from solmu.normalise.invalid import Invalid
from solmu.normalise.text import decode

_CHUNK = 1 << 20
_SAMPLE = 1 << 18
_MAX_CELL = 1_000_000
_DELIMITERS = "\t;|,"
_LINE_BREAK = re.compile(r"(?:\r\n|\r|\n)(?!\Z)")
# How programs tell Excel that digits are a text: ="00100". To whoever looks at it there, it says 00100.
_AS_TEXT = re.compile(r'\A="([^"]*)"\Z')
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# UTF-8 with lines of cp1252 pasted in, which `decode` recognises: the stray bytes are read by that page.
_PATCHED = "utf-8 with cp1252"
_PATCH = "solmu.cp1252"


def _read_stray_bytes(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", errors="replace"), error.end


codecs.register_error(_PATCH, _read_stray_bytes)


@dataclass(frozen=True, slots=True)
class Format:
    """How a text file is to be read. ``digest`` is its hash; ``skip`` counts lines before the first row."""

    encoding: str
    errors: str
    delimiter: str
    digest: str
    skip: int = 0


def examine(file: File, encoding: str | None, delimiter: str | None) -> Format:
    """Read the file once and tell how it is written; what is given is taken as right.

    Raises Fatal for bytes that are no text, or not of the given encoding.
    """
    with file.path.open("rb") as stream:
        digest, nul, is_utf8, start = _scan(stream)
        if encoding is None:
            encoding = _encoding(file, stream, nul, is_utf8, start)
    errors = "strict"
    if encoding == _PATCHED:
        encoding, errors = "utf-8", _PATCH
    encoding = {"utf-8": "utf-8-sig"}.get(encoding.lower(), encoding)
    if nul is not None and not encoding.lower().startswith(("utf-16", "utf-32", "utf_16", "utf_32")):
        raise _nul(file, nul)
    with _opened(file, encoding, errors) as text:
        try:
            sample = text.read(_SAMPLE)
        except UnicodeDecodeError as error:
            raise _wrong_encoding(file, encoding, None) from error
    first, _, _ = sample.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:
        # What Excel writes above the header to name its delimiter.
        return Format(encoding, errors, delimiter or first.strip()[4], digest, skip=1)
    return Format(encoding, errors, delimiter or delimiter_of(sample), digest)


def rows(file: File, how: Format) -> Iterator[tuple[int, list[str]]]:
    """The number of the line that each row begins on, from 1, and its cells."""
    if csv.field_size_limit() < _MAX_CELL:
        csv.field_size_limit(_MAX_CELL)
    with _opened(file, how.encoding, how.errors) as text:
        for _ in range(how.skip):
            text.readline()
        lines = _Lines(text)
        held = lines.held
        reader = csv.reader(lines, delimiter=how.delimiter)
        line = how.skip + 1
        try:
            for cells in reader:
                if lines.over or (len(held) > 1 and not _ends_well(held, how.delimiter)):
                    raise _unclosed(file, line + _opening(held, cells))
                if '="' in held[0] or len(held) > 1:
                    cells = [_AS_TEXT.sub(r"\1", cell) for cell in cells]
                yield line, cells
                held.clear()
                line = how.skip + reader.line_num + 1
        except csv.Error as error:
            if "field larger than field limit" in str(error):
                if before := lines.held[:-1]:
                    [cells] = csv.reader(before, delimiter=how.delimiter)
                    raise _unclosed(file, line + _opening(before, cells)) from error
                raise too_long(file, line) from error
            raise Fatal(
                f"this line cannot be read: {error}",
                code="bad-csv",
                file=file.name,
                line=line,
                expected="well-formed csv",
            ) from error
        except UnicodeDecodeError as error:
            raise _wrong_encoding(file, how.encoding, line) from error


class _Lines:
    """The lines of a text, on their way to a reader. ``held`` are those of the row that it is reading.

    ``over``: the text has ended. A reader that gives a row after that has asked for more: a quotation mark is open.
    """

    def __init__(self, text: Iterable[str]) -> None:
        self._text = text
        self.held: list[str] = []
        self.over = False

    def __iter__(self) -> Iterator[str]:
        held = self.held
        for line in self._text:
            held.append(line)
            yield line
        self.over = True


def _ends_well(lines: Sequence[str], delimiter: str) -> bool:
    """Whether each quotation mark of a row of several lines is closed where its cell ends. If not, one that was never
    closed has swallowed lines up to the next quotation mark that there was."""
    try:
        for _ in csv.reader(lines, delimiter=delimiter, strict=True):
            pass
    except csv.Error:
        return False
    return True


def _opening(lines: Sequence[str], cells: Sequence[str]) -> int:
    """In which line of a row, from 0, the last cell of several lines opens; it goes on to the row's last line."""
    inside = (len(_LINE_BREAK.findall(cell)) for cell in reversed(cells))
    return len(lines) - 1 - next(filter(None, inside), 0)


def _opened(file: File, encoding: str, errors: str) -> io.TextIOWrapper:
    return file.path.open(encoding=encoding, errors=errors, newline="")


def _scan(stream: BinaryIO) -> tuple[str, int | None, bool, bytes]:
    """Hash, line of the first NUL, whether it is UTF-8, and the first bytes."""
    digest = blake2b(digest_size=16)
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8, lines, nul, start = True, 1, None, b""
    while chunk := stream.read(_CHUNK):
        start = start or chunk[:_SAMPLE]
        digest.update(chunk)
        if nul is None and b"\0" in chunk:
            nul = lines + chunk.count(b"\n", 0, chunk.index(b"\0"))
        if nul is None:
            lines += chunk.count(b"\n")
        if is_utf8:
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                is_utf8 = False
    if is_utf8:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            is_utf8 = False
    return digest.hexdigest(), nul, is_utf8, start


def _encoding(file: File, stream: BinaryIO, nul: int | None, is_utf8: bool, start: bytes) -> str:
    if not start.startswith(_MARKS) and nul is None and is_utf8:
        return "utf-8"
    sample = start[: len(start) // 2 * 2] if start.startswith(_MARKS) or nul is not None else _beyond_ascii(stream)
    try:
        return decode(sample)[1]
    except Invalid as error:
        raise _nul(file, nul or 1) from error


def _beyond_ascii(stream: BinaryIO) -> bytes:
    """Lines with other characters than ASCII, from all over the file: the ones that tell code pages apart."""
    stream.seek(0)
    sample = bytearray()
    while len(sample) < _SAMPLE and (line := stream.readline(_CHUNK)):
        if not line.isascii():
            sample += line
    return bytes(sample)


def delimiter_of(sample: str) -> str:
    """The character that separates the cells: it cuts most rows into equally many, the header among them.

    A comma inside of numbers or names does that too, by chance; that the first full row reads as labels tells them
    apart. Without any delimiter, the comma.
    """
    whole = sample if len(sample) < _SAMPLE else sample[: sample.rfind("\n")]
    return max(_DELIMITERS[::-1], key=lambda delimiter: _fit(whole, delimiter))


def _fit(sample: str, delimiter: str) -> float:
    try:
        every = list(islice(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter), 200))
    except csv.Error:
        return 0.0
    rows = [row for row in every if any(row)]
    if not rows:
        return 0.1 if any(every) else 0.0  # nothing but delimiters
    [(width, count)] = Counter(len(row) for row in rows).most_common(1)
    if width == 1:
        return 0.0
    first = next(row for row in rows if len(row) == width)
    return (count / len(rows)) * (1 - 1 / width) * (2.0 if are_labels(first) else 1.0)


def _nul(file: File, line: int) -> Fatal:
    return Fatal(
        "the file has NUL bytes in it: it is damaged, or no text",
        code="nul-bytes",
        file=file.name,
        line=line,
        expected="a text file; if it is UTF-16, say so in the stream's `encoding`",
    )


def _wrong_encoding(file: File, encoding: str, line: int | None) -> Fatal:
    return Fatal(
        f"the file is not written in {encoding.removesuffix('-sig')}",
        code="wrong-encoding",
        file=file.name,
        line=line,
        field="encoding",
        value=encoding,
        expected="the encoding that the file was saved in, such as utf-8 or cp1252",
    )


def _unclosed(file: File, line: int) -> Fatal:
    return Fatal(
        "a quotation mark opens in this line and is not closed where its cell ends, so the lines below would be lost"
        " in that cell",
        code="unclosed-quote",
        file=file.name,
        line=line,
        expected="a quotation mark at both ends of the cell, and those within its text written twice",
    )
