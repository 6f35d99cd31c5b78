"""What the contract suite needs to know of a system: how to connect to it, and how to work in it as somebody else."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from connectors.base import Connector
from connectors.memory import Trouble
from solmu.exchange import Payload


@dataclass(frozen=True)
class Wrong:
    """Settings that cannot work, and the setting that the error must name."""

    what: str
    settings: Mapping[str, Any]
    field: str


class System(ABC):
    """One running system. Its records have a name, which must not be blank, and a note, which may.

    Whoever uses these methods is a person in that system, not our own user.
    """

    stream: str = "companies"
    name_field: str = "name"
    note_field: str = "note"
    # The stream of deals, where the target takes any, and their field that points at a customer.
    deals: str = "opportunities"
    customer_field: str = "customer"
    # How many records the tests of large amounts use.
    many: int = 10_000
    # Records that no source gives in one batch.
    more_than_a_batch: int = 2500
    # Settings under which an answer that is slow on purpose counts as none.
    impatience: Mapping[str, Any] = MappingProxyType({})

    @abstractmethod
    @contextmanager
    def connect(self, **settings: Any) -> Iterator[Connector]:
        """A connection, with some of its settings replaced."""

    @abstractmethod
    def wrong_settings(self) -> Sequence[Wrong]: ...

    @abstractmethod
    def add(self, payloads: Sequence[Payload]) -> list[str]:
        """Enter records, and give their keys."""

    def payload(self, name: str | None, note: str | None = "as entered") -> Payload:
        return {self.name_field: name, self.note_field: note}

    def deal(self, name: str, customer: str) -> Payload:
        """A deal of the customer whose record that is."""
        return {"name": name, self.customer_field: customer, "amount": 1000}

    def change(self, key: str, note: str) -> None:
        """Change a record's note."""
        raise NotImplementedError

    def remove(self, key: str) -> None:
        raise NotImplementedError

    def merge(self, key: str, into: str) -> None:
        raise NotImplementedError

    def add_with_one_stamp(self, payloads: Sequence[Payload]) -> list[str]:
        """Enter records that all carry one and the same time of change."""
        raise NotImplementedError

    def add_late(self, payload: Payload) -> str:
        """Enter a record whose stamp lies before those that can be read already, but within the connection's lag."""
        raise NotImplementedError

    def count(self) -> int:
        """How many live records there are."""
        raise NotImplementedError

    def misbehave(self, trouble: Trouble, *, on: str, after: int = 0, times: int = 1) -> None:
        """Run into trouble in the next calls that read or write (``on``), after so many records went well."""
        raise NotImplementedError

    def behave(self) -> None:
        """End all trouble."""
        raise NotImplementedError

    def unknown_id(self, known: str) -> str:
        """An id of the same form as ``known``, of no record."""
        return known[::-1]
