"""The channels that a hub has, opened: their secrets are read when something is to be sent, and not before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from pydantic import SecretStr

from solmu.config import Hub
from solmu.config.secrets import remember, resolve
from solmu.errors import ConfigurationError
from solmu.notify import heartbeat, smtp, webhook
from solmu.notify.message import Message


@dataclass(frozen=True, slots=True)
class Channel:
    """A way to reach people. ``send`` raises SolmuError where it cannot."""

    name: str
    send: Callable[[Message], None]


def channels(hub: Hub) -> list[Channel]:
    """The channels that ``notify:`` names."""
    named = {"smtp": hub.settings.notify.smtp, "webhook": hub.settings.notify.webhook}
    senders = {"smtp": _mail, "webhook": _post}
    return [Channel(name, partial(senders[name], hub)) for name, settings in named.items() if settings is not None]


def beat(hub: Hub, *, good: bool) -> None:
    """Ping the heartbeat, if the hub has one that wants to know of such a run. Raises SolmuError."""
    settings = hub.settings.notify.heartbeat
    if settings is not None and (good or settings.fail):
        heartbeat.ping(settings, address=_secret(hub, settings.url, "heartbeat", "url"), good=good)


def _mail(hub: Hub, message: Message) -> None:
    settings = hub.settings.notify.smtp
    assert settings is not None
    password = None if settings.password is None else _secret(hub, settings.password, "smtp", "password")
    smtp.send(settings, message, password=password, folder=hub.folder)


def _post(hub: Hub, message: Message) -> None:
    settings = hub.settings.notify.webhook
    assert settings is not None
    webhook.post(settings, message, address=_secret(hub, settings.url, "webhook", "url"))


def _secret(hub: Hub, written: SecretStr, *where: str) -> str:
    try:
        found = str(resolve(written.get_secret_value(), folder=hub.folder))
    except ConfigurationError as error:
        raise hub.lines.error(("notify", *where), error.message, expected=error.expected) from error
    remember(found)
    return found
