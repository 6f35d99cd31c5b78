"""What a mail says: sender, kind, forms, bounces and attachments. All mails are synthetic."""

from __future__ import annotations

import hashlib

import pytest

from connectors.mailbox.forms import read_form
from tests.unit.connectors.mailbox.mails import mail, read

FORM = """From: Matti Meikäläinen <matti@koepaja.example>
Subject: Offer

Company: Koepaja Oy
Phone: 040 123 4567
Country: Finland
Product: Laser
Colour: blue

Message Body:
We need a laser.

Two would be better: one red, one blue.

--
This e-mail was sent from a contact form on Our Firm (https://ourfirm.example)
"""

BOUNCE = b"""From: Mail Delivery System <MAILER-DAEMON@mx.ourfirm.example>\r
To: sales@ourfirm.example\r
Subject: Undelivered Mail Returned to Sender\r
Message-ID: <b1@mx.ourfirm.example>\r
Date: Mon, 1 Jul 2024 10:00:00 +0000\r
MIME-Version: 1.0\r
Content-Type: multipart/report; report-type=delivery-status; boundary="x"\r
\r
--x\r
Content-Type: text/plain\r
\r
This is the mail system.\r
--x\r
Content-Type: message/delivery-status\r
\r
Reporting-MTA: dns; mx.ourfirm.example\r
\r
Final-Recipient: rfc822; gone@koepaja.example\r
Action: failed\r
Status: 5.1.1\r
Diagnostic-Code: smtp; 550 5.1.1 User unknown\r
\r
--x\r
Content-Type: message/rfc822\r
\r
From: sales@ourfirm.example\r
Subject: Offer\r
\r
Hello\r
--x--\r
"""


def test_an_enquiry_is_a_record_of_columns() -> None:
    payload = read(mail("Price?\n\nTerveisin\nMatti Meikäläinen\nKoepaja Oy\n040 123 4567"), country="FI").payload

    assert payload["kind"] == "enquiry"
    assert payload["sender_name"] == "Matti Meikäläinen"
    assert payload["sender_email"] == "matti@koepaja.example"
    assert payload["date"] == "2024-07-01T07:00:00+00:00"
    assert (payload["text"], payload["enquiry_text"], payload["enquiry_on"]) == ("Price?", "Price?", "2024-07-01")
    assert payload["signature_organisation"] == "Koepaja Oy"
    assert payload["signature_phones"] == "040 123 4567"


def test_copies_of_a_mail_have_one_key_whatever_transport_added() -> None:
    one = mail("Hello")
    other = b"Received: from a by b; Mon, 1 Jul 2024 10:00:03 +0300\r\n" + one

    assert read(one).key == read(other).key == "1@koepaja.example|2024-07-01T07:00:00+00:00"
    assert read(one).payload == read(other).payload


def test_a_mail_without_an_id_is_known_by_its_content() -> None:
    one, other = mail("Hello", id=None), mail("Hello!", id=None)

    assert read(one).key == read(b"Received: from a by b\r\n" + one).key
    assert read(one).key != read(other).key


def test_two_mails_that_a_form_gave_one_id_stay_two() -> None:
    assert read(mail("a")).key != read(mail("b", date="Mon, 01 Jul 2024 10:00:01 +0300")).key


@pytest.mark.parametrize(
    ("kind", "headers"),
    [
        ("auto-reply", {"Auto_Submitted": "auto-replied"}),
        ("auto-reply", {"X_Autoreply": "yes"}),
        ("auto-reply", {"Precedence": "auto_reply"}),
        ("auto-reply", {"subject": "Automaattinen vastaus: Laser"}),
        ("auto-reply", {"subject": "Abwesenheitsnotiz: Laser"}),
        ("automatic", {"Auto_Submitted": "auto-generated"}),
        ("bulk", {"List_Unsubscribe": "<mailto:u@koepaja.example>"}),
        ("bulk", {"Precedence": "bulk"}),
        ("bounce", {"sender": "MAILER-DAEMON@mx.example", "X_Failed_Recipients": "gone@koepaja.example"}),
        ("own", {"sender": "anna@ourfirm.example"}),
        ("complaint", {"subject": "Reklamaatio toimituksesta"}),
        ("complaint", {"subject": "Offert", "text": "Vi vill lämna en reklamation."}),
        ("meeting request", {"subject": "Möte i maj?"}),
        ("reply", {"In_Reply_To": "<offer@ourfirm.example>"}),
        ("enquiry", {"Auto_Submitted": "no"}),
        ("enquiry", {"text": "Is your terminal block in the catalogue?"}),
    ],
)
def test_a_mail_is_of_one_kind(kind: str, headers: dict[str, str]) -> None:
    assert read(mail(**headers), own=("ourfirm.example",)).payload["kind"] == kind  # type: ignore[arg-type]


def test_kinds_are_declared_by_words() -> None:
    kinds = {"spare part": ("varaosa", "spare part")}

    assert read(mail("Tarvitsemme laserin."), kinds=kinds).payload["kind"] == "enquiry"
    assert read(mail("Tarvitsemme varaosaa."), kinds=kinds).payload["kind"] == "spare part"
    assert read(mail(subject="Reklamaatio"), kinds=kinds).payload["kind"] == "enquiry"


def test_only_enquiries_fill_the_columns_of_an_enquiry() -> None:
    complaint = read(mail("It is broken.", subject="Complaint")).payload

    assert "enquiry_text" not in complaint
    assert (complaint["activity_kind"], complaint["activity_text"]) == ("complaint", "It is broken.")


def test_a_bounce_says_whom_it_did_not_reach() -> None:
    payload = read(BOUNCE).payload

    assert (payload["kind"], payload["bounced_email"]) == ("bounce", "gone@koepaja.example")
    assert (payload["bounce_status"], payload["bounce_reason"]) == ("5.1.1", "smtp; 550 5.1.1 User unknown")


def test_a_form_names_who_filled_it_in() -> None:
    sent = mail(FORM, sender="Website <wordpress@ourfirm.example>", Auto_Submitted="auto-generated")
    payload = read(sent, own=("ourfirm.example",)).payload

    assert (payload["sender_name"], payload["sender_email"]) == ("Matti Meikäläinen", "matti@koepaja.example")
    assert (payload["form_organisation"], payload["form_phone"]) == ("Koepaja Oy", "040 123 4567")
    assert (payload["form_country"], payload["form_interest"]) == ("Finland", "Laser")
    assert payload["form"]["Colour"] == "blue"
    assert payload["kind"] == "enquiry"
    assert payload["enquiry_subject"] == "Offer"
    assert payload["text"] == "We need a laser.\n\nTwo would be better: one red, one blue."


def test_a_form_with_labels_of_its_own_takes_a_template() -> None:
    text = "Yhtiö: Koepaja Oy\nMeili: matti@koepaja.example\nAsia: Laser"
    labels = {"organisation": ("Yhtiö",), "email": ("Meili",), "message": ("Asia",)}

    assert "form" not in read(mail(text)).payload
    assert "form" not in read(mail(text), forms=(("*verkko*", labels),)).payload
    payload = read(mail(text), forms=(("las*", labels),)).payload
    assert (payload["form_organisation"], payload["text"]) == ("Koepaja Oy", "Laser")


def test_a_letter_with_colons_is_no_form() -> None:
    assert read_form("Dear all: we are here.\nName: the price, please.\nTime: soon") is None


def test_who_wrote_first_counts_where_a_colleague_passes_a_mail_on() -> None:
    text = "Can you take this?\n\n---------- Forwarded message ---------\nFrom: Matti <matti@koepaja.example>\n"
    text += "Date: Mon\nSubject: Laser\nTo: <anna@ourfirm.example>\n\nWe need a laser.\n\nBest regards\nMatti Virta\n"
    sent = mail(text, subject="Fwd: Laser", sender="Anna <anna@ourfirm.example>")

    ours = read(sent, own=("ourfirm.example",)).payload
    assert (ours["kind"], ours["sender_email"]) == ("enquiry", "matti@koepaja.example")
    assert (ours["text"], ours["comment"]) == ("We need a laser.", "Can you take this?")
    assert ours["signature_name"] == "Matti Virta"

    theirs = read(sent).payload
    assert theirs["sender_email"] == "anna@ourfirm.example"
    assert "We need a laser." in theirs["text"]


def test_an_organisation_as_sender_is_no_person() -> None:
    payload = read(mail("Hi\n\nTerveisin\nMatti Virta", sender='"Koepaja Oy" <info@koepaja.example>')).payload

    assert (payload["sender_organisation"], payload["sender_name"]) == ("Koepaja Oy", "Matti Virta")


def test_attachments_are_listed_by_hash_and_sheets_handed_on() -> None:
    data = b"name;phone\nMatti;040 123 4567\n"
    found = read(mail(sheet=("../../Liidit ä.csv", data)))

    [attachment] = found.payload["attachments"]
    assert attachment["name"] == "../../Liidit ä.csv"
    assert (attachment["size"], attachment["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    [sheet] = found.sheets
    assert sheet.data == data
    assert sheet.file_name == f"Liidit_ä-{hashlib.sha256(data).hexdigest()[:12]}.csv"


def test_a_mail_with_only_html_is_read_too() -> None:
    sent = mail("").replace(b"Content-Type: text/plain", b"Content-Type: text/html") + b"<p>We need a <b>laser</b></p>"

    assert read(sent).payload["text"] == "We need a laser"
