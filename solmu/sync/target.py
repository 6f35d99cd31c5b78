"""What planning and pushing need of a connector; ``connectors/base.py`` has the whole contract.

The core imports no connector, so it says here what it calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from solmu.exchange import Capabilities, Job, Journal, Merging, Remote, Result, StreamInfo, Write


class Target(Protocol):
    """A connector that can be written to, opened."""

    @property
    def capabilities(self) -> Capabilities: ...

    def discover(self) -> Sequence[StreamInfo]: ...

    def fetch(self, stream: str, remote_ids: Sequence[str]) -> Iterator[Remote]: ...

    def find(self, stream: str, external_ids: Sequence[str]) -> Iterator[Remote]: ...

    def changed_since(
        self, stream: str, remote_ids: Sequence[str], versions: Mapping[str, str]
    ) -> Iterator[Remote]: ...

    def write(self, stream: str, writes: Sequence[Write], journal: Journal) -> Iterator[Result]: ...

    def begin(self, stream: str, writes: Sequence[Write], journal: Journal) -> Iterator[Result] | None: ...

    def resume(self, job: Job) -> Iterator[Result]: ...

    def merges(self, stream: str) -> bool: ...

    def merge(self, stream: str, pairs: Sequence[Merging]) -> Iterator[Result]: ...

    def with_alike(self, stream: str, writes: Sequence[Write], results: Iterable[Result]) -> Iterator[Result]: ...

    def calls_for(self, stream: str, writes: int) -> int: ...

    def calls_left(self) -> int | None: ...
