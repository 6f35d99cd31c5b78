"""What each sender's document says: submissions, and the id under which a redelivery comes again.

Services are in ``services``; here is what all have in common, Standard Webhooks, and websites' own forms.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson

from connectors.webform import services
from connectors.webform.document import Unparsable
from connectors.webform.submission import Submission, blocks, moment_of, text_of

Read = Callable[[dict[str, Any]], Submission]
Id = Callable[[dict[str, Any]], str | None]


@dataclass(frozen=True, slots=True)
class Sender:
    """``read`` gives what one document says; ``delivery`` the sender's id of the delivery, where it has one.

    ``repeats``: that a body is the same to the byte means that it is the same event, however late it comes.
    """

    read: Read
    delivery: Id
    repeats: bool = True


def submissions(sender: Sender, document: Any) -> list[Submission]:
    """Those of a delivery: one of a block, several of a list of blocks. Raises Unparsable."""
    many = blocks(document) if isinstance(document, list) else [document]
    if not many or (isinstance(document, list) and len(many) != len(document)) or not isinstance(many[0], dict):
        raise Unparsable("not-a-submission", "this is not what a form says", "a JSON object, or a list of them")
    return [sender.read(each) for each in many]


def delivery_of(sender: Sender, document: Any) -> str | None:
    """The sender's own id of a delivery; of several events in one, their ids together."""
    if isinstance(document, dict):
        return sender.delivery(document)
    ids = [sender.delivery(each) for each in blocks(document)]
    if not ids or None in ids:
        return None
    return hashlib.sha256(orjson.dumps(sorted(filter(None, ids)))).hexdigest()


_FORM = ("form_id", "formId", "form_name", "form-name", "formName", "form")
_TIMES = ("submitted_at", "submittedAt", "created_at", "createdAt", "timestamp")


def _plain(document: dict[str, Any], *, id_field: str | None = None, form_field: str | None = None) -> Submission:
    """A website's own form: its fields as they are. Of a file only what it is called, how large and of which kind.

    No field counts as an id by its name alone: whoever fills in the form could overwrite another's submission.
    """
    answers = [
        (name, None, value.get("file", value) if isinstance(value, dict) and "sha256" in value else value)
        for name, value in document.items()
    ]
    return Submission(
        tuple(answers),
        document,
        key=text_of(document.get(id_field)) if id_field else None,
        form=_first(document, (form_field,) if form_field else _FORM),
        submitted_at=next((at for name in _TIMES if (at := moment_of(document.get(name)))), None),
    )


def _standard(document: dict[str, Any], *, id_field: str | None = None, form_field: str | None = None) -> Submission:
    """The envelope of Standard Webhooks: ``type``, ``timestamp`` and ``data``; what is in ``data`` are the answers."""
    data = document.get("data")
    if not isinstance(data, dict) or "type" not in document:
        return _plain(document, id_field=id_field, form_field=form_field)
    inner = _plain(data, id_field=id_field, form_field=form_field)
    return Submission(
        inner.answers,
        document,
        key=inner.key,
        form=inner.form or text_of(document.get("type")),
        submitted_at=moment_of(document.get("timestamp")) or inner.submitted_at,
        about={"event": document.get("type")},
    )


def _first(document: dict[str, Any], names: tuple[str, ...]) -> str | None:
    return next((text for name in names if (text := text_of(document.get(name)))), None)


def _named(*names: str) -> Id:
    return lambda document: _first(document, names)


_SENDERS: dict[str, Sender] = {
    "typeform": Sender(services.typeform, _named("event_id")),
    "tally": Sender(services.tally, _named("eventId")),
    "hubspot": Sender(services.hubspot, services.hubspot_delivery),
    "jotform": Sender(services.jotform, services.jotform_delivery),
    "netlify": Sender(services.netlify, _named("id")),
    "google-ads": Sender(services.google, _named("lead_id")),
}


def sender_of(name: str, *, id_field: str | None = None, form_field: str | None = None) -> Sender:
    """How a sender's documents are read. ``id_field`` and ``form_field`` are for those whose fields nobody knows."""
    if name in _SENDERS:
        return _SENDERS[name]
    read = _standard if name == "standard-webhooks" else _plain
    return Sender(
        partial(read, id_field=id_field, form_field=form_field), _named(*filter(None, [id_field])), repeats=False
    )
