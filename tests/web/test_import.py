"""Import: a list dropped, corrected with its rows in view, brought in, and its refused rows fetched."""

from __future__ import annotations

import io
import os
import re
import time
import tracemalloc
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from playwright.sync_api import Page, expect
from python_calamine import load_workbook

from solmu.web import uploads
from solmu.web.import_work import bring_in
from solmu.web.site import Site
from tests.web.client import Client
from tests.web.conftest import MakeClient
from tests.web.jobs import went_on
from tests.web.serving import check_page

LIST = """Yritys;Yhteyshenkilö;Sähköposti;Puhelin;Kaupunki;Huomautus
Koivurannan Konepaja Oy;Sanni Rautio;sanni.rautio@koivuranta.example;040 999 1234;Kotka;
Honkaputki Oy;Eero Salo;eero@salo@honka.example;0407654321;Oulu;soita
Suomen Sorvi Oy;Eero Salo;eero.salo@suomensorvi.example;;Oulu;
"""
DAY = 86_400


def drop(client: Client, name: str = "leads.csv", content: str | bytes = LIST) -> str:
    """Send a list as the page's script does; gives the page that shows it."""
    client.get("/import")
    answer = client.ask(
        "POST",
        "/api/import-list",
        files={"file": (name, content.encode() if isinstance(content, str) else content, "text/csv")},
        headers={"Origin": client.address, "X-CSRF-Token": client.token},
    )
    assert answer.status_code == 200, answer.text
    return str(answer.json()["url"])


def test_a_list_shows_what_it_is_taken_for_before_anything_is_kept(client: MakeClient, site: Site) -> None:
    sten = client("sten")
    page = sten.get(drop(sten)).text
    assert re.search(r'value="person.email" selected', page)
    assert "there are two @ in this e-mail address" in page
    counts = re.findall(r'<span class="figure">(\d+)</span>([^<]+)<', page)
    assert counts == [("1", "speak of nobody known yet"), ("1", "speak of somebody known already"),
                      ("1", "would be refused")]  # fmt: skip
    assert not (site.folder / "connections" / "import.yaml").exists()


def test_a_steward_says_whether_the_day_or_the_month_stands_first(client: MakeClient) -> None:
    sten = client("sten")
    rows = [f"Kone {at} Ltd,sales@kone{at}.example,0{at}/0{at + 1}/2026" for at in range(1, 6)]
    url = drop(sten, "us.csv", "\n".join(["Company,Email,Date", *rows]))
    page = sten.get(url).text
    assert "whether the day or the month stands first" in page
    assert '<option value="dmy">' in page
    sten.post(url, {"dates": "mdy"})
    page = sten.get(url).text
    assert "2026-01-02" in page
    assert '<option value="mdy" selected>' in page
    assert "whether the day or the month stands first" not in page


def test_a_correction_is_kept_and_shown_on_the_lists_own_rows(client: MakeClient) -> None:
    sten = client("sten")
    url = drop(sten)
    page = sten.get(url).text
    was = re.search(r'name="was-column:Kaupunki" value="([^"]+)"', page)
    assert was is not None
    said = {"kind": "contact", "column:Kaupunki": "person.city", "was-column:Kaupunki": was[1]}
    answer = sten.post(url, said)
    assert (answer.status_code, answer.headers["location"]) == (303, url)
    page = sten.get(url).text
    assert 'name="kept-Kaupunki" value="person.city"' in page
    assert '<option value="contact" selected>' in page
    # What was corrected before stays when something else is.
    sten.post(url, {"kept-Kaupunki": "person.city", "column:Puhelin": "-", "was-column:Puhelin": "person.phone"})
    page = sten.get(url).text
    assert 'name="kept-Kaupunki" value="person.city"' in page
    assert 'name="kept-Puhelin" value=""' in page


def test_what_is_no_field_is_not_taken_from_a_form(client: MakeClient, site: Site) -> None:
    sten = client("sten")
    url = drop(sten)
    sten.post(url, {"column:Kaupunki": "person.__class__", "was-column:Kaupunki": "organisation.city", "kind": "evil"})
    one = uploads.find(site.folder, url.rpartition("/")[2])
    assert (one.chosen, one.kind) == ({}, "")


@pytest.mark.parametrize("name", ["evil.exe", "leads", "../../hub.yaml", ""])
def test_only_lists_are_taken(name: str, client: MakeClient, site: Site) -> None:
    sten = client("sten")
    sten.get("/import")
    answer = sten.ask(
        "POST",
        "/api/import-list",
        files={"file": (name, b"x", "text/plain")},
        headers={"Origin": sten.address, "X-CSRF-Token": sten.token},
    )
    assert answer.status_code in (404, 422)
    assert not any((site.folder / "imports").glob("*/*.exe"))


def test_a_name_with_a_path_stays_in_its_folder(site: Site) -> None:
    one = uploads.begin(site.folder, "..\\..//etc/leads.csv", who="sten")
    assert one.file(site.folder).parent.parent == site.folder / "imports"
    assert one.file(site.folder).parent.stat().st_mode & 0o777 == 0o700


def test_a_list_that_nobody_knows_names_itself_as_gone(client: MakeClient) -> None:
    answer = client("sten").get("/import/../../etc/passwd")
    assert answer.status_code == 404
    assert client("sten").get("/import/aaaaaaaaaaaaaaaaaaaaaaaa").status_code == 404


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


BLANK = b" " * (80 << 20)
BOMBS = {
    "bomb.xlsx": {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>", "xl/sharedStrings.xml": BLANK},
    "bomb.xlsm": {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>", "xl/vbaProject.bin": BLANK},
    "bomb.ods": {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": BLANK},
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_zip_bomb_is_refused_before_it_is_unpacked(name: str, client: MakeClient) -> None:
    sten = client("sten")
    bomb = zipped(BOMBS[name])
    assert len(bomb) < 1 << 20
    url = drop(sten, name, bomb)
    tracemalloc.start()
    answer = sten.get(url)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert answer.status_code == 422
    assert "as a zip bomb does" in answer.text
    assert most < 40 << 20
    assert sten.post(f"{url}/bring").status_code == 303  # the job says the same


def test_an_empty_list_says_what_is_wrong_with_it(client: MakeClient) -> None:
    sten = client("sten")
    answer = sten.get(drop(sten, content="Yritys;Puhelin\n"))
    assert answer.status_code == 422
    assert "no rows below the header" in answer.text


def test_an_empty_file_is_empty_and_not_on_its_way(client: MakeClient, site: Site) -> None:
    sten = client("sten")
    sten.get("/import")
    files = {"file": ("leads.csv", b"", "text/csv")}
    headers = {"Origin": sten.address, "X-CSRF-Token": sten.token}
    answer = sten.ask("POST", "/api/import-list", files=files, headers=headers)
    assert (answer.status_code, answer.json()["error"]["message"]) == (422, "this file is empty")
    assert "on its way" not in sten.get(drop(sten, "leads.xlsx", b"PK no workbook")).text
    assert str(64 << 20) in sten.get("/import").text


def test_a_list_that_was_only_looked_at_is_forgotten(client: MakeClient, site: Site) -> None:
    sten = client("sten")
    url = drop(sten)
    assert f"{url}/forget" in sten.get("/import").text
    assert sten.post(f"{url}/forget").headers["location"] == "/import"
    assert sten.get(url).status_code == 404
    assert url not in sten.get("/import").text


def test_another_list_of_the_same_name_gets_a_name_of_its_own(client: MakeClient, site: Site) -> None:
    sten = client("sten")
    bring_in(site.folder, lambda *_: None, token=drop(sten).rpartition("/")[2], send=False)
    url = drop(sten, content="Company;Phone\nLahden Levy Oy;+358401234567\n")
    answer = sten.get(url)
    assert answer.status_code == 422
    assert ("--save" in answer.text, "“This is another list” with a name of its own" in answer.text) == (False, True)
    sten.post(url, {"called": "Messut Lahti 2026"})
    page = sten.get(url)
    assert (page.status_code, 'value="messut-lahti"' in page.text) == (200, True)
    report = bring_in(site.folder, lambda *_: None, token=url.rpartition("/")[2], send=False)
    assert report["import"]["stream"] == "messut-lahti/rows"


def test_what_a_list_is_taken_for_is_corrected_once_it_was_imported(client: MakeClient, site: Site) -> None:
    sten = client("sten")
    first = bring_in(site.folder, lambda *_: None, token=drop(sten).rpartition("/")[2], send=False)
    mapping = site.folder / "mappings" / "sources" / f"{first['import']['mapping']}.yaml"
    url = drop(sten)
    page = sten.get(url).text
    was = re.search(r'name="was-column:Kaupunki" value="([^"]+)"', page)
    assert (was and was[1], "What is wrong can be corrected here" in page) == ("organisation.city", True)
    sten.post(url, {"column:Kaupunki": "ignore", "was-column:Kaupunki": "organisation.city"})
    assert re.search(r'value="ignore" selected', sten.get(url).text)
    assert "Kaupunki]" not in mapping.read_text(encoding="utf-8")
    report = bring_in(site.folder, lambda *_: None, token=url.rpartition("/")[2], send=False)
    assert (report["balanced"], report["import"]["stream"]) == (True, first["import"]["stream"])
    after = mapping.read_text(encoding="utf-8")
    assert "ignore" in after
    again = sten.get(drop(sten)).text
    assert 'name="was-column:Kaupunki" value="ignore"' in again
    # What somebody wrote by hand is theirs.
    mapping.write_text(after.replace("Puhelin", "Puhelin2", 1), encoding="utf-8")
    page = sten.get(drop(sten)).text
    assert ('name="was-column:Kaupunki"' in page, "Somebody wrote or changed it by hand" in page) == (False, True)
    assert "Left out on purpose" in page


def test_somebody_says_in_which_sheet_and_row_the_list_begins(client: MakeClient) -> None:
    sten = client("sten")
    url = drop(sten, "leads.csv", "a@b.example;040 1\nYritys;Puhelin\nLahden Levy Oy;+358401234567\n")
    assert "What would be right: a row with the columns&#39; names, or its number below." in sten.get(url).text
    sten.post(url, {"header": "2"})
    assert "Lahden Levy Oy" in sten.get(url).text
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        for name in ("Fair", "Old"):
            book.add_worksheet(name).write_column(0, 0, ["Company", f"{name} Kone Oy"])
    url = drop(sten, "leads.xlsx", out.getvalue())
    sten.post(url, {"sheet": "Old"})
    page = sten.get(url).text
    assert ("Old Kone Oy" in page, "Fair Kone Oy" in page) == (True, False)


def test_what_is_brought_in_lands_and_its_refused_rows_come_back(client: MakeClient, site: Site) -> None:
    sten = client("sten")
    url = drop(sten)
    token = url.rpartition("/")[2]
    report = bring_in(site.folder, lambda *_: None, token=token, send=False)
    assert report["balanced"]
    page = sten.get(url).text
    figures = dict(re.findall(r'<span class="figure">(\d+)</span>(\w+)<', page)[::1])
    assert {"2": "new", "1": "refused"}.items() <= figures.items()
    workbook = sten.get(f"{url}/refused")
    assert workbook.content[:2] == b"PK"
    # What is done is not done twice.
    assert sten.post(f"{url}/bring", {}).headers["location"] == url


def test_a_list_that_is_not_read_says_in_which_row_and_column_it_is_wrong(client: MakeClient) -> None:
    sten = client("sten")
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        page = book.add_worksheet("Leads")
        page.write_row(0, 0, ["Company", "City", "Phone"])
        page.write_row(1, 0, ["Kotka Kone Oy", "Kotka"])
        page.write_formula(1, 2, "=A2", None, "")
    answer = sten.get(drop(sten, "leads.xlsx", without_results(out.getvalue())))
    assert answer.status_code == 422
    assert "<strong>Row 2, column C:</strong> Sheet Leads, C2 has a formula without its result" in answer.text
    answer = sten.get(drop(sten, "leads.csv", b"Company\nKotka\0\n"))
    assert "<strong>Line 2:</strong> The file has NUL bytes" in answer.text
    # What is no column of the list is not called one.
    page = sten.get(drop(sten, "leads.csv", "a@b.example;040 1\nc@d.example;040 2\n")).text
    assert "<strong>Line 1:</strong> No header can be seen" in page


def test_what_went_wrong_on_the_way_is_told_with_its_place(client: MakeClient, site: Site) -> None:
    sten = client("sten")
    url = drop(sten)
    one = uploads.find(site.folder, url.rpartition("/")[2])
    report = bring_in(site.folder, lambda *_: None, token=one.token, send=False)
    problem = {"message": "a quotation mark opens in this line", "line": 30_000, "field": None, "expected": "two"}
    uploads.keep(site.folder, one, outcome=report | {"problems": [problem], "streams": {}, "exit": 1})
    page = sten.get(url).text
    assert "<strong>Line 30000:</strong> A quotation mark opens in this line. What would be right: two." in page
    assert "0 rows were read." in page


def test_notes_do_not_say_the_name_of_the_list_again(client: MakeClient) -> None:
    sten = client("sten")
    page = sten.get(drop(sten, "leads.csv", "Leads of the fair\n\n" + LIST)).text
    assert "<p>The header was found in line 3: Yritys" in page
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        for name in ("Fair", "Old"):
            book.add_worksheet(name).write_column(0, 0, ["Company", "Kotka Kone Oy"])
    assert "<p>Sheet Fair is read, and not Old;" in sten.get(drop(sten, "leads.xlsx", out.getvalue())).text


def without_results(workbook: bytes) -> bytes:
    """A workbook as programs write it that leave the results of formulas to others."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = re.sub(rb'(<c r="C2")[^>]*>(<f>.*?</f>).*?</c>', rb"\1>\2</c>", parts[sheet])
    return zipped(parts)


def test_values_that_are_left_out_are_listed_before_and_after(client: MakeClient, site: Site) -> None:
    sten = client("sten")
    url = drop(sten, content="Company,Country,Phone\nKone Ltd,,040 999 1234\nSorvi Ltd,FI,040 999 1235\n")
    page = sten.get(url).text
    assert '<span class="figure">1</span>values would be left out' in page
    assert '<td data-label="Row">line 2</td><td data-label="Column">Phone</td>' in page
    assert "this phone number does not say its country. What would be right: a number that begins with +" in page
    report = bring_in(site.folder, lambda *_: None, token=url.rpartition("/")[2], send=False)
    reason = "Phone: this phone number does not say its country"
    assert report["left_out"] == {report["import"]["stream"]: {reason: 1}}
    assert (report["balanced"], report["exit"]) == (True, 0)
    for page in (sten.get(url).text, sten.get(f"/runs/{report['run_id']}").text):
        assert f'<strong class="count">1</strong> {reason}' in page
    told = (site.folder / "reports" / f"{report['run_id']}.html").read_text(encoding="utf-8")
    assert reason in told


def test_a_mended_workbook_counts_its_own_rows(client: MakeClient, site: Site) -> None:
    sten = client("sten")
    url = drop(sten)
    first = bring_in(site.folder, lambda *_: None, token=url.rpartition("/")[2], send=False)
    file = Path(first["import"]["refused_file"])
    rows = load_workbook(str(file)).get_sheet_by_index(0).to_python()
    mended = [["eero@honka.example" if cell == "eero@salo@honka.example" else cell for cell in row] for row in rows]
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        page = book.add_worksheet()
        for number, row in enumerate(mended):
            page.write_row(number, 0, row)
    url = drop(sten, file.name, out.getvalue())
    bring_in(site.folder, lambda *_: None, token=url.rpartition("/")[2], send=False)
    said = sten.get(url).text
    assert "1 row was read." in said
    assert "1 refused row was replaced by its mended one." in said


def test_lists_that_nobody_imported_go_after_a_week(site: Site) -> None:
    one = uploads.begin(site.folder, "leads.csv", who="sten")
    about = one.file(site.folder).parent / "about.json"
    old = time.time() - 8 * DAY
    os.utime(about, (old, old))
    uploads.begin(site.folder, "others.csv", who="sten")
    assert not about.exists()


def test_whoever_may_only_look_does_not_import(client: MakeClient) -> None:
    assert client("vera").get("/import").status_code == 403


@pytest.mark.peer("chromium")
@pytest.mark.peer("axe")
def test_a_marketer_brings_a_list_in_without_a_terminal(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "messut.csv"
    file.write_text(LIST, encoding="utf-8")
    page.goto("/import")
    check_page(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_label("Drop a list here").set_input_files(file)
    page.wait_for_url("**/import/*")
    check_page(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_label("What Huomautus becomes").select_option("ignore")
    expect(page.locator("input[name='kept-Huomautus']")).to_have_value("ignore")
    page.get_by_role("button", name="Import it like this").click()
    went_on(page)
    expect(page.get_by_text("3 rows were read.")).to_be_visible()
    check_page(page)
