"""What the documents of form services say.

Sources: Typeform, "Example payload"; Tally, "Webhooks"; HubSpot, "Using webhooks in workflows" and "Webhooks API";
Jotform, "How to setup a webhook"; Netlify's notifications of forms; Google Ads, "Lead form webhook", Implementation.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

import orjson

from connectors.webform.document import Unparsable, parse_text
from connectors.webform.submission import Answer, Submission, block, blocks, moment_of, plain, text_of

# --- Typeform ---------------------------------------------------------------------------------------------------------


def typeform(document: dict[str, Any]) -> Submission:
    """The answers of one response, and the hidden fields of the address."""
    response = block(document.get("form_response"))
    definition = block(response.get("definition"))
    titles = {text_of(each.get("id")): each.get("title") for each in blocks(definition.get("fields"))}
    answers: list[Answer] = []
    for each in blocks(response.get("answers")):
        asked = block(each.get("field"))
        title, key = (
            text_of(titles.get(text_of(asked.get("id")))),
            text_of(asked.get("ref")) or text_of(asked.get("id")),
        )
        answers.append((title, key, _typed(each)))
    # Hidden fields come from the address of the form: a campaign, a partner.
    answers += [(name, name, value) for name, value in block(response.get("hidden")).items()]
    return Submission(
        tuple(answers),
        document,
        key=text_of(response.get("token")),
        form=text_of(response.get("form_id")),
        form_name=text_of(definition.get("title")),
        submitted_at=moment_of(response.get("submitted_at")),
        about={"event": document.get("event_type"), "score": block(response.get("calculated")).get("score")},
    )


def _typed(answer: dict[str, Any]) -> Any:
    kind = answer.get("type")
    value = answer.get(kind) if isinstance(kind, str) else None
    if kind == "choice":
        return plain([block(value).get("label"), block(value).get("other")])
    if kind == "choices":
        labels = block(value).get("labels")
        return plain([*(labels if isinstance(labels, list) else ()), block(value).get("other")])
    return value


# --- Tally ------------------------------------------------------------------------------------------------------------


def tally(document: dict[str, Any]) -> Submission:
    """The fields of one response; choices by their text."""
    data = block(document.get("data"))
    fields = blocks(data.get("fields"))
    return Submission(
        tuple((text_of(each.get("label")), text_of(each.get("key")), _tally_value(each)) for each in fields),
        document,
        key=text_of(data.get("responseId")) or text_of(data.get("submissionId")),
        form=text_of(data.get("formId")),
        form_name=text_of(data.get("formName")),
        submitted_at=moment_of(data.get("createdAt")) or moment_of(document.get("createdAt")),
        about={"event": document.get("eventType"), "respondent": data.get("respondentId")},
    )


def _tally_value(asked: dict[str, Any]) -> Any:
    value = asked.get("value")
    texts = {text_of(each.get("id")): each.get("text") for each in blocks(asked.get("options"))}
    if isinstance(value, list):
        if asked.get("type") == "FILE_UPLOAD":
            return plain(each.get("url") or each.get("name") for each in blocks(value))
        return plain(texts.get(each, each) if isinstance(each, str) else each for each in value)
    return texts.get(value, value) if isinstance(value, str) else value


# --- HubSpot ----------------------------------------------------------------------------------------------------------

_HUBSPOT_OWN = frozenset(
    {
        "eventId",
        "subscriptionId",
        "portalId",
        "appId",
        "occurredAt",
        "subscriptionType",
        "attemptNumber",
        "objectId",
        "changeSource",
        "changeFlag",
        "propertyName",
        "propertyValue",
        "sourceId",
    }
)


def hubspot(document: dict[str, Any]) -> Submission:
    """A workflow's contact (its properties are the answers), the body that was composed in a workflow, or an event of
    an app's subscription, which only says that something changed."""
    properties = document.get("properties")
    answers: list[Answer] = []
    if isinstance(properties, dict):
        for name, value in properties.items():
            answers.append((name, name, value.get("value") if isinstance(value, dict) else value))
        # What belongs to a company is nested in the same way, where a workflow sends it along.
        company = block(block(document.get("associated-company")).get("properties"))
        answers += [(f"company.{name}", None, block(value).get("value")) for name, value in company.items()]
    else:
        answers += [(name, name, value) for name, value in document.items() if name not in _HUBSPOT_OWN]
        if "propertyName" in document:
            answers.append((text_of(document["propertyName"]), None, document.get("propertyValue")))
    filled = blocks(document.get("form-submissions"))
    last = max(filled, key=lambda each: each["timestamp"] if isinstance(each.get("timestamp"), int) else 0, default={})
    event = text_of(document.get("eventId"))
    return Submission(
        tuple(answers),
        document,
        key=text_of(last.get("conversion-id")) or (f"event-{event}" if event else None),
        form=text_of(last.get("form-id"))
        or text_of(document.get("form_id"))
        or text_of(document.get("subscriptionType")),
        form_name=text_of(last.get("title")),
        submitted_at=moment_of(last.get("timestamp")) or moment_of(document.get("occurredAt")),
        about={
            "contact": document.get("vid") or document.get("objectId"),
            "portal": document.get("portal-id") or document.get("portalId"),
            "page": last.get("page-url"),
        },
    )


def hubspot_delivery(document: dict[str, Any]) -> str | None:
    """HubSpot numbers events, and counts attempts in the body, so that a redelivery is not the same to the byte."""
    event = text_of(document.get("eventId"))
    if event is None:
        return None
    said = {name: value for name, value in document.items() if name != "attemptNumber"}
    return f"{event}-{_digest(said)}"


# --- Jotform ----------------------------------------------------------------------------------------------------------

_GOOGLE_OWN = re.compile(r"[A-Z][A-Z0-9_]+")
_JOTFORM_FIELD = re.compile(r"q(\d+)_(\w+)")


def jotform(document: dict[str, Any]) -> Submission:
    """``rawRequest`` holds the answers as JSON, in a form's field."""
    raw = document.get("rawRequest")
    request = parse_text(raw) if isinstance(raw, str) else block(raw)
    if not isinstance(request, dict):
        raise Unparsable("not-a-submission", "rawRequest is no JSON object", "a submission as Jotform sends it")
    answers = [answer for name, value in request.items() for answer in _jotform_answers(name, value)]
    # Files that came along as parts of the form.
    answers += [
        (name, None, value["file"]) for name, value in document.items() if isinstance(value, dict) and "file" in value
    ]
    kept = {name: value for name, value in document.items() if name != "rawRequest"} | {"rawRequest": request}
    return Submission(
        tuple(answers),
        kept,
        key=text_of(document.get("submissionID")),
        form=text_of(document.get("formID")),
        form_name=text_of(document.get("formTitle")),
        submitted_at=moment_of(_number(request.get("submitDate"))),
        test=document.get("webhookURL") is not None and document.get("submissionID") in (None, ""),
        about={"pretty": document.get("pretty"), "ip": document.get("ip")},
    )


def _jotform_answers(name: str, value: Any) -> Iterator[Answer]:
    """``q3_name: {first, last}`` is "name" as one text, and "name.first", "name.last"."""
    found = _JOTFORM_FIELD.fullmatch(name)
    if found is None:
        return
    label = found[2]
    if isinstance(value, dict):
        texts = [each for each in value.values() if isinstance(each, str) and each.strip()]
        yield label, name, " ".join(texts) or None
        yield from ((f"{label}.{part}", None, each) for part, each in value.items())
    else:
        yield label, name, plain(value) if isinstance(value, list) else value


def jotform_delivery(document: dict[str, Any]) -> str | None:
    """A submission that is edited comes again under its id, and is news."""
    id = text_of(document.get("submissionID"))
    return f"{id}-{_digest(document.get('rawRequest'))}" if id else None


# --- Netlify, Google Ads ----------------------------------------------------------------------------------------------


def netlify(document: dict[str, Any]) -> Submission:
    """The fields of one submission, by their titles where Netlify gives them."""
    titled = blocks(document.get("ordered_human_fields"))
    if titled:
        answers = [(text_of(each.get("title")), text_of(each.get("name")), each.get("value")) for each in titled]
    else:
        answers = [(name, name, value) for name, value in block(document.get("data")).items()]
    data = block(document.get("data"))
    return Submission(
        tuple((label, key, value.get("url") if isinstance(value, dict) else value) for label, key, value in answers),
        document,
        key=text_of(document.get("id")),
        form=text_of(document.get("form_name")) or text_of(document.get("form_id")),
        form_name=text_of(document.get("form_name")),
        submitted_at=moment_of(document.get("created_at")),
        about={"site": document.get("site_url"), "page": data.get("referrer"), "number": document.get("number")},
    )


def google(document: dict[str, Any]) -> Submission:
    """The columns of one lead."""
    # The key is a secret, and no part of what somebody entered.
    kept = {name: value for name, value in document.items() if name != "google_key"}
    return Submission(
        tuple(map(_google_answer, blocks(document.get("user_column_data")))),
        kept,
        key=text_of(document.get("lead_id")),
        form=text_of(document.get("form_id")),
        submitted_at=moment_of(document.get("lead_submit_time")),
        test=document.get("is_test") is True,
        about={
            name: document.get(name) for name in ("campaign_id", "adgroup_id", "creative_id", "gcl_id", "lead_stage")
        },
    )


def _google_answer(column: dict[str, Any]) -> Answer:
    """Google's own questions by their id (``FULL_NAME``), which no language changes; an advertiser's by its text."""
    name, id = text_of(column.get("column_name")), text_of(column.get("column_id"))
    known = id is not None and _GOOGLE_OWN.fullmatch(id) is not None
    return (id, name, column.get("string_value")) if known else (name, id, column.get("string_value"))


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 15 else value


def _digest(value: Any) -> str:
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]
