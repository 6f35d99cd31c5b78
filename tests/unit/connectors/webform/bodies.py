"""Deliveries as their senders make them. Everybody in them is made up."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from solmu.exchange import Request
from solmu.intake.schemes import SCHEMES

AT = datetime(2026, 7, 1, 7, 0, tzinfo=UTC)
URL = "https://hub.ourfirm.example/in/web"
SECRETS = dict.fromkeys(SCHEMES, "solmu-test-secret-0123456789") | {
    "standard-webhooks": "whsec_c29sbXUtdGVzdC1zZWNyZXQtMDEyMzQ1Njc4OQ=="
}
JSON_TYPE = "application/json"
FORM_TYPE = "application/x-www-form-urlencoded"
BOUNDARY = "------------------------5f1c0d2e3b4a"
PARTS_TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def as_json(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def as_form(fields: dict[str, Any]) -> bytes:
    return urlencode(fields, doseq=True).encode()


def as_parts(fields: dict[str, str | tuple[str, str, bytes]]) -> bytes:
    """A form in parts, as browsers send it; a file is (name, type, content)."""
    lines: list[bytes] = []
    for name, value in fields.items():
        if isinstance(value, str):
            head, data = f'Content-Disposition: form-data; name="{name}"', value.encode()
        else:
            head = f'Content-Disposition: form-data; name="{name}"; filename="{value[0]}"\r\nContent-Type: {value[1]}'
            data = value[2]
        lines += [f"--{BOUNDARY}".encode(), head.encode(), b"", data]
    return b"\r\n".join([*lines, f"--{BOUNDARY}--".encode(), b""])


def signed(
    scheme: str, body: bytes, *, kind: str = JSON_TYPE, at: datetime = AT, received: datetime = AT, id: str = "msg_1"
) -> Request:
    """A request as the sender would make it."""
    made = SCHEMES[scheme].sign(SECRETS[scheme], body, at=at, id=id, url=URL, header=None)
    headers = {"content-type": kind, **made.headers}
    return Request("POST", made.path, URL, headers, made.body, received)


def typeform(event: str = "01TESTEVENT", token: str = "token-1", form: str = "lT4Z3j", **answers: str) -> bytes:
    said = answers or {"Company": "Koepaja Oy"}
    fields = [{"id": f"f{n}", "title": title, "type": "short_text", "ref": f"ref-{n}"} for n, title in enumerate(said)]
    return as_json(
        {
            "event_id": event,
            "event_type": "form_response",
            "form_response": {
                "form_id": form,
                "token": token,
                "landed_at": "2026-07-01T06:50:00Z",
                "submitted_at": "2026-07-01T06:58:30Z",
                "hidden": {"utm_campaign": "summer"},
                "definition": {"id": form, "title": "Ask for an offer", "fields": fields},
                "answers": [
                    {"type": "text", "text": text, "field": {"id": f"f{n}", "type": "short_text", "ref": f"ref-{n}"}}
                    for n, text in enumerate(said.values())
                ],
            },
        }
    )


TYPEFORM: dict[str, Any] = {
    "event_id": "01TESTEVENT7",
    "event_type": "form_response",
    "form_response": {
        "form_id": "lT4Z3j",
        "token": "a3a12ec67a1365927098a606107fac15",
        "landed_at": "2026-07-01T06:50:00Z",
        "submitted_at": "2026-07-01T06:58:30Z",
        "calculated": {"score": 9},
        "hidden": {"utm_campaign": "summer"},
        "definition": {
            "id": "lT4Z3j",
            "title": "Ask for an offer",
            "fields": [
                {"id": "A1", "title": "First name", "type": "short_text", "ref": "first"},
                {"id": "A2", "title": "Last name", "type": "short_text", "ref": "last"},
                {"id": "A3", "title": "Email", "type": "email", "ref": "mail"},
                {"id": "A4", "title": "Phone number", "type": "phone_number", "ref": "phone"},
                {"id": "A5", "title": "Company", "type": "short_text", "ref": "company"},
                {"id": "A6", "title": "Country", "type": "dropdown", "ref": "country"},
                {"id": "A7", "title": "Interested in", "type": "multiple_choice", "ref": "interest"},
                {"id": "A8", "title": "Message", "type": "long_text", "ref": "message"},
                {"id": "A9", "title": "May we write to you?", "type": "yes_no", "ref": "may"},
            ],
        },
        "answers": [
            {"type": "text", "text": "Aino", "field": {"id": "A1", "type": "short_text", "ref": "first"}},
            {"type": "text", "text": "Järvinen", "field": {"id": "A2", "type": "short_text", "ref": "last"}},
            {"type": "email", "email": "aino@koepaja.example", "field": {"id": "A3", "type": "email", "ref": "mail"}},
            {
                "type": "phone_number",
                "phone_number": "+358401234567",
                "field": {"id": "A4", "type": "phone_number", "ref": "phone"},
            },
            {"type": "text", "text": "Koepaja Oy", "field": {"id": "A5", "type": "short_text", "ref": "company"}},
            {
                "type": "choice",
                "choice": {"id": "c1", "label": "Finland", "ref": "fi"},
                "field": {"id": "A6", "type": "dropdown", "ref": "country"},
            },
            {
                "type": "choices",
                "choices": {"ids": ["c2", "c3"], "labels": ["Laser", "Press"], "refs": ["l", "p"]},
                "field": {"id": "A7", "type": "multiple_choice", "ref": "interest"},
            },
            {
                "type": "text",
                "text": "Two lasers, please.\nBefore August.",
                "field": {"id": "A8", "type": "long_text", "ref": "message"},
            },
            {"type": "boolean", "boolean": True, "field": {"id": "A9", "type": "yes_no", "ref": "may"}},
        ],
    },
}

TALLY: dict[str, Any] = {
    "eventId": "a4cb511e-0000-4000-8000-b815d718dfd1",
    "eventType": "FORM_RESPONSE",
    "createdAt": "2026-07-01T06:58:31.000Z",
    "data": {
        "responseId": "2wgx4n",
        "submissionId": "2wgx4n",
        "respondentId": "dwQKYm",
        "formId": "VwbNEw",
        "formName": "Contact",
        "createdAt": "2026-07-01T06:58:30.000Z",
        "fields": [
            {"key": "question_1", "label": "Name", "type": "INPUT_TEXT", "value": "Åke Åström"},
            {"key": "question_2", "label": "Email", "type": "INPUT_EMAIL", "value": "ake@provverk.example"},
            {"key": "question_3", "label": "Company", "type": "INPUT_TEXT", "value": "Provverk AB"},
            {
                "key": "question_4",
                "label": "Interested in",
                "type": "CHECKBOXES",
                "value": ["o1", "o2"],
                "options": [{"id": "o1", "text": "Laser"}, {"id": "o2", "text": "Press"}],
            },
            {"key": "question_4_o1", "label": "Interested in (Laser)", "type": "CHECKBOXES", "value": True},
            {
                "key": "question_5",
                "label": "Country",
                "type": "DROPDOWN",
                "value": ["o3"],
                "options": [{"id": "o3", "text": "Sweden"}],
            },
            {
                "key": "question_6",
                "label": "Drawing",
                "type": "FILE_UPLOAD",
                "value": [
                    {
                        "id": "x",
                        "name": "part.pdf",
                        "url": "https://storage.tally.example/part.pdf",
                        "mimeType": "application/pdf",
                        "size": 32,
                    }
                ],
            },
            {"key": "question_7", "label": "Message", "type": "TEXTAREA", "value": None},
        ],
    },
}

HUBSPOT: dict[str, Any] = {
    "vid": 4064,
    "portal-id": 62515,
    "is-contact": True,
    "properties": {
        "firstname": {"value": "Anna", "versions": [{"value": "Anna", "source-type": "FORM"}]},
        "lastname": {"value": "Rossi"},
        "email": {"value": "anna.rossi@prova-laser.example"},
        "phone": {"value": "+39 02 1234 5678"},
        "company": {"value": "Prova Laser S.r.l."},
        "country": {"value": "Italy"},
        "message": {"value": "Vorrei un preventivo."},
        "hs_analytics_num_visits": {"value": "3"},
    },
    "form-submissions": [
        {
            "conversion-id": "0d2e3b4a-1111-4000-8000-000000000001",
            "timestamp": 1782889000000,
            "form-id": "76f58c22-f000-4000-8000-000000000001",
            "title": "Newsletter",
            "page-url": "https://www.ourfirm.example/news",
        },
        {
            "conversion-id": "0d2e3b4a-1111-4000-8000-000000000002",
            "timestamp": 1782889110000,
            "form-id": "76f58c22-f000-4000-8000-000000000002",
            "title": "Ask for an offer",
            "page-url": "https://www.ourfirm.example/offer",
        },
    ],
}

HUBSPOT_EVENT: dict[str, Any] = {
    "eventId": 3001,
    "subscriptionId": 12345,
    "portalId": 62515,
    "occurredAt": 1782889110000,
    "subscriptionType": "contact.creation",
    "attemptNumber": 0,
    "objectId": 4064,
    "changeSource": "CRM",
    "changeFlag": "NEW",
    "appId": 54321,
}

JOTFORM_REQUEST: dict[str, Any] = {
    "slug": "submit/230583697150159/",
    "q3_name": {"first": "Jonas", "last": "Weber"},
    "q4_email": "jonas@musterwerk.example",
    "q5_phoneNumber": {"full": "+49 30 1234567"},
    "q6_company": "Musterwerk GmbH",
    "q7_address": {"addr_line1": "Testweg 1", "city": "Berlin", "state": "", "postal": "10115", "country": "Germany"},
    "q8_interest": ["Laser", "Press"],
    "q9_message": "Bitte um ein Angebot.",
    "submitDate": "1782889110000",
    "event_id": "1782889110000_230583697150159_x",
}

JOTFORM: dict[str, str | tuple[str, str, bytes]] = {
    "action": "",
    "webhookURL": URL,
    "username": "ourfirm",
    "formID": "230583697150159",
    "type": "WEB",
    "formTitle": "Contact",
    "submissionID": "5308741572752112119",
    "ip": "192.0.2.1",
    "pretty": "Name:Jonas Weber, E-mail:jonas@musterwerk.example",
    "rawRequest": json.dumps(JOTFORM_REQUEST),
}

NETLIFY: dict[str, Any] = {
    "number": 12,
    "title": None,
    "email": "bob@sample-works.example",
    "name": "Bob Sample",
    "company": None,
    "body": "Please call me.",
    "data": {
        "name": "Bob Sample",
        "email": "bob@sample-works.example",
        "company": "Sample Works Ltd",
        "message": "Please call me.",
        "ip": "192.0.2.7",
        "user_agent": "Mozilla/5.0",
        "referrer": "https://www.ourfirm.example/contact",
    },
    "created_at": "2026-07-01T06:58:30.000Z",
    "human_fields": {"Name": "Bob Sample", "Email": "bob@sample-works.example"},
    "ordered_human_fields": [
        {"title": "Name", "name": "name", "value": "Bob Sample"},
        {"title": "Email", "name": "email", "value": "bob@sample-works.example"},
        {"title": "Company", "name": "company", "value": "Sample Works Ltd"},
        {"title": "Message", "name": "message", "value": "Please call me."},
    ],
    "id": "60d1f5c0a1b2c3d4e5f60718",
    "form_id": "60d1f5c0a1b2c3d4e5f60700",
    "site_url": "https://ourfirm.example",
    "form_name": "contact",
}

GOOGLE: dict[str, Any] = {
    "lead_id": "TeSter-123-ABCDEFGHIJKLMNOPQRSTUVWXYZ-0123456789",
    "user_column_data": [
        {"column_name": "Full Name", "string_value": "Maija Mallikas", "column_id": "FULL_NAME"},
        {"column_name": "User Email", "string_value": "maija@mallipaja.example", "column_id": "WORK_EMAIL"},
        {"column_name": "User Phone", "string_value": "+358 50 123 4567", "column_id": "PHONE_NUMBER"},
        {"column_name": "Company Name", "string_value": "Mallipaja Oy", "column_id": "COMPANY_NAME"},
        {"column_name": "Which machine?", "string_value": "Press", "column_id": "which_machine?"},
    ],
    "api_version": "1.0",
    "form_id": 40000000000,
    "campaign_id": 12345678901234567,
    "is_test": False,
    "gcl_id": "gclid-test",
    "adgroup_id": 20000000000,
    "creative_id": 30000000000,
    "lead_submit_time": "2026-07-01T06:58:30Z",
}

CONTACT = {
    "form_name": "contact",
    "your-name": "Matti Meikäläinen",
    "your-email": "matti@koepaja.example",
    "phone": "+358 40 123 4567",
    "company": "Koepaja Oy",
    "product": ["Laser", "Press"],
    "your-message": "Tarvitsemme laserin.",
}

# Sender -> a delivery of an ordinary lead, as (scheme, body, content type).
LEADS: dict[str, tuple[str, bytes, str]] = {
    "typeform": ("typeform", as_json(TYPEFORM), JSON_TYPE),
    "tally": ("tally", as_json(TALLY), JSON_TYPE),
    "hubspot": ("hubspot", as_json(HUBSPOT), JSON_TYPE),
    "jotform": ("jotform", as_parts(JOTFORM), PARTS_TYPE),
    "netlify": ("netlify", as_json(NETLIFY), JSON_TYPE),
    "google-ads": ("google-ads", as_json(GOOGLE), JSON_TYPE),
    "contact-form": ("path", as_form(CONTACT), FORM_TYPE),
}

# What else these senders push to the same address; it lands and is left alone.
LEFT_ALONE = {"hubspot": as_json(HUBSPOT_EVENT), "google-ads": as_json(GOOGLE | {"lead_id": "test", "is_test": True})}
