"""A salesperson mends one field of an address that the hub wrote, or enters a part of it. All names are synthetic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from solmu.config import Hub, load_hub
from solmu.golden.explain import explain
from solmu.golden.rebuild import golden_differences
from solmu.store import Store
from solmu.store.tables import golden
from tests.hubs import crm_of, make_hub
from tests.night.conftest import Night

ADDRESS = {"street": "Katu 1", "postcode": "90100", "city": "Oulu", "country": "FI"}
FIELDS = {"Street": "street", "Postcode": "postcode", "City": "city"}


@pytest.fixture
def hub(tmp_path: Path, database_url: str) -> Hub:
    """Salespeople come first, and the CRM has an account already that shows no more than its town."""
    hub = make_hub(tmp_path / "hub", store=database_url, sheets={"one": (), "two": ()})
    rows = ("1,Kotka Kone Oy,2092540-6", "2,Suomen Sorvi Oy,1572860-0")
    (hub.folder / "data" / "one.csv").write_text(
        "Nr,Company,Business id,Street,Postcode,City\n" + "".join(f"{row},Katu 1,90100,Oulu\n" for row in rows)
    )
    _edit(hub, "hub.yaml", "default: rank", "default: crm-unless-blank")
    more = "  street: Street\n  postcode: Postcode\n  city: City\n"
    _edit(hub, "mappings/sources/sheet.yaml", "  city: City\n", more)
    _edit(hub, "mappings/sources/account.yaml", "  city: City\n", more)
    whole = "  Street: {from: street}\n  Postcode: {from: postcode}\n  City: {from: city}\n"
    _edit(hub, "mappings/targets/account.yaml", "  City: {from: city}\n", whole)
    crm_of(hub).put("accounts", {"Name": "Suomen Sorvi", "City": "Oulu", "BusinessId": "FI15728600"}, key="001")
    return load_hub(hub.folder)


def _edit(hub: Hub, path: str, old: str, new: str) -> None:
    file = hub.folder / path
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))


def account(hub: Hub, name: str) -> tuple[str, dict[str, Any]]:
    return next((id, row) for id, row in crm_of(hub).records("accounts").items() if row["Name"].startswith(name))


def test_the_rest_of_a_mended_address_stays_and_blanks_are_filled(hub: Hub, store: Store, night: Night) -> None:
    night()
    id, made = account(hub, "Kotka Kone")
    assert {FIELDS[name]: made[name] for name in FIELDS} | {"country": "FI"} == ADDRESS
    _, there_before = account(hub, "Suomen Sorvi")
    assert [there_before[name] for name in FIELDS] == ["Katu 1", "90100", "Oulu"]

    crm_of(hub).change("accounts", id, {"Postcode": "90101"})
    assert night()["targets"]["crm"]["updated"] == 0
    assert account(hub, "Kotka Kone")[1] == {**made, "Postcode": "90101"}
    with store.read() as connection:
        place = connection.execute(select(golden.c.id).where(golden.c.search_name.like("kotka kone%"))).scalar_one()
        fields = explain(connection, place)["fields"]
    assert {name: fields[name]["value"] for name in ADDRESS} == {**ADDRESS, "postcode": "90101"}
    assert (fields["street"]["source"], fields["postcode"]["source"]) == ("one/leads/1", f"crm/accounts/{id}")
    assert list(golden_differences(store, hub)) == []
