"""What a connector gives, so that a defect in one of them ends its own connection and not the night."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterable, Iterator

from solmu.errors import Fatal, SolmuError
from solmu.exchange import Batch

_log = logging.getLogger(__name__)


def foreseen(batches: Iterable[Batch], connection: str, stream: str) -> Iterator[Batch]:
    """The batches as they come. Raises Fatal in place of an error that the connector should not have let out.

    The log says where it came from; its text is left out, as it may hold what was read.
    """
    try:
        yield from batches
    except SolmuError:
        raise
    except Exception as error:
        kind = type(error).__name__
        _log.error(
            "%s/%s: unforeseen %s\n%s", connection, stream, kind, "".join(traceback.format_tb(error.__traceback__))
        )
        raise Fatal(
            f"reading broke off at something that nobody foresaw: {kind}",
            code="unforeseen",
            connection=connection,
            stream=stream,
            expected="a report of this, with what the log says",
        ) from error
