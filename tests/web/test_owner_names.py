"""Owners are people: wherever a page shows one, it says their name; and exports, what people read."""

from __future__ import annotations

import csv
import zipfile
from io import BytesIO, StringIO

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from solmu.exchange import User
from solmu.followup.count import count
from solmu.report.plan_page import plan_html
from solmu.store.owners import keep_owners, owners
from solmu.store.tables import golden, plan
from solmu.sync.run import run_all
from solmu.web.owner_names import choices
from solmu.web.site import Site
from tests.hubs import ONE, write_sheet
from tests.web.conftest import MakeClient

AINO, EERO = "005Sm0000000003IAA", "005Sm0000000004IAA"
NEW = ("3", "Lahden Levy Oy", "", "Lahti", "Onni Maki", "onni@lahdenlevy.example", "", "Cutting")


@pytest.fixture
def owned(site: Site) -> str:
    """Kotka Kone, whose owner is Aino; gives its id. Eero has left."""
    with site.write() as connection:
        keep_owners(connection, "crm", [User(AINO, "Aino Testinen"), User(EERO, "Eero Mallikas", active=False)], now=1)
        one = connection.execute(select(golden).where(golden.c.name.like("Kotka%"))).one()
        entry = {"value": AINO, "mention": one.id, "version": 1, "rule": "rank", "since": 1}
        connection.execute(
            golden.update().where(golden.c.id == one.id).values(document={**one.document, "owner": entry})
        )
    count(site.hub, site.store, lambda _step, _more: None)
    return str(one.public_id)


def test_a_list_shows_filters_and_exports_owners_by_name(site: Site, owned: str, client: MakeClient) -> None:
    vera = client("vera")
    page = vera.get("/figures/no-next-step").text
    assert f'<span title="{AINO}">Aino Testinen</span>' in page
    assert f'<option value="{AINO}">Aino Testinen</option>' in page
    only = vera.get(f"/figures/no-next-step?owner={AINO}").text
    assert ("Kotka Kone Oy" in only, "Suomen Sorvi Oy" in only) == (True, False)
    [kotka] = [
        row
        for row in csv.DictReader(StringIO(vera.get("/figures/no-next-step?format=csv").text))
        if row["Customer"] == "Kotka Kone Oy"
    ]
    assert (kotka["Owner"], kotka["Owner id"]) == ("Aino Testinen", AINO)


def test_completeness_is_exported_as_a_percentage(owned: str, client: MakeClient) -> None:
    vera = client("vera")
    rows = list(csv.DictReader(StringIO(vera.get("/figures/completeness?format=csv").text)))
    assert {row["Completeness"] for row in rows} == {"44.4%", "22.2%"}
    book = BytesIO(vera.get("/figures/completeness?format=xlsx").content)
    header, *lines = CalamineWorkbook.from_filelike(book).get_sheet_by_index(0).to_python()
    place = header.index("Completeness")
    assert {round(float(str(line[place])), 3) for line in lines} == {0.444, 0.222}
    assert b'formatCode="0.0%"' in zipfile.ZipFile(book).read("xl/styles.xml")


def test_a_customer_and_why_they_are_so_name_the_owner(site: Site, owned: str, client: MakeClient) -> None:
    sten = client("sten")
    assert f'Aino Testinen <span class="quiet">{AINO}</span>' in sten.get(f"/customers/{owned}").text
    told = sten.get(f"/api/customers/{owned}").json()["fields"]["owner"]
    assert (told["value"], told["name"]) == (AINO, "Aino Testinen")
    for view in ("sources", "history", "targets"):
        assert sten.get(f"/customers/{owned}?view={view}").status_code == 200
    shown = sten.get(f"/customers/{owned}/pin?field=owner&value={EERO}").text
    assert f'Eero Mallikas (has left) <span class="quiet">{EERO}</span>' in shown


def test_quality_is_told_by_the_names_of_owners(site: Site, owned: str, client: MakeClient) -> None:
    run_all(site.hub, site.store, send=False)  # which measures
    vera = client("vera")
    assert "Aino Testinen" in vera.get("/quality?by=owner").text
    assert "Aino Testinen" in vera.get("/quality/records").text
    assert f"Aino Testinen,{AINO}" in vera.get("/quality/records?format=csv").text


def test_a_plan_says_who_would_own_a_new_record(site: Site, owned: str, client: MakeClient) -> None:
    settings = site.folder / "hub.yaml"
    settings.write_text(settings.read_text().replace('default: "005"', f'default: "{AINO}"'))
    write_sheet(site.folder, "one", (*ONE, NEW))
    run_all(site.hub, site.store, send=False)
    with site.read() as connection:
        id = connection.scalar(select(plan.c.id).where(plan.c.state == "sealed").order_by(plan.c.made_at.desc()))
        alone = plan_html(connection, str(id))
    vera = client("vera")
    page = vera.get(f"/plans/{id}?object=accounts").text
    assert f'<mark>Aino Testinen <span class="quiet">{AINO}</span></mark>' in page
    assert "Aino Testinen" in vera.get("/plans/targets/crm").text
    assert f"Owner: (nothing) → Aino Testinen ({AINO})" in vera.get(f"/plans/{id}?format=csv").text
    assert f"Aino Testinen ({AINO})" in alone


def test_pairs_are_filtered_by_the_name_of_an_owner(site: Site, owned: str, client: MakeClient) -> None:
    sten = client("sten")
    page = sten.get("/review?owner=aino+testinen").text
    assert '<option value="Aino Testinen">' in page
    for named in ("Aino Testinen", AINO, "Nobody"):
        assert sten.get(f"/api/review?owner={named}").status_code == 200


def test_namesakes_are_told_apart_where_one_is_chosen(site: Site) -> None:
    with site.write() as connection:
        keep_owners(connection, "crm", [User(AINO, "Aino Testinen"), User(EERO, "Aino Testinen")], now=1)
        known = owners(connection)
    assert choices([EERO, AINO, "005"], known) == {
        "005": "005",
        AINO: f"Aino Testinen ({AINO})",
        EERO: f"Aino Testinen ({EERO})",
    }
