"""The contract of a connector.

A *connector* speaks to one kind of system; a *connection* is one configured link to one real system. A connector
declares its settings, its capabilities and its streams, and implements only the verbs that it can do. It keeps no state
of its own: cursors, jobs and results are the hub's.

Errors are named by what to do next (``solmu.errors``): Fatal stops this connection, Retriable asks to come back,
Skippable holds one record. Each carries connection, stream and key.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self, TypeVar

from pydantic import BaseModel, ConfigDict

from solmu.errors import Fatal, SolmuError
from solmu.exchange import (
    Batch,
    Capabilities,
    Cursor,
    Delivery,
    Job,
    Journal,
    Merging,
    Payload,
    Remote,
    Request,
    Result,
    StreamInfo,
    User,
    Write,
)

Model = TypeVar("Model", bound=BaseModel)


class Settings(BaseModel):
    """Base of every connector's settings: unknown keys are errors. Secrets are ``pydantic.SecretStr``."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def ask(
    *, when: Mapping[str, Any] | None = None, one_of: str | None = None, column: str | None = None
) -> dict[str, Any]:
    """Marks an optional setting that ``solmu connection add`` asks for: ``Field(…, json_schema_extra=ask())``.

    Required settings are asked for anyway. ``when``: only if another setting has that value (True: any at all).
    ``one_of``: settings with the same word exclude each other, and the person first says which it shall be. ``column``:
    the answer is a column of the stream, one that could be its ``key`` or that says when a row ``changed``.
    """
    stated = {"when": dict(when) if when else None, "one_of": one_of, "column": column}
    return {"x-ask": {name: value for name, value in stated.items() if value is not None}}


@dataclass(frozen=True, slots=True)
class Preset:
    """A well-known system to begin with: settings that are the same for everybody who has it.

    ``{name}`` in one of them stands for what only they know; ``asks`` says what that is, by name.
    """

    label: str
    settings: Mapping[str, Any]
    asks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MadeSecret:
    """A secret that was made here, and what the other system is to know of it.

    ``public`` is the text of a file beside it, called as the connection with ``suffix``; ``told`` gives, for that
    file's path, what somebody has to do with it.
    """

    secret: str
    suffix: str
    public: str
    told: Callable[[str], str]


class Connector(ABC):
    """One connection, opened. Use it as a context manager; ``close`` gives back what it holds."""

    Settings: ClassVar[type[BaseModel]] = Settings
    StreamSettings: ClassVar[type[BaseModel]] = Settings

    # Whether the system can be read from, written to, and whether records can be deleted in it.
    can_read: ClassVar[bool] = True
    can_write: ClassVar[bool] = False
    can_delete: ClassVar[bool] = False
    # Two records can be merged into one, to which the system itself moves what hung on the other; ``merges`` says of
    # which streams.
    can_merge: ClassVar[bool] = False
    # The system pushes: `solmu serve` takes what it sends at /in/<connection>, and `verify` judges it.
    receives: ClassVar[bool] = False
    # A create names an id of ours which the system keeps unique, so that sending it twice makes one record.
    upserts_by_external_id: ClassVar[bool] = False
    # ``read`` with a cursor gives only what changed; without this, the core compares full lists by hash.
    reports_changes_since: ClassVar[bool] = False
    # ``read`` also gives records that were deleted or merged away.
    reports_deletes: ClassVar[bool] = False
    # A write can be refused by the system because the record changed in the meantime.
    writes_conditionally: ClassVar[bool] = False
    # The largest number of actions in one call, and from how many on a bulk job is better (None: never).
    max_batch: ClassVar[int] = 200
    bulk_above: ClassVar[int | None] = None
    # Seconds that pass before a record that was just written is found by a search.
    search_lag: ClassVar[float] = 0.0
    # For `solmu connection add`: systems to begin with; mappings that ship with Solmu and fit, best first; and what a
    # row most likely is where a mapping must be proposed ("lead", "contact", "participant"; None: the columns tell).
    presets: ClassVar[Sequence[Preset]] = ()
    fitting_mappings: ClassVar[Sequence[str]] = ()
    rows_are: ClassVar[str | None] = None
    # Why two records of one customer are not merged in the system, as `solmu connection check` says it of a target.
    merges_nothing: ClassVar[str | None] = None
    # Settings whose secret can be made here instead of being had from somebody, each with what that would be.
    makes: ClassVar[Mapping[str, str]] = {}

    def __init__(self, *, name: str, settings: Any, streams: Mapping[str, Any], folder: Path) -> None:
        """``settings`` and each of ``streams`` are instances of the declared models, secrets resolved.

        ``folder`` is the hub's folder: relative paths in settings start there.
        """
        self.name = name
        self.settings = settings
        self.streams = dict(streams)
        self.folder = folder

    @property
    def capabilities(self) -> Capabilities:
        """What this connection can do; an instance may know less than its class (a field that is not set up)."""
        return Capabilities(
            can_read=self.can_read,
            can_write=self.can_write,
            can_delete=self.can_delete,
            can_merge=self.can_merge,
            receives=self.receives,
            upserts_by_external_id=self.upserts_by_external_id,
            reports_changes_since=self.reports_changes_since,
            reports_deletes=self.reports_deletes,
            writes_conditionally=self.writes_conditionally,
            max_batch=self.max_batch,
            bulk_above=self.bulk_above,
            search_lag=self.search_lag,
        )

    @classmethod
    def suggested(cls, name: str, answers: Mapping[str, Any]) -> Mapping[str, Any]:
        """Better defaults for settings that are still to be asked for, by what was answered so far. ``name`` is what
        the connection will be called."""
        return {}

    @classmethod
    def make_secret(cls, key: str, name: str) -> MadeSecret:
        """A new secret for one of the settings in ``makes``, of the connection ``name``."""
        raise KeyError(key)

    def starting(self, info: StreamInfo) -> Mapping[str, Any]:
        """The settings of a stream that reads what ``discover`` offered under that name; a default for each that is
        asked for."""
        return {}

    @property
    def needs_login(self) -> bool:
        """Whether somebody must ``log_in`` before anything can be read."""
        return False

    @classmethod
    def logs_in(cls, settings: Mapping[str, Any]) -> bool:
        """Whether connections with these settings, as they stand in YAML, are such that somebody logs in for."""
        return False

    def log_in(self, tell: Callable[[str], object]) -> None:
        """Have somebody log in, once; ``tell`` shows them where, and with which code. Raises Fatal if that fails, or
        if this connection needs none."""
        raise Fatal(
            "nobody needs to log in for this connection", code="no-login", connection=self.name, expected="nothing"
        )

    @abstractmethod
    def check(self) -> Sequence[str]:
        """Make one real call with the least rights. Gives notes on what is weaker than it could be (often none).

        Raises Fatal that names the setting that is wrong and what would be right, or Retriable.
        """

    @abstractmethod
    def discover(self) -> Sequence[StreamInfo]:
        """The streams that this connection offers, with their fields."""

    def shape(self, stream: str) -> StreamInfo:
        """What landing must know of one stream: its key, and whether it is ``full`` or ``partial``. Without its fields
        where those cost something, and without a call where that is possible."""
        return next((info for info in self.discover() if info.name == stream), StreamInfo(stream))

    def read(self, stream: str, cursor: Cursor | None) -> Iterator[Batch]:
        """Batches of rows since ``cursor`` (None: all), each with the cursor that covers it.

        Cursors are half-open with a lag: rows that share a stamp, or commit late, come again rather than never; the
        core recognises what it has already.
        """
        raise unsupported(self, "read")

    def fetch(self, stream: str, remote_ids: Sequence[str]) -> Iterator[Remote]:
        """The present records of those ids, in any order; an id that is gone comes back as deleted."""
        raise unsupported(self, "fetch")

    def find(self, stream: str, external_ids: Sequence[str]) -> Iterator[Remote]:
        """The records that carry those external ids of ours. How an unanswered create is looked up."""
        raise unsupported(self, "find")

    def as_remote(self, stream: str, key: str, payload: Payload) -> Remote:
        """What a payload that ``read`` gave says of the record in the target: our external id in it, its version, and
        whether we changed it last. Pure: it is asked again when a record is mapped anew."""
        return Remote(remote_id=key, payload=payload)

    def changed_since(self, stream: str, remote_ids: Sequence[str], versions: Mapping[str, str]) -> Iterator[Remote]:
        """Those among ``remote_ids`` whose version is no longer the one given: the look before a batch is written."""
        for remote in self.fetch(stream, remote_ids):
            if remote.deleted or remote.version != versions.get(remote.remote_id):
                yield remote

    def write(self, stream: str, writes: Sequence[Write], journal: Journal) -> Iterator[Result]:
        """Exactly one result a write, in any order. Partial failure is normal and never raises.

        At most ``max_batch`` writes unless ``bulk_above`` is reached; then the job is given to ``journal`` before
        anything is uploaded. A write never repeats itself: an answer that did not come is ``unknown``.

        Raises Retriable (throttled, out of reach), Skippable (refused as a whole) or Fatal while nothing of this call
        has been done; after that, each write has its result.
        """
        raise unsupported(self, "write")

    def begin(self, stream: str, writes: Sequence[Write], journal: Journal) -> Iterator[Result] | None:
        """Begin a bulk job, and give its results to whoever waits for them later; None where ``write`` shall do it.

        As ``write``, but everything is with the target when this returns, so that the next job can be prepared while
        the target works on this one. Whatever was uploaded is in a job that was journalled before; what is in none has
        its results all the same. What is raised here was raised before anything had been done.
        """
        return None

    def resume(self, job: Job) -> Iterator[Result]:
        """The results of a bulk job that an earlier process started; ``unknown`` for those that never got in."""
        raise unsupported(self, "resume")

    def with_alike(self, stream: str, writes: Sequence[Write], results: Iterable[Result]) -> Iterator[Result]:
        """What ``resume`` gave of creates, of which the ``writes`` are known: a refusal because the system has such a
        record already says which (``Result.alike``), where the system tells. ``write`` says so by itself."""
        yield from results

    def merges(self, stream: str) -> bool:
        """Whether records of that stream can be merged. Without a call."""
        return self.can_merge

    def merge(self, stream: str, pairs: Sequence[Merging]) -> Iterator[Result]:
        """Exactly one result a pair, in any order, each with the winner as ``remote_id``: ``updated`` once the loser is
        gone into the winner, ``unchanged`` where it had gone there before, also by way of others.

        So what is ``unknown`` may be asked for again, as often as it takes. Of one winner several losers may be named;
        no winner may be the loser of another pair. Partial failure is normal and never raises, and a merge is never
        repeated by itself.

        Raises Retriable, Skippable or Fatal while nothing of this call has been done; after that, each pair has its
        result.
        """
        raise unsupported(self, "merge")

    def verify(self, request: Request) -> Delivery:
        """Whether a pushed delivery is genuine, judged over its raw bytes before anything is parsed.

        Raises ``solmu.errors.Unverified`` where it is not, or where no secret is set to judge it by: fail closed.
        """
        raise unsupported(self, "verify")

    def unknown_owners(self, owners: Sequence[str]) -> Sequence[str]:
        """Those of ``owners`` (of ``assignment:``) that are nobody who could own a record there; none where the system
        cannot be asked."""
        return ()

    def users(self) -> Iterable[User]:
        """Whoever may own a record there, so that people read names where records have ids; nobody where the system has
        no list of them. A long one may come in portions: of a very long one only the beginning is taken."""
        return ()

    def calls_for(self, stream: str, writes: int) -> int:
        """How many API calls that many writes will cost."""
        return -(-writes // self.max_batch)

    def calls_left(self) -> int | None:
        """What is left of the system's API budget, where it says so."""
        return None

    def calls_made(self) -> int:
        """API calls made by this object so far, writes and reads."""
        return 0

    def record_url(self, stream: str, remote_id: str) -> str | None:
        """The address at which a person sees that record."""
        return None

    def stream_settings(self, stream: str, model: type[Model]) -> Model:
        """The settings of a stream, which are a ``model``. Raises Fatal if there is no such stream."""
        settings = self.streams.get(stream)
        if not isinstance(settings, model):
            raise Fatal(
                f"there is no stream {stream!r}",
                code="no-stream",
                connection=self.name,
                stream=stream,
                expected=", ".join(self.streams),
            )
        return settings

    @contextmanager
    def naming(self, stream: str | None = None) -> Iterator[None]:
        """Errors from inside say which connection and stream they are of."""
        try:
            yield
        except SolmuError as error:
            error.connection, error.stream = self.name, stream
            raise

    def close(self) -> None:  # noqa: B027 - most connectors hold nothing
        """Give back connections and files."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def unsupported(connector: Connector, verb: str) -> Exception:
    """The error of a verb that this connector does not have; calling it is a mistake of the caller's."""
    return TypeError(f"connector {type(connector).__name__} cannot {verb}")
