"""SOAP 1.1 as XML: a request's envelope, read with care, and the envelope of an answer or a fault."""

from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from sandbox.salesforce.exchange import Reply

_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns:sf="urn:fault.partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    "<soapenv:Body>{}</soapenv:Body></soapenv:Envelope>"
)


class Fault(Exception):
    """The whole request is refused; `kind` names the type of the detail ("API Fault Element")."""

    def __init__(self, code: str, message: str, *, faultcode: str | None = None, kind: str = "UnexpectedError") -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.faultcode = faultcode or f"sf:{code}"
        self.kind = kind

    def reply(self) -> Reply:
        """Status 500, as SOAP over HTTP has it for every fault."""
        kind = f"sf:{self.kind}Fault"
        inner = (
            f"<soapenv:Fault><faultcode>{self.faultcode}</faultcode>"
            f"<faultstring>{self.code}: {escape(self.message)}</faultstring>"
            f'<detail><{kind} xsi:type="{kind}"><sf:exceptionCode>{self.code}</sf:exceptionCode>'
            f"<sf:exceptionMessage>{escape(self.message)}</sf:exceptionMessage></{kind}></detail></soapenv:Fault>"
        )
        return answer(inner, 500)


def not_understood(message: str) -> Fault:
    return Fault("UNKNOWN_EXCEPTION", message, faultcode="soapenv:Client")


class _Strict(ElementTree.TreeBuilder):
    """Nothing in SOAP needs a document type, and entities that call each other would fill the memory."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise not_understood("a SOAP message must not contain a Document Type Declaration")


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for, with its parts, and by whom (the id of a session; blank where none is named)."""

    operation: str
    body: Element
    session: str


def read(content: bytes) -> Request:
    """Raises Fault for what is no SOAP request."""
    try:
        envelope = ElementTree.fromstring(content, ElementTree.XMLParser(target=_Strict()))
    except (ElementTree.ParseError, ValueError, LookupError):
        raise not_understood("the request is not well-formed XML") from None
    parts = {local(part): part for part in envelope}
    body = next(iter(parts["Body"]), None) if "Body" in parts else None
    if local(envelope) != "Envelope" or body is None:
        raise not_understood("the request is no SOAP envelope with an operation in its body")
    header = parts.get("Header")
    named = [] if header is None else [text(each) for each in header.iter() if local(each) == "sessionId"]
    return Request(local(body), body, next(iter(named), ""))


def local(element: Element) -> str:
    """An element's name without its namespace: clients differ in the prefixes, and in some of the namespaces."""
    return str(element.tag).rpartition("}")[2]


def text(element: Element) -> str:
    return (element.text or "").strip()


def answer(inner: str, status: int = 200, *, records: int = 0) -> Reply:
    return Reply(status, _ENVELOPE.format(inner).encode(), "text/xml;charset=UTF-8", records=records)
