"""Two records made one. Of Salesforce's APIs only SOAP can ("merge()", SOAP API Developer Guide).

What hung on the loser hangs on the winner afterwards; the loser is in the recycle bin and names the winner as its
``MasterRecordId``, which tells, however often it is asked, what was done before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from connectors.salesforce import soap, soql
from connectors.salesforce.answers import Problem, Unanswered
from connectors.salesforce.session import Session
from solmu.errors import Skippable, SolmuError
from solmu.exchange import Merging, Outcome, Result

OBJECTS = frozenset({"Account", "Contact", "Lead"})
"""What can be merged ("Supported Object Types"), among what Solmu sends."""
MOST_LOSERS = 2
# Calls without an answer, one after another, before the rest is left for another time.
_PATIENCE = 3
_NO_ANSWER = Problem("no-answer", "not tried, since calls before it had no answer")
_DELETED = "ENTITY_IS_DELETED"


class Merger:
    """Merges records of one object. Each winner has its own calls, each with at most two losers."""

    def __init__(self, session: Session, sobject: str) -> None:
        self._session = session
        self._object = sobject

    def merge(self, pairs: Sequence[Merging]) -> Iterator[Result]:
        """One result a pair. Raises Retriable or Fatal while nothing was done; afterwards what is left comes again."""
        gone = self._gone(pair.loser for pair in pairs)
        waiting = {pair.id: pair for pair in pairs if not _went(gone, pair)}
        later = _NO_ANSWER
        unanswered = 0
        sent = False
        for group in _groups(waiting.values()):
            if unanswered >= _PATIENCE:
                break
            try:
                for result in self._send(group):
                    del waiting[result.id]
                    sent = True
                    yield result
                unanswered = unanswered + 1 if result.code == _NO_ANSWER.code else 0
            except SolmuError as error:
                if not sent:
                    raise
                later = Problem(error.code or "later", error.message)
                break
        for pair in waiting.values():
            yield _result(pair, Outcome.RETRIABLE, later)
        for pair in pairs:
            if _went(gone, pair):
                yield _result(pair, Outcome.UNCHANGED)

    def _send(self, group: Sequence[Merging]) -> Iterator[Result]:
        """The results of one call. Two losers stand and fall together; after a refusal either is tried alone."""
        problem = self._problem(group)
        if isinstance(problem, Unanswered):
            for pair in group:
                yield _result(pair, Outcome.UNKNOWN, Problem(problem.code, problem.message))
        elif problem is None:
            for pair in group:
                yield _result(pair, Outcome.UPDATED)
        elif len(group) > 1:
            for pair in group:
                yield from self._send([pair])
        else:
            [pair] = group
            # Somebody merged them in this moment.
            done = problem.code == _DELETED and _went(self._gone([pair.loser]), pair)
            yield _result(pair, Outcome.UNCHANGED) if done else _result(pair, problem.outcome, problem)

    def _problem(self, group: Sequence[Merging]) -> Problem | Unanswered | None:
        """Why the group could not be merged; None where it was."""
        winner, losers = group[0].winner, [pair.loser for pair in group]
        try:
            content = self._session.soap(lambda session: soap.merge_request(session, self._object, winner, losers))
            merged = soap.merge_result(content)
        except Unanswered as error:
            return error
        except soap.Garbled:
            return Unanswered("garbled", "the answer could not be read")
        except Skippable as error:
            return Problem(error.code or "UNKNOWN", error.message, error.field)
        return None if merged.done else Problem(merged.code, merged.message, merged.field)

    def _gone(self, ids: Iterable[str]) -> dict[str, str]:
        """What of it was deleted, and of that which was merged away, the record that it went into (else blank); of
        those records too, as far as it goes. Ids without the three characters that only check the others."""
        gone: dict[str, str] = {}
        asked: set[str] = set()
        wanted = {id[:15]: id for id in ids}
        while wanted:
            asked |= wanted.keys()
            found: dict[str, str] = {}
            for some in soql.lists(wanted.values()):
                columns = ["Id", "IsDeleted", "MasterRecordId"]
                query = soql.select(columns, self._object, "IsDeleted = true", soql.among("Id", some))
                for record in self._session.get_part("queryAll", "records", {"q": query}):
                    master = record["MasterRecordId"] or ""
                    gone[record["Id"][:15]] = master[:15]
                    found[master[:15]] = master
            wanted = {short: id for short, id in found.items() if id and short not in asked}
        return gone


def _groups(pairs: Iterable[Merging]) -> list[list[Merging]]:
    """The pairs by winner, in portions of what one call takes."""
    by_winner: dict[str, list[Merging]] = {}
    for pair in pairs:
        by_winner.setdefault(pair.winner[:15], []).append(pair)
    return [
        same[start : start + MOST_LOSERS] for same in by_winner.values() for start in range(0, len(same), MOST_LOSERS)
    ]


def _went(gone: Mapping[str, str], pair: Merging) -> bool:
    """Whether the loser went into the winner, perhaps by way of others."""
    record, winner = gone.get(pair.loser[:15], ""), pair.winner[:15]
    seen: set[str] = set()
    while record and record != winner and record not in seen:
        seen.add(record)
        record = gone.get(record, "")
    return record == winner


def _result(pair: Merging, outcome: Outcome, problem: Problem | None = None) -> Result:
    if problem is None:
        return Result(pair.id, outcome, pair.winner)
    return Result(pair.id, outcome, pair.winner, code=problem.code, message=problem.sentence, field=problem.field)
