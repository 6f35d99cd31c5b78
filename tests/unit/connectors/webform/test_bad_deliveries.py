"""What cannot be read waits in quarantine, whole, with a reason; what is not genuine is not let in."""

from __future__ import annotations

import base64
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.webform.document import DEEPEST, Unparsable, depth_of, parse
from connectors.webform.rows import Arrived, found_in
from connectors.webform.senders import delivery_of, sender_of
from solmu.errors import Unverified
from solmu.exchange import Row
from solmu.store.payload import canonical
from tests.unit.connectors.webform.bodies import (
    AT,
    BOUNDARY,
    CONTACT,
    FORM_TYPE,
    GOOGLE,
    JOTFORM,
    JSON_TYPE,
    PARTS_TYPE,
    SECRETS,
    as_form,
    as_json,
    as_parts,
    signed,
    typeform,
)
from tests.unit.connectors.webform.doors import connection, deliver, everything, refused, row

DEEP = b"[" * 100_000 + b"]" * 100_000


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        (DEEP, JSON_TYPE, "too-deep"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, JSON_TYPE, "too-deep"),
        (b'{"a": ' + b"[" * 40 + b"]" * 40 + b"}", JSON_TYPE, "too-deep"),
        (b"{", JSON_TYPE, "not-json"),
        (b"", JSON_TYPE, "not-json"),
        (b"\x00\x00", JSON_TYPE, "not-json"),
        (b'{"a": "\x00"}', JSON_TYPE, "not-json"),
        (b'{"a": NaN}', JSON_TYPE, "not-json"),
        (b'{"a": "\\ud800"}', JSON_TYPE, "no-text"),
        (b'"text"', JSON_TYPE, "not-a-submission"),
        (b"[]", JSON_TYPE, "not-a-submission"),
        (b"[1]", JSON_TYPE, "not-a-submission"),
        (b'{"a": "\xe4"}', JSON_TYPE, "wrong-charset"),
        ("{}".encode("utf-16"), JSON_TYPE, "wrong-charset"),
        (b"{}", f"{JSON_TYPE}; charset=klingon", "unknown-charset"),
        (b"\x89PNG", "image/png", "content-type"),
        (b"<form>", "text/html", "content-type"),
        (b"{}", f"{JSON_TYPE}; name*{'9' * 5_000}=x", "not-a-header"),
        (b"{}", JSON_TYPE + "; x=" + chr(34) + ";" * 60_000, "not-a-header"),
        (b"a" * 900_000 + b"-" + b"b9z" * 30_000, f"{JSON_TYPE}; charset=punycode", "unknown-charset"),
        (b"name=Matti", "", "content-type"),
        (b"name=Matti", "text/plain", "content-type"),
        (b"name=%E4", FORM_TYPE, "wrong-charset"),
        (b"&".join(b"f%d=x" % number for number in range(1_001)), FORM_TYPE, "too-many-fields"),
        (as_parts(JOTFORM), "multipart/form-data", "no-boundary"),
        (as_parts(JOTFORM)[:-100], PARTS_TYPE, "cut-off"),
        (as_parts({f"f{number}": "x" for number in range(1_001)}), PARTS_TYPE, "too-many-fields"),
    ],
)
def test_a_body_that_cannot_be_read_waits_whole_with_a_reason(
    tmp_path: Path, body: bytes, kind: str, code: str
) -> None:
    connector = connection(tmp_path, "path")
    assert deliver(connector, signed("path", body, kind=kind)) == [True]

    found = refused(connector)

    assert found.code == code
    assert found.message
    assert found.expected
    assert found.place == "delivery 1, received 2026-07-01 07:00:00 UTC"
    kept = found.payload.get("body", "").encode() or base64.b64decode(found.payload.get("body_base64", ""))
    assert kept == body
    assert canonical(found.payload)


@pytest.mark.parametrize(
    "head",
    [
        b'Content-Disposition: form-data; name="' + b";" * 900_000,
        b"Content-Disposition: form-data; name*" + b"9" * 5_000 + b"=x",
        b"Content-Disposition: form-data; name=a\r\nContent-Type: text/plain; charset*=a\x00b''utf-8",
    ],
    ids=["endless", "endless-number", "nul-in-charset"],
)
def test_a_part_whose_head_is_made_to_hurt_is_refused_at_once(head: bytes) -> None:
    body = b"--x\r\n" + head + b"\r\n\r\nvalue\r\n--x--\r\n"

    with pytest.raises(Unparsable) as raised:
        parse(body, "multipart/form-data; boundary=x")

    assert raised.value.code == "not-a-header"


def test_parameters_in_the_long_spelling_are_read_as_others() -> None:
    body = b"--x\r\nContent-Disposition: form-data; name=a; filename*=utf-8''%C3%A4.pdf\r\n\r\nb\r\n--x--\r\n"

    assert parse(b"{}", "application/json; charset*=utf-8''utf-8") == {}
    assert parse(body, "multipart/form-data; boundary*=utf-8''x")["a"]["file"] == "ä.pdf"


def test_a_file_that_nobody_chose_is_still_a_file() -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="cv"; filename=""\r\n\r\n\r\n--x--\r\n'

    assert parse(body, "multipart/form-data; boundary=x")["cv"]["size"] == 0


def test_googles_key_does_not_wait_with_a_lead_that_cannot_be_read(tmp_path: Path) -> None:
    connector = connection(tmp_path, "google-ads")
    deep: Any = "x"
    for _ in range(40):
        deep = [deep]
    deliver(connector, signed("google-ads", as_json(GOOGLE | {"deep": deep})))

    found = refused(connector)

    assert SECRETS["google-ads"] not in str(found)
    assert "Maija Mallikas" in found.payload["body"]


def test_a_body_of_ten_megabytes_is_read(tmp_path: Path) -> None:
    connector = connection(tmp_path)
    text = "ä" * 5_000_000
    deliver(connector, signed("typeform", typeform(Company="Koepaja Oy", Message=text)))

    assert row(connector).payload["Message"] == text


def test_a_packed_body_is_not_unpacked(tmp_path: Path) -> None:
    connector = connection(tmp_path, "path")
    sent = signed("path", b"\x1f\x8b\x08\x00")
    deliver(connector, type(sent)(**{**_parts_of(sent), "headers": sent.headers | {"content-encoding": "gzip"}}))

    assert refused(connector).code == "content-encoding"


def _parts_of(request: Any) -> dict[str, Any]:
    return {name: getattr(request, name) for name in ("method", "path", "url", "headers", "body", "received_at")}


def test_one_bad_delivery_holds_up_no_other(tmp_path: Path) -> None:
    connector = connection(tmp_path)
    deliver(connector, *(signed("typeform", body) for body in (typeform("1", "a"), b"{", typeform("2", "b"))))

    assert [getattr(each, "code", "good") for each in everything(connector)] == ["good", "not-json", "good"]


@pytest.mark.parametrize("body", [DEEP, b"{", b"\xff\xfe", b"[1, 2]", b"null"])
@pytest.mark.parametrize("scheme", ["typeform", "tally", "hubspot", "netlify", "standard-webhooks", "path", "jotform"])
def test_at_the_door_a_genuine_delivery_is_let_in_whatever_it_says(tmp_path: Path, scheme: str, body: bytes) -> None:
    connector = connection(tmp_path, scheme)

    first, again = (connector.verify(signed(scheme, body)) for _ in range(2))

    assert first == again
    assert first.id


@pytest.mark.parametrize("damage", [b" ", b"\n"])
def test_a_signature_over_reformatted_json_does_not_hold(tmp_path: Path, damage: bytes) -> None:
    connector = connection(tmp_path)
    sent = signed("typeform", typeform())

    with pytest.raises(Unverified) as raised:
        connector.verify(type(sent)(**{**_parts_of(sent), "body": sent.body.replace(b",", b"," + damage)}))

    assert raised.value.connection == "web"


def test_without_a_secret_nothing_is_let_in_and_the_check_says_so(tmp_path: Path) -> None:
    connector = connection(tmp_path, secret=None)

    with pytest.raises(Unverified) as raised:
        connector.verify(signed("typeform", typeform()))

    assert raised.value.code == "no-secret"
    assert "without `secret` nothing is let in" in connector.check()


def test_what_was_signed_long_ago_is_not_let_in(tmp_path: Path) -> None:
    connector = connection(tmp_path, "standard-webhooks")
    old = signed("standard-webhooks", as_json({"type": "x", "data": {}}), received=AT + timedelta(minutes=6))

    with pytest.raises(Unverified) as raised:
        connector.verify(old)

    assert raised.value.code == "timestamp-old"


def test_nul_in_an_answer_stays_as_it_came(tmp_path: Path) -> None:
    connector = connection(tmp_path, "path")
    deliver(connector, signed("path", as_form(CONTACT | {"company": "Koe\x00paja"}), kind=FORM_TYPE))

    assert row(connector).payload["company"] == "Koe\x00paja"


def test_an_endless_id_is_kept_by_its_digest(tmp_path: Path) -> None:
    connector = connection(tmp_path)
    for number, wild in enumerate(["x" * 5_000, "a\x00b", "a\nb"]):
        deliver(connector, signed("typeform", typeform(wild, wild, Company=f"Firm {number}")))

    rows = everything(connector)

    assert len({each.key for each in rows}) == 3
    assert all(each.key.isprintable() and len(each.key) <= 250 for each in rows)


def test_numbers_that_others_would_round_stay_text() -> None:
    document = parse(b'{"a": 12345678901234567890123, "b": 1e999, "c": 9007199254740993, "d": 1.5}', JSON_TYPE)

    assert document == {"a": "12345678901234567890123", "b": "1e999", "c": 9007199254740993, "d": 1.5}


def test_depth_is_counted_as_people_count_it() -> None:
    assert [depth_of(each) for each in (1, [], {"a": 1}, {"a": [1]}, [[[]]])] == [0, 1, 1, 2, 3]
    nested: Any = "x"
    for _ in range(DEEPEST):
        nested = [nested]
    assert parse(orjson.dumps(nested), JSON_TYPE) == nested
    with pytest.raises(Unparsable):
        parse(orjson.dumps([nested]), JSON_TYPE)


def test_text_in_another_character_set_is_read_where_it_is_stated() -> None:
    body = "name=Ärjä".encode("windows-1252")

    assert parse(body, f"{FORM_TYPE}; charset=windows-1252") == {"name": "Ärjä"}
    assert parse(body, FORM_TYPE, charset="windows-1252") == {"name": "Ärjä"}
    assert parse(b"\xef\xbb\xbf{}", JSON_TYPE) == {}


def test_files_in_a_form_are_named_and_not_taken(tmp_path: Path) -> None:
    connector = connection(tmp_path, "path")
    body = as_parts({"company": "Koepaja Oy", "drawing": ("osa.pdf", "application/pdf", b"%PDF\x00\r\n\xff")})
    deliver(connector, signed("path", body, kind=PARTS_TYPE))

    payload = row(connector).payload

    assert payload["drawing"] == "osa.pdf"
    file = payload["_raw"]["drawing"]
    assert (file["file"], file["type"], file["size"]) == ("osa.pdf", "application/pdf", 8)


def test_a_part_without_a_name_is_left_out() -> None:
    body = f"--{BOUNDARY}\r\nContent-Type: text/plain\r\n\r\nx\r\n--{BOUNDARY}--\r\n".encode()

    assert parse(body, PARTS_TYPE) == {}


NAMES = st.sampled_from(
    [
        "form_response",
        "answers",
        "field",
        "definition",
        "fields",
        "data",
        "options",
        "value",
        "key",
        "label",
        "properties",
        "form-submissions",
        "timestamp",
        "rawRequest",
        "q1_name",
        "ordered_human_fields",
        "user_column_data",
        "column_id",
        "id",
        "type",
        "choice",
        "choices",
        "labels",
        "eventId",
        "file",
        "sha256",
        "submitted_at",
        "hidden",
        "title",
        "text",
        "createdAt",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4) | NAMES, inner, max_size=5),
    max_leaves=12,
)
READERS = ["typeform", "tally", "hubspot", "jotform", "netlify", "google-ads", "standard-webhooks", "plain"]


@pytest.mark.parametrize("name", READERS)
@given(document=st.dictionaries(NAMES, JSON, max_size=6) | st.lists(st.dictionaries(NAMES, JSON), max_size=2))
def test_whatever_a_document_says_it_lands_or_is_refused_with_a_reason(name: str, document: Any) -> None:
    sender = sender_of(name)
    arrived = Arrived("id", AT, True, JSON_TYPE, "", orjson.dumps(document), "delivery 1")

    for found in found_in(arrived, sender, name, "utf-8"):
        assert found.row.key
        assert canonical(found.row.payload)
        if isinstance(found.row, Row):
            assert found.row.changed_at is not None
            assert found.row.changed_at.utcoffset() is not None
    delivery_of(sender, document)
