"""What a signature under a mail says. All names are invented."""

import pytest

from connectors.mailbox.signature import read_signature


@pytest.mark.parametrize(
    ("line", "address"),
    [
        ("Kvarnlunda Möbler AB", "lena@gmail.com"),
        ("Imballaggi Torlento S.a.s.", "lena@gmail.com"),
        ("Eichenzell Holzbau KG", "lena@gmail.com"),
        ("Pikkukajava Elementti", "lena@pikkukajava.example"),
        ("Tammirinne", "lena@tammirinne.example"),
    ],
)
def test_the_organisation_is_the_line_with_a_legal_form_or_the_word_of_the_domain(line: str, address: str) -> None:
    found = read_signature(f"Lena Persson\nekonomichef\n{line}", sender_name="Lena Persson", sender_email=address)
    assert (found.name, found.job_title, found.organisation) == ("Lena Persson", "ekonomichef", line)


@pytest.mark.parametrize("name", ["Jo Ky", "Anna As"])
def test_a_family_name_that_reads_like_a_legal_form_makes_no_organisation(name: str) -> None:
    assert not read_signature(f"{name}\nHelsinki", sender_name=name, sender_email="jo@gmail.com").organisation
