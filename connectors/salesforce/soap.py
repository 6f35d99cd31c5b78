"""The SOAP API as XML (partner WSDL; "SOAP API Developer Guide"): the request to merge, and what answers it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.sax.saxutils import escape

HEADERS = {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""'}


class Garbled(Exception):
    """What came is no answer of SOAP's."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of a request to merge; ``code``, ``message`` and ``field`` say why nothing did."""

    done: bool
    code: str = ""
    message: str = ""
    field: str | None = None


def merge_request(session: str, sobject: str, winner: str, losers: Sequence[str]) -> bytes:
    """One request: one or two ``losers`` into ``winner``, which keeps its values."""
    merged = "".join(f"<recordToMergeIds>{escape(loser)}</recordToMergeIds>" for loser in losers)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
        ' xmlns="urn:partner.soap.sforce.com" xmlns:so="urn:sobject.partner.soap.sforce.com">'
        f"<soapenv:Header><SessionHeader><sessionId>{escape(session)}</sessionId></SessionHeader></soapenv:Header>"
        "<soapenv:Body><merge><request>"
        f"<masterRecord><so:type>{escape(sobject)}</so:type><so:Id>{escape(winner)}</so:Id></masterRecord>{merged}"
        "</request></merge></soapenv:Body></soapenv:Envelope>"
    ).encode()


def merge_result(content: bytes) -> Merged:
    """The one result of an answer to ``merge_request``. Raises Garbled for anything else."""
    result = _find(_read(content), "result")
    success = "" if result is None else _text(result, "success")
    if result is None or success not in ("true", "false"):
        raise Garbled
    if success == "true":
        return Merged(True)
    error = _find(result, "errors")
    if error is None:
        return Merged(False, "UNKNOWN")
    return Merged(False, _text(error, "statusCode"), _text(error, "message"), _text(error, "fields") or None)


def fault(content: bytes) -> tuple[str, str] | None:
    """Code and message of a request that was refused as a whole; None for what is no fault.

    A fault of the API's names its code as ``sf:CODE``, and once more before the message.
    """
    try:
        found = _find(_read(content), "Fault")
    except Garbled:
        return None
    if found is None:
        return None
    code = _text(found, "faultcode").rpartition(":")[2]
    return code, _text(found, "faultstring").removeprefix(f"{code}:").strip()


class _Strict(ElementTree.TreeBuilder):
    """SOAP has no document types, and none is followed."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise Garbled


def _read(content: bytes) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(content, ElementTree.XMLParser(target=_Strict()))  # noqa: S314 - see _Strict
    except (ElementTree.ParseError, ValueError, LookupError):
        raise Garbled from None


def _find(element: ElementTree.Element, name: str) -> ElementTree.Element | None:
    return next((each for each in element.iter() if str(each.tag).rpartition("}")[2] == name), None)


def _text(element: ElementTree.Element, name: str) -> str:
    found = _find(element, name)
    return (found.text or "").strip() if found is not None else ""
