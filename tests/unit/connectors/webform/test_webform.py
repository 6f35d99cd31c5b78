"""Deliveries become rows: once each, under the sender's ids, in the stream that takes their form."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from connectors.webform.saved import files_in
from connectors.webform.submission import Submission
from solmu.errors import Fatal, Retriable, Unverified
from solmu.exchange import Row, Unreadable
from solmu.intake.store import intake_path
from tests.unit.connectors.webform.bodies import (
    AT,
    CONTACT,
    FORM_TYPE,
    GOOGLE,
    HUBSPOT,
    HUBSPOT_EVENT,
    JOTFORM,
    JOTFORM_REQUEST,
    LEADS,
    LEFT_ALONE,
    PARTS_TYPE,
    SECRETS,
    TALLY,
    TYPEFORM,
    as_form,
    as_json,
    as_parts,
    signed,
    typeform,
)
from tests.unit.connectors.webform.doors import connection, deliver, everything, last, read, row

SAMPLES = Path(__file__).parents[2] / "mapping" / "samples" / "sources" / "webform"


@pytest.mark.parametrize("name", sorted(LEADS))
def test_what_the_mappings_are_tested_with_is_what_the_connector_gives(tmp_path: Path, name: str) -> None:
    scheme, body, kind = LEADS[name]
    connector = connection(tmp_path, scheme)
    bodies = [body, *([LEFT_ALONE[name]] if name in LEFT_ALONE else [])]
    deliver(connector, *(signed(scheme, each, kind=kind) for each in bodies))

    given = [each.payload for each in everything(connector)]

    assert given == json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))


# --- a redelivery -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(LEADS))
def test_what_comes_again_is_stored_once(tmp_path: Path, name: str) -> None:
    scheme, body, kind = LEADS[name]
    connector = connection(tmp_path, scheme)
    later = AT + timedelta(minutes=30)

    assert deliver(connector, signed(scheme, body, kind=kind)) == [True]
    assert deliver(connector, signed(scheme, body, kind=kind, at=later, received=later)) == [False]
    assert len(everything(connector)) == 1


@pytest.mark.parametrize("name", sorted(set(LEADS) - {"contact-form"}))
def test_a_service_may_try_for_days(tmp_path: Path, name: str) -> None:
    scheme, body, kind = LEADS[name]
    connector = connection(tmp_path, scheme)
    later = AT + timedelta(days=3)

    assert connector.verify(signed(scheme, body, kind=kind)) == connector.verify(
        signed(scheme, body, kind=kind, at=later, received=later)
    )


def test_the_same_words_on_another_day_are_another_enquiry(tmp_path: Path) -> None:
    connector = connection(tmp_path, "path")
    body = as_form(CONTACT)
    ids = {
        connector.verify(signed("path", body, kind=FORM_TYPE, received=AT + timedelta(hours=hours))).id
        for hours in (0, 1, 16, 17, 24)
    }

    assert len(ids) == 2


def test_a_field_with_an_id_is_one_only_where_it_is_stated(tmp_path: Path) -> None:
    bodies = [as_form(CONTACT | {"submission_id": "7", "message": text}) for text in ("one", "two")]
    requests = [signed("path", body, kind=FORM_TYPE) for body in bodies]

    open_form = connection(tmp_path, "path")
    stated = connection(tmp_path, "path", id_field="submission_id")

    assert len({open_form.verify(each).id for each in requests}) == 2
    assert {stated.verify(each).id for each in requests} == {"plain:7"}


def test_an_attempt_that_hubspot_counts_in_the_body_is_the_same_delivery(tmp_path: Path) -> None:
    connector = connection(tmp_path, "hubspot")
    attempts = [signed("hubspot", as_json([HUBSPOT_EVENT | {"attemptNumber": number}])) for number in range(3)]

    assert deliver(connector, *attempts) == [True, False, False]


def test_a_submission_that_is_edited_comes_as_a_change_of_the_same_record(tmp_path: Path) -> None:
    connector = connection(tmp_path, "jotform")
    edited = JOTFORM | {"rawRequest": json.dumps(JOTFORM_REQUEST | {"q9_message": "Zwei Laser."})}
    deliver(connector, *(signed("jotform", as_parts(each), kind=PARTS_TYPE) for each in (JOTFORM, edited)))

    first, second = everything(connector)

    assert first.key == second.key == "jotform:5308741572752112119"
    assert second.payload["message"] == "Zwei Laser."


# --- what a delivery says ---------------------------------------------------------------------------------------------


def test_answers_stand_under_their_labels_and_under_the_senders_keys(tmp_path: Path) -> None:
    connector = connection(tmp_path)
    deliver(connector, signed("typeform", as_json(TYPEFORM)))

    payload = row(connector).payload

    assert payload["Interested in"] == ["Laser", "Press"]
    assert payload["_keys"]["company"] == payload["Company"] == "Koepaja Oy"
    assert payload["utm_campaign"] == "summer"
    assert payload["_raw"] == TYPEFORM


def test_two_questions_of_one_label_are_both_there(tmp_path: Path) -> None:
    document = orjson.loads(orjson.dumps(TALLY))
    document["data"]["fields"] = [
        {"key": f"k{number}", "label": "Name", "type": "INPUT_TEXT", "value": str(number)} for number in range(3)
    ]
    connector = connection(tmp_path, "tally")
    deliver(connector, signed("tally", as_json(document)))

    payload = row(connector).payload

    assert [payload[name] for name in ("Name", "Name (2)", "Name (3)")] == ["0", "1", "2"]
    assert payload["_keys"] == {"k0": "0", "k1": "1", "k2": "2"}


def test_a_body_of_nothing_but_one_label_takes_no_longer_than_another() -> None:
    answers = tuple(("Name", f"k{number}", number) for number in range(30_000))

    payload = Submission(answers, None).payload()

    assert payload["Name (30000)"] == 29_999


def test_googles_key_is_no_part_of_what_lands(tmp_path: Path) -> None:
    connector = connection(tmp_path, "google-ads")
    deliver(connector, signed("google-ads", as_json(GOOGLE | {"is_test": True})))

    found = row(connector)

    assert SECRETS["google-ads"] not in orjson.dumps(found.payload).decode()
    assert found.payload["_test"] is True
    assert found.payload["Which machine?"] == "Press"


def test_of_a_contacts_submissions_the_last_is_the_news(tmp_path: Path) -> None:
    connector = connection(tmp_path, "hubspot")
    deliver(connector, signed("hubspot", as_json(HUBSPOT)))

    assert row(connector).payload["_form_name"] == "Ask for an offer"


def test_several_events_in_one_delivery_are_several_rows(tmp_path: Path) -> None:
    connector = connection(tmp_path, "hubspot")
    deliver(connector, signed("hubspot", as_json([HUBSPOT_EVENT, HUBSPOT_EVENT | {"eventId": 3002}])))

    assert [each.key for each in everything(connector)] == ["hubspot:event-3001", "hubspot:event-3002"]


def test_what_is_in_data_are_the_answers_of_a_standard_webhook(tmp_path: Path) -> None:
    connector = connection(tmp_path, "standard-webhooks")
    body = {"type": "form.submitted", "timestamp": "2026-07-01T06:59:00Z", "data": {"Company": "Koepaja Oy"}}
    deliver(connector, signed("standard-webhooks", as_json(body), id="msg_7"))

    found = row(connector)

    assert found.key == "standard-webhooks:msg_7"
    assert found.changed_at == datetime(2026, 7, 1, 6, 59, tzinfo=UTC)
    assert found.payload["Company"] == "Koepaja Oy"
    assert found.payload["_form"] == "form.submitted"


def test_a_form_service_behind_a_secret_address_is_read_as_such(tmp_path: Path) -> None:
    connector = connection(tmp_path, "path", sender="tally")
    deliver(connector, signed("path", as_json(TALLY)))

    assert row(connector).key == "tally:2wgx4n"


@pytest.mark.parametrize(
    "stated", ["2031-01-01T00:00:00Z", "1999-01-01T00:00:00Z", "yesterday", "2026-07-01T07:00:00", 5]
)
def test_a_time_that_cannot_be_gives_way_to_when_it_came(tmp_path: Path, stated: Any) -> None:
    document = orjson.loads(orjson.dumps(TYPEFORM))
    document["form_response"]["submitted_at"] = stated
    connector = connection(tmp_path)
    deliver(connector, signed("typeform", as_json(document)))

    found = row(connector)

    assert found.changed_at == AT
    assert found.payload["_received_at"] == AT.isoformat()
    assert "_submitted_at" not in found.payload


# --- streams ----------------------------------------------------------------------------------------------------------

BY_FORM = {"offers": {"form": "offer"}, "jobs": {"form": ["job", "trainee"]}, "others": {}}


def three_forms(connector: Any) -> None:
    deliver(
        connector,
        *(signed("typeform", typeform(form, form, form)) for form in ("offer", "job", "trainee", "news")),
    )


def keys(rows: list[Any]) -> list[str]:
    return [each.key.removeprefix("typeform:") for each in rows]


def test_each_stream_takes_its_forms_and_one_takes_the_rest(tmp_path: Path) -> None:
    connector = connection(tmp_path, streams=BY_FORM)
    three_forms(connector)

    assert {name: keys(everything(connector, name)) for name in BY_FORM} == {
        "offers": ["offer"],
        "jobs": ["job", "trainee"],
        "others": ["news"],
    }


def test_what_no_stream_takes_waits_in_the_first_with_a_reason(tmp_path: Path) -> None:
    connector = connection(tmp_path, streams={"offers": {"form": "offer"}, "jobs": {"form": "job"}})
    three_forms(connector)

    waiting = [each for each in everything(connector, "offers") if isinstance(each, Unreadable)]

    assert keys(waiting) == ["trainee", "news"]
    assert {each.code for each in waiting} == {"no-stream"}
    assert waiting[1].value == "news"
    assert "form: news" in str(waiting[1].expected)
    assert waiting[1].payload["Company"] == "Koepaja Oy"
    assert keys(everything(connector, "jobs")) == ["job"]
    assert "form news: 1 received, no stream takes it" in connector.check()


def test_a_form_that_gets_a_stream_of_its_own_leaves_the_one_it_was_in(tmp_path: Path) -> None:
    before = connection(tmp_path, streams={"offers": {"form": "offer"}, "others": {}})
    three_forms(before)
    cursors = {name: last(read(before, name)) for name in ("offers", "others")}

    after = connection(tmp_path, streams=BY_FORM)
    moved = read(after, "others", cursors["others"])
    rows = [each for batch in moved for each in batch.rows]

    assert {each.key: each.deleted for each in rows if isinstance(each, Row)} == {
        "typeform:job": True,
        "typeform:trainee": True,
        "typeform:news": False,
    }
    assert keys(everything(after, "jobs")) == ["job", "trainee"]
    assert everything(after, "others", last(moved)) == []


def test_a_reason_that_was_mended_is_no_more(tmp_path: Path) -> None:
    before = connection(tmp_path, streams={"offers": {"form": "offer"}})
    three_forms(before)
    cursor = last(read(before, "offers"))

    after = connection(tmp_path, streams={"offers": {"form": "offer"}, "others": {}})
    gone = [each for each in everything(after, "offers", cursor) if isinstance(each, Row) and each.deleted]

    assert keys(gone) == ["job", "trainee", "news"]
    assert keys(everything(after, "others")) == ["job", "trainee", "news"]


def test_a_stream_that_comes_later_gets_what_came_before(tmp_path: Path) -> None:
    three_forms(connection(tmp_path))

    assert keys(everything(connection(tmp_path, streams=BY_FORM), "jobs")) == ["job", "trainee"]


# --- reading again ----------------------------------------------------------------------------------------------------


def test_a_connection_reads_only_its_own_deliveries(tmp_path: Path) -> None:
    connector = connection(tmp_path)
    other = connection(tmp_path)
    other.name = "another"
    deliver(connector, signed("typeform", typeform("1", "a")))
    deliver(other, signed("typeform", typeform("1", "a")))
    deliver(connector, signed("typeform", typeform("2", "b")))

    assert keys(everything(connector)) == ["a", "b"]
    assert keys(everything(other)) == ["a"]


def test_an_intake_that_was_lost_and_numbers_anew_is_read_from_its_beginning(tmp_path: Path) -> None:
    connector = connection(tmp_path)
    deliver(connector, *(signed("typeform", typeform(f"{n}", f"{n}")) for n in range(3)))
    cursor = last(read(connector))
    for file in tmp_path.glob("intake.db*"):
        file.unlink()

    assert everything(connector, cursor=cursor) == []
    deliver(connector, signed("typeform", typeform("9", "new")))
    assert keys(everything(connector, cursor=cursor)) == ["new"]
    deliver(connector, *(signed("typeform", typeform(f"1{n}", f"1{n}")) for n in range(4)))
    assert "new" in keys(everything(connector, cursor=cursor))


def test_what_landed_may_be_emptied(tmp_path: Path) -> None:
    from solmu.intake.store import IntakeStore

    connector = connection(tmp_path)
    deliver(connector, *(signed("typeform", typeform(f"{n}", f"{n}")) for n in range(3)))
    cursor = last(read(connector))
    assert cursor is not None
    with IntakeStore(intake_path(tmp_path)) as store:
        assert store.prune("web", cursor["seq"], AT + timedelta(days=1)) == 3

    assert everything(connector, cursor=cursor) == []
    deliver(connector, signed("typeform", typeform("9", "new")))
    assert keys(everything(connector, cursor=cursor)) == ["new"]


def test_an_intake_that_is_none_is_named(tmp_path: Path) -> None:
    intake_path(tmp_path).write_bytes(b"this is no database, and it is long enough to be seen as none" * 20)

    with pytest.raises((Fatal, Retriable)) as raised:
        everything(connection(tmp_path))

    assert raised.value.file == "intake.db"
    assert raised.value.connection == "web"


def test_looking_makes_no_intake(tmp_path: Path) -> None:
    connector = connection(tmp_path)
    connector.check()
    connector.discover()

    assert everything(connector) == []
    assert list(tmp_path.iterdir()) == []


# --- describing -------------------------------------------------------------------------------------------------------


def test_the_check_says_where_to_post_and_never_the_secret(tmp_path: Path) -> None:
    notes = connection(tmp_path, "jotform").check()

    assert "the sender posts to /in/web/<secret>, at the address of `solmu serve`" in notes
    assert SECRETS["jotform"] not in " ".join(notes)
    assert any("fewer than 16 characters" in note for note in connection(tmp_path, secret="short").check())


def test_without_streams_each_form_is_offered_as_one(tmp_path: Path) -> None:
    connector = connection(tmp_path, streams={})
    three_forms(connector)

    assert [info.name for info in connector.discover()] == ["offer", "job", "trainee", "news"]


def test_a_stream_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Fatal) as raised:
        read(connection(tmp_path), "laeds")

    assert raised.value.expected == "leads"


# --- saved deliveries -------------------------------------------------------------------------------------------------


def saved(folder: Path, **files: str | bytes) -> None:
    (folder / "saved").mkdir(exist_ok=True)
    for name, content in files.items():
        path = folder / "saved" / name.replace("__", ".")
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def envelope(body: bytes, **headers: str) -> str:
    sent = signed("typeform", body)
    return json.dumps({"headers": sent.headers | headers, "body": sent.body.decode(), "received_at": AT.isoformat()})


def test_a_saved_request_is_judged_and_read_as_one_that_came(tmp_path: Path) -> None:
    saved(tmp_path, a__json=envelope(typeform("1", "a")))
    connector = connection(tmp_path, folder="saved")

    found = row(connector)

    assert found.key == "typeform:a"
    assert (found.place, found.file) == ("a.json", "a.json")


def test_what_came_and_was_saved_is_one_record(tmp_path: Path) -> None:
    saved(tmp_path, a__json=envelope(typeform("1", "a")))
    connector = connection(tmp_path, folder="saved")
    deliver(connector, signed("typeform", typeform("1", "a")))

    first, second = everything(connector)

    assert (first.key, first.payload) == (second.key, second.payload)


def test_a_saved_delivery_whose_signature_does_not_hold_waits_with_its_body(tmp_path: Path) -> None:
    saved(tmp_path, a__json=envelope(typeform("1", "a"), **{"typeform-signature": "sha256=no"}))

    [found] = everything(connection(tmp_path, folder="saved"))

    assert isinstance(found, Unreadable)
    assert found.code == "signature-wrong"
    assert found.payload["body"] == typeform("1", "a").decode()
    assert "trusted: true" in str(found.expected)


def test_a_folder_may_be_trusted(tmp_path: Path) -> None:
    saved(
        tmp_path,
        a__json=typeform("1", "a"),
        b__body=as_parts(JOTFORM),
        b__headers__json=json.dumps({"Content-Type": PARTS_TYPE}),
    )
    connector = connection(tmp_path, folder="saved", trusted=True, secret=None)

    assert keys(everything(connector))[0] == "a"
    assert "without `secret` nothing is let in but saved deliveries" in connector.check()
    jotform = connection(tmp_path, "jotform", folder="saved", trusted=True, secret=None)
    assert "jotform:5308741572752112119" in [each.key for each in everything(jotform)]


def test_a_folder_that_becomes_trusted_is_read_again(tmp_path: Path) -> None:
    saved(tmp_path, a__json=typeform("1", "a"))
    cursor = last(read(connection(tmp_path, folder="saved")))

    assert keys(everything(connection(tmp_path, folder="saved", trusted=True), cursor=cursor)) == ["a"]


def test_a_file_that_is_touched_is_no_new_enquiry(tmp_path: Path) -> None:
    saved(tmp_path, a__json=as_json({"Company": "Koepaja Oy"}))
    connector = connection(tmp_path, "path", folder="saved", trusted=True)
    before = row(connector)
    saved(tmp_path, a__json=as_json({"Company": "Koepaja Oy"}))

    assert (row(connector).key, row(connector).payload) == (before.key, before.payload)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"headers": [], "body": ""}, "its headers are no block of texts"),
        ({"headers": {"a": 1}, "body": ""}, "its headers are no block of texts"),
        ({"headers": {}, "body_base64": "!"}, "body_base64 is no base64"),
        ({"headers": {}, "body": "", "received_at": "soon"}, "received_at is no time with a zone"),
    ],
)
def test_a_file_that_is_no_delivery_is_named(tmp_path: Path, content: Any, message: str) -> None:
    saved(tmp_path, a__json=json.dumps(content))

    [found] = everything(connection(tmp_path, folder="saved"))

    assert isinstance(found, Unreadable)
    assert message in found.message
    assert found.file == "a.json"


@pytest.mark.parametrize("where", ["headers", "url"])
def test_half_a_character_in_a_saved_request_spoils_no_other(tmp_path: Path, where: str) -> None:
    half = {"headers": {"headers": {"content-type": "application/json; charset=\ud800"}}, "url": {"url": "\ud800"}}
    (tmp_path / "half.json").write_text(json.dumps({"body": "{}", **half[where]}))
    (tmp_path / "good.json").write_text('{"Company": "Koepaja Oy"}')
    connector = connection(tmp_path, "path", folder=".", trusted=True)

    found = {each.place: each for each in everything(connector)}

    assert getattr(found["half.json"], "code", None) == "no-delivery"
    assert isinstance(found["good.json"], Row)


@pytest.mark.skipif(sys.platform != "linux", reason="only there a name may be any bytes")
def test_a_file_whose_name_is_no_text_is_named_in_text(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xe4.json")).write_text("{}")

    assert [file.name for file in files_in(tmp_path)] == ["\\xe4.json"]


def test_a_link_in_a_circle_hides_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "circle.json").symlink_to("circle.json")
    (tmp_path / "good.json").write_text("{}")

    assert [file.name for file in files_in(tmp_path)] == ["good.json"]


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    saved(tmp_path, a__json=b" " * 10_000_001)

    [found] = everything(connection(tmp_path, folder="saved", trusted=True))

    assert isinstance(found, Unreadable)
    assert "10,000,001 bytes" in found.message


def test_a_signed_body_is_posted_as_its_sender_would(tmp_path: Path) -> None:
    """How the demo tries the door: one twice, one with a signature that does not hold."""
    connector = connection(tmp_path)
    good, bad = signed("typeform", typeform("1", "a")), signed("tally", typeform("2", "b"))

    assert deliver(connector, good) == [True]
    assert deliver(connector, good) == [False]
    with pytest.raises(Unverified):
        connector.verify(bad)
