"""How text files are written: delimiter and encoding. All content is made up."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.spreadsheet.delimited import delimiter_of, examine, rows
from connectors.spreadsheet.files import File, find
from solmu.errors import Fatal


def saved(folder: Path, content: bytes, name: str = "list.csv") -> File:
    (folder / name).write_bytes(content)
    [file] = find(folder, [name])
    return file


def cells(file: File, encoding: str | None = None, delimiter: str | None = None) -> list[tuple[int, list[str]]]:
    return list(rows(file, examine(file, encoding, delimiter)))


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("Name,City\nA,B\n", ","),
        ("Name;City\nA;B\n", ";"),
        ("Name\tCity\nA\tB\n", "\t"),
        ("Name|City\nA|B\n", "|"),
        ("Width;Height\n" + "12,5;13,5\n" * 50, ";"),
        ("Name,Note\n" + 'A,"x; y"\n' * 50, ","),
        ("Name,City,Phone,E-mail\n" + "A,B; C,040,a@b.example\n" * 50, ","),
        ("Leads 2024\n\nName;City;Note\nA;B;one, two\nC;D;three, four\n", ";"),
        ("Name\nA\nB\n", ","),
        ('"Name";"Note"\n"A";"two\nlines, three words"\n', ";"),
    ],
)
def test_the_delimiter_is_found(text: str, delimiter: str) -> None:
    assert delimiter_of(text) == delimiter


def test_a_line_that_names_the_delimiter_is_believed(tmp_path: Path) -> None:
    file = saved(tmp_path, b"sep=;\nName;City\nA, B;C\n")
    assert cells(file) == [(2, ["Name", "City"]), (3, ["A, B", "C"])]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_the_encoding_is_found(tmp_path: Path, encoding: str) -> None:
    text = "Yhtiö;Henkilö\n" + "Ärjä Öljy Oy;Åke Mäkinen\n" * 40
    assert cells(saved(tmp_path, text.encode(encoding)))[1] == (2, ["Ärjä Öljy Oy", "Åke Mäkinen"])


def test_a_letter_far_down_decides_the_encoding(tmp_path: Path) -> None:
    content = b"Name;Note\n" + b"Plain;plain\n" * 200_000 + "Mäkinen;Pöytä\n".encode("cp1252")
    assert cells(saved(tmp_path, content))[-1] == (200_002, ["Mäkinen", "Pöytä"])


def test_pasted_lines_of_another_encoding_are_read_too(tmp_path: Path) -> None:
    content = "Name;Note\nMäkinen;é\nPöytä;ü\nÅberg;ö\n".encode() + "Järvinen;x\n".encode("cp1252")
    assert cells(saved(tmp_path, content))[-1] == (5, ["Järvinen", "x"])


def test_a_stated_encoding_is_not_doubted(tmp_path: Path) -> None:
    file = saved(tmp_path, "Name\nMäkinen\n".encode())
    assert cells(file, "cp1252")[-1] == (2, ["MÃ¤kinen"])


def test_a_wrong_encoding_is_an_error_with_its_line(tmp_path: Path) -> None:
    file = saved(tmp_path, b"Name\n" + b"plain\n" * 100_000 + "Mäkinen\n".encode("cp1252"))
    with pytest.raises(Fatal) as raised:
        cells(file, "utf-8")
    assert raised.value.code == "wrong-encoding"
    assert raised.value.line is not None
    assert raised.value.line > 1000


def test_rows_tell_the_line_they_begin_on(tmp_path: Path) -> None:
    file = saved(tmp_path, b'Name,Note\n"A","two\nlines"\nB,x\r\nC,y\r\n')
    assert cells(file) == [(1, ["Name", "Note"]), (2, ["A", "two\nlines"]), (4, ["B", "x"]), (5, ["C", "y"])]


def test_nul_bytes_are_an_error_with_their_line(tmp_path: Path) -> None:
    file = saved(tmp_path, b"Name;Note\nA;x\nB;\0y\n" + b"C;zzzzzzzzzzzzzzzzzzzzz\n")
    with pytest.raises(Fatal) as raised:
        cells(file)
    assert (raised.value.code, raised.value.line) == ("nul-bytes", 3)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('Name,City\nA,B\n"C,D\nE,F\n', 3),
        ('Name,City\nA,B\n"C,D\nE,F', 3),
        ('Name,City\nA,"B', 2),
        ('Name,City\n"two\nlines","B\nC,D\n', 3),
        ('Name,City\r\n"A,B\r\nC,D\r\n"E","F"\r\n', 2),
        ('Name,City\nA,B\n"C,D\n' + "E,F\n" * 300_000, 3),
    ],
)
def test_a_quotation_mark_that_is_never_closed_is_named_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    with pytest.raises(Fatal) as raised:
        cells(saved(tmp_path, text.encode()))
    assert (raised.value.code, raised.value.line) == ("unclosed-quote", line)
    assert "quotation mark" in raised.value.message


def test_marks_within_a_cell_of_one_line_are_read_as_people_wrote_them(tmp_path: Path) -> None:
    file = saved(tmp_path, b'Name,Note\n"Kone" Oy,5" pipe\n"a ""b"" c\nd",x\n')
    assert cells(file)[1:] == [(2, ["Kone Oy", '5" pipe']), (3, ['a "b" c\nd', "x"])]


def test_digits_that_are_marked_as_a_text_for_excel_are_just_that(tmp_path: Path) -> None:
    file = saved(tmp_path, b'Name,Code,Page\nA,="00100","=""+358 40"""\nB,x,<a href="y">\n')
    assert cells(file)[1:] == [(2, ["A", "00100", "+358 40"]), (3, ["B", "x", '<a href="y">'])]
