"""What a connection to a folder of sheets can be told."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from connectors.base import Settings, ask


class SpreadsheetSettings(Settings):
    """The folder that the streams' files are in."""

    folder: Path = Field(description="folder with the files; relative paths start at the hub's folder")
    max_cells: int = Field(
        16_000_000, gt=0, description="cells that one sheet may have; 16 million need about 2 GB of memory"
    )


class SheetStream(Settings):
    """One list: all rows of all files that match."""

    files: str | tuple[str, ...] = Field(
        min_length=1, description="a pattern, or a list of names and patterns (leads-*.xlsx)"
    )
    sheet: str | int | None = Field(
        None,
        description="name or number (from 1) of the sheet; default: the first visible one that is not empty, "
        "and no cover with sentences",
    )
    header: int | Literal["auto"] = Field("auto", description="row of the header, from 1; auto: found by its shape")
    columns: tuple[str, ...] = Field((), description="columns that must be there; others may be")
    key: tuple[str, ...] = Field(
        (),
        description="columns that make a row's key; without: the row's content",
        json_schema_extra=ask(column="key"),
    )
    skip_footer: int = Field(0, ge=0, description="rows at the end that are no records, such as totals")
    delimiter: str | None = Field(None, description="what separates cells in text files (or: tab); default: detected")
    encoding: str | None = Field(None, description="how text files are encoded (utf-8, cp1252); default: detected")
    skip_unchanged_files: bool = Field(
        False,
        description="do not read files again that are as they were; rows that vanished are then noticed only in a"
        " night in which every file changed",
    )

    @property
    def patterns(self) -> tuple[str, ...]:
        """What ``files`` says, as a list."""
        return (self.files,) if isinstance(self.files, str) else self.files

    @field_validator("header")
    @classmethod
    def _a_row(cls, value: int | str) -> int | str:
        if isinstance(value, int) and value < 1:
            raise ValueError("rows are counted from 1")
        return value

    @field_validator("delimiter")
    @classmethod
    def _one_character(cls, value: str | None) -> str | None:
        value = "\t" if value in ("tab", "\\t") else value
        if value is not None and (len(value) != 1 or value in '\r\n"'):
            raise ValueError("one character, such as ; or the word tab")
        return value

    @field_validator("encoding")
    @classmethod
    def _a_codec(cls, value: str | None) -> str | None:
        try:
            if value is not None:
                "".encode(value)
        except LookupError:
            raise ValueError("an encoding that Python knows, such as utf-8 or cp1252") from None
        return value
