"""Where whoever signs a mail is, and so where a number without a country is dialled. All names are invented."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.mailbox.place import place
from tests.unit.connectors.mailbox.mails import mail, read


@pytest.mark.parametrize(
    ("lines", "more", "expected"),
    [
        ([], {}, "FI"),
        ([], {"email": "anna@firma.it"}, "IT"),
        ([], {"email": "anna@startup.io"}, "FI"),
        (["Via Roma 5 - 20121 Milano, Italia"], {}, "IT"),
        (["P.IVA 01234567897"], {}, "IT"),
        (["USt-IdNr. DE123456789"], {}, "DE"),
        (["Industriestr. 12, D-70565 Stuttgart"], {}, "DE"),
        ([], {"organisation": "Stampi Prova S.r.l."}, "IT"),
        ([], {"organisation": "Koepaja Oy", "email": "anna@koepaja.se"}, "FI"),
        ([], {"phones": ["+49 171 1234567", "0711 987654"]}, "DE"),
        # A form that several countries have: what else is known decides, or nothing is guessed.
        ([], {"organisation": "Blechwerk Probe GmbH"}, None),
        ([], {"organisation": "Blechwerk Probe GmbH", "default": "AT"}, "AT"),
        ([], {"organisation": "Blechwerk Probe GmbH", "phones": ["+41 44 123 45 67"]}, "CH"),
        ([], {"organisation": "Plåtprov AB"}, None),
        ([], {"organisation": "Plåtprov AB", "default": "SE"}, "SE"),
        (["Sverige"], {"organisation": "Plåtprov AB"}, "SE"),
        (["Helsinki, Finland"], {"organisation": "Stampi Prova S.r.l."}, None),
        ([], {"organisation": "Sample Works Ltd"}, "FI"),
    ],
)
def test_what_is_written_goes_before_the_address_and_that_before_what_is_usual(
    lines: list[str], more: dict[str, Any], expected: str | None
) -> None:
    assert place(lines, **{"default": "FI", **more}) == expected


ITALIAN = """Buongiorno,
vorremmo ricevere un preventivo per una piegatrice.

Cordiali saluti,
Nina Prova
Responsabile acquisti
Stampi Prova S.r.l.
Via Roma 5 - 20121 Milano
Tel. 02 7654321
P.IVA 01234567897
"""


def test_a_number_under_a_foreign_signature_is_read_in_the_country_of_the_signature() -> None:
    found = read(mail(ITALIAN, sender="Nina Prova <acquisti@stampiprova.example>"), country="FI").payload
    assert (found["country"], found["signature_phones"]) == ("IT", "02 7654321")


def test_where_the_country_cannot_be_told_the_number_stays_and_its_country_is_left_open() -> None:
    signed = "Hej, en offert tack.\n\nMvh\nNils Prov\nPlåtprov AB\n08-123 456 78"
    found = read(mail(signed, sender="Nils Prov <nils@platprov.example>"), country="FI").payload
    assert found["signature_phones"] == "08-123 456 78"
    assert "country" not in found


def test_a_form_says_the_country_of_its_phone() -> None:
    form = "Name: Nina Prova\nEmail: nina@prova.example\nPhone: 02 7654321\nCountry: Italy\nMessage: Hello\n"
    assert read(mail(form, sender="WordPress <www@ourfirm.example>"), country="FI").payload["country"] == "IT"


@pytest.mark.parametrize("closing", ["Gruß", "Grüße aus Zürich", "Mit freundlichem Gruß", "LG", "Viele Grüsse,"])
def test_german_closings_are_known(closing: str) -> None:
    text = f"Wann können Sie liefern?\n\n{closing}\nMaria Probe\nBlechwerk Probe AG\n+41 44 123 45 67"
    found = read(mail(text, sender="Maria Probe <maria.probe@blechwerk.example>")).payload
    assert found["signature_organisation"] == "Blechwerk Probe AG"
    assert found["signature_phones"] == "+41 44 123 45 67"
    assert found["text"] == "Wann können Sie liefern?"


def test_below_the_senders_name_a_signature_needs_no_closing() -> None:
    text = "Kone on rikki. Vaadimme korjausta.\n\nVille Virtala\nTeräskoe Oy\n040 765 4321"
    found = read(mail(text, sender='"Virtala, Ville" <ville@teraskoe.example>'), country="FI").payload
    assert (found["signature_organisation"], found["signature_phones"]) == ("Teräskoe Oy", "040 765 4321")
    assert found["text"] == "Kone on rikki. Vaadimme korjausta."
    other = read(mail(text, sender="Someone Else <someone@teraskoe.example>"), country="FI").payload
    assert "signature" not in other


def test_who_is_shown_by_a_first_name_is_called_as_they_sign() -> None:
    text = "Tarjous, kiitos.\n\nTerveisin\nIso Koelinen\nTeräskoe Oy"
    assert read(mail(text, sender="Iso <iso@teraskoe.example>")).payload["sender_name"] == "Iso Koelinen"
