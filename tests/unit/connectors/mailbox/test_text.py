"""New text, quotations, forwards and signatures, as mail programs leave them. All mails are synthetic."""

from __future__ import annotations

import pytest

from connectors.mailbox.markup import text_of
from connectors.mailbox.signature import read_signature
from connectors.mailbox.text import separate


@pytest.mark.parametrize(
    "introduction",
    [
        "On Mon, 1 Jul 2024 at 10:00, Anna Esimerkki <anna@ourfirm.example> wrote:",
        "On Mon, 1 Jul 2024 at 10:00, Anna Esimerkki\n<anna@ourfirm.example> wrote:",
        "Anna Esimerkki <anna@ourfirm.example> kirjoitti 1.7.2024 kello 10.00:",
        "Den mån 1 juli 2024 kl 10:00 skrev Anna Esimerkki <anna@ourfirm.example>:",
        "Am 01.07.2024 um 10:00 schrieb Anna Esimerkki:",
        "Il giorno lun 1 lug 2024 alle ore 10:00 Anna Esimerkki ha scritto:",
        "Le lun. 1 juil. 2024 à 10:00, Anna Esimerkki a écrit :",
        "-----Original Message-----",
        "-----Alkuperäinen viesti-----",
        "________________________________\nFrom: Anna Esimerkki\nSent: Monday\nTo: Matti\nSubject: Laser",
        "Lähettäjä: Anna Esimerkki\nLähetetty: maanantai\nVastaanottaja: Matti\nAihe: Laser",
        "*Von:* Anna Esimerkki\n*Gesendet:* Montag\n*An:* Matti\n*Betreff:* Laser",
    ],
)
def test_what_stands_above_a_quotation_is_new(introduction: str) -> None:
    written = separate(f"Yes, please.\n\n{introduction}\n\nShall we send an offer?\n")

    assert written.new == "Yes, please."
    assert "Shall we send an offer?" in written.quoted


def test_answers_between_and_below_quoted_lines_are_new() -> None:
    written = separate("On Monday 1 July Anna wrote:\n> How many?\nTwo.\n> When?\nIn May.\n")

    assert written.new == "Two.\nIn May."
    assert "> How many?" in written.quoted


def test_a_text_that_only_mentions_somebody_who_wrote_is_new() -> None:
    text = "On Monday my colleague wrote to you: no answer.\nFrom: our point of view that is odd."

    assert separate(text).new == text


@pytest.mark.parametrize(
    "closing",
    ["Best regards,", "Ystävällisin terveisin", "Terveisin,", "Med vänliga hälsningar", "Mit freundlichen Grüßen",
     "Cordiali saluti", "Cordialement,", "-- "],
)  # fmt: skip
def test_a_signature_follows_a_closing(closing: str) -> None:
    written = separate(f"Please send a price.\n\n{closing}\nMatti Meikäläinen\nKoepaja Oy")

    assert (written.new, written.signature) == ("Please send a price.", "Matti Meikäläinen\nKoepaja Oy")


def test_a_telephone_s_advertisement_is_neither_text_nor_signature() -> None:
    assert separate("Call me.\n\nSent from my iPhone\n").new == "Call me."


def test_a_forwarded_mail_tells_who_wrote_it() -> None:
    written = separate(
        "FYI\n\n---------- Forwarded message ---------\nFrom: Matti Meikäläinen <matti@koepaja.example>\n"
        "Date: Mon, 1 Jul 2024\nSubject: Laser\nTo: <anna@ourfirm.example>\n\nWe need a laser.\n"
    )

    assert written.new == "FYI"
    assert written.forwarded is not None
    assert (written.forwarded.name, written.forwarded.email) == ("Matti Meikäläinen", "matti@koepaja.example")
    assert (written.forwarded.subject, written.forwarded.text) == ("Laser", "We need a laser.")


def test_an_outlook_header_block_is_a_forward_only_under_such_a_subject() -> None:
    text = "See below.\n\nFrom: Matti <matti@koepaja.example>\nSent: Monday\nTo: Anna\nSubject: Laser\n\nWe need one."

    assert separate(text).forwarded is None
    forwarded = separate(text, forward=True).forwarded
    assert forwarded is not None
    assert (forwarded.email, forwarded.text) == ("matti@koepaja.example", "We need one.")


def test_a_signature_says_who_it_is() -> None:
    signature = read_signature(
        "Matti Meikäläinen\nMyyntijohtaja\nKoepaja Oy | Esimerkkitie 1, 00100 Helsinki\n"
        "Puh. 040 123 4567\nFax 09 123 4567\nmatti@koepaja.example • www.koepaja.example/fi\n"
        "This message is confidential. Call Nobody Atall Oy +358 9 876 5432.",
        sender_email="matti@koepaja.example",
        region="FI",
    )

    assert signature.name == "Matti Meikäläinen"
    assert signature.job_title == "Myyntijohtaja"
    assert signature.organisation == "Koepaja Oy"
    assert signature.phones == ("040 123 4567",)
    assert signature.email == "matti@koepaja.example"
    assert signature.website == "www.koepaja.example/fi"


def test_an_organisation_without_a_legal_form_is_known_by_its_domain() -> None:
    signature = read_signature("Anna Rossi\nProva Laser", sender_email="anna@prova-laser.it")

    assert (signature.name, signature.organisation) == ("Anna Rossi", "Prova Laser")


def test_a_signature_that_is_no_signature_says_nothing() -> None:
    signature = read_signature("see you on monday", sender_email="x@koepaja.example")

    assert (signature.name, signature.organisation, signature.phones) == ("", "", ())


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Hello,</p><p>we need <b>one</b> laser.</p>", "Hello,\n\nwe need one laser."),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<style>p {color: red}</style><script>x()</script><div>Hi</div>", "Hi"),
        ("<div>New</div><blockquote><div>Old</div></blockquote>", "New\n> Old"),
        ("<table><tr><td>Name:</td><td>Matti</td></tr></table>", "Name: Matti"),
        ("&Auml;rj&auml;&nbsp;&amp; Co", "Ärjä & Co"),
        ("<p>never <closed <b>at all", "never"),
    ],
)
def test_html_becomes_the_text_that_its_reader_sees(html: str, text: str) -> None:
    assert text_of(html).startswith(text)
