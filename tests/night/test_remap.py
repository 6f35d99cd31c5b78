"""A mapping that was edited reaches the rows that are there already, once. Synthetic names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import func, select

from solmu.config import Hub, load_hub
from solmu.doctor import examine
from solmu.normalise import fold
from solmu.store import Store
from solmu.store.tables import dirty, golden, mention, source_record
from solmu.sync import claims
from solmu.sync.interrupt import Interrupted
from solmu.sync.run import run_all
from solmu.sync.unread import all_waiting
from tests.hubs import MAPPINGS, ONE, crm_of, write_sheet
from tests.night.conftest import Night

MANY = 60
_BEGIN, _END = (
    ("Kor", "Val", "Hir", "Tam", "Luo", "Ses", "Myl", "Nok"),
    ("pela", "konen", "vala", "nio", "suo", "mäki", "lahti", "harju"),
)
WORDS = [begin + end for begin in _BEGIN for end in _END][:MANY]
ROWS = [
    (str(n), f"{word} Oy", "", word, f"Aino {word}", f"aino@{fold(word)}{n}.example", "", f"{word}nen")
    for n, word in enumerate(WORDS, 1)
]
CITY_FROM_INTEREST = ("  city: City\n", "  city: Interest\n")
PHONE_FROM_NOWHERE = ("  phone: {from: Phone, region: {const: FI}}\n", "")


def edit(hub: Hub, *changes: tuple[str, str], of: str = "sheet") -> None:
    """Edit the mapping as it was at first; without changes, mend it."""
    text = MAPPINGS[f"sources/{of}.yaml"].lstrip()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (hub.folder / "mappings" / "sources" / f"{of}.yaml").write_text(text, encoding="utf-8")


def anew(report: Mapping[str, Any]) -> dict[str, int]:
    return {path: each["rows"] for path, each in report["mapped_anew"].items()}


def cities(hub: Hub) -> dict[str, Any]:
    return {each["Name"]: each.get("City") for each in crm_of(hub).records("accounts").values()}


def everything(store: Store) -> dict[str, Any]:
    """What the hub believes, and on what grounds."""
    with store.read() as connection:
        claims = {row.id: (row.state, row.claim) for row in connection.execute(select(mention))}
        believed = {row.id: (row.state, row.document) for row in connection.execute(select(golden))}
    return {"claims": claims, "golden": believed}


def versions(store: Store) -> dict[int, int]:
    with store.read() as connection:
        return {row.id: row.version for row in connection.execute(select(golden.c.id, golden.c.version))}


def is_well(store: Store, hub: Hub) -> bool:
    document = examine(store, load_hub(hub.folder))
    assert document["ok"], [each for each in document["checks"] if not each["ok"]]
    return True


def test_an_edited_mapping_reaches_the_rows_that_are_there_once(hub: Hub, store: Store, night: Night) -> None:
    night()
    assert cities(hub)["Suomen Sorvi Oy"] == "Oulu"
    edit(hub, CITY_FROM_INTEREST)
    report = night()
    assert report["mapped_anew"] == {
        "one/leads": {"rows": 2, "refused": 0, "why": "its mapping changed"},
        "two/leads": {"rows": 1, "refused": 0, "why": "its mapping changed"},
    }
    assert report["streams"]["one/leads"]["unchanged"] == 2
    assert report["exit"] == 0
    assert cities(hub)["Suomen Sorvi Oy"] == "Press"
    assert night()["mapped_anew"] == {}
    assert is_well(store, hub)


def test_a_mapping_that_is_mended_again_leaves_no_trace(hub: Hub, store: Store, night: Night) -> None:
    night()
    write_sheet(hub.folder, "one", [(*ONE[0][:6], "0501112222", "Laser"), ONE[1]])
    night()
    before = everything(store)
    edit(hub, CITY_FROM_INTEREST, PHONE_FROM_NOWHERE)
    run_all(load_hub(hub.folder), store, send=False)
    assert everything(store) != before
    edit(hub)
    report = night()
    assert anew(report) == {"one/leads": 2, "two/leads": 1}
    assert everything(store) == before
    assert report["targets"]["crm"]["updated"] == 0
    assert cities(hub)["Suomen Sorvi Oy"] == "Oulu"
    assert is_well(store, hub)


def test_a_run_that_is_killed_is_gone_on_with(
    hub: Hub, store: Store, night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "BATCH", 10)
    write_sheet(hub.folder, "one", ROWS)
    night(override=["created-count"])
    edit(hub, CITY_FROM_INTEREST)
    counts = {"batches": 0}
    store_as_ever = claims._store

    def dies_in_the_third(*args: Any, **kwargs: Any) -> None:
        counts["batches"] += 1
        if counts["batches"] == 3:
            raise Interrupted(15)
        store_as_ever(*args, **kwargs)

    monkeypatch.setattr(claims, "_store", dies_in_the_third)
    report = run_all(load_hub(hub.folder), store)
    assert report["exit"] == 143
    assert report["balanced"]
    assert anew(report) == {"one/leads": 20}
    assert all_waiting(load_hub(hub.folder), store) == {"one/leads": MANY - 20, "two/leads": 1}
    monkeypatch.setattr(claims, "_store", store_as_ever)
    report = night()
    assert anew(report) == {"one/leads": MANY - 20, "two/leads": 1}
    assert report["mapped_anew"]["one/leads"]["why"] == "its mapping changed"
    assert not all_waiting(load_hub(hub.folder), store)
    with store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(dirty).where(dirty.c.consumer == "anew")) == 0
    assert is_well(store, hub)


def test_a_guard_stops_a_mapping_that_was_edited_badly_and_mending_it_empties_the_plan(
    hub: Hub, store: Store, night: Night
) -> None:
    write_sheet(hub.folder, "one", ROWS)
    night()
    before = cities(hub)
    edit(hub, CITY_FROM_INTEREST)
    report = night()
    assert (report["exit"], report["guards"]) == (4, ["changed-share"])
    assert cities(hub) == before
    edit(hub)
    report = night()
    assert report["exit"] == 0
    assert report["targets"]["crm"]["updated"] == 0
    assert cities(hub) == before


def test_a_mapping_that_refuses_what_it_took_is_stopped_and_its_claims_stand(
    hub: Hub, store: Store, night: Night
) -> None:
    write_sheet(hub.folder, "one", ROWS)
    night()
    believed = everything(store)["golden"]
    edit(hub, ("require: [[organisation.name, person.email]]", "require: [[person.phone]]"))
    report = night()
    assert "refused-share" in report["guards"]
    assert report["mapped_anew"]["one/leads"] == {"rows": MANY, "refused": MANY, "why": "its mapping changed"}
    assert report["streams"]["one/leads"]["refused"] == MANY
    assert everything(store)["golden"] == believed
    edit(hub)
    report = night()
    assert report["exit"] == 0
    assert report["streams"]["one/leads"]["unchanged"] == MANY
    assert everything(store)["golden"] == believed
    assert is_well(store, hub)


def test_what_we_wrote_into_the_crm_stays_an_echo(hub: Hub, store: Store, night: Night) -> None:
    night()
    night()
    own = {}
    with store.read() as connection:
        query = select(mention.c.id, mention.c.claim).join(source_record).where(source_record.c.connection == "crm")
        own = {(row.id, name): entry["own"] for row in connection.execute(query) for name, entry in row.claim.items()}
    assert not all(own.values())
    edit(hub, ("  name: Name\n", "  name: Name\n  description: City\n"), of="account")
    report = night()
    assert anew(report) == {"crm/accounts": 2}
    with store.read() as connection:
        rows = connection.execute(query).all()
    now = {(row.id, name): entry["own"] for row in rows for name, entry in row.claim.items()}
    assert {key: value for key, value in now.items() if key in own} == own
    # What is read from a column that we have written repeats us under another name too.
    read_anew = {(row.id, name): entry["value"] for row in rows for name, entry in row.claim.items()}
    assert {now[id, "description"] for id, name in now if name == "description" and read_anew[id, name] == "Oulu"} == {
        False
    }
    assert report["targets"]["crm"]["updated"] == 0
    assert is_well(store, hub)
