"""A message by mail."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import TYPE_CHECKING

from solmu.errors import Fatal, Retriable, SolmuError
from solmu.notify.attempts import attempt
from solmu.notify.message import Message
from solmu.store import time

if TYPE_CHECKING:
    from solmu.config.settings import Smtp

PORTS = {"starttls": 587, "implicit": 465, "none": 25}


def send(settings: Smtp, message: Message, *, password: str | None, folder: Path) -> None:
    """Send one mail to all recipients. ``folder`` is where a relative ``ca_file`` starts.

    Raises Retriable where the server could not be had, or asked to come later, three times in a row; Fatal where it
    refuses. One recipient who is refused beside good ones is Fatal too, and the good ones have the mail.
    """
    mail = mail_of(settings, message)
    attempt(lambda: _deliver(settings, mail, password, folder))


def mail_of(settings: Smtp, message: Message) -> EmailMessage:
    """The mail. Every attempt sends the same ``Message-ID``, so that a server can tell a repetition."""
    mail = EmailMessage()
    mail["Subject"] = message.subject
    mail["From"] = settings.sender
    mail["To"] = ", ".join(settings.to)
    mail["Date"] = format_datetime(time.from_micros(time.now()))
    mail["Message-ID"] = make_msgid(domain=settings.sender.rpartition("@")[2])
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday notice shall answer
    mail.set_content(message.text)
    return mail


def _deliver(settings: Smtp, mail: EmailMessage, password: str | None, folder: Path) -> None:
    try:
        with _connected(settings, folder) as server:
            if settings.username is not None and password is not None:
                server.login(settings.username, password)
            refused = server.send_message(mail, from_addr=settings.sender, to_addrs=list(settings.to))
    except smtplib.SMTPRecipientsRefused as error:
        raise _refusal(list(error.recipients.values()), len(settings.to)) from None
    except smtplib.SMTPAuthenticationError as error:
        raise _answered(error.smtp_code, "the mail server does not let us in", "not-let-in") from None
    except smtplib.SMTPResponseException as error:
        raise _answered(error.smtp_code, "the mail server refuses the message", "refused") from None
    except smtplib.SMTPNotSupportedError as error:
        raise Fatal(f"the mail server cannot do what is asked for: {error}", code="not-supported") from None
    except ssl.SSLCertVerificationError as error:
        raise Fatal(
            f"the mail server's certificate does not hold: {error.verify_message}",
            code="certificate",
            expected="the name that the certificate is for, or `ca_file` with the authority that signed it",
        ) from None
    except (OSError, smtplib.SMTPException) as error:
        # smtplib tells of a time that ran out as of a connection that was closed.
        late = isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)
        kind = "no answer in time" if late else type(error).__name__
        raise Retriable(f"the mail server could not be had: {kind}", code="no-answer") from None
    if refused:
        raise _refusal(list(refused.values()), len(settings.to), later=False)


def _connected(settings: Smtp, folder: Path) -> smtplib.SMTP:
    port = settings.port or PORTS[settings.tls]
    if settings.tls == "none":
        return smtplib.SMTP(settings.host, port, timeout=settings.timeout_seconds)
    try:
        context = ssl.create_default_context(cafile=folder / settings.ca_file if settings.ca_file else None)
    except OSError as error:
        raise Fatal(
            f"the file of the mail server's authority cannot be read: {(error.strerror or 'it is no PEM').lower()}",
            code="certificate",
            field="notify.smtp.ca_file",
            expected="a PEM file; its path starts at the hub's folder",
        ) from None
    if settings.tls == "implicit":
        return smtplib.SMTP_SSL(settings.host, port, timeout=settings.timeout_seconds, context=context)
    server = smtplib.SMTP(settings.host, port, timeout=settings.timeout_seconds)
    try:
        # A server that does not offer STARTTLS is an error: an attacker in between could have taken the offer away.
        server.starttls(context=context)
    except BaseException:
        server.close()
        raise
    return server


def _answered(status: int, what: str, code: str) -> SolmuError:
    # The server's own words may name people; its code says enough (RFC 5321, 4.2.3).
    text = f"{what} (SMTP {status})"
    return Retriable(text, code=code) if _is_later(status) else Fatal(text, code=code)


def _refusal(answers: Sequence[tuple[int, bytes]], recipients: int, *, later: bool = True) -> SolmuError:
    statuses = sorted({status for status, _ in answers})
    codes = ", ".join(map(str, statuses))
    text = f"the mail server refuses {len(answers)} of {recipients} recipients (SMTP {codes})"
    # If some were taken, sending again would give those the mail twice.
    again = later and all(map(_is_later, statuses))
    return Retriable(text, code="recipients-refused") if again else Fatal(text, code="recipients-refused")


def _is_later(status: int) -> bool:
    return 400 <= status < 500 or status < 0
