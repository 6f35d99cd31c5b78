"""`solmu connection add`, as a person at a terminal meets it, and as a script does."""

from __future__ import annotations

import json
import os
import pty
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.x509 import load_pem_x509_certificate
from sqlalchemy import select

from sandbox.start import Running, start
from solmu.config import init_hub, load_hub
from solmu.config.connectors import open_connector
from solmu.store import open_store
from solmu.store.tables import order
from solmu.sync.run import run_all
from tests.hubs import ONE, write_sheet
from tests.night.conversation import Talk, converse
from tests.peers import dovecot
from tests.unit.connectors.mailbox.tokens import provider

Add = Callable[..., Talk]

MAIL = (
    b"From: Aino Laine <aino.laine@kotkakone.example>\r\nTo: sales@ourfirm.example\r\nSubject: Laser\r\n"
    b"Date: Mon, 01 Jun 2026 10:00:00 +0300\r\nMessage-ID: <m1@kotkakone.example>\r\n\r\nHello, we need a laser.\r\n"
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A hub that has nothing yet, and is where commands run."""
    home = tmp_path / "hub"
    init_hub(home)
    monkeypatch.setenv("SOLMU_HUB", str(home))
    return home


@pytest.fixture
def add(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Add:
    def run(*arguments: str, answers: list[str]) -> Talk:
        return converse(capsys, monkeypatch, ["connection", "add", *arguments], answers)

    return run


def written(home: Path) -> set[str]:
    """The files of a hub that somebody's answers made."""
    made = {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()}
    return {name for name in made if name.split("/")[0] in ("connections", "mappings", "secrets")}


def erp(home: Path) -> None:
    with sqlite3.connect(home / "erp.db") as database:
        database.execute(
            "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT, town TEXT, email TEXT, shelf TEXT,"
            " changed_at TIMESTAMP)"
        )
        database.execute(
            "INSERT INTO customer VALUES (7, 'Kotka Kone Oy', 'Kotka', 'info@kotkakone.example', 'C7', '2026-01-01')"
        )
    database.close()


# --- a sheet ----------------------------------------------------------------------------------------------------------


def test_a_sheet_becomes_a_connection_with_a_mapping_that_nobody_had_to_write(add: Add, home: Path) -> None:
    write_sheet(
        home, "leads", [*ONE, ("3", "Hanko Hitsi Oy", "", "Hanko", "Ilmari Ek", "ilmari@@hitsi.example", "", "")]
    )

    # kind, name, folder, stream, files, key, mapping, each row is, write
    talk = add(answers=["spreadsheet", "dealers", "data", "1", "", "Nr", "1", "1", "y"])

    assert talk.code == 0, talk.said
    assert "3 rows; 1 would be refused" in talk.said
    assert "Kotka Kone Oy" in talk.said
    assert "E-mail" in talk.said
    assert talk.said.rstrip().splitlines()[-1] == "next: solmu run --select dealers"
    assert written(home) == {"connections/dealers.yaml", "mappings/sources/dealers.yaml"}
    text = (home / "connections" / "dealers.yaml").read_text()
    assert "  # folder with the files; relative paths start at the hub's folder\n  folder: data\n" in text
    config = load_hub(home).connection("dealers")
    assert (config.streams["leads"].key, config.streams["leads"].options) == (["Nr"], {"files": ["leads.csv"]})
    assert "Proposed by `solmu connection add`" in (home / "mappings" / "sources" / "dealers.yaml").read_text()


def test_a_sheet_without_a_key_says_so(add: Add, home: Path) -> None:
    (home / "data").mkdir(exist_ok=True)
    (home / "data" / "leads.csv").write_text(
        "Company;E-mail\nKotka Kone Oy;info@kotka.example\nKotka Kone Oy;info@kotka.example\n"
    )

    # kind, name, folder, stream, files, mapping, each row is, write
    talk = add(answers=["spreadsheet", "dealers", "data", "1", "", "1", "1", "y"])

    assert talk.code == 0, talk.said
    assert "a row is known by its content" in talk.said


def test_an_answer_that_cannot_be_is_asked_again_with_what_would_be_right(add: Add, home: Path) -> None:
    write_sheet(home, "leads", ONE)
    answers = [
        "spreadsheet",
        "my dealers",
        "dealers",
        "dat",
        "data",
        "9",
        "1",
        "lead.csv",
        "",
        "Nrr",
        "",
        "1",
        "1",
        "y",
    ]

    talk = add(answers=answers)

    assert talk.code == 0, talk.said
    assert "expected: letters, digits, - and _" in talk.said
    assert "the folder" in talk.said
    assert "does not exist" in talk.said
    assert "Choose from 1 to 2" in talk.said
    assert "no file matches 'lead.csv'" in talk.said
    assert "There is no column Nrr" in talk.said
    assert "secrets" not in str(written(home))


def test_who_is_known_already_is_counted_by_what_identifies_them(
    add: Add, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_sheet(home, "leads", ONE)
    assert add(answers=["spreadsheet", "dealers", "data", "1", "", "Nr", "1", "1", "y"]).code == 0
    converse(capsys, monkeypatch, ["run"], [])
    write_sheet(
        home, "leads", [("9", "KOTKA KONE", "", "", "Laine Aino", "aino.laine@kotkakone.example", "", ""), ONE[1]]
    )

    talk = add(answers=["spreadsheet", "others", "data", "1", "", "Nr", "1", "y"])

    assert "0 have landed before, 2 speak of somebody known already and 0 of nobody known" in talk.said, talk.said


def test_breaking_off_leaves_nothing_behind(add: Add, home: Path) -> None:
    write_sheet(home, "leads", ONE)

    broken_off = add(answers=["spreadsheet", "dealers", "data", "1"])
    refused = add(answers=["spreadsheet", "dealers", "data", "1", "", "Nr", "1", "1", "n"])

    assert broken_off.code == 130
    assert refused.code == 0
    assert "Nothing was written." in refused.said
    assert written(home) == set()


def test_a_column_that_is_read_by_an_expression_is_called_by_its_name(home: Path) -> None:
    from solmu.sync.preview import preview

    write_sheet(home, "leads", [("1", "Hanko Hitsi Oy", "", "", "", "ilmari@@hitsi.example", "", "")])
    (home / "mappings" / "sources" / "path.yaml").write_text(
        "record: lead\norganisation: {name: Company}\nperson: {email: {from: '\"E-mail\" || Phone'}}\n"
    )
    (home / "connections" / "dealers.yaml").write_text(
        "connector: spreadsheet\ndirection: source\nsettings: {folder: data}\n"
        "streams:\n  leads: {files: leads.csv, mapping: path}\n"
    )
    hub = load_hub(home)
    config = hub.connection("dealers")

    document = preview(hub, None, config, config.streams["leads"])

    [refused] = document["refused"]
    assert refused["field"] == "E-mail or Phone"
    assert document["columns_missing"] == {}


def test_what_is_wrong_with_a_connection_is_found_by_file_and_line_in_a_run(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_sheet(home, "leads", ONE)
    for name, folder, mapping in (("gone", "nowhere", "partner-sheet"), ("strange", "data", "partner-shet")):
        (home / "connections" / f"{name}.yaml").write_text(
            f"connector: spreadsheet\ndirection: source\nsettings:\n  folder: {folder}\n"
            f"streams:\n  leads:\n    files: leads.csv\n    mapping: {mapping}\n"
        )

    run = converse(capsys, monkeypatch, ["run", "--output", "json"], [])

    problems = json.loads(run.said[run.said.index("{") : run.said.rindex("}") + 1])["problems"]
    assert [(Path(each["file"]).name, each["line"]) for each in problems] == [("gone.yaml", 4), ("strange.yaml", 8)]


def test_an_interrupt_leaves_nothing_behind(home: Path) -> None:
    """A process of its own at a terminal, and what Ctrl-C sends it in the middle of the conversation."""
    write_sheet(home, "leads", ONE)
    master, slave = pty.openpty()
    command = [sys.executable, "-c", "from solmu.cli import main; main()", "connection", "add", "spreadsheet"]
    with subprocess.Popen(command, stdin=slave, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        os.close(slave)
        os.write(master, b"dealers\ndata\n")
        assert process.stdout is not None
        said = b""
        while b"Numbers or names" not in said:
            said += os.read(process.stdout.fileno(), 4096)
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
    os.close(master)

    assert process.returncode == 130
    assert b"Nothing was written." in rest
    assert b"goes on from there" not in rest
    assert written(home) == set()


# --- a database -------------------------------------------------------------------------------------------------------


def test_a_table_is_chosen_its_key_and_its_stamp_are_proposed(add: Add, home: Path) -> None:
    erp(home)
    # name, address, time zone, the address again, table, query, key, cursor, lag, mapping, each row is, write
    answers = ["erp", "sqlite:///erb.db", "", "sqlite:///erp.db", "customer", "", "", "", "", "1", "", "y"]

    talk = add("sql", answers=answers)

    assert talk.code == 0, talk.said
    assert "there is no database file erb.db" in talk.said
    assert "columns that no mapping reads: shelf" in talk.said
    stream = load_hub(home).connection("erp").streams["customer"]
    assert (stream.key, stream.mapping) == (["id"], "erp")
    assert stream.options == {"query": "SELECT * FROM customer", "cursor": "changed_at", "lag_seconds": 600}
    mapping = (home / "mappings" / "sources" / "erp.yaml").read_text()
    assert "record: contact" in mapping
    assert "#   shelf: nothing known" in mapping
    assert "observed_at: {from: changed_at" in mapping


def test_a_table_of_orders_gets_a_mapping_that_finds_its_customers(add: Add, home: Path) -> None:
    erp(home)
    with sqlite3.connect(home / "erp.db") as database:
        database.execute(
            "CREATE TABLE sale (id INTEGER PRIMARY KEY, order_no TEXT, customer_id INTEGER, ordered_on DATE,"
            " total NUMERIC, currency TEXT, changed_at TIMESTAMP)"
        )
        database.execute("INSERT INTO sale VALUES (1, 'S-1', 7, '2026-01-02', 900, 'EUR', '2026-01-03')")
    database.close()
    # name, address, time zone, tables; of each: query, key, cursor, lag, mapping; each row of the first is; write
    answers = ["erp", "sqlite:///erp.db", "", "customer, sale", "", "", "", "", "1", "", "", "", "", "", "", "y"]

    talk = add("sql", answers=answers)

    assert talk.code == 0, talk.said
    assert "each row an order: it reads 5 of 7 columns" in talk.said
    assert "0 would be refused" in talk.said
    hub = load_hub(home)
    assert hub.connection("erp").streams["sale"].mapping == "erp-sale"
    mapping = (home / "mappings" / "sources" / "erp-sale.yaml").read_text()
    assert "record: order" in mapping
    assert "of: {stream: customer, key: {from: customer_id}}" in mapping
    with open_store(hub.store_url) as store:
        report = run_all(hub, store)
    assert (report["exit"], report["golden"]) == (0, {"organisations": 1, "people": 0})
    with open_store(hub.store_url) as store, store.read() as connection:
        (row,) = connection.execute(select(order.c.number, order.c.mention_id))
    assert row.number == "S-1"
    assert row.mention_id is not None


def test_orders_that_are_chosen_before_their_customers_find_them_by_their_key(add: Add, home: Path) -> None:
    with sqlite3.connect(home / "erp.db") as database:
        database.execute("CREATE TABLE kundenstamm (kd_nr INTEGER PRIMARY KEY, firmenname TEXT, mail TEXT)")
        database.execute("CREATE TABLE auftraege (auf_nr INTEGER PRIMARY KEY, kd_nr INT, datum TEXT, netto NUMERIC)")
        database.execute("INSERT INTO kundenstamm VALUES (7, 'Blechwerk Test GmbH', 'info@blechwerk.example')")
        database.execute("INSERT INTO auftraege VALUES (1, 7, '2026-01-02', 900)")
    database.close()
    # name, address, time zone, tables; of each: query, key, mapping; each row of the first is; write
    answers = ["erp", "sqlite:///erp.db", "", "auftraege, kundenstamm", "", "", "", "", "", "", "", "", "y"]

    talk = add("sql", answers=answers)

    assert talk.code == 0, talk.said
    mapping = (home / "mappings" / "sources" / "erp-auftraege.yaml").read_text()
    assert "of: {stream: kundenstamm, key: {from: kd_nr}}" in mapping


def test_an_empty_answer_gives_no_table_a_mapping_that_does_not_fit(add: Add, home: Path) -> None:
    erp(home)
    with sqlite3.connect(home / "erp.db") as database:
        database.execute("CREATE TABLE sale (id INTEGER PRIMARY KEY, total NUMERIC)")
        database.execute("INSERT INTO sale VALUES (1, 900)")
    database.close()
    # name, address, time zone, table, query, key, mapping, write
    talk = add("sql", answers=["erp", "sqlite:///erp.db", "", "sale", "", "", "", "y"])

    assert talk.code == 0, talk.said
    assert "once the stream of their customers has been added" in talk.said
    assert load_hub(home).connection("erp").streams == {}


def test_a_password_in_an_address_goes_into_a_file_that_only_its_owner_reads(add: Add, home: Path) -> None:
    # name, address, password, where it stands, time zone; the server is not there, so: no further attempt
    answers = ["erp", "postgresql+psycopg://reader@127.0.0.1:1/erp", "se cret", "1", ""]
    talk = add("sql", answers=answers)

    assert talk.code == 130  # nobody answered the question for another address
    assert "se%20cret" not in talk.said
    assert "se cret" not in talk.said
    assert written(home) == set()


# --- a mailbox --------------------------------------------------------------------------------------------------------


def test_a_maildir_needs_few_answers(add: Add, home: Path) -> None:
    for name in ("cur", "new", "tmp"):
        (home / "mail" / name).mkdir(parents=True)
    (home / "mail" / "new" / "one").write_bytes(MAIL)

    # name, which, where the mail is, path, own, country, folder, since, mapping, write
    talk = add("mailbox", answers=["mail", "4", "2", "mail", "ourfirm.example", "FI", "1", "2026-01-01", "1", "y"])

    assert talk.code == 0, talk.said
    assert "aino.laine@kotkakone.example" in talk.said
    config = load_hub(home).connection("mail")
    assert config.settings == {"path": "mail", "own": ["ourfirm.example"], "country": "FI"}
    assert config.streams["INBOX"].mapping == "mail-enquiry"


def test_what_was_left_empty_is_not_asked_again(add: Add, home: Path) -> None:
    for name in ("cur", "new", "tmp"):
        (home / "mail" / name).mkdir(parents=True)
    (home / "mail" / "new" / "one").write_bytes(MAIL)

    # name, which, where the mail is, path, own, country, folder, since, mapping, write
    talk = add("mailbox", answers=["mail", "4", "2", "mail", "", "", "1", "", "1", "y"])

    assert talk.code == 0, talk.said
    assert talk.said.count("since (") == 1
    assert "since" not in load_hub(home).connection("mail").streams["INBOX"].options


@pytest.mark.peer("dovecot")
def test_a_server_is_tried_until_its_port_and_password_are_right(add: Add, home: Path) -> None:
    with dovecot.running() as server:
        server.deliver("sales@ourfirm.example", [MAIL])
        answers = ["mail", "4", "1", "localhost", "sales@ourfirm.example", "1", "wrong", "1", "", "FI"]
        answers += ["", str(server.imaps_port), dovecot.PASSWORD, "1", "1", "2026-01-01", "1", "y"]
        talk = add("mailbox", "--set", f"ca_file={server.ca_file}", "--set", "port=1", answers=answers)

        assert talk.code == 0, talk.said
        assert "nothing answers at localhost" in talk.said
        assert "the server refuses the login" in talk.said
        assert dovecot.PASSWORD not in talk.said
        assert dovecot.PASSWORD not in (home / "connections" / "mail.yaml").read_text()
        secret = home / "secrets" / "mail-password"
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600
        assert (home / "secrets" / ".gitignore").read_text() == "*\n"
        hub = load_hub(home)
        assert hub.connection("mail").settings["own"] == ["ourfirm.example"]
        assert hub.connection("mail").settings["password"] == "file://secrets/mail-password"
        with open_connector(hub, hub.connection("mail")) as connector:
            assert list(connector.check()) == []


@pytest.mark.peer("dovecot")
def test_somebody_logs_in_with_a_code_within_the_conversation(add: Add, home: Path) -> None:
    with provider() as login, dovecot.running(login.introspection) as server:
        login.user = "sales@ourfirm.example"
        server.deliver(login.user, [MAIL])
        # name, which, where, host, whose, how to log in, grant, token_url, device_url, client_id, scope, file, own …
        answers = ["office", "4", "1", "localhost", login.user, "2", "device_code", f"{login.url}/token"]
        answers += [f"{login.url}/device", "solmu", "IMAP", "", "", "FI"]
        given = ["--set", f"ca_file={server.ca_file}", "--set", f"port={server.imaps_port}"]
        broken_off = add("mailbox", *given, answers=answers)
        assert broken_off.code == 130
        assert "enter the code ABC-123" in broken_off.said, broken_off.said
        assert written(home) == set()
        login.pending = 1

        talk = add("mailbox", *given, answers=[*answers, "1", "2026-01-01", "1", "y"])

        assert talk.code == 0, talk.said
        token = home / "secrets" / "office.token"
        assert stat.S_IMODE(token.stat().st_mode) == 0o600
        assert "secrets/office.token" in talk.said.splitlines()[-3]
        assert load_hub(home).connection("office").settings["oauth"]["token_file"] == "secrets/office.token"


def test_a_login_can_be_made_again(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with provider() as login:
        (home / "connections" / "office.yaml").write_text(
            "connector: mailbox\ndirection: source\nsettings:\n  host: mail.example\n  username: anna@ourfirm.example\n"
            f"  oauth: {{grant: device_code, client_id: solmu, token_url: '{login.url}/token',"
            f" device_url: '{login.url}/device', token_file: secrets/office.token}}\n"
        )
        talk = converse(capsys, monkeypatch, ["connection", "login", "office"], [])

    assert talk.code == 0, talk.said
    assert "enter the code ABC-123" in talk.said
    assert stat.S_IMODE((home / "secrets" / "office.token").stat().st_mode) == 0o600


def test_microsoft_365_is_a_choice_that_fills_in_its_addresses(add: Add, home: Path) -> None:
    # name, which, the tenant, whose mailbox, own, country; then nobody knows the app's id
    talk = add("mailbox", answers=["office", "1", "tenant-id", "sales@ourfirm.example", "", "FI"])

    assert talk.code == 130
    assert "directory (tenant) id" in talk.said.lower()
    assert "oauth.client_id (the app's id)" in talk.said
    assert "oauth.token_url" not in talk.said
    assert written(home) == set()


# --- a CRM in memory --------------------------------------------------------------------------------------------------


def test_what_offers_no_streams_is_asked_for_their_names(add: Add, home: Path) -> None:
    # name, direction, file, streams, mapping of accounts, mapping of contacts, write
    talk = add(
        "memory",
        answers=["practice", "3", "crm.db", "accounts, contacts", "salesforce/account", "salesforce/contact", "y"],
    )

    assert talk.code == 0, talk.said
    config = load_hub(home).connection("practice")
    assert config.direction == "both"
    assert {name: stream.mapping for name, stream in config.streams.items()} == {
        "accounts": "salesforce/account",
        "contacts": "salesforce/contact",
    }
    assert "solmu target arm practice" in talk.said


def test_a_target_that_is_not_read_is_planned_next(add: Add, home: Path) -> None:
    (home / "out").mkdir()
    talk = add("file", "--yes", "--name", "crm", "--set", "folder=out", "--stream", "people=file/person", answers=[])

    assert talk.code == 0, talk.said
    assert "next: solmu plan crm" in talk.said
    assert "solmu run --select crm" not in talk.said


# --- Salesforce -------------------------------------------------------------------------------------------------------


@pytest.fixture
def org(home: Path, tmp_path: Path) -> Iterator[Running]:
    """An org whose app knows the certificate that the hub makes, as if an administrator had uploaded it meanwhile."""
    known = dict.fromkeys(("client_secret", "password", "security_token"), "unused")
    known |= {"client_id": "app", "username": "integration@sandbox.invalid"}
    known["public_key_file"] = str(home / "secrets" / "crm.crt")
    (tmp_path / "secrets.json").write_text(json.dumps(known))
    with start("salesforce", tmp_path / "org.db", secrets=tmp_path / "secrets.json") as running:
        yield running


def to_salesforce(org: Running) -> list[str]:
    given = ["salesforce", "--name", "crm", "--direction", "both", "--stream", "accounts=salesforce/account"]
    return [*given, "--set", f"login_url={org.url}", "--set", "client_id=app"]


def test_a_key_and_its_certificate_are_made_on_the_way(add: Add, home: Path, org: Running) -> None:
    # domain, how to log in, make a key, the certificate is uploaded, username, write
    talk = add(*to_salesforce(org), answers=["", "2", "2", "", "integration@sandbox.invalid", "y"])

    assert talk.code == 0, talk.said
    assert "Enable JWT Bearer Flow" in talk.said
    assert f"Upload Files: {home / 'secrets' / 'crm.crt'}" in talk.said
    assert "BEGIN CERTIFICATE" in talk.said
    assert "PRIVATE KEY" not in talk.said
    assert written(home) == {
        "connections/crm.yaml",
        "secrets/.gitignore",
        "secrets/crm-private-key",
        "secrets/crm.crt",
    }
    assert stat.S_IMODE((home / "secrets" / "crm-private-key").stat().st_mode) == 0o600
    assert stat.S_IMODE((home / "secrets").stat().st_mode) == 0o700
    hub = load_hub(home)
    assert hub.connection("crm").settings["private_key"] == "file://secrets/crm-private-key"
    with open_connector(hub, hub.connection("crm")) as connector:
        assert list(connector.check()) == []
    certificate = load_pem_x509_certificate((home / "secrets" / "crm.crt").read_bytes())
    assert certificate.not_valid_after_utc > datetime.now(UTC) + timedelta(days=365)


def test_whoever_breaks_off_leaves_no_key_behind(add: Add, home: Path, org: Running) -> None:
    talk = add(*to_salesforce(org), answers=["", "2", "2", ""])

    assert talk.code == 130
    assert written(home) == set()


# --- without anybody to ask -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ([], "CONNECTOR"),
        (["sql"], "--set url=…"),
        (["spreadsheet", "--set", "folder=data", "--stream", "sheet"], "--option sheet.files=…"),
        (["memory", "--direction", "sideways"], "--direction"),
        (["spreadsheet", "--set", "folder=data", "--option", "files=x"], "--option"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else "",
)
def test_without_a_terminal_what_is_missing_is_exit_2_and_the_option_that_says_it(
    home: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    line: list[str],
    names: str,
) -> None:
    write_sheet(home, "leads", ONE)

    said = unattended(capsys, monkeypatch, *line, code=2)

    assert names in said["error"]["message"]
    assert written(home) == set()


def test_a_script_gets_a_mapping_proposed_too(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_sheet(home, "leads", [*ONE, ONE[0], ("2", "Other Oy", "", "", "", "", "", "")])
    line = [
        "spreadsheet",
        "--name",
        "dealers",
        "--set",
        "folder=data",
        "--stream",
        "leads",
        "--option",
        "leads.key=[Nr]",
    ]

    said = unattended(capsys, monkeypatch, *line, "--rows", "lead")

    assert [Path(each).name for each in said["files"]] == ["dealers.yaml", "dealers.yaml"]
    [preview] = said["previews"]
    assert (preview["keys_repeated"], preview["keys_clashing"]) == (1, 1)
    assert (preview["known"], preview["landed_before"]) == (0, 0)
    assert said["next"][-1] == "solmu run --select dealers"


def test_a_script_gets_the_primary_key_of_a_table_proposed(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    erp(home)
    line = ["sql", "--name", "erp", "--set", "url=sqlite:///erp.db", "--stream", "customer"]

    unattended(capsys, monkeypatch, *line)

    stream = load_hub(home).connection("erp").streams["customer"]
    assert (stream.key, stream.options["query"]) == (["id"], "SELECT * FROM customer")


def test_a_connection_that_does_not_answer_is_not_written(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = unattended(capsys, monkeypatch, "sql", "--name", "erp", "--set", "url=sqlite:///no.db", code=1)

    assert said["error"]["field"] == "url"
    assert written(home) == set()


@pytest.mark.parametrize("value", ["12345", "[1, 2]", "tee"])
def test_a_secret_on_the_line_is_refused_whatever_it_looks_like(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    arguments = ("webform", "--set", "scheme=path", "--set", f"secret={value}", "--stream", "leads=partner-sheet")
    document = unattended(capsys, monkeypatch, *arguments, code=2)
    assert document["error"]["message"] == "`secret` is a secret and stands here for everyone to read"
    assert value not in json.dumps(document)


def test_where_no_row_would_land_an_empty_answer_writes_nothing(add: Add, home: Path) -> None:
    sheets = home / "sheets"
    sheets.mkdir(exist_ok=True)
    (sheets / "leads.csv").write_text("Company;E-mail\n;\n-;\n", encoding="utf-8")
    answers = ["lists", "sheets", "1", "", "", "", ""]
    talk = add("spreadsheet", "--stream", "leads=partner-sheet", answers=answers)
    assert "Of these rows none would land" in talk.said
    assert not (home / "connections" / "lists.yaml").exists()


def unattended(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str, code: int = 0
) -> dict[str, dict[str, str]]:
    """The document of a command at which nobody sits."""
    from solmu.cli import main

    with Path(os.devnull).open() as nobody:
        monkeypatch.setattr("sys.stdin", nobody)
        monkeypatch.setattr("sys.argv", ["solmu", "connection", "add", *arguments, "--output", "json"])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stop:
            main()
    out = capsys.readouterr().out
    assert stop.value.code == code, out
    document: dict[str, dict[str, str]] = json.loads(out)
    return document
