"""Cleaning, folding and decoding. The names are synthetic."""

import pytest

from solmu.normalise import Invalid, clean, decode, fold, is_placeholder, tidy


def test_clean_composes_letters_and_collapses_white_space() -> None:
    assert clean("  Ma\u0308kinen\u00a0\t Oy\n") == "Mäkinen Oy"


def test_clean_removes_what_cannot_be_seen_or_stored() -> None:
    assert clean("Vir\u200bta\x00nen\ufeff\x07 \udc80Oy\u200e") == "Virtanen Oy"


def test_joiners_that_spell_persian_words_stay() -> None:
    assert tidy("می\u200cخواهم") == "می\u200cخواهم"


@pytest.mark.parametrize(
    "text",
    """
    |  |-|--|?|...|N/A|n.a.|null|NULL|None|NaN|(blank)|#REF!|#N/A
    ei tiedossa|Ei Tiedossa|okänd|non disponibile|keine Angabe|inconnu|teadmata
    """.replace("\n", "|").split("|"),
)
def test_blanks_and_placeholders_are_nothing(text: str) -> None:
    assert clean(text) is None
    assert not text.strip() or is_placeholder(text)


@pytest.mark.parametrize("text", ["Null", "NA", "Nan", "Nil", "No", "0", "€", "x"])
def test_names_and_codes_that_look_like_placeholders_are_kept(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Müller & Söhne", "muller sohne"),
        ("MÜLLER  &  SÖHNE", "muller sohne"),
        ("Straße", "strasse"),
        ("Åbo/Turku", "abo turku"),
        ("Łódź", "lodz"),
        ("Ромашка", "romashka"),
        ("Παπαδοπούλου", "papadopoulou"),
        ("Ευάγγελος Αυγερινός", "evangelos avgerinos"),
        ("ΕΥΘΥΜΙΟΣ ΝΑΥΠΛΙΟΥ", "efthymios nafpliou"),
        ("Μπουτάρης, Λάμπρος", "boutaris lampros"),
        ("προϋπόθεση", "proypothesi"),
        ("ＦＵＬＬ width", "full width"),
        ("-!?", ""),
    ],
)
def test_fold_leaves_lower_case_ascii_words(text: str, folded: str) -> None:
    assert fold(text) == folded


FINNISH = "Yhtiö;Osoite\nMäkelän Sähkö Oy;Hämeentie 5\nTyönjohtaja Jääskeläinen\n"


@pytest.mark.parametrize(
    ("text", "written_as", "read_as"),
    [
        ("plain", "ascii", "utf-8"),
        (FINNISH, "utf-8", "utf-8"),
        (FINNISH, "utf-8-sig", "utf-8-sig"),
        (FINNISH, "utf-16", "utf-16"),
        (FINNISH, "utf-16-le", "utf-16-le"),
        (FINNISH, "utf-16-be", "utf-16-be"),
        (FINNISH, "utf-32", "utf-32"),
        (FINNISH, "cp1252", "cp1252"),
        ("Mäkinen", "cp1252", "cp1252"),
        ("MÄKINEN ÖLJY OY", "cp1252", "cp1252"),
        ("Pentti Hölttä;Jyväskylä\nÅke Öhman;Åbo\n" * 50, "cp1252", "cp1252"),
        ("Müller GmbH;Straße 5;München – größte", "cp1252", "cp1252"),
        ("Società Però Città;perché;è già; 12 €", "cp1252", "cp1252"),
        ("Société Générale; garçon; œuvre; n° 5", "cp1252", "cp1252"),
        ("Försäljning Malmö; Åsa Öberg", "cp1252", "cp1252"),
        ("Osaühing Õun; Tõnu Müür; šokolaad", "cp1252", "cp1252"),
        ("Þórður Guðmundsson; Ísafjörður; Ægir", "cp1252", "cp1252"),
        ("Łódź; Spółka z ograniczoną odpowiedzialnością; Żółć", "cp1250", "cp1250"),
        ("Příliš žluťoučký kůň; společnost s ručením omezeným", "cp1250", "cp1250"),
        ("Общество с ограниченной ответственностью; Москва", "cp1251", "cp1251"),
        ("Ανώνυμη Εταιρεία Αθήνα; Παπαδόπουλος", "cp1253", "cp1253"),
        ("Sabiedrība ar ierobežotu atbildību; Jānis Bērziņš", "cp1257", "cp1257"),
        (FINNISH, "mac_roman", "mac_roman"),
        (FINNISH, "cp850", "cp850"),
    ],
)
def test_files_are_read_in_the_encoding_they_were_written_in(text: str, written_as: str, read_as: str) -> None:
    assert decode(text.encode(written_as)) == (text, read_as)


def test_utf8_into_which_an_old_line_was_pasted_is_read_line_by_line() -> None:
    raw = "Mäki\nVäinö\n".encode() + "Jääskö\n".encode("cp1252")
    assert decode(raw) == ("Mäki\nVäinö\nJääskö\n", "utf-8 with cp1252")


def test_an_empty_file_is_empty_text() -> None:
    assert decode(b"") == ("", "utf-8")


def test_a_spreadsheet_is_not_text() -> None:
    with pytest.raises(Invalid, match="no text") as caught:
        decode(b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00\xff\xfe\x01\x02")
    assert caught.value.code == "not-text"
