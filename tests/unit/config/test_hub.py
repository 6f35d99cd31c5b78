"""A hub is read whole and checked, and an error says which line to mend and how."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from solmu.config import find_hub, load_hub
from solmu.errors import ConfigurationError
from solmu.model import CanonicalField, Entity
from tests.unit.config.conftest import Write, told


def test_the_smallest_hub_has_every_default(hub_folder: Path) -> None:
    hub = load_hub(hub_folder)

    assert hub.settings.name == "Test"
    assert hub.settings.admission.include == ("lead", "order", "in-target")
    assert hub.settings.guards.changed_share == 0.5
    assert hub.settings.matching.protected == ("key_account",)
    assert hub.connections == {}


def test_every_setting_of_hub_yaml_is_read(write: Write, hub_folder: Path) -> None:
    write("connections/crm.yaml", "{connector: memory, direction: both}\n")
    write("connections/erp.yaml", "{connector: memory, direction: source}\n")
    write(
        "hub.yaml",
        """
name: Nordic demo
store: sqlite:///data/solmu.db
fields:
  organisation: {custom.machine: {kind: text, label: Machine, many: true}}
survivorship:
  sources: [erp, crm, "partners-*"]
  default: rank
  organisation: {phone: union, name: newest, custom.machine: union, address: crm}
  person: {job_title: crm-unless-blank}
matching: {promised_precision: 0.995, engine: duckdb, block_cap: 100, protected: [key_account, tags, segment=A]}
admission: {include: [all], exclude: [opted-out]}
assignment:
  rules: [{when: {country: [FI, EE], key_account: true, partner: Oy Kone}, owner: "005"}]
  default: null
guards: {changed_count: 10, api_reserve: 0.2}
schedules: {nightly: "30 3 * * *"}
notify: {}
retention: {}
""",
    )

    hub = load_hub(hub_folder)

    assert hub.fields(Entity.ORGANISATION)["custom.machine"] == CanonicalField(
        "custom.machine", "text", "Machine", True
    )
    assert "custom.machine" not in hub.fields(Entity.PERSON)
    assert hub.settings.assignment.rules[0].when == {
        "country": ("FI", "EE"),
        "key_account": (True,),
        "partner": ("Oy Kone",),
    }
    assert hub.settings.guards.changed_count == 10
    assert hub.settings.guards.created_count == 5000


def test_a_field_has_its_own_rule_its_groups_or_the_default(write: Write, hub_folder: Path) -> None:
    write("hub.yaml", "survivorship: {default: newest, organisation: {address: hub, city: ask}}\n")

    hub = load_hub(hub_folder)
    rule = hub.settings.survivorship.rule
    fields = hub.fields(Entity.ORGANISATION)

    assert rule(Entity.ORGANISATION, fields["city"]) == "ask"
    assert rule(Entity.ORGANISATION, fields["street"]) == "hub"
    assert rule(Entity.ORGANISATION, fields["name"]) == "newest"
    assert rule(Entity.ORGANISATION, fields["phone"]) == "union"


@pytest.mark.parametrize(
    ("text", "line", "message", "expected"),
    [
        ("name: x\nsurvivorshp: {}\n", 2, "unknown key `survivorshp`", "survivorship"),
        ("survivorship:\n  default: rank\n  defualt: rank\n", 3, "unknown key `defualt`", "default"),
        ("survivorship:\n  default: newst\n", 2, "`default` cannot be 'newst'", "newest"),
        ("guards:\n  changed_share: 1.5\n", 2, "`changed_share` cannot be 1.5", "1 or less"),
        ("guards:\n  changed_count: many\n", 2, "`changed_count` cannot be 'many'", "a whole number"),
        ("guards:\n  - 1\n", 1, "`guards` cannot be a list", "a block of `key: value` lines"),
        ("name: 5\n", 1, "`name` cannot be 5", "text"),
        ("admission: {include: [lead, ordr]}\n", 1, "cannot be 'ordr'", "order"),
        ("admission: {include: lead}\n", 1, "`include` cannot be 'lead'", "a list: [a, b]"),
        ("assignment:\n  rules:\n    - {when: {country: FI}}\n", 3, "`owner` is missing", "the CRM user"),
        (
            "assignment:\n  rules:\n    - {when: {contry: FI}, owner: x}\n",
            3,
            "organisation has no field 'contry'",
            "country",
        ),
        (
            "fields:\n  organisation:\n    machine: {}\n",
            3,
            "a field of your own cannot be called 'machine'",
            "custom.machine",
        ),
        ("fields: {company: {}}\n", 1, "`company` cannot be", "organisation"),
        ("survivorship:\n  organisation:\n    phon: union\n", 3, "organisation has no field 'phon'", "phone"),
        ("survivorship:\n  person:\n    family_name: union\n", 3, "`union` keeps all values", "another rule"),
        ("survivorship: {default: union}\n", 1, "`union` keeps all values", "another default"),
        ("survivorship:\n  sources: [crmm]\n", 2, "there is no connection 'crmm'", "crm"),
        ("survivorship: {person: {opt_out: rank}}\n", 1, "no rule changes opt_out", "no rule for it"),
        ("fields: {person: {custom.a: {group: adress}}}\n", 1, "no other field of person is of the group", "address"),
        ("matching: {protected: [keyaccount]}\n", 1, "'keyaccount' is no flag", "key_account"),
        ("matching: {protected: [segment]}\n", 1, "segment protects by a term only", "segment=TERM"),
        (
            "matching: {identifiers: [custom.member]}\n",
            1,
            "'custom.member' is no field of your own",
            "one that is stated under `fields:`, such as custom.number",
        ),
        ("matching: {protected: [key_account=1]}\n", 1, "key_account is true or false", "key_account"),
        ("matching: {engine: sparks}\n", 1, "`engine` cannot be 'sparks'", "duckdb"),
        ("schedules:\n  nightly: daily\n", 2, "`nightly` is no cron line", "30 3 * * *"),
        ("retention: {days: x}\n", 1, "unknown key `days`", "nothing here"),
    ],
)
def test_what_is_wrong_is_told_with_file_line_and_what_would_be_right(
    write: Write, hub_folder: Path, text: str, line: int, message: str, expected: str
) -> None:
    write("connections/crm.yaml", "{connector: memory, direction: both}\n")
    path = write("hub.yaml", text)

    with pytest.raises(ConfigurationError) as caught:
        load_hub(hub_folder)

    assert caught.value.file == str(path)
    assert caught.value.line == line
    assert message in caught.value.message
    assert expected in (caught.value.expected or "")
    assert caught.value.exit_code == 2


def test_all_that_is_wrong_is_told_at_once_in_the_order_of_the_file(write: Write, hub_folder: Path) -> None:
    write("hub.yaml", "nme: x\nguards: {changed_share: 2}\nadmision: {}\n")

    with pytest.raises(ConfigurationError) as caught:
        load_hub(hub_folder)

    first, second, third = told(caught.value)
    assert "hub.yaml:1: unknown key `nme`" in first
    assert "also" in second
    assert "hub.yaml:2" in second
    assert "hub.yaml:3: unknown key `admision`" in third


def test_a_wrong_connection_does_not_hide_a_wrong_hub_yaml(write: Write, hub_folder: Path) -> None:
    write("connections/crm.yaml", "{connector: memory}\n")
    write("hub.yaml", "survivorship: {person: {nme: rank}}\n")

    with pytest.raises(ConfigurationError) as caught:
        load_hub(hub_folder)

    messages = "\n".join(told(caught.value))
    assert "`direction` is missing" in messages
    assert "person has no field 'nme'" in messages


def test_the_store_is_in_the_hubs_folder_unless_it_says_where(
    write: Write, hub_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DB_PASSWORD", "hush")

    assert load_hub(hub_folder).store_url == f"sqlite:///{hub_folder}/solmu.db"
    write("hub.yaml", "store: sqlite:////var/lib/solmu.db\n")
    assert load_hub(hub_folder).store_url == "sqlite:////var/lib/solmu.db"
    write("hub.yaml", "store: postgresql+psycopg://solmu:${DB_PASSWORD}@db/solmu\n")
    assert load_hub(hub_folder).store_url == "postgresql+psycopg://solmu:hush@db/solmu"


def test_a_store_whose_secret_is_missing_is_told_with_its_line(write: Write, hub_folder: Path) -> None:
    write("hub.yaml", "name: x\nstore: postgresql://u:${NO_SUCH_THING}@db/solmu\n")

    with pytest.raises(ConfigurationError, match="NO_SUCH_THING is not set") as caught:
        _ = load_hub(hub_folder).store_url

    assert caught.value.line == 2


def test_the_resolved_configuration_has_every_default_and_no_secret(
    write: Write, hub_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SF_SECRET", "hush-hush")
    write("hub.yaml", "store: postgresql://u:open-secret@db/solmu\n")
    write(
        "connections/crm.yaml",
        """
connector: salesforce
direction: both
settings: {client_secret: "${SF_SECRET}", api_token: written-out, url: "https://me:typed@host/x", domain: login}
streams: {contacts: {mapping: salesforce/contact, page: 5}}
""",
    )

    document = load_hub(hub_folder).resolved()
    text = json.dumps(document)

    assert document["settings"]["guards"]["min_base"] == 50
    assert document["connections"]["crm"]["settings"]["client_secret"] == "${SF_SECRET}"
    assert document["connections"]["crm"]["settings"]["domain"] == "login"
    assert document["connections"]["crm"]["streams"]["contacts"]["options"] == {"page": 5}
    for secret in ("hush", "open-secret", "written-out", "typed"):
        assert secret not in text


def test_the_hash_follows_the_meaning_and_not_the_comments(write: Write, hub_folder: Path) -> None:
    before = load_hub(hub_folder).config_hash

    write("hub.yaml", "# a comment\nname:   Test\nguards: {min_base: 50}\n")
    assert load_hub(hub_folder).config_hash == before
    write("hub.yaml", "name: Test\nguards: {min_base: 51}\n")
    assert load_hub(hub_folder).config_hash != before


def test_a_changed_mapping_is_a_changed_configuration(write: Write, hub_folder: Path) -> None:
    write("connections/erp.yaml", "{connector: sql, direction: source, streams: {orders: {mapping: mine}}}\n")
    write("mappings/sources/mine.yaml", "organisation: {name: Name}\n")
    before = load_hub(hub_folder).config_hash

    write("mappings/sources/mine.yaml", "organisation: {name: Company}\n")

    assert load_hub(hub_folder).config_hash != before


def test_the_hub_is_the_one_named_the_environments_or_the_nearest_above(
    hub_folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path_factory.mktemp("other")
    (elsewhere / "hub.yaml").write_text("")
    deep = hub_folder / "reports" / "old"
    deep.mkdir(parents=True)

    assert find_hub(start=deep) == hub_folder
    monkeypatch.setenv("SOLMU_HUB", str(elsewhere))
    assert find_hub(start=deep) == elsewhere
    assert find_hub(hub_folder, start=deep) == hub_folder


def test_no_hub_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is a hub") as caught:
        find_hub(start=tmp_path)
    assert "solmu init" in (caught.value.expected or "")

    with pytest.raises(ConfigurationError, match=r"it has no hub\.yaml"):
        find_hub(tmp_path)


def test_a_connection_that_is_not_there_is_told_with_the_nearest(write: Write, hub_folder: Path) -> None:
    write("connections/acme-crm.yaml", "{connector: memory, direction: both}\n")

    with pytest.raises(ConfigurationError) as caught:
        load_hub(hub_folder).connection("acme-cmr")

    assert caught.value.expected == "acme-crm"


def test_longest_is_refused_where_people_edit_the_field_in_a_two_way_target(write: Write, hub_folder: Path) -> None:
    write("connections/crm.yaml", "{connector: memory, direction: both, streams: {accounts: {mapping: account}}}\n")
    write("mappings/sources/account.yaml", "organisation: {name: Name}\n")
    write("mappings/targets/account.yaml", "{object: Account, entity: organisation, fields: {Name: {from: name}}}\n")

    write("hub.yaml", "survivorship:\n  organisation:\n    name: longest\n")
    with pytest.raises(ConfigurationError, match=r"`longest` on organisation\.name would undo") as caught:
        load_hub(hub_folder)
    assert caught.value.line == 3
    assert "newest" in (caught.value.expected or "")

    write("hub.yaml", "survivorship:\n  default: frequent\n")
    with pytest.raises(ConfigurationError, match=r"`frequent` on organisation\.name would undo"):
        load_hub(hub_folder)

    write("hub.yaml", "survivorship: {organisation: {description: longest}}\n")
    assert load_hub(hub_folder).settings.survivorship.organisation == {"description": "longest"}


def test_longest_is_allowed_where_the_target_is_written_only(write: Write, hub_folder: Path) -> None:
    write("connections/crm.yaml", "{connector: memory, direction: target, streams: {accounts: {mapping: account}}}\n")
    write("mappings/targets/account.yaml", "{object: Account, entity: organisation, fields: {Name: {from: name}}}\n")
    write("hub.yaml", "survivorship: {organisation: {name: longest}}\n")

    assert load_hub(hub_folder).settings.survivorship.organisation == {"name": "longest"}
