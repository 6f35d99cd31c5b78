"""The run report's format, held against a report that is made on the spot."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.reference.markdown import code, page, table

_TOP = {
    "run_id": "the run",
    "kind": "`run`, `plan`, `apply`, `import`, `retry`, `remap`, `withdraw`, `revert` or `tasks`; a `small-run` is in "
    "the store only",
    "started": "when, in UTC",
    "seconds": "how long it took",
    "balanced": "whether the books balance; a run whose books do not is a failure (exit 1)",
    "unbalanced": "what does not add up",
    "guards": "the guards that stopped something",
    "problems": "errors, each as in [Errors](errors.md)",
    "streams": "by `<connection>/<stream>`: what was read",
    "mapped_anew": "by `<connection>/<stream>`: `rows` that had not changed and were mapped anew, `why`, and how many "
    "of them are `refused` now",
    "left_out": "by `<connection>/<stream>`: values that made no sense and that rows mapped in this run landed "
    "without; `<column>: <reason>` -> how many",
    "mentions": "how many mentions are in which state at the end",
    "golden": "how many golden records there are at the end",
    "pairs": "pairs compared in this run, by band",
    "targets": "by connection: what was planned, and what became of it",
    "not_sent": "by connection: targets that the run could not work with to the end, and how many golden "
    "records wait to be planned for them",
    "silent": "sources of which nothing new came for longer than is usual for them: `connection`, `last` day, `days` "
    "since, `limit` that would be usual, and whether that is `newly` so; looked for by `run` only",
    "lost_columns": "columns that a mapping reads and that a list came without: `connection`, `stream`, `column`, the "
    "day `since` when, the `file`, how many `rows` landed without it that day, what was new there `instead`, and "
    "whether this run was the first to see it (`newly`)",
    "taken_back": "thresholds that a proof had put in force and that new answers have broken, until something replaces "
    "them: `entity`, `since`, what is `promised`, the lower bound (`low`) of what was right, and whether no earlier "
    "night could tell (`newly`)",
    "exit": "the exit code",
}
_STREAM = {
    "read": "rows that came; the sum of all that follow",
    "new": "keys that were never seen",
    "changed": "known keys with other content",
    "unchanged": "known keys with the same content: a hash comparison, no write",
    "deleted": "rows that the source says are gone, or that a full list no longer has",
    "repeated": "keys that came twice with the same content",
    "refused": "rows without a claim: they wait in quarantine, and count here in every run until mended",
}
_MENTIONS = {
    "linked": "speak of a golden record",
    "pending": "wait to be resolved",
    "quarantined": "wait to be mended",
    "ignored": "left alone because the mapping says so (`ignore_when`)",
    "withdrawn": "their row is gone; they keep their link and have no say in values",
    "erased": "emptied on request; nobody can be yet, so 0",
}
_GOLDEN = {"organisations": "live golden records of organisations", "people": "live golden records of people"}
_PAIRS = {
    "same": "merged, by a rule of identity or a proven score",
    "ask": "wait for a steward",
    "different": "stay apart",
}
_TARGET = {
    "planned": "actions of this run; the sum of those that follow, down to `conflicting`",
    "created": "records made",
    "updated": "records changed",
    "linked": "records recognised that were there already",
    "unchanged": "nothing to do after all",
    "rejected": "the target said no, with a reason",
    "retriable": "did not work this time; planned anew next time",
    "unknown": "no answer came; looked up before anything is sent again",
    "blocked": "their parent was not made",
    "held": "not sent: the target is not armed, or the run stopped before",
    "superseded": "a newer plan took their place",
    "conflicting": "both sides changed; a steward decides",
    "overridden": "values that people wrote there and that a rule replaced; beside the sum",
    "kept_out": "records that admission keeps out; beside the sum",
    "secondary": "records that stand beside another one of the same customer from now on; beside the sum",
    "api_calls": "calls that pushing cost; beside the sum",
}


def report_page() -> str:
    """``run-report.md``."""
    report, counters = _empty_report()
    _same("the report", report, _TOP)
    for name, texts in (("mentions", _MENTIONS), ("golden", _GOLDEN), ("pairs", _PAIRS)):
        _same(name, report[name], texts)
    _same("streams", dict.fromkeys(counters), _STREAM)
    _same("targets", next(iter(report["targets"].values())), _TARGET)
    return page(
        "Run report",
        "`solmu run`, `plan`, `apply` and `retry` write `reports/<run>.json` and `reports/latest.json`. With "
        "`--output json`, all but `plan` print the same document. How the counts balance: "
        "[Books](../explanation/books.md).",
        _section(None, _TOP),
        _section("streams", _STREAM),
        _section("mentions", _MENTIONS),
        _section("golden", _GOLDEN),
        _section("pairs", _PAIRS),
        _section("targets", _TARGET),
    )


def _section(name: str | None, texts: Mapping[str, str]) -> str:
    made = table(("Key", "Meaning"), ((code(key), text) for key, text in texts.items()))
    return f"## {name}\n\n{made}" if name else made


def _same(what: str, found: Mapping[str, Any], told: Mapping[str, str]) -> None:
    if set(found) != set(told):
        raise KeyError(f"{what} has other keys than tools/reference/report.py tells of: {set(found) ^ set(told)}")


def _empty_report() -> tuple[dict[str, Any], tuple[str, ...]]:
    """The report of a run of a hub that has one target and nothing else."""
    from solmu.config import init_hub, load_hub
    from solmu.report.run import run_report
    from solmu.store import open_store
    from solmu.sync.ledger import STREAM_COUNTERS, mention_counts
    from solmu.sync.run import begin

    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        init_hub(home)
        (home / "connections" / "crm.yaml").write_text("connector: memory\ndirection: target\n", encoding="utf-8")
        hub = load_hub(home)
        with open_store(hub.store_url) as store:
            run = begin(hub, store)
            with store.read() as connection:
                return run_report(connection, run, [], mention_counts(connection)), STREAM_COUNTERS
