"""Which object a stream is, and which of its fields are worth reading (names after the "Object Reference")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from solmu.exchange import FieldInfo

_OBJECTS = {
    "accounts": "Account",
    "contacts": "Contact",
    "leads": "Lead",
    "opportunities": "Opportunity",
    "tasks": "Task",
    "events": "Event",
    "users": "User",
    "campaigns": "Campaign",
    "campaign-members": "CampaignMember",
    "campaign_members": "CampaignMember",
    "cases": "Case",
    "orders": "Order",
    "assets": "Asset",
    "contracts": "Contract",
}
OFFERED = ("accounts", "contacts", "leads", "opportunities", "tasks", "users")
"""What a connection without streams offers."""


def object_of(stream: str) -> str:
    """The object's API name."""
    return _OBJECTS.get(stream.lower(), stream)


SYSTEM = (
    "Id",
    "IsDeleted",
    "MasterRecordId",
    "CreatedDate",
    "CreatedById",
    "LastModifiedDate",
    "LastModifiedById",
    "SystemModstamp",
)
"""What is always read, where the object has it."""


def _address(prefix: str) -> str:
    return " ".join(f"{prefix}{part}" for part in ("Street", "City", "State", "PostalCode", "Country", "CountryCode"))


_USUAL = {
    name: frozenset(fields.split())
    for name, fields in {
        "Account": "Name AccountNumber Type Industry Rating AccountSource Phone Fax Website AnnualRevenue"
        f" NumberOfEmployees Description ParentId OwnerId Site Sic {_address('Billing')}",
        "Contact": "FirstName LastName Name Salutation AccountId ReportsToId Email Phone MobilePhone HomePhone Title"
        " Department LeadSource Birthdate HasOptedOutOfEmail DoNotCall EmailBouncedDate EmailBouncedReason Description"
        f" OwnerId {_address('Mailing')}",
        "Lead": "FirstName LastName Name Salutation Company Title Email Phone MobilePhone Website LeadSource Status"
        " Industry Rating NumberOfEmployees AnnualRevenue HasOptedOutOfEmail DoNotCall EmailBouncedDate Description"
        " OwnerId IsConverted ConvertedDate ConvertedAccountId ConvertedContactId ConvertedOpportunityId"
        f" {_address('')}",
        "Opportunity": "Name AccountId StageName CloseDate Amount CurrencyIsoCode Probability Type LeadSource NextStep"
        " CampaignId Description IsClosed IsWon OwnerId",
        "Task": "Subject Status Priority Type TaskSubtype ActivityDate WhoId WhatId AccountId Description IsClosed"
        " CompletedDateTime OwnerId",
        "Event": "Subject Type StartDateTime EndDateTime ActivityDate Location WhoId WhatId AccountId Description"
        " OwnerId",
        "User": "Username Name FirstName LastName Email Title Department IsActive UserType",
        "Campaign": "Name ParentId Type Status StartDate EndDate IsActive Description OwnerId",
        "CampaignMember": "CampaignId LeadId ContactId Status HasResponded FirstRespondedDate",
    }.items()
}
# Of the record that another points at: a campaign's members say nothing that a person understands without its name.
_RELATED = {"CampaignMember": ("Campaign.Name",)}
# These hold no value of their own, or one that no query of many fields may ask for.
_UNREADABLE = frozenset({"address", "location", "base64", "complexvalue", "json"})
# One of these, written, tells a record from most others.
_TELLING = ("Name", "LastName", "Subject", "Email", "Company")
# Records that hang on one parent lock it; sorted by it, they wait less for each other.
_PARENTS = ("AccountId", "WhatId", "WhoId", "ParentId", "CampaignId")


@dataclass(frozen=True, slots=True)
class Described:
    """An object as the org describes it."""

    name: str
    fields: Mapping[str, Mapping[str, Any]]
    createable: bool
    updateable: bool

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Described:
        """From the answer of ``/sobjects/<object>/describe``. Raises KeyError or TypeError for what is none."""
        fields = {field["name"]: field for field in document["fields"]}
        return cls(document["name"], fields, bool(document["createable"]), bool(document["updateable"]))

    @property
    def writable(self) -> bool:
        return self.createable and self.updateable

    def readable(self) -> list[str]:
        """The fields that a query may ask for."""
        return [name for name, field in self.fields.items() if field["type"] not in _UNREADABLE]

    def chosen(self, wanted: Sequence[str], external_id: str | None) -> list[str]:
        """The fields to read: those that are wanted, else the usual and custom ones; always what the system keeps."""
        if not wanted:
            usual = _USUAL.get(self.name)
            own = [
                name for name in self.readable() if usual is None or name in usual or self.fields[name].get("custom")
            ]
            wanted = [*own, *_RELATED.get(self.name, ())]
        always = [name for name in SYSTEM if name in self.fields]
        ours = [external_id] if external_id and external_id in self.fields else []
        return list(dict.fromkeys((*always, *ours, *wanted)))

    def is_external_id(self, name: str | None) -> bool:
        """Whether records can be upserted by that field."""
        return name is not None and bool(self.fields.get(name, {}).get("externalId"))

    def infos(self) -> tuple[FieldInfo, ...]:
        return tuple(_info(field, self.name) for field in self.fields.values())


def _is_required(field: Mapping[str, Any], object: str) -> bool:
    """Whether a create must name it: what cannot be null and has no default (Object Reference, "Required Fields").

    A checkbox is never null. An account that is a person has name parts of its own, which no other account has.
    """
    part_of_name = object == "Account" and field.get("compoundFieldName") == "Name"
    has_a_value = field.get("defaultedOnCreate") or field["type"] == "boolean"
    return bool(field["createable"] and not field["nillable"] and not has_a_value and not part_of_name)


def _info(field: Mapping[str, Any], object: str) -> FieldInfo:
    return FieldInfo(
        field["name"],
        field["type"],
        label=field.get("label"),
        custom=bool(field.get("custom")),
        required=_is_required(field, object),
        length=field.get("length") or None,
        values=tuple(each["value"] for each in field.get("picklistValues") or () if each.get("active")),
        restricted=bool(field.get("restrictedPicklist")),
        createable=bool(field["createable"]),
        updateable=bool(field["updateable"]),
    )


def telling_field(fields: Mapping[str, Any]) -> str | None:
    """The field by which a record with these values is best searched for."""
    return next((name for name in _TELLING if isinstance(fields.get(name), str) and fields[name].strip()), None)


def parent_of(fields: Mapping[str, Any]) -> str:
    """What to sort writes by, so that those that lock one parent stand together."""
    return next((str(fields[name]) for name in _PARENTS if fields.get(name)), "")
