"""What a row truly speaks of: the ledger behind ``truth.csv``."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

COLUMNS = ("connection", "stream", "key", "slot", "entity", "truth_id")


@dataclass(frozen=True, slots=True)
class Mention:
    """One row's speaking of one organisation or person.

    ``identity_keys`` are what would prove two mentions to be one without looking at names: e-mail addresses, telephone
    numbers, business ids, ids of another system, as far as the row shows them.
    """

    connection: str
    stream: str
    key: str
    slot: str
    entity: str
    truth_id: str
    identity_keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that must not be let in, and why."""

    connection: str
    stream: str
    key: str
    reason: str


@dataclass(slots=True)
class Ledger:
    """All mentions and refusals, in the order in which the sources were written."""

    mentions: list[Mention] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    def organisation(self, source: tuple[str, str], key: str, truth_id: str, identity_keys: Iterable[str]) -> None:
        """The row speaks of this organisation."""
        self._note(source, key, "organisation", "organisation", truth_id, identity_keys)

    def person(
        self, source: tuple[str, str], key: str, truth_id: str, identity_keys: Iterable[str], slot: str = "person"
    ) -> None:
        """The row speaks of this person; ``slot`` differs for people found in its notes."""
        self._note(source, key, slot, "person", truth_id, identity_keys)

    def refuse(self, source: tuple[str, str], key: str, reason: str) -> None:
        """The row is to be refused."""
        self.refused.append(Refused(*source, key, reason))

    def _note(
        self, source: tuple[str, str], key: str, slot: str, entity: str, truth_id: str, identity_keys: Iterable[str]
    ) -> None:
        keys = frozenset(one for one in identity_keys if one)
        self.mentions.append(Mention(*source, key, slot, entity, truth_id, keys))


def append_truth(path: Path, mentions: Iterable[Mention]) -> None:
    """Adds the mentions to a truth file, which begins with its header."""
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(
            [getattr(mention, name) for name in COLUMNS] for mention in mentions
        )


def write_truth(path: Path, mentions: Iterable[Mention]) -> None:
    """A new truth file."""
    path.write_text(",".join(COLUMNS) + "\n", encoding="utf-8")
    append_truth(path, mentions)


def write_refused(path: Path, refused: Iterable[Refused]) -> None:
    """The rows that a correct hub refuses, with the reason; for people and tests, not read by the hub."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("connection", "stream", "key", "reason"))
        writer.writerows((one.connection, one.stream, one.key, one.reason) for one in refused)
