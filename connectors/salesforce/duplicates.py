"""Which records a duplicate rule of the org takes for the same.

Collections and jobs say only that a rule refused a record; a call for one record says which ones it was taken for
("DuplicateResult" in the REST API's answers). So a refused record is sent once more by itself: it is refused again, and
this time the answer has their ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from connectors.salesforce.answers import Unanswered
from connectors.salesforce.session import Session
from solmu.errors import SolmuError
from solmu.exchange import Outcome, Result, Write

CODE = "DUPLICATES_DETECTED"
MOST_ASKED = 20
"""Of one write; each costs a call. What is beyond that is asked when it is next tried."""


def with_alike(
    session: Session, sobject: str, key: str | None, writes: Sequence[Write], results: Iterable[Result]
) -> Iterator[Result]:
    """The results of creates, those that a duplicate rule refused with the ids of what they were taken for."""
    by_id = {write.id: write for write in writes}
    asked = 0
    for result in results:
        if result.code != CODE or result.id not in by_id or asked == MOST_ASKED:
            yield result
            continue
        asked += 1
        yield _asked(session, sobject, key, by_id[result.id], result)


def _asked(session: Session, sobject: str, key: str | None, write: Write, result: Result) -> Result:
    path = f"sobjects/{sobject}" + (f"/{key}/{write.external_id}" if key else "")
    try:
        done, document = session.attempt("PATCH" if key else "POST", path, json=dict(write.fields))
    except Unanswered as error:
        # The rule may have let it pass this time: it is looked up, as any create without an answer.
        return Result(write.id, Outcome.UNKNOWN, code=error.code, message=error.message)
    except SolmuError:
        return result
    if done and isinstance(document, dict) and document.get("id"):
        return Result(write.id, Outcome.CREATED, str(document["id"]))
    return replace(result, alike=tuple(dict.fromkeys(_ids(document))))


def _ids(document: Any) -> Iterator[str]:
    for error in document if isinstance(document, list) else ():
        found = error.get("duplicateResult") if isinstance(error, Mapping) else None
        for match in (found or {}).get("matchResults") or ():
            for each in match.get("matchRecords") or ():
                record = each.get("record") or {}
                if record.get("Id"):
                    yield str(record["Id"])
