"""A message as a JSON document, posted to an address: chat rooms take one so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from solmu.notify.http import call
from solmu.notify.message import Message

if TYPE_CHECKING:
    from solmu.config.settings import Webhook

_CARD = "http://adaptivecards.io/schemas/adaptive-card.json"


def post(settings: Webhook, message: Message, *, address: str) -> None:
    """Post it. Raises Retriable and Fatal as ``call`` does."""
    call("POST", address, content=body(settings.format, message), timeout=settings.timeout_seconds, what="the webhook")


def body(form: str, message: Message) -> bytes:
    """The document: ``{"text": …}`` (Slack, Mattermost, Google Chat), or an Adaptive Card: the workflows of Microsoft
    Teams take nothing else.

    Sources: Slack's "Sending messages using incoming webhooks", and Microsoft's "Create and send messages" for Teams.
    """
    document: dict[str, Any] = {"text": f"{message.subject}\n{message.text}"}
    if form == "adaptive-card":
        lines = [message.subject, *message.lines]
        blocks = [{"type": "TextBlock", "text": line, "wrap": True, "spacing": "Small"} for line in lines]
        card = {"$schema": _CARD, "type": "AdaptiveCard", "version": "1.4", "body": blocks}
        content = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
        document = {"type": "message", "attachments": [content]}
    return orjson.dumps(document)
