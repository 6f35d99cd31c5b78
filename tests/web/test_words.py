"""No page shows a code of the machine: each has words, in the one place of texts."""

from __future__ import annotations

import re
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, update

from solmu.match import blocking
from solmu.store.tables import audit, golden, link, outbox, pair, plan, quarantine, run, source_record, source_version
from solmu.web.pages import all_pages
from solmu.web.site import Site
from solmu.web.texts import texts
from solmu.web.words import detail, labelled, part, rule, setting, spaced, subject, word
from tests.web.codes import FAMILIES, codes, raw, walk
from tests.web.conftest import MakeClient

NAMES = ("crm", "hub", "one", "two")


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_every_code_of_the_source_has_words_and_no_word_is_left_over(family: str) -> None:
    prefix = f"words.{family}."
    assert {key.removeprefix(prefix) for key in texts() if key.startswith(prefix)} == codes()[family]


def test_every_kind_of_key_that_makes_pairs_has_words() -> None:
    kinds = set(re.findall(r"[op]\|([a-z+-]+)\|", Path(blocking.__file__).read_text(encoding="utf-8")))
    kinds -= {key.split("|")[1] for key in blocking.NO_CANDIDATES}
    assert kinds
    assert sorted(kind for kind in kinds if word(kind, "key") == kind) == []


def test_settings_of_connections_are_called_in_words() -> None:
    assert setting("oauth.token_url") == "OAuth: token URL"
    assert setting("timeout_seconds") == "Timeout, in seconds"
    assert setting("external_id_field") == "Field for the hub’s id"


def test_words_are_put_for_codes() -> None:
    assert word("created-by-us", "why") == "this hub made it there"
    assert rule("assign 3") == "assignment rule 3"
    assert rule(None) == ""
    assert part("person#2") == "Person 2"
    assert subject("user:3") == "user 3"
    assert subject("changed-share") == "too large a share of the records would change"
    assert subject("partners-fi") == "partners-fi"
    assert detail({"reasons": {"signature-wrong": 2}, "target": "my-crm", "nothing": None}) == (
        "reasons: signature wrong 2; target: my-crm"
    )


def test_a_code_of_somebody_elses_is_shown_as_words() -> None:
    assert word("INVALID_FIELD", "reason") == "INVALID_FIELD"
    assert word("their-own-code", "reason") == "their own code"
    assert spaced("Pietro-Maria") == "Pietro-Maria"


def test_fields_in_a_message_have_the_names_that_people_read() -> None:
    said = "organisation.name or person.email is missing; see https://person.email.example"
    assert labelled(said) == "Organisation’s name or person’s e-mail is missing; see https://person.email.example"


def test_no_page_shows_a_code(site: Site, client: MakeClient) -> None:
    with site.write() as connection:
        stuff(connection)
    one = client("adda")
    with site.read() as connection:
        whom = connection.scalar(select(golden.c.public_id).join(link, link.c.golden_id == golden.c.id).limit(1))
    views = ("overview", "sources", "history", "targets")
    pages = walk(one, *(f"/customers/{whom}?view={view}" for view in views))
    asked = {address.partition("?")[0] for address in pages}
    assert {page.path for page in all_pages() if page.order is not None} <= asked
    assert {address: found for address, text in pages.items() if (found := raw(text, NAMES))} == {}
    assert "which no source speaks" in "".join(pages.values())


def stuff(connection: Connection) -> None:
    """Every code wherever a page may show one; nothing that a run would make so."""
    known = codes()
    _refuse(connection, known["reason"])
    acts = [{"at": 1, "who": "test", "what": each, "detail": {"code": "no-answer"}} for each in sorted(known["audit"])]
    connection.execute(insert(audit), acts)
    last = connection.execute(select(run).limit(1)).one()
    guards = {"guards": sorted(known["guard"]), "exit": 4}
    connection.execute(update(run).where(run.c.id == last.id).values(report={**last.report, **guards}, exit=4))
    connection.execute(update(plan).values(kept_out=dict.fromkeys(known["kept"], 2)))
    rules = cycle(sorted(known["rule"] - {"pin"}))
    for row in connection.execute(select(outbox.c.id, outbox.c.fields)).all():
        fields = {name: {**change, "rule": next(rules)} for name, change in row.fields.items()}
        connection.execute(update(outbox).where(outbox.c.id == row.id).values(fields=fields, state="held"))
    for row in connection.execute(select(golden.c.id, golden.c.document)).all():
        document = {name: {**entry, "rule": next(rules)} for name, entry in row.document.items()}
        connection.execute(update(golden).where(golden.c.id == row.id).values(document=document))
    for row in connection.execute(select(link)).all():
        gone = [
            {"mention_id": row.mention_id, "golden_id": row.golden_id, "since": at, "until": at + 1, "why": why,
             "run_id": row.run_id} for at, why in enumerate(sorted(known["why"]))
        ]  # fmt: skip
        connection.execute(insert(link), gone)
    for row, name in zip(connection.execute(select(pair)).all(), cycle(sorted(known["match"])), strict=False):
        connection.execute(update(pair).where(pair.c.left_id == row.left_id).values(rule=name))


def _refuse(connection: Connection, reasons: set[str]) -> None:
    like = connection.execute(select(source_version).limit(1)).one()
    message = "organisation.name or person.email is missing"
    for number, code in enumerate(sorted(reasons), start=1):
        record: Any = {
            "connection": "one", "stream": "leads", "key": f"R{number}", "state": "refused", "run_id": like.run_id,
        }  # fmt: skip
        id = connection.scalar(insert(source_record).values(record).returning(source_record.c.id))
        version = {
            "record_id": id, "run_id": like.run_id, "outcome": "new", "content_hash": b"", "landed_at": 1,
            "payload": like.payload,
        }  # fmt: skip
        newest = connection.scalar(insert(source_version).values(version).returning(source_version.c.id))
        connection.execute(update(source_record).where(source_record.c.id == id).values(version_id=newest))
        connection.execute(
            insert(quarantine).values(
                record_id=id, version_id=newest, state="waiting", stage="map", code=code, message=message, since=1,
                field="Company",
            )
        )  # fmt: skip
