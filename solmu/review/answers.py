"""Reading a review sheet that somebody filled in: each row an answer, or a refusal that says why.

Columns are found by their names, wherever they stand. Rows may have been sorted, filtered and left out.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from solmu.errors import ConfigurationError
from solmu.match.decisions import Verdict
from solmu.review.names import PairId, read_pair_id
from solmu.review.sheet import DECISION, PAGE, PAIR, READ_BACK, REASON, SEEN, seal

_LARGEST = 200_000_000  # bytes, of the file and of what is packed in it
_NEEDED = (PAIR, DECISION, SEEN)
_HEADER_WITHIN = 10  # rows
_LONGEST_REASON = 1_000
_LONGEST_CELL = 10_000_000

Cells = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision that somebody wrote beside a pair. ``seen`` is the digest of what the sheet showed."""

    row: int
    pair: PairId
    verdict: Verdict
    reason: str | None
    seen: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that cannot be taken; ``row`` counts from 1, the header's row among them, as spreadsheet programs do."""

    row: int
    pair: str
    message: str
    value: str | None
    expected: str


@dataclass(frozen=True, slots=True)
class Answers:
    """What a sheet holds. ``blank`` counts pairs that nobody decided."""

    answers: tuple[Answer, ...]
    refused: tuple[Refusal, ...]
    blank: int


def read_answers(path: Path) -> Answers:
    """Read the sheet. Raises ConfigurationError where the file is no review sheet."""
    rows = _rows(path)
    places, first = _header(path, rows)
    answers: list[Answer] = []
    refused: list[Refusal] = []
    blank = 0
    for number, cells in enumerate(rows[first:], start=first + 1):
        told = {name: _cell(cells, place) for name, place in places.items()}
        if not told[DECISION]:
            blank += bool(told[PAIR])
            continue
        found = _answer(number, told)
        if isinstance(found, Answer):
            answers.append(found)
        else:
            refused.append(found)
    agreed, contrary = _once_each(answers)
    return Answers(tuple(agreed), tuple(sorted([*refused, *contrary], key=lambda each: each.row)), blank)


def _answer(number: int, told: dict[str, str]) -> Answer | Refusal:
    def refusal(message: str, value: str | None, expected: str) -> Refusal:
        return Refusal(number, told[PAIR], message, value, expected)

    pair = read_pair_id(told[PAIR])
    if pair is None:
        return refusal("this is no name of a pair", told[PAIR], "the name that the export wrote here")
    word = told[DECISION].casefold()
    if word not in set(Verdict):
        choice = ", ".join(each.value for each in Verdict)
        return refusal("this is no decision", told[DECISION], f"one of {choice}, or a blank cell")
    digest = told[SEEN].partition("-")[0]
    if told[SEEN] != seal(pair, digest):
        return refusal(
            "the pair's name and what was shown beside it do not belong together: one of them was edited or moved",
            None,
            "the row as it was exported, with your decision",
        )
    return Answer(number, pair, Verdict(word), told[REASON][:_LONGEST_REASON] or None, digest)


def _once_each(answers: Sequence[Answer]) -> tuple[list[Answer], list[Refusal]]:
    """Each pair once; one that has two different decisions has none."""
    by_pair: dict[PairId, list[Answer]] = {}
    for each in answers:
        by_pair.setdefault(each.pair, []).append(each)
    agreed, refused = [], []
    for pair, those in by_pair.items():
        if len({each.verdict for each in those}) == 1:
            agreed.append(those[0])
            continue
        rows = ", ".join(str(each.row) for each in those)
        refused += [
            Refusal(
                each.row,
                str(pair),
                f"rows {rows} decide the same pair differently",
                each.verdict.value,
                "one decision for each pair",
            )
            for each in those
        ]
    return agreed, refused


def _header(path: Path, rows: Sequence[Cells]) -> tuple[dict[str, int], int]:
    """Where each column stands, and how many rows the header ends after."""
    for number, cells in enumerate(rows[:_HEADER_WITHIN], start=1):
        names = [_cell(cells, place).casefold() for place in range(len(cells))]
        missing = [name for name in _NEEDED if name.casefold() not in names]
        if len(missing) > 1:
            continue
        for name in missing:
            raise _not_a_sheet(path, f"the column {name} is gone from this sheet, or has another name now")
        for name in READ_BACK:
            if names.count(name.casefold()) > 1:
                raise _not_a_sheet(path, f"this sheet has several columns {name}, so nobody can tell which one counts")
        found = {name: place for place, name in enumerate(names)}
        return {name: found.get(name.casefold(), -1) for name in READ_BACK}, number
    raise _not_a_sheet(path, f"this is no review sheet: it has no header with {PAIR} and {DECISION}")


def _cell(cells: Cells, place: int) -> str:
    if not 0 <= place < len(cells) or cells[place] is None:
        return ""
    text = str(cells[place]).strip().replace("\x00", "")
    # What a csv export put before a text that looks like a formula.
    return text[1:] if text[:1] == "'" and text[1:2] in tuple("=+-@") else text


def _rows(path: Path) -> list[Cells]:
    try:
        if path.stat().st_size > _LARGEST:
            raise _not_a_sheet(path, "this file is too large to be a review sheet")
        if path.suffix.lower() == ".csv":
            return list(_csv(path))
        return _workbook(path)
    except OSError as error:
        raise _not_a_sheet(path, f"this file cannot be read: {error.strerror or type(error).__name__}") from error


def _csv(path: Path) -> Iterator[Cells]:
    data = path.read_bytes()
    for encoding in ("utf-8-sig", "cp1252", "latin-1"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    first = text.partition("\n")[0]
    # Which separator a spreadsheet program saves with depends on its language.
    delimiter = max(",;\t", key=first.count)
    # The limit is the whole program's, and others rely on theirs.
    before = csv.field_size_limit(_LONGEST_CELL)
    try:
        yield from csv.reader(io.StringIO(text.replace("\x00", ""), newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise _not_a_sheet(path, f"this file cannot be read as csv: {error}") from error
    finally:
        csv.field_size_limit(before)


def _workbook(path: Path) -> list[Cells]:
    from python_calamine import CalamineError, load_workbook

    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                if sum(each.file_size for each in packed.infolist()) > _LARGEST:
                    raise _not_a_sheet(path, "what is packed in this file is too large to be a review sheet")
        with load_workbook(path) as book:
            name = PAGE if PAGE in book.sheet_names else book.sheet_names[0]
            return list(book.get_sheet_by_name(name).to_python(skip_empty_area=False))
    except (CalamineError, zipfile.BadZipFile, IndexError) as error:
        raise _not_a_sheet(path, "this file cannot be read as a workbook") from error


def _not_a_sheet(path: Path, message: str) -> ConfigurationError:
    return ConfigurationError(
        message, code="no-review-sheet", file=str(path), expected="an xlsx or csv file that `solmu review export` wrote"
    )
