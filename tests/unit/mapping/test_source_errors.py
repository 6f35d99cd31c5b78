"""A mapping that is wrong is told with file, line, and the name that was probably meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from solmu.config import load_hub
from solmu.errors import ConfigurationError
from solmu.mapping import load_source_mapping
from tests.unit.mapping.conftest import source, told


@pytest.mark.parametrize(
    ("text", "line", "message", "expected"),
    [
        ("organisaton: {name: C}\n", 1, "unknown key `organisaton`", "organisation"),
        ("organisation:\n  nme: C\n", 2, "unknown field of organisation `nme`", "name"),
        ("organisation:\n  custom.machine: C\n", 2, "unknown field of organisation `custom.machine`", "name"),
        ("person:\n  name: {from: C, as: persn_name}\n", 2, "unknown transform `persn_name`", "person_name"),
        ("person:\n  phone: {from: C, regoin: FI}\n", 2, "unknown option of the transform phone `regoin`", "region"),
        ("person:\n  name: {from: C, order: last-first}\n", 2, "`order` cannot be 'last-first'", "family-first"),
        ("person:\n  email: {from: C, on_invalid: ignore}\n", 2, "`on_invalid` cannot be 'ignore'", "refuse"),
        ("person:\n  email: {as: email}\n", 2, "does not say where its value comes from", "from"),
        ("person:\n  email: {from: C, const: a@b.fi}\n", 2, "`from` and `const` exclude each other", "default"),
        ("organisation:\n  name: C\n  country: {const: Finlnd}\n", 3, "`const`: this country is unknown", "finland"),
        ("organisation:\n  name: C\n  country: {from: L, default: XX}\n", 3, "`default`: this country", "FI"),
        ("person:\n  phone: {from: C, region: Atlantis}\n", 2, "this country is unknown", "{from: Atlantis}"),
        ("organisation:\n  phone: {from: C, as: date}\n", 2, "phone holds a phone, which date does not give", "phone"),
        ("organisation:\n  name: C\n  city: {from: C, as: split}\n", 3, "split gives several values", ""),
        (
            "organisation:\n  name: C\n  status: {from: S, as: choice}\n",
            3,
            "choice needs `values`",
            "what the source says",
        ),
        (
            "organisation:\n  name: C\n  status: {from: S, as: choice, values: [a]}\n",
            3,
            "`values` takes a block",
            "key",
        ),
        (
            "lead:\n  interest: {from: I, as: terms, vocabulary: prodcts}\nvocabularies: {products: {}}\n",
            2,
            "no vocabulary 'prodcts'",
            "products",
        ),
        ("lead: {numbr: N}\n", 1, "unknown field of lead `numbr`", "number"),
        ("order: {number: N, of: {stream: customers}}\n", 1, "`key` is missing", "stream"),
        ("order: {number: N, of: {steam: customers, key: K}}\n", 1, "unknown key `steam`", "stream"),
        ("order: {number: N, of: person}\n", 1, "there is no slot `person`", ""),
        (
            "organisation: {name: C, parent: {stream: s, key: K, kind: mother}}\n",
            1,
            "`kind` cannot be 'mother'",
            "parent",
        ),
        (
            "organisation: {name: C}\nrequire: [[organisation.nme]]\n",
            2,
            "`organisation.nme` is not mapped here",
            "organisation.name",
        ),
        ("organisation: {name: C}\nrequire: organisation.name\n", 2, "`require` takes a list", "[["),
        ("organisation: {name: C}\nignore_when: {from: S}\n", 2, "a condition has `from` and one of", "in"),
        ("organisation: {name: C}\nignore_when: {frm: S, in: [x]}\n", 2, "unknown key `frm`", "from"),
        ("organisation: {name: C}\nobserved_at: {from: D, order: dym}\n", 2, "`order` cannot be 'dym'", "dmy"),
        (
            "organisation: {name: C}\nobserved_at: {from: D, timezone: Mars}\n",
            2,
            "time zone is unknown",
            "Europe/Helsinki",
        ),
        ("organisation: [name]\n", 1, "`organisation` takes a block", "lines"),
        ("organisation: {name: C}\npeople_in_notes: {form: N}\n", 2, "unknown key `form`", "from"),
        ("record: lead\n", 1, "this mapping makes nothing", "organisation"),
        ("- a\n- b\n", 1, "a mapping is a block", "record"),
    ],
)
def test_what_is_wrong_is_told_with_file_line_and_what_would_be_right(
    text: str, line: int, message: str, expected: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        source(text)

    assert caught.value.file == "test.yaml"
    assert caught.value.line == line
    assert message in caught.value.message
    assert expected in (caught.value.expected or "")


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(ConfigurationError) as caught:
        source("organisation:\n  nme: C\n  city: {from: C, as: txt}\nperson: {emial: E}\n")

    first, second, third = told(caught.value)
    assert "test.yaml:2" in first
    assert "test.yaml:3: unknown transform `txt` (expected: text" in second
    assert "test.yaml:4" in third


def test_a_country_that_makes_no_sense_is_told_once_though_phone_numbers_read_it_too() -> None:
    with pytest.raises(ConfigurationError) as caught:
        source("organisation:\n  phone: P\n  country: {from: C, as: cuontry}\n")

    assert len(told(caught.value)) == 1


def test_the_hubs_own_mapping_goes_before_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "hub.yaml").write_text("fields: {organisation: {custom.machine: {}}}\n")
    hub = load_hub(tmp_path)
    assert "Solmu" not in load_source_mapping(hub, "salesforce/account").record

    own = tmp_path / "mappings" / "sources" / "salesforce"
    own.mkdir(parents=True)
    (own / "account.yaml").write_text("record: mine\norganisation: {name: N, custom.machine: M}\n")

    mapping = load_source_mapping(hub, "salesforce/account")
    assert (mapping.record, mapping.file) == ("mine", own / "account.yaml")


@pytest.mark.parametrize("name", ["salesforce/acount", "../../etc/passwd", "nothing"])
def test_a_mapping_that_is_not_there_is_told_with_the_nearest(tmp_path: Path, name: str) -> None:
    (tmp_path / "hub.yaml").write_text("")

    with pytest.raises(ConfigurationError, match="there is no source mapping") as caught:
        load_source_mapping(load_hub(tmp_path), name)

    assert "salesforce/account" in (caught.value.expected or "")
