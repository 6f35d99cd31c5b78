"""Mails for tests, all of them synthetic."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

from connectors.mailbox.message import Mail, Reading, read_mail

DATE = "Mon, 01 Jul 2024 10:00:00 +0300"


def mail(
    text: str = "Hello",
    *,
    subject: str = "Laser",
    sender: str = "Matti Meikäläinen <matti@koepaja.example>",
    id: str | None = "1@koepaja.example",
    date: str | None = DATE,
    html: str | None = None,
    sheet: tuple[str, bytes] | None = None,
    **headers: str,
) -> bytes:
    """A mail as it travels. Underscores in names of ``headers`` stand for hyphens."""
    message = EmailMessage(policy=SMTP.clone(max_line_length=200))
    message["From"] = sender
    message["To"] = "info@ourfirm.example"
    message["Subject"] = subject
    if id:
        message["Message-ID"] = f"<{id}>"
    if date:
        message["Date"] = date
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text, cte="8bit")
    if html is not None:
        message.set_content(html, subtype="html", cte="8bit")
    if sheet is not None:
        message.add_attachment(sheet[1], "application", "octet-stream", filename=sheet[0])
    return message.as_bytes()


def read(data: bytes, **reading: object) -> Mail:
    return read_mail(data, Reading(**reading))  # type: ignore[arg-type]
