"""What a connection to a folder of files can be told."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from connectors.base import Settings

Form = Literal["csv", "xlsx", "parquet"]


class FileSettings(Settings):
    """The folder, and how its files are written."""

    folder: Path = Field(description="folder for the files; relative paths start at the hub's folder")
    format: Form | tuple[Form, ...] = Field(
        "csv", description="csv, xlsx or parquet, or a list of them; deltas are written in the first"
    )
    delimiter: Literal[",", ";", "tab"] = Field(
        ",", description='what separates the cells of a csv file; Excel in Finland and Germany wants ";"'
    )
    encoding: Literal["utf-8", "utf-8-sig"] = Field(
        "utf-8", description="utf-8-sig begins a csv file with a mark by which Excel knows UTF-8"
    )
    decimal: Literal[".", ","] = Field(".", description="the decimal sign of numbers in csv files")
    guard_formulas: bool = Field(
        True, description="put ' before a text in csv files that a spreadsheet would take for a formula"
    )
    id_column: str = Field("Solmu ID", description="the header of the column with our id", min_length=1)
    full_files: bool = Field(True, description="write the full list of each stream anew when something in it changed")
    deltas: bool = Field(True, description="write what is new or changed into a file of its own in deltas/")
    delta_cells: Literal["changed", "all"] = Field(
        "changed",
        description="what a delta says of a record that was there before: the cells that changed, so that an import "
        "overwrites nothing else in the CRM, or all",
    )
    keep_deltas: int | None = Field(
        None, ge=1, description="how many deltas of a stream to keep, the oldest go; default: all"
    )

    @property
    def formats(self) -> tuple[Form, ...]:
        """What ``format`` says, as a list."""
        return (self.format,) if isinstance(self.format, str) else tuple(dict.fromkeys(self.format))

    @field_validator("format")
    @classmethod
    def _at_least_one(cls, value: Form | tuple[Form, ...]) -> Form | tuple[Form, ...]:
        if not value:
            raise ValueError("at least one of csv, xlsx and parquet")
        return value


class FileStream(Settings):
    """One list: one row a record. Its columns are those of the stream's target mapping, in that order."""

    mapping: str | None = Field(None, description="the mapping, as in mappings/targets/…")
    file: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9 _-]*$",
        description="the file's name without its ending; default: the stream's name",
    )
    identified_by: tuple[str, ...] = Field(
        ("Company name", "Company domain", "First name", "Last name", "Email"),
        description="columns by which a CRM recognises a record: filled in on every line of a delta, and shown in the "
        "rows of other streams that point here; those that the stream does not have are passed over",
    )
    required: tuple[str, ...] = Field((), description="columns without which a row is refused")
