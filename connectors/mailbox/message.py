"""From the bytes of one mail to its record: pure, and never sure of anything that the mail says of itself."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from fnmatch import fnmatchcase
from pathlib import PurePath
from typing import Any

from connectors.mailbox import kinds
from connectors.mailbox.forms import Form, read_form
from connectors.mailbox.headers import date_of, people, raw, text, to_text, words
from connectors.mailbox.markup import text_of
from connectors.mailbox.place import place
from connectors.mailbox.signature import read_signature
from connectors.mailbox.text import Written, separate
from solmu.exchange import FieldInfo, Payload

_LONGEST_TEXT = 100_000
_MOST_PARTS = 1_000
_SHEETS = (".xlsx", ".xls", ".ods", ".csv", ".tsv")

FIELDS = (
    FieldInfo("message_id", label="Message-ID, without its brackets"),
    FieldInfo("date", "datetime", "When it was sent, by its own word"),
    FieldInfo("kind", label="Enquiry, reply, a kind of the stream's `kinds`, bounce, auto-reply, automatic, bulk, own"),
    FieldInfo("subject"),
    FieldInfo("from_name"),
    FieldInfo("from_email"),
    FieldInfo("reply_to_email"),
    FieldInfo("to", label="Addresses, separated by semicolons"),
    FieldInfo("cc", label="Addresses, separated by semicolons"),
    FieldInfo("sender_name", label="Who wrote it: whoever filled in the form, or sent the mail that was passed on"),
    FieldInfo("sender_email"),
    FieldInfo("sender_organisation", label="An organisation as the name of the sender"),
    FieldInfo(
        "country", label="Where local phone numbers are dialled: by signature or form, address, else the setting"
    ),
    FieldInfo("text", label="What was newly written"),
    FieldInfo("comment", label="What a colleague wrote above the mail that they passed on"),
    FieldInfo("quoted"),
    FieldInfo("signature"),
    FieldInfo("signature_name"),
    FieldInfo("signature_job_title"),
    FieldInfo("signature_organisation"),
    FieldInfo("signature_phones", label="As written, separated by semicolons"),
    FieldInfo("signature_website"),
    FieldInfo("form", "object", "A web form's fields by their labels"),
    *(FieldInfo(f"form_{name}") for name in ("given_name", "family_name", "phone", "organisation", "country")),
    FieldInfo("form_interest"),
    FieldInfo("enquiry_subject", label="The subject, of enquiries only"),
    FieldInfo("enquiry_text"),
    FieldInfo("enquiry_on"),
    FieldInfo("activity_subject", label="The subject, of mail that is no enquiry"),
    FieldInfo("activity_text"),
    FieldInfo("activity_on"),
    FieldInfo("activity_kind"),
    FieldInfo("bounced_email", label="To whom a mail of ours could not be delivered"),
    FieldInfo("bounce_status", label="Enhanced status code, such as 5.1.1 (RFC 3463)"),
    FieldInfo("bounce_reason"),
    FieldInfo("in_reply_to"),
    FieldInfo("status", label="answered or junk, from servers that tell when somebody marks a mail (CONDSTORE)"),
    FieldInfo("attachments", "list", "Name, type, size in bytes and SHA-256 of each"),
    FieldInfo("size", "number", "Bytes, where the mail was too large to be read whole"),
)
"""The columns of a mail."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How mails are to be read; see the settings of the same names."""

    own: tuple[str, ...] = ()
    country: str | None = None
    kinds: Mapping[str, Sequence[str]] | None = None
    forms: tuple[tuple[str, Mapping[str, Sequence[str]]], ...] = ()

    def is_own(self, address: str) -> bool:
        """Whether an address is one of ours, or in one of our domains."""
        address = address.lower()
        return any(address == each.lower() or address.endswith("@" + each.lower().lstrip("@")) for each in self.own)


@dataclass(frozen=True, slots=True)
class Sheet:
    """An attached spreadsheet."""

    name: str
    data: bytes

    @property
    def file_name(self) -> str:
        """A name that is safe in a folder and the same for the same content."""
        safe = re.sub(r"[^\w.-]+", "_", PurePath(self.name).stem).strip("._")[:80] or "sheet"
        return f"{safe}-{hashlib.sha256(self.data).hexdigest()[:12]}{PurePath(self.name).suffix.lower()}"


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as a record. ``key`` is the same wherever a copy of it lies; see ``key_of``."""

    key: str
    payload: Payload
    sheets: tuple[Sheet, ...] = ()


def read_mail(data: bytes, reading: Reading, *, size: int | None = None) -> Mail:
    """The record that a mail makes. ``size`` is given where ``data`` is only the beginning of that many bytes.

    Raises ValueError where the bytes are no mail, and RecursionError where parts are nested beyond all reason.
    """
    message = message_from_bytes(data)
    if not {"from", "date", "subject", "message-id", "received"} & {name.lower() for name in message.keys()}:  # noqa: SIM118
        raise ValueError("no From, Date, Subject, Message-ID or Received among its headers")
    parts = list(_leaves(message))
    payload: Payload = {"message_id": _message_id(message), "subject": text(message, "Subject")}
    moment = date_of(message)
    payload["date"] = moment.isoformat() if moment else None
    payload |= _correspondents(message)
    payload |= _who_wrote_what(message, payload, _body(parts), reading)
    payload |= _bounce(message, parts) if payload["kind"] == kinds.BOUNCE else {}
    attached = [part for part in parts if _is_attachment(part)]
    payload["attachments"] = [_attachment(part, whole=size is None) for part in attached]
    payload["size"] = size
    payload = {name: value for name, value in payload.items() if value not in (None, "", [], {})}
    sheets = () if size is not None else tuple(_sheets(attached))
    return Mail(key_of(message, data), payload, sheets)


def key_of(message: Message, data: bytes) -> str:
    """What stays the same when a mail is moved, copied, or its folder counted anew: Message-ID and date, as some
    programs give one id to many mails; without an id, the content below the headers that transport adds."""
    identity = _message_id(message)
    if identity:
        moment = date_of(message)
        return f"{identity[:400]}|{moment.isoformat() if moment else raw(message, 'Date')[:80]}"
    digest = hashlib.blake2b(digest_size=16)
    for name in ("From", "To", "Date", "Subject"):
        digest.update(raw(message, name).encode("utf-8", "replace") + b"\n")
    head, _, body = data.replace(b"\r\n", b"\n").partition(b"\n\n")
    digest.update(body or head)
    return digest.hexdigest()


def _message_id(message: Message) -> str:
    return "".join(raw(message, "Message-ID").split()).strip("<>")


def _leaves(message: Message) -> Iterator[Message]:
    """The parts that hold content, in order. An attached mail is one part; a delivery report is opened."""
    waiting = [message]
    count = 0
    while waiting:
        part = waiting.pop()
        count += 1
        if count > _MOST_PARTS:
            raise ValueError(f"more than {_MOST_PARTS} parts")
        if part.is_multipart() and part.get_content_type() != "message/rfc822":
            waiting += reversed(_inner(part))
            if part.get_content_type() == "message/delivery-status":
                yield part
        else:
            yield part


def _inner(part: Message) -> list[Message]:
    """The parts of a part. Asked only of what has some: else the library decodes, and trips over odd charsets."""
    inner = part.get_payload() if part.is_multipart() else []
    return [each for each in inner if isinstance(each, Message)]


def _body(parts: Sequence[Message]) -> str:
    """The text that its reader sees first: plain where there is such, else out of HTML."""
    plain, html = [], []
    for part in parts:
        if _is_attachment(part) or part.get_content_maintype() != "text":
            continue
        content = _content(part)
        if part.get_content_subtype() == "html":
            html.append(content)
        elif part.get_content_subtype() != "calendar":
            plain.append(content)
    whole = "\n".join(plain).strip() or "\n".join(text_of(each) for each in html).strip()
    return whole[:_LONGEST_TEXT]


def _content(part: Message) -> str:
    data = part.get_payload(decode=True)
    charset = part.get_param("charset")
    stated = charset[2] if isinstance(charset, tuple) else charset
    return to_text(data, str(stated) if stated else None) if isinstance(data, bytes) else ""


def _is_attachment(part: Message) -> bool:
    if part.get_content_type() == "message/delivery-status" or part.get_content_type() == "text/rfc822-headers":
        return False
    disposition = str(part.get("Content-Disposition", "")).strip().lower()
    if part.get_content_maintype() == "text":
        return disposition.startswith("attachment") or part.get_param("name") is not None or "filename" in disposition
    return part.get_content_maintype() != "multipart"


def _file_name(part: Message) -> str:
    if part.get_content_type() == "message/rfc822":
        return next((text(inner, "Subject") for inner in _inner(part)), "")
    try:
        name = part.get_filename("")
    except (LookupError, ValueError, TypeError):  # a charset that nobody knows, an odd number of quotes
        name = ""
    return words(to_text(str(name).encode("utf-8", "surrogateescape"))).strip()


def _bytes_of(part: Message) -> bytes:
    data = part.get_payload(decode=True)
    if isinstance(data, bytes):
        return data
    try:
        return part.as_bytes()
    except (LookupError, ValueError, TypeError, AttributeError, KeyError):  # a mail so broken that it cannot be written
        return b""


def _attachment(part: Message, *, whole: bool) -> dict[str, Any]:
    about: dict[str, Any] = {"name": _file_name(part), "type": part.get_content_type()}
    if whole:
        data = _bytes_of(part)
        about |= {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    return about


def _sheets(attached: Sequence[Message]) -> Iterator[Sheet]:
    for part in attached:
        name = PurePath(_file_name(part).replace("\\", "/")).name
        if PurePath(name).suffix.lower() in _SHEETS and (data := _bytes_of(part)):
            yield Sheet(name, data)


def _correspondents(message: Message) -> Payload:
    [(name, address), *_] = people(message, "From") or [("", "")]
    replies = people(message, "Reply-To")
    return {
        "from_name": name or ("" if address else text(message, "From")),
        "from_email": address,
        "reply_to_email": replies[0][1] if replies else None,
        "to": "; ".join(address for _, address in people(message, "To")[:100]),
        "cc": "; ".join(address for _, address in people(message, "Cc")[:100]),
        "in_reply_to": "".join(raw(message, "In-Reply-To").split()).strip("<>")[:400],
    }


def _who_wrote_what(message: Message, known: Payload, body: str, reading: Reading) -> Payload:
    """Sender, text, signature and kind: what a mail is about."""
    subject: str = known["subject"]
    name, email = known["from_name"], known["from_email"]
    written = separate(body, forward=kinds.is_forward(subject), sender=name)
    if reading.is_own(email) and known["reply_to_email"]:  # a form of our own site writes for whoever filled it in
        name, email = "", known["reply_to_email"]
    made: Payload = {}
    passed_on = written.forwarded
    if passed_on is not None and reading.is_own(known["from_email"]):
        made["comment"] = written.new
        name, email, subject = passed_on.name, passed_on.email, passed_on.subject or subject
        written = separate(passed_on.text, sender=name)
    elif passed_on is not None:
        joined = "\n\n".join(part for part in (written.new, passed_on.text) if part)
        written = Written(joined, written.signature)
    form = read_form(written.new, _labels(known["subject"], reading))
    if form is not None:
        name, email = form.fields.get("name", ""), form.fields["email"]
        made |= _of_form(form)
    made |= {"sender_email": email, "country": _place(form, email, reading)}
    new = form.fields.get("message", "") if form else written.new
    made |= {"text": new, "quoted": written.quoted, "signature": "" if form else written.signature}
    if made["signature"]:
        found = read_signature(made["signature"], sender_name=name, sender_email=email, region=reading.country)
        made |= {
            "signature_name": found.name,
            "signature_job_title": found.job_title,
            "signature_organisation": found.organisation,
            "signature_phones": "; ".join(found.phones),
            "signature_website": found.website,
            "country": found.country,
        }
    made |= _named(name, email, made.get("signature_name", ""))
    subject = form.fields.get("subject", subject) if form else subject
    kind = _kind(message, known, subject, new, form is not None, reading.is_own(email), reading)
    of = "enquiry" if kind == kinds.ENQUIRY else "activity"
    made |= {"kind": kind, f"{of}_subject": subject, f"{of}_text": new, f"{of}_on": (known["date"] or "")[:10]}
    return made | ({} if of == "enquiry" else {"activity_kind": kind})


def _place(form: Form | None, email: str, reading: Reading) -> str | None:
    said = form.fields if form else {}
    told, phones = [said.get("country", "")], [said.get("phone", "")]
    organisation = said.get("organisation", "")
    return place(told, organisation=organisation, email=email, phones=phones, default=reading.country)


def _named(name: str, email: str, signed: str) -> Payload:
    """Whose name it is that stands beside an address: a person's, an organisation's, or that of an address of many."""
    from solmu.normalise import Invalid, fold
    from solmu.normalise import email as normal
    from solmu.normalise.legal_form import is_unmistakable

    if name.casefold() == email.casefold():
        name = ""
    try:
        address = normal(email)
    except Invalid:
        address = None
    if set(fold(name).split()) < set(fold(signed).split()):  # shown by the first name only
        name = signed
    if any(is_unmistakable(word.strip(",")) for word in name.split()[1:]):
        return {"sender_organisation": name, "sender_name": signed}
    return {"sender_name": (signed or name) if address is not None and address.is_role else (name or signed)}


def _kind(
    message: Message, known: Payload, subject: str, new: str, is_form: bool, is_own: bool, reading: Reading
) -> str:
    by_machine = kinds.by_headers(message)
    if kinds.answers_automatically(known["subject"]):
        by_machine = by_machine or kinds.AUTO_REPLY
    # A machine sends a form's mail too, and some mark it so.
    if by_machine and not (is_form and by_machine in (kinds.AUTOMATIC, kinds.BULK)):
        return by_machine
    if is_own:
        return kinds.OWN
    if any(part.get_content_type() == "text/calendar" for part in _leaves(message)):
        return kinds.MEETING
    declared = kinds.KINDS if reading.kinds is None else reading.kinds
    by_words = kinds.by_words(subject, new, declared)
    return by_words or (kinds.REPLY if known["in_reply_to"] and not is_form else kinds.ENQUIRY)


def _of_form(form: Form) -> Payload:
    flat = {f"form_{name}": value for name, value in form.fields.items()}
    wanted = ("given_name", "family_name", "phone", "organisation", "country", "interest")
    return {"form": form.all} | {name: flat[name] for name in (f"form_{each}" for each in wanted) if name in flat}


def _labels(subject: str, reading: Reading) -> Mapping[str, Sequence[str]] | None:
    folded = subject.casefold()
    return next((labels for pattern, labels in reading.forms if fnmatchcase(folded, pattern.casefold())), None)


def _bounce(message: Message, parts: Sequence[Message]) -> Payload:
    """Who could not be reached and why, by the report's own fields (RFC 3464)."""
    for part in parts:
        for block in _inner(part) if part.get_content_type() == "message/delivery-status" else ():
            if block["Final-Recipient"]:
                address = raw(block, "Original-Recipient") or raw(block, "Final-Recipient")
                return {
                    "bounced_email": address.rpartition(";")[2].strip(" <>"),
                    "bounce_status": raw(block, "Status"),
                    "bounce_reason": raw(block, "Diagnostic-Code")[:500],
                }
    return {"bounced_email": raw(message, "X-Failed-Recipients").partition(",")[0].strip()}
