"""Who is told of a night, and of what: one message when it matters, and none that changes what came of the night."""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from connectors.memory.space import Trouble
from solmu.config import Hub, load_hub
from solmu.errors import ConfigurationError
from solmu.notify import attempts
from solmu.report.status import status
from solmu.store import Store
from solmu.store.tables import audit, lead, meta, run
from solmu.sync.imports import bring_in, prepare, save, scratch, try_out
from solmu.sync.retry import retry
from solmu.sync.run import run_all
from tests.faults.test_signals import signal_at
from tests.hubs import ONE, crm_of, make_hub, write_sheet
from tests.night.conftest import Night
from tests.night.test_cli import Command, command, solmu
from tests.unit.notify.servers import Post, Web, mail_server, web_server

__all__ = ["command", "solmu"]

BAD = ("3", "Hanko Hitsi Oy", "", "Hanko", "Ilmari Ek", "ilmari@@hankohitsi.example", "", "")


@pytest.fixture(autouse=True)
def no_long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "PAUSE", 0.01)


@pytest.fixture
def hub(tmp_path: Path, migrated_sqlite: Path) -> Hub:
    """On one kind of database: what is asked of it is little; tests/faults/test_signals.py asks both."""
    hub = make_hub(tmp_path / "hub")
    shutil.copyfile(migrated_sqlite, hub.folder / "solmu.db")
    return hub


@pytest.fixture
def web() -> Iterator[Web]:
    with web_server() as web:
        yield web


@pytest.fixture
def told(hub: Hub, web: Web, monkeypatch: pytest.MonkeyPatch) -> Web:
    """The hub with a webhook and a heartbeat on this server."""
    monkeypatch.setenv("WEBHOOK", f"{web.address}/hook/secret")
    monkeypatch.setenv("HEARTBEAT", f"{web.address}/beat")
    notify(hub, "webhook: {url: '${WEBHOOK}', timeout_seconds: 5}", "heartbeat: {url: '${HEARTBEAT}'}")
    return web


def notify(hub: Hub, *lines: str) -> None:
    file = hub.folder / "hub.yaml"
    before = file.read_text().partition("notify:")[0]
    file.write_text(before + "notify:\n" + "".join(f"  {line}\n" for line in lines))


def messages(web: Web) -> list[str]:
    return [json.loads(body)["text"] for _, path, _, body in web.calls if path == "/hook/secret"]


def beats(web: Web) -> int:
    return sum(path.startswith("/beat") for path in web.paths)


def test_a_good_night_pings_the_heartbeat_and_tells_nobody(night: Night, told: Web) -> None:
    assert night()["exit"] == 0
    assert (messages(told), beats(told)) == ([], 1)


def test_a_source_that_fell_silent_is_told_of_once_and_seen_in_the_status_until_it_speaks(
    hub: Hub, store: Store, night: Night, told: Web, solmu: Command
) -> None:
    night()
    today = datetime.now(UTC).date().toordinal()
    with store.write() as connection:
        daily = json.dumps([today - 40 + day for day in range(10)])
        connection.execute(update(meta).where(meta.c.name == "came:one").values(value=daily))
    last = date.fromordinal(today - 31).isoformat()
    (silent,) = night()["silent"]
    assert silent == {"connection": "one", "last": last, "days": 31, "limit": 7, "newly": True}
    (text,) = messages(told)
    assert f"one is silent: nothing new since {last}, and 7 days would be usual" in text
    assert beats(told) == 2, "the night itself was good"
    assert night()["silent"] == [{**silent, "newly": False}]
    assert len(messages(told)) == 1
    assert f"one is silent: nothing new since {last}" in solmu("status").out
    write_sheet(hub.folder, "one", [*ONE, ("3", *ONE[1][1:4], "Ilmari Ek", "", "", "")])
    assert night()["silent"] == []
    with store.read() as connection:
        assert status(connection, hub)["silent"] == []


def test_a_bad_night_is_one_message_and_the_next_one_needs_no_hand(hub: Hub, night: Night, told: Web) -> None:
    """The CRM answers nothing all night, one source is gone, and one has shrunk to nothing."""
    rows = [
        (str(n), f"Firma {n} Oy", "", "Oulu", f"Aino Laine{n}", f"aino@firma{n}.example", "", "") for n in range(60)
    ]
    write_sheet(hub.folder, "one", rows)
    assert night(override=["created-count"])["exit"] == 0
    before = crm_of(hub).records("accounts")
    told.calls.clear()
    write_sheet(hub.folder, "one", rows[:1])
    (hub.folder / "data" / "two.csv").rename(hub.folder / "two.csv")
    crm_of(hub).misbehave(Trouble.FAIL, on="read", times=99)
    report = night()
    assert (report["exit"], report["guards"]) == (4, ["source-shrank"])
    (text,) = messages(told)
    lines = text.splitlines()
    assert len(lines) <= 11  # the subject, and ten
    assert "stopped by a guard" in lines[0]
    for named in ("- one/leads: 59 of 60 rows are gone", "- two", "- crm", "nothing written to crm", "Paste: solmu "):
        assert named in text
    assert "firma" not in text.lower()
    assert crm_of(hub).records("accounts") == before
    told.calls.clear()
    crm_of(hub).behave()
    write_sheet(hub.folder, "one", rows)
    (hub.folder / "two.csv").rename(hub.folder / "data" / "two.csv")
    assert night()["exit"] == 0
    assert (messages(told), beats(told)) == ([], 1)


@pytest.mark.parametrize("on", ["read", "write"])
def test_a_night_without_the_crm_is_no_good_one(hub: Hub, night: Night, told: Web, on: str) -> None:
    notify(hub, "heartbeat: {url: '${HEARTBEAT}', fail: true}")
    crm_of(hub).misbehave(Trouble.FAIL, on=on, times=99)
    assert night()["exit"] == 3
    assert told.paths == ["/beat/fail"]
    crm_of(hub).behave()
    assert night()["exit"] == 0
    assert told.paths[1:] == ["/beat"]


def test_rows_that_wait_are_told_of_once(hub: Hub, night: Night, told: Web) -> None:
    write_sheet(hub.folder, "one", [*ONE, BAD])
    assert night()["exit"] == 3
    (text,) = messages(told)
    assert "something needs a person" in text
    assert "1 rows in quarantine" in text
    assert "solmu export quarantine" in text
    assert not {"Ilmari", "hankohitsi"} & set(text.replace("@", " ").split())
    assert night()["exit"] == 3
    assert len(messages(told)) == 1
    assert beats(told) == 2


def test_when_says_what_is_told(hub: Hub, night: Night, told: Web) -> None:
    write_sheet(hub.folder, "one", [*ONE, BAD])
    notify(hub, "when: failed", "webhook: {url: '${WEBHOOK}'}")
    assert night()["exit"] == 3
    assert messages(told) == []
    notify(hub, "when: [always]", "webhook: {url: '${WEBHOOK}'}")
    assert night()["exit"] == 3
    assert len(messages(told)) == 1


def test_a_message_that_nobody_takes_changes_nothing_and_is_made_up_for(
    hub: Hub, store: Store, night: Night, told: Web, capsys: pytest.CaptureFixture[str]
) -> None:
    (hub.folder / "data" / "two.csv").rename(hub.folder / "two.csv")
    told.answers = [(503, {})] * 3
    report = night()
    assert (report["exit"], [each["code"] for each in report["problems"]]) == (3, ["no-file", "not-told"])
    assert "could not be sent" in capsys.readouterr().err
    assert json.loads((hub.folder / "reports" / "latest.json").read_bytes()) == report
    with store.read() as connection:
        assert connection.scalar(select(run.c.report).where(run.c.id == report["run_id"])) == report
        assert connection.scalars(select(audit.c.what).where(audit.c.subject == "webhook")).all() == [
            "message not sent"
        ]
        (line,) = status(connection, load_hub(hub.folder))["undelivered"]
    assert report["run_id"] in line
    assert "secret" not in json.dumps(report) + line
    (hub.folder / "two.csv").rename(hub.folder / "data" / "two.csv")
    told.calls.clear()
    assert night()["exit"] == 0
    (text,) = messages(told)
    assert "the run is good" in text
    assert f"Not delivered before: webhook, run {report['run_id']}" in text
    assert night()["exit"] == 0
    assert len(messages(told)) == 1


def test_a_secret_that_is_not_there_is_a_problem_and_no_failure(
    night: Night, told: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HEARTBEAT")
    report = night()
    assert report["exit"] == 0
    assert "HEARTBEAT is not set" in report["problems"][0]["message"]


def test_the_heartbeat_may_tell_of_failures_too(hub: Hub, night: Night, told: Web) -> None:
    notify(hub, "heartbeat: {url: '${HEARTBEAT}', fail: true, method: POST}")
    for name in ("one", "two"):
        (hub.folder / "data" / f"{name}.csv").unlink()
    crm_of(hub).misbehave(Trouble.FAIL, on="read", times=99)
    assert night()["exit"] == 1
    assert told.paths == ["/beat/fail"]


def test_an_error_that_nobody_foresaw_is_told_of_and_closes_the_run(
    hub: Hub, store: Store, armed: None, told: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    def blow_up(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("aino.laine@example.com")

    monkeypatch.setattr("solmu.sync.resolving.resolve_mentions", blow_up)
    with pytest.raises(ZeroDivisionError):
        run_all(load_hub(hub.folder), store)
    (text,) = messages(told)
    assert "the run broke off" in text
    assert "ZeroDivisionError" in text
    assert "aino" not in text
    assert beats(told) == 0
    with store.read() as connection:
        row = connection.execute(select(run)).one()
    assert (row.state, row.exit) == ("failed", 1)


def test_a_store_that_cannot_be_opened_is_told_of(
    command: Command, tmp_path: Path, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEBHOOK", f"{web.address}/hook/secret")
    (tmp_path / "hub.yaml").write_text(
        "store: postgresql+psycopg://nobody@127.0.0.1:1/none\nnotify: {webhook: {url: '${WEBHOOK}'}}\n"
    )
    said = command("run", "--hub", tmp_path, "--output", "json")
    assert (said.code, said.error["field"]) == (2, "store")
    (text,) = messages(web)
    assert "the run broke off" in text
    assert command("status", "--hub", tmp_path, "--output", "json").code == 2
    assert len(messages(web)) == 1


def test_who_ends_a_run_by_hand_is_not_told_of_it_and_who_did_not_is(
    hub: Hub, store: Store, armed: None, told: Web
) -> None:
    now = load_hub(hub.folder)
    assert run_all(now, store, tell=signal_at("resolving"))["exit"] == 130
    assert told.calls == []
    assert run_all(now, store, tell=signal_at("resolving", signal.SIGTERM))["exit"] == 143
    (text,) = messages(told)
    assert "the run was interrupted" in text
    assert "Paste: solmu run --hub" in text
    assert beats(told) == 0


def test_a_plan_and_a_trial_tell_nobody_and_an_import_that_fails_does(
    hub: Hub, store: Store, armed: None, told: Web, tmp_path: Path, solmu: Command
) -> None:
    notify(hub, "when: always", "webhook: {url: '${WEBHOOK}'}", "heartbeat: {url: '${HEARTBEAT}'}")
    now = load_hub(hub.folder)
    assert solmu("plan").code == 0
    file = tmp_path / "list.csv"
    file.write_text("Company,City,Name,E-mail\nKotka Kone,Kotka,Aino Laine,aino@kotka.example\n", encoding="utf-8")
    ready = prepare(now, file, save="fair")
    with scratch(now) as workbench:
        try_out(ready, workbench)
    assert told.calls == []
    after = save(ready)
    assert bring_in(after, store, ready)["exit"] == 0
    assert (len(messages(told)), beats(told)) == (1, 0)
    assert retry(after, store, quarantine=True, rejected=False)["exit"] == 0
    assert (len(messages(told)), beats(told)) == (2, 0)


# --- solmu notify test ------------------------------------------------------------------------------------------------


def test_an_administrator_tries_every_channel_and_pings_nothing(hub: Hub, told: Web, solmu: Command) -> None:
    with mail_server() as (post, port):
        with_mail(hub, port)
        said = solmu("notify", "test", "--output", "json")
        assert said.code == 0
        assert said.json["channels"] == [
            {"channel": "smtp", "ok": True, "error": None},
            {"channel": "webhook", "ok": True, "error": None},
        ]
        assert "test message" in mails(post)[0]
        assert (len(messages(told)), beats(told)) == (1, 0)
        told.answers = [(404, {})]
        said = solmu("notify", "test")
        assert said.code == 1
        assert "not sent webhook: the webhook refuses it (HTTP 404)" in said.out
        assert "sent     smtp" in said.out


def with_mail(hub: Hub, port: int) -> None:
    mail = f"smtp: {{host: 127.0.0.1, port: {port}, tls: none, from: solmu@acme.example, to: ops@acme.example}}"
    notify(hub, mail, "webhook: {url: '${WEBHOOK}'}", "heartbeat: {url: '${HEARTBEAT}'}")


def mails(post: Post) -> list[str]:
    return [f"{mail['Subject']}\n{mail.get_content()}" for mail in post.mails]


def test_without_a_channel_the_test_says_what_to_configure(solmu: Command) -> None:
    said = solmu("notify", "test", "--output", "json")
    assert (said.code, said.error["code"]) == (2, "no-channel")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("smtp: {host: h, from: a@b.example, to: [], tls: none}", "`to` cannot be a list"),
        ("smtp: {host: h, from: nobody, to: a@b.example}", "an e-mail address looks like"),
        ("smtp: {host: h, from: a@b.example, to: a@b.example, username: u, password: hunter2}", "another reference"),
        ("smtp: {host: h, from: a@b.example, to: a@b.example, username: u}", "go together"),
        (
            "smtp: {host: h, from: a@b.example, to: a@b.example, username: u, password: '${P}', tls: none}",
            "in the clear",
        ),
        ("when: sometimes", "needs-person"),
    ],
)
def test_what_cannot_work_is_refused_when_the_hub_is_read(tmp_path: Path, line: str, says: str) -> None:
    hub = make_hub(tmp_path)
    notify(hub, line)
    with pytest.raises(ConfigurationError) as wrong:
        load_hub(hub.folder)
    assert says in str(wrong.value)
    assert "hunter2" not in json.dumps(wrong.value.as_dict())


def test_a_run_keeps_its_configuration_without_the_secrets_of_notify(tmp_path: Path) -> None:
    hub = make_hub(tmp_path)
    notify(hub, "webhook: {url: 'https://hooks.example/services/T0/B0/secretsecret'}")
    assert "secretsecret" not in json.dumps(load_hub(hub.folder).resolved())


# --- what a retry says ------------------------------------------------------------------------------------------------


def test_a_retry_says_how_much_was_refused_again(hub: Hub, store: Store, night: Night, solmu: Command) -> None:
    write_sheet(hub.folder, "one", [*ONE, BAD])
    night()
    report = retry(load_hub(hub.folder), store, quarantine=True, rejected=True)
    assert report["retry"] == {"rows": 1, "refused_again": 1, "actions": 0, "rejected_again": 0}
    assert report["exit"] == 3
    again = solmu("retry", "--quarantine")
    assert (again.code, json.loads((hub.folder / "reports" / "latest.json").read_text())["exit"]) == (3, 3)
    mapping = hub.folder / "mappings" / "sources" / "sheet.yaml"
    mapping.write_text(mapping.read_text().replace("email: {from: E-mail}", "email: {from: E-mail, on_invalid: drop}"))
    said = solmu("retry", "--quarantine")
    assert said.code == 0
    assert "rows tried again: 1, of which 0 were refused again" in said.out


def test_an_order_whose_customer_has_not_landed_is_counted_as_waiting(hub: Hub, store: Store, night: Night) -> None:
    night()
    with store.write() as connection:
        connection.execute(
            lead.update()
            .values(mention_id=None, reference="erp/customers/organisation/K-9")
            .where(lead.c.number == "1")
        )
    with store.read() as connection:
        shown = status(connection, hub)["waiting"]
    assert (shown["without_customer"], shown["quarantine"]) == (1, 0)
