"""The synthetic Nordic example: the same for a seed, hard enough to be worth resolving, and nobody real in it."""

from __future__ import annotations

import ast
import csv
import json
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from email import message_from_binary_file, policy
from itertools import combinations
from pathlib import Path

import phonenumbers
import pytest
from python_calamine import CalamineWorkbook
from stdnum.eu import vat as eu_vat

import examples.nordic
from examples.nordic.change import change
from examples.nordic.generate import Generated, generate
from examples.nordic.partners import FINNISH_HEADER, ITALIAN_HEADER, SWEDISH_HEADER
from examples.nordic.vocabulary import COUNTRY_NAMES
from examples.nordic.world import FREE_MAIL
from solmu.config import Hub, load_hub
from solmu.config.connectors import open_connector
from solmu.errors import Skippable
from solmu.mapping.source import load_source_mapping

SEEDS = (7, 1, 2, 3)
HUB = Path(examples.nordic.__path__[0]) / "hub"
FREE_MAIL_DOMAINS = {domain for domains in FREE_MAIL.values() for domain in domains}
ADDRESS = re.compile(r"[^\s@,;|\"<>]+@+([A-Za-z0-9.-]*[A-Za-z0-9])")
PUSHED = ("mail",)
REFUSED_WITHOUT_COMPANY = "neither company nor person"

Row = dict[str, str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("nordic")


@pytest.fixture(scope="module")
def generated(folder: Path) -> dict[int, Generated]:
    return {seed: generate(seed, folder / str(seed)) for seed in SEEDS}


@pytest.fixture(scope="module")
def rows(generated: dict[int, Generated], folder: Path) -> dict[tuple[str, str], dict[str, Row]]:
    """All rows of the default seed, by (connection, stream), then by key, read as anybody would read them."""
    return read_everything(folder / "7")


def test_one_seed_gives_the_same_files_byte_for_byte(tmp_path: Path) -> None:
    generate(11, tmp_path / "one")
    generate(11, tmp_path / "other")
    assert contents(tmp_path / "one") == contents(tmp_path / "other")


def test_generating_again_takes_back_what_a_change_added(tmp_path: Path) -> None:
    generate(11, tmp_path)
    before = contents(tmp_path)
    change(tmp_path)
    generate(11, tmp_path)
    assert contents(tmp_path) == before


def test_another_seed_gives_another_world(generated: dict[int, Generated], folder: Path) -> None:
    assert contents(folder / "7")["truth.csv"] != contents(folder / "1")["truth.csv"]


def test_there_are_about_two_thousand_rows_in_five_formats(
    rows: dict[tuple[str, str], dict[str, Row]], folder: Path
) -> None:
    assert {stream: len(of_stream) for stream, of_stream in rows.items()} == {
        ("partners-fi", "leads"): 375,
        ("partners-it", "leads"): 257,
        ("partners-se", "leads"): 256,
        ("erp", "customers"): 400,
        ("jira", "projects"): 200,
        ("crm", "accounts"): 110,
        ("crm", "contacts"): 90,
        ("mail", "enquiries"): 60,
        ("offers", "requests"): 20,
        ("website", "enquiries"): 20,
    }
    with closing(sqlite3.connect(folder / "7" / "data" / "erp.db")) as database:
        assert database.execute("SELECT count(*) FROM sales_order").fetchone() == (350,)
        assert database.execute("SELECT count(*) FROM customer WHERE is_supplier").fetchone() == (40,)
    assert {path.suffix for path in (folder / "7" / "data" / "partners").glob("*/*")} == {
        ".xlsx",
        ".xls",
        ".ods",
        ".csv",
        ".tsv",
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_truth_covers_every_valid_row_and_no_other(generated: dict[int, Generated], folder: Path, seed: int) -> None:
    with (folder / str(seed) / "truth.csv").open(encoding="utf-8", newline="") as file:
        mentions = list(csv.DictReader(file))
    refused = {(one.connection, one.stream, one.key) for one in generated[seed].ledger.refused}
    told = {(one["connection"], one["stream"], one["key"]) for one in mentions}
    present = {(*stream, key) for stream, keyed in read_everything(folder / str(seed)).items() for key in keyed}
    assert told | refused == present
    assert not told & refused
    once = Counter((one["connection"], one["stream"], one["key"], one["slot"]) for one in mentions)
    assert max(once.values()) == 1


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("entity", ["organisation", "person"])
def test_a_quarter_of_the_true_pairs_share_no_identity_key(
    generated: dict[int, Generated], seed: int, entity: str
) -> None:
    mentions = defaultdict(list)
    for mention in generated[seed].ledger.mentions:
        if mention.entity == entity:
            mentions[mention.truth_id].append(mention)
    pairs = [pair for same in mentions.values() for pair in combinations(same, 2)]
    without = [pair for pair in pairs if not pair[0].identity_keys & pair[1].identity_keys]
    assert len(pairs) > 700
    assert len(without) >= 0.25 * len(pairs)


def test_identity_keys_are_the_ones_that_the_rows_show(
    generated: dict[int, Generated], rows: dict[tuple[str, str], dict[str, Row]]
) -> None:
    for mention in generated[7].ledger.mentions:
        text = " ".join(rows[mention.connection, mention.stream][mention.key].values())
        digits = re.sub(r"\D", "", text)
        for key in mention.identity_keys:
            kind, _, value = key.partition(":")
            if kind == "email":
                assert value in text.lower()
            elif kind == "phone":
                assert value[-6:] in digits
            elif kind == "erp":
                assert value in text


def test_every_situation_is_there_with_two_or_more_mentions(generated: dict[int, Generated]) -> None:
    for made in generated.values():
        told = Counter(mention.truth_id for mention in made.ledger.mentions)
        assert set(made.world.situations) == {
            "showcase",
            "mover",
            "subsidiary",
            "shared-stem",
            "renamed",
            "one-address",
            "key-account",
            "father-and-son",
            "two-posts",
            "moved",
            "namesakes",
            "supplier",
            "paused",
            "free-mail",
        }
        for name, truth_ids in made.world.situations.items():
            assert sum(told[truth_id] for truth_id in truth_ids) >= 2, name


def test_the_showcase_is_one_company_and_one_person_whatever_the_seed(
    generated: dict[int, Generated], folder: Path
) -> None:
    for seed, made in generated.items():
        showcase = json.loads((folder / str(seed) / "showcase.json").read_text(encoding="utf-8"))
        assert showcase["name"] == "Kuukkelivaara Saha Oy"
        assert showcase["contact"] == "Aino Ikäheimo"
        named = {(row["connection"], row["stream"], row["key"]) for row in showcase["rows"]}
        told = [one for one in made.ledger.mentions if (one.connection, one.stream, one.key) in named]
        assert Counter(one.truth_id for one in told) == {showcase["organisation"]: 4, showcase["person"]: 4}


def test_a_key_account_stands_in_the_erp_twice(generated: dict[int, Generated]) -> None:
    for made in generated.values():
        key_account = made.world.situations["key-account"][0]
        cards = [one for one in made.ledger.mentions if one.connection == "erp" and one.truth_id == key_account]
        assert len(cards) >= 2


def test_rows_to_refuse_are_told_with_their_reason(
    generated: dict[int, Generated], rows: dict[tuple[str, str], dict[str, Row]]
) -> None:
    refused = generated[7].ledger.refused
    assert Counter(one.reason for one in refused) == {
        "an e-mail address with two @": 5,
        "a date that no calendar has: 31 February": 3,
        REFUSED_WITHOUT_COMPANY: 3,
        "a national telephone number and no country": 2,
    }
    for one in refused:
        text = " ".join(rows[one.connection, one.stream][one.key].values())
        assert {
            "an e-mail address with two @": "@@" in text,
            "a date that no calendar has: 31 February": any(
                date in text for date in ("31.2.2026", "31/02/2026", "02/31/2026")
            ),
            REFUSED_WITHOUT_COMPANY: "@" not in text,
            "a national telephone number and no country": "070-174 06 05" in text,
        }[one.reason]


def test_mail_goes_to_reserved_domains_or_to_invented_free_mail(folder: Path, generated: dict[int, Generated]) -> None:
    for seed in SEEDS:
        seen = set()
        for keyed in read_everything(folder / str(seed)).values():
            for row in keyed.values():
                for cell in row.values():
                    for match in ADDRESS.finditer(cell):
                        domain = match[1].lower()
                        seen.add(domain)
                        if domain in FREE_MAIL_DOMAINS:
                            local = match[0].lower().split("@")[0]
                            assert re.fullmatch(
                                r"(esimerkki|exempel|esempio|beispiel|naidis)\.[a-z]+\.[a-z]+\.\d{4}", local
                            )
                        else:
                            assert domain.endswith(".example")
                    assert not re.search(r"www\.|https?:", cell) or ".example" in cell
        assert seen & FREE_MAIL_DOMAINS


def test_telephone_numbers_are_valid_in_the_country_of_their_row(
    generated: dict[int, Generated], rows: dict[tuple[str, str], dict[str, Row]]
) -> None:
    refused = {(one.connection, one.stream, one.key) for one in generated[7].ledger.refused}
    regions = {name: code for names in COUNTRY_NAMES.values() for code, name in names.items()}
    checked = 0
    for stream, keyed in rows.items():
        for key, row in keyed.items():
            if (*stream, key) in refused:
                continue
            country = first(row, "Maa", "Paese", "Land", "country", "BillingCountry")
            region = regions.get(country, country) or None
            for cell in (row.get(name, "") for name in ("Puhelin", "Telefono", "Telefon", "phone", "Phone")):
                for part in filter(None, re.split(r"[/;]", cell)):
                    number = phonenumbers.parse(part, region)
                    assert phonenumbers.is_valid_number(number), part
                    checked += 1
    assert checked > 800


def test_business_ids_have_right_check_digits(folder: Path, generated: dict[int, Generated]) -> None:
    with closing(sqlite3.connect(folder / "7" / "data" / "erp.db")) as database:
        numbers = [number for (number,) in database.execute("SELECT vat FROM customer WHERE vat IS NOT NULL")]
    assert len(numbers) > 100
    assert all(eu_vat.is_valid(number) for number in numbers)


def test_each_organisation_and_person_of_the_world_is_distinct(generated: dict[int, Generated]) -> None:
    for made in generated.values():
        world = made.world
        names = Counter(organisation.name for organisation in world.organisations)
        assert max(names.values()) == 1
        namesakes = {world.people[one].name for one in world.situations["namesakes"]}
        namesakes |= {world.people[one].name for one in world.situations["father-and-son"]}
        people = Counter(person.name for person in world.people.values())
        assert {name for name, number in people.items() if number > 1} <= namesakes


def test_no_two_rows_of_a_stream_share_a_key_with_different_values(
    folder: Path, generated: dict[int, Generated]
) -> None:
    for seed in SEEDS:
        for stream in ("partners-fi", "partners-it", "partners-se"):
            content: dict[str, Row] = {}
            for key, row in partner_rows(folder / str(seed), stream):
                assert content.setdefault(key, row) == row


def test_the_change_moves_only_what_it_says(tmp_path: Path) -> None:
    generate(7, tmp_path)
    before, rows_before = contents(tmp_path), read_everything(tmp_path)
    summary = change(tmp_path)
    after, rows_after = contents(tmp_path), read_everything(tmp_path)

    assert {name for name in after if after[name] != before.get(name)} == {
        "changes/changes.json",
        "changes/crm-edits.jsonl",
        "data/erp.db",
        "data/partners/fi/liidit-2026-07.xlsx",
        "truth.csv",
    }
    assert set(rows_after["partners-fi", "leads"]) - set(rows_before["partners-fi", "leads"]) == {
        summary["moved"]["key"],
        summary["refused"]["key"],
    }
    for stream, keyed in rows_before.items():
        assert all(rows_after[stream][key] == row for key, row in keyed.items())
    with closing(sqlite3.connect(tmp_path / "data" / "erp.db")) as database:
        assert database.execute("SELECT count(*) FROM sales_order").fetchone() == (351,)


def test_a_change_made_twice_is_made_once(tmp_path: Path) -> None:
    generate(7, tmp_path)
    first_summary = change(tmp_path)
    before = contents(tmp_path)
    assert change(tmp_path) == first_summary
    assert contents(tmp_path) == before


REFUSAL_CODES = {
    "an e-mail address with two @": "email-with-two-at",
    "a date that no calendar has: 31 February": "no-such-date",
    REFUSED_WITHOUT_COMPANY: "required",
    "a national telephone number and no country": "phone-without-country",
}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_hubs_mappings_find_the_mentions_of_the_truth_and_refuse_the_rest(
    generated: dict[int, Generated], folder: Path, seed: int
) -> None:
    hub = load_hub(HUB)
    ledger = generated[seed].ledger
    slots = defaultdict(set)
    for mention in ledger.mentions:
        slots[mention.connection, mention.stream, mention.key].add(mention.slot)
    refused = {(one.connection, one.stream, one.key): REFUSAL_CODES[one.reason] for one in ledger.refused}

    found, turned_away = {}, {}
    for (connection, stream), keyed in read_everything(folder / str(seed)).items():
        if connection == "crm":
            continue
        mapping = load_source_mapping(hub, hub.connections[connection].streams[stream].mapping or "")
        told = (
            read_as_the_hub_does(replace(hub, folder=folder / str(seed)), connection, stream)
            if connection in PUSHED
            else keyed
        )
        for key, row in told.items():
            try:
                mapped = mapping.map(row, connection=connection)
            except Skippable as refusal:
                turned_away[connection, stream, key] = refusal.code
                continue
            assert not mapped.unmapped
            if mapped.ignored:
                continue
            found[connection, stream, key] = {mention.slot for mention in mapped.mentions}

    assert turned_away == refused
    assert found == {row: of_row for row, of_row in slots.items() if row[0] != "crm"}


def test_the_hub_names_the_keys_that_the_truth_is_told_by() -> None:
    streams = {name: connection.streams for name, connection in load_hub(HUB).connections.items()}
    assert streams["partners-fi"]["leads"].key == ["Liidinumero"]
    assert streams["partners-it"]["leads"].key == ["Ragione sociale", "E-mail"]
    assert streams["partners-se"]["leads"].key == ["Leadnr"]
    assert streams["jira"]["projects"].key == ["Issue key"]


def test_the_generator_knows_nothing_of_the_product() -> None:
    for source in Path(examples.nordic.__path__[0]).glob("*.py"):
        tree = ast.parse(source.read_text(encoding="utf-8"))
        imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not {name for name in imported if name.split(".")[0] in ("solmu", "connectors", "flows", "mappings")}


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def read_everything(folder: Path) -> dict[tuple[str, str], dict[str, Row]]:
    everything: dict[tuple[str, str], dict[str, Row]] = defaultdict(dict)
    for connection in ("partners-fi", "partners-it", "partners-se"):
        everything[connection, "leads"] = dict(partner_rows(folder, connection))
    with closing(sqlite3.connect(folder / "data" / "erp.db")) as database:
        database.row_factory = sqlite3.Row
        for customer in database.execute("SELECT * FROM customer"):
            row = {name: "" if customer[name] is None else str(customer[name]) for name in customer.keys()}  # noqa: SIM118
            everything["erp", "customers"][row["id"]] = row
    with (folder / "data" / "jira-export.csv").open(encoding="utf-8", newline="") as file:
        everything["jira", "projects"] = {issue["Issue key"]: issue for issue in csv.DictReader(file)}
    for line in (folder / "crm.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        stream = {"Account": "accounts", "Contact": "contacts"}[record["object"]]
        everything["crm", stream][record["ref"]] = record["fields"]
    for path in (folder / "data" / "mail").glob("**/cur/*"):
        with path.open("rb") as file:
            mail = message_from_binary_file(file, policy=policy.default)
        if not {"auto-submitted", "list-unsubscribe"} & {name.lower() for name in mail.keys()}:  # noqa: SIM118
            body = mail.get_body()
            if mail.get_content_type() != "multipart/report" and body is not None:
                key = f"{mail['Message-ID'].strip('<>')}|{mail['Date'].datetime.isoformat()}"
                everything["mail", "enquiries"][key] = {"From": mail["From"], "text": body.get_content()}
    for path in (folder / "data" / "deliveries" / "offers").iterdir():
        response = json.loads(path.read_text(encoding="utf-8"))["form_response"]
        titles = {asked["id"]: asked["title"] for asked in response["definition"]["fields"]}
        answers = {titles[each["field"]["id"]]: each[each["type"]] for each in response["answers"]}
        everything["offers", "requests"][f"typeform:{response['token']}"] = answers
    for path in (folder / "data" / "deliveries" / "website").iterdir():
        everything["website", "enquiries"][f"plain:{path.stem}"] = json.loads(path.read_text(encoding="utf-8"))
    return dict(everything)


def read_as_the_hub_does(hub: Hub, connection: str, stream: str) -> dict[str, Row]:
    """The rows of a source that no table holds, by the connector that the hub names for it."""
    with open_connector(hub, hub.connection(connection)) as connector:
        rows = [row for batch in connector.read(stream, None) for row in batch.rows]
    return {row.key: row.payload for row in rows}


def partner_rows(folder: Path, connection: str) -> Iterator[tuple[str, Row]]:
    """Every row with its key, repeated ones too."""
    code = connection.removeprefix("partners-")
    header = {"fi": FINNISH_HEADER, "it": ITALIAN_HEADER, "se": SWEDISH_HEADER}[code]
    key = {"fi": ["Liidinumero"], "it": ["Ragione sociale", "E-mail"], "se": ["Leadnr"]}[code]
    for path in sorted((folder / "data" / "partners" / code).iterdir()):
        cells = sheet(path)
        for values in cells[cells.index(list(header)) + 1 :]:
            row = dict(zip(header, values, strict=True))
            yield "|".join(row[name] for name in key), row


def sheet(path: Path) -> list[list[str]]:
    if path.suffix in (".csv", ".tsv"):
        encoding, delimiter = {".csv": ("cp1252", ";"), ".tsv": ("utf-8", "\t")}[path.suffix]
        with path.open(encoding=encoding, newline="") as file:
            return list(csv.reader(file, delimiter=delimiter))
    return [[str(cell) for cell in row] for row in CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()]


def first(row: Row, *names: str) -> str:
    return next((row[name] for name in names if row.get(name)), "")
