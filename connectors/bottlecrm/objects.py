"""The kinds of records: where they are listed, and which fields they have (its OpenAPI description)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from solmu.exchange import FieldInfo


@dataclass(frozen=True, slots=True)
class Part:
    """Where an answer holds rows, and how many there are of them in all. Some lists come in two parts."""

    rows: tuple[str, ...]
    count: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record.

    ``model`` is its name among the custom fields, ``detail`` where the answer for one record holds it. ``lists`` are
    fields that hold a list of records there and one id here: the first.
    """

    path: str
    model: str
    parts: tuple[Part, ...]
    detail: str
    fields: tuple[FieldInfo, ...]
    page: str  # of the web app
    lists: Mapping[str, str] = field(default_factory=dict)
    # A list's rows hold all fields; else each record is asked for by itself.
    whole: bool = True
    # A create's answer names the new record; else it is looked for by our id.
    answers_with_id: bool = True
    # BottleCRM fills in fields of a new record that the create has not named (a pipeline, the stage's probability).
    fills_in: bool = False
    # No two records may share this field, which must not be blank: a create that is sent twice is refused.
    unique: str | None = None


READ_ONLY = (FieldInfo("tags", "list", createable=False, updateable=False),)
"""What every kind has beside its own fields."""
OWNER = {"owner": "assigned_to"}
WHO = {"contact": "contacts", **OWNER}


def _text(name: str, length: int | None = 255, *, required: bool = False, type: str = "text") -> FieldInfo:
    return FieldInfo(name, type, required=required, length=length)


def _fields(*texts: str, **typed: str) -> tuple[FieldInfo, ...]:
    return (*map(_text, texts), *(_text(name, None, type=type) for name, type in typed.items()))


_REACH = (_text("email", 254, type="email"), _text("phone", 25, type="phone"))
_ADDRESS = (
    *_fields("address_line", "city", "state"),
    _text("postcode", 64),
    _text("country", 3, type="picklist"),
)
_COMMON = (
    *_ADDRESS,
    _text("description", None),
    FieldInfo("is_active", "boolean"),
    FieldInfo("owner", "reference"),
)
_SOURCE = (_text("source_detail", 100), _text("source_ref"))

KINDS: Mapping[str, Kind] = {
    "accounts": Kind(
        "accounts",
        "Account",
        (
            Part(("active_accounts", "open_accounts"), ("active_accounts", "open_accounts_count")),
            Part(("closed_accounts", "close_accounts"), ("closed_accounts", "close_accounts_count")),
        ),
        "account_obj",
        (
            _text("name", required=True),
            *_REACH,
            _text("website", 200, type="url"),
            *_fields(industry="picklist", number_of_employees="int", annual_revenue="currency", currency="picklist"),
            *_COMMON,
        ),
        "accounts",
        OWNER,
        unique="name",
    ),
    "contacts": Kind(
        "contacts",
        "Contact",
        (Part(("results",), ("count",)),),
        "contact_obj",
        (
            _text("first_name", required=True),
            _text("last_name", required=True),
            *_REACH,
            *_fields("organization", "title", "department", source="picklist", do_not_call="boolean"),
            *_SOURCE,
            _text("linkedin_url", 200, type="url"),
            FieldInfo("account", "reference"),
            *_COMMON,
        ),
        "contacts",
        OWNER,
    ),
    "leads": Kind(
        "leads",
        "Lead",
        (
            Part(("open_leads", "open_leads"), ("open_leads", "leads_count")),
            Part(("close_leads", "close_leads"), ("close_leads", "leads_count")),
        ),
        "lead_obj",
        (
            *_fields("title", "first_name", "last_name", "job_title", "company_name"),
            _text("salutation", 64),
            *_REACH,
            _text("website", type="url"),
            _text("linkedin_url", 200, type="url"),
            *_fields(
                status="picklist",
                source="picklist",
                industry="picklist",
                rating="picklist",
                opportunity_amount="currency",
                currency="picklist",
                probability="int",
                close_date="date",
                last_contacted="date",
                next_follow_up="date",
            ),
            *_SOURCE,
            *_COMMON,
        ),
        "leads",
        OWNER,
    ),
    "opportunities": Kind(
        "opportunities",
        "Opportunity",
        (Part(("opportunities",), ("opportunities_count",)),),
        "opportunity_obj",
        (
            _text("name", required=True),
            FieldInfo("account", "reference"),
            FieldInfo("contact", "reference"),
            *_fields(
                pipeline="reference",
                stage="picklist",
                opportunity_type="picklist",
                currency="picklist",
                amount="currency",
                probability="int",
                closed_on="date",
                lead_source="picklist",
            ),
            *_SOURCE,
            _text("description", None),
            FieldInfo("is_active", "boolean"),
            FieldInfo("owner", "reference"),
        ),
        "pipeline",
        WHO,
        fills_in=True,
    ),
    "tasks": Kind(
        "tasks",
        "Task",
        (Part(("tasks",), ("tasks_count",)),),
        "task_obj",
        (
            _text("title", 200, required=True),
            FieldInfo("status", "picklist", required=True, values=("New", "In Progress", "Completed"), restricted=True),
            FieldInfo("priority", "picklist", required=True, values=("Low", "Medium", "High"), restricted=True),
            *_fields(
                due_date="date",
                account="reference",
                opportunity="reference",
                case="reference",
                lead="reference",
                contact="reference",
                owner="reference",
            ),
            _text("description", None),
        ),
        "tasks",
        WHO,
        whole=False,
        answers_with_id=False,
    ),
}
