"""The canonical entities and fields; the one place that names them.

A canonical field has a *kind*, which fixes the shape of its value in a claim and in a golden record:

========== =====================================================================================================
kind       value
========== =====================================================================================================
text       cleaned string
name       organisation's name as written, cleaned
email      address, lower-cased domain
phone      E.164 (``+358401234567``), extension as ``;ext=12``
country    ISO 3166-1 alpha-2
language   ISO 639-1
currency   ISO 4217
id         business identifier as ``FI:12345671``
domain     registered domain
date       ``YYYY-MM-DD``
number     decimal as string
flag       true or false
========== =====================================================================================================

A field with ``many`` holds a list of such values, merged as a set. Fields of one ``group`` win together.
Administrators add fields named ``custom.…`` in ``hub.yaml``; no migration is needed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Entity(StrEnum):
    """What gets resolved."""

    ORGANISATION = "organisation"
    PERSON = "person"


class Hanging(StrEnum):
    """What hangs on an entity through a mention; each is a table of its own."""

    LEAD = "lead"
    DEAL = "deal"
    ORDER = "order"
    ORDER_LINE = "order_line"
    ACTIVITY = "activity"
    AFFILIATION = "affiliation"
    RELATION = "relation"


BECAME = "became"
"""The kind of a relation that is none: the two ends are one, since a record was converted into the other (a lead)."""


@dataclass(frozen=True, slots=True)
class CanonicalField:
    """One field of a canonical record. ``label`` is what a person reads."""

    name: str
    kind: str
    label: str
    many: bool = False
    group: str | None = None


def _fields(*fields: CanonicalField) -> dict[str, CanonicalField]:
    return {field.name: field for field in fields}


_ADDRESS = (
    CanonicalField("street", "text", "Street", group="address"),
    CanonicalField("postcode", "text", "Postcode", group="address"),
    CanonicalField("city", "text", "City", group="address"),
    CanonicalField("region", "text", "Region", group="address"),
    CanonicalField("country", "country", "Country", group="address"),
)

FIELDS: dict[Entity, dict[str, CanonicalField]] = {
    Entity.ORGANISATION: _fields(
        CanonicalField("name", "name", "Name", group="name"),
        CanonicalField("legal_form", "text", "Legal form", group="name"),
        CanonicalField("business_id", "id", "Business id"),
        CanonicalField("customer_number", "text", "Customer number"),
        CanonicalField("domain", "domain", "Domain"),
        CanonicalField("website", "text", "Website"),
        CanonicalField("email", "email", "E-mail", many=True),
        CanonicalField("phone", "phone", "Phone", many=True),
        *_ADDRESS,
        CanonicalField("industry", "text", "Industry"),
        CanonicalField("segment", "text", "Segment"),
        CanonicalField("employees", "number", "Employees"),
        CanonicalField("language", "language", "Language"),
        CanonicalField("status", "text", "Status"),
        CanonicalField("key_account", "flag", "Key account"),
        CanonicalField("supplier", "flag", "Supplier"),
        CanonicalField("tags", "text", "Tags", many=True),
        CanonicalField("owner", "text", "Owner"),
        CanonicalField("description", "text", "Description"),
    ),
    Entity.PERSON: _fields(
        CanonicalField("given_name", "text", "Given name", group="name"),
        CanonicalField("family_name", "text", "Family name", group="name"),
        CanonicalField("name", "text", "Name", group="name"),
        CanonicalField("title", "text", "Title"),
        CanonicalField("job_title", "text", "Job title"),
        CanonicalField("department", "text", "Department"),
        CanonicalField("email", "email", "E-mail", many=True),
        CanonicalField("phone", "phone", "Phone", many=True),
        *_ADDRESS,
        CanonicalField("language", "language", "Language"),
        CanonicalField("opt_out", "flag", "Opted out of e-mail"),
        CanonicalField("tags", "text", "Tags", many=True),
        CanonicalField("owner", "text", "Owner"),
        CanonicalField("description", "text", "Description"),
    ),
}

HANGING_FIELDS: dict[Hanging, dict[str, CanonicalField]] = {
    Hanging.LEAD: _fields(
        CanonicalField("number", "text", "Lead number"),
        CanonicalField("partner", "text", "Partner"),
        CanonicalField("interest", "text", "Interested in", many=True),
        CanonicalField("on", "date", "Date"),
        CanonicalField("text", "text", "Text"),
        CanonicalField("status", "text", "Status"),
    ),
    Hanging.DEAL: _fields(
        CanonicalField("number", "text", "Deal number"),
        CanonicalField("name", "text", "Name"),
        CanonicalField("stage", "text", "Stage"),
        CanonicalField("amount", "number", "Amount"),
        CanonicalField("currency", "currency", "Currency"),
        CanonicalField("on", "date", "Date"),
        CanonicalField("next_step", "text", "Next step"),
        CanonicalField("owner", "text", "Owner"),
    ),
    Hanging.ORDER: _fields(
        CanonicalField("number", "text", "Order number"),
        CanonicalField("kind", "text", "Kind (order, invoice, payment)"),
        CanonicalField("on", "date", "Date"),
        CanonicalField("amount", "number", "Amount"),
        CanonicalField("currency", "currency", "Currency"),
        CanonicalField("status", "text", "Status"),
    ),
    Hanging.ORDER_LINE: _fields(
        CanonicalField("number", "text", "Order number"),
        CanonicalField("line", "text", "Line"),
        CanonicalField("product", "text", "Product"),
        CanonicalField("quantity", "number", "Quantity"),
        CanonicalField("amount", "number", "Amount"),
    ),
    Hanging.ACTIVITY: _fields(
        CanonicalField("kind", "text", "Kind"),
        CanonicalField("subject", "text", "Subject"),
        CanonicalField("text", "text", "Text"),
        CanonicalField("on", "date", "Date"),
        CanonicalField("status", "text", "Status"),
        CanonicalField("owner", "text", "Owner"),
    ),
    Hanging.AFFILIATION: _fields(
        CanonicalField("job_title", "text", "Job title"),
        CanonicalField("since", "date", "Since"),
        CanonicalField("until", "date", "Until"),
    ),
    Hanging.RELATION: _fields(CanonicalField("kind", "text", "Kind (parent, site, brand, dealer)")),
}

CUSTOM_PREFIX = "custom."


def field_of(entity: Entity, name: str, custom: Iterable[CanonicalField] = ()) -> CanonicalField | None:
    """The canonical field of that name, one of the hub's own fields among them, or None."""
    known = FIELDS[entity].get(name)
    return known or next((field for field in custom if field.name == name), None)
