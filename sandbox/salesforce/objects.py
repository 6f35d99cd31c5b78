"""The org's objects, as data: which fields there are, and what each accepts.

A subset of what the Object Reference lists for each standard object, with its types and lengths, and the custom
fields a customer's administrator might have added. `describe.py` renders it, `values.py` enforces it, `store.py`
makes tables of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal[
    "id", "string", "textarea", "phone", "url", "email", "picklist", "multipicklist", "reference",
    "boolean", "int", "double", "currency", "percent", "date", "datetime",
]  # fmt: skip
TEXT_KINDS = frozenset({"string", "textarea", "phone", "url", "email", "picklist", "multipicklist"})
NUMBER_KINDS = frozenset({"int", "double", "currency", "percent"})


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    label: str
    kind: Kind
    length: int = 0
    required: bool = False
    createable: bool = True
    updateable: bool = True
    unique: bool = False
    external_id: bool = False
    default: str | bool | None = None
    values: tuple[str, ...] = ()
    restricted: bool = False
    refers_to: tuple[str, ...] = ()
    # A record goes to the recycle bin together with the one this field refers to.
    cascade: bool = False

    @property
    def custom(self) -> bool:
        return self.name.endswith("__c")

    @property
    def relationship(self) -> str | None:
        """The name by which SOQL walks to the parent (`Account` for `AccountId`)."""
        if not self.refers_to:
            return None
        return self.name[:-1] + "r" if self.custom else self.name.removesuffix("Id")


@dataclass(frozen=True, slots=True)
class SObject:
    name: str
    label: str
    plural: str
    prefix: str
    fields: Mapping[str, Field]
    writable: bool = True
    # FirstName and LastName make up Name, which nobody writes.
    person: bool = False
    mergeable: bool = False

    def field(self, name: str) -> Field | None:
        """Field names are matched without regard to case, as the API does."""
        exact = self.fields.get(name)
        if exact is not None:
            return exact
        lowered = name.lower()
        return next((field for field in self.fields.values() if field.name.lower() == lowered), None)


INDUSTRIES = (
    "Agriculture", "Apparel", "Banking", "Biotechnology", "Chemicals", "Communications", "Construction", "Consulting",
    "Education", "Electronics", "Energy", "Engineering", "Entertainment", "Environmental", "Finance",
    "Food & Beverage", "Government", "Healthcare", "Hospitality", "Insurance", "Machinery", "Manufacturing", "Media",
    "Not For Profit", "Recreation", "Retail", "Shipping", "Technology", "Telecommunications", "Transportation",
    "Utilities", "Other",
)  # fmt: skip
LEAD_SOURCES = ("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other")
RATINGS = ("Hot", "Warm", "Cold")


def _text(name: str, label: str, length: int, *, required: bool = False) -> Field:
    return Field(name, label, "string", length, required=required)


def _pick(name: str, label: str, values: tuple[str, ...], *, default: str | None = None) -> Field:
    return Field(name, label, "picklist", 255, values=values, default=default)


def _restricted(name: str, label: str, *values: str) -> Field:
    return Field(name, label, "picklist", 255, values=values, restricted=True)


def _ref(name: str, label: str, *targets: str, required: bool = False, cascade: bool = False) -> Field:
    return Field(name, label, "reference", 18, refers_to=targets, required=required, cascade=cascade)


def _flag(name: str, label: str) -> Field:
    return Field(name, label, "boolean", default=False)


def _computed(field: Field) -> Field:
    return replace(field, createable=False, updateable=False)


def _address(prefix: str, label: str) -> tuple[Field, ...]:
    before, space = prefix, f"{label} " if label else ""
    return (
        Field(f"{before}Street", f"{space}Street", "textarea", 255),
        _text(f"{before}City", f"{space}City", 40),
        _text(f"{before}State", f"{space}State/Province", 80),
        _text(f"{before}PostalCode", f"{space}Zip/Postal Code", 20),
        _text(f"{before}Country", f"{space}Country", 80),
    )


def _person_name() -> tuple[Field, ...]:
    return (
        _computed(_text("Name", "Full Name", 121)),
        _pick("Salutation", "Salutation", ("Mr.", "Ms.", "Mrs.", "Dr.", "Prof.")),
        _text("FirstName", "First Name", 40),
        _text("LastName", "Last Name", 80, required=True),
    )


_DESCRIPTION = Field("Description", "Description", "textarea", 32000)
_OWNER = _ref("OwnerId", "Owner ID", "User")

# One external id of ours on each object that we create records of: unique, and compared without regard to case.
SOLMU_ID = Field("Solmu_Id__c", "Solmu Id", "string", 64, unique=True, external_id=True)


def _system(*, merged: bool, name: str) -> tuple[Field, ...]:
    head = (Field("Id", "Record ID", "id", 18), Field("IsDeleted", "Deleted", "boolean"))
    stamps = (
        Field("CreatedDate", "Created Date", "datetime"),
        _ref("CreatedById", "Created By ID", "User"),
        Field("LastModifiedDate", "Last Modified Date", "datetime"),
        _ref("LastModifiedById", "Last Modified By ID", "User"),
        Field("SystemModstamp", "System Modstamp", "datetime"),
    )
    master = (_ref("MasterRecordId", "Master Record ID", name),) if merged else ()
    return tuple(map(_computed, (*head, *master, *stamps)))


def _sobject(
    name: str,
    plural: str,
    prefix: str,
    *fields: Field,
    label: str | None = None,
    writable: bool = True,
    person: bool = False,
    mergeable: bool = False,
) -> SObject:
    every = (*_system(merged=mergeable, name=name), *fields)
    if not writable:
        every = tuple(_computed(field) for field in every)
    by_name = {field.name: field for field in every}
    return SObject(name, label or name, plural, prefix, by_name, writable, person, mergeable)


_ALL = (
    _sobject(
        "Account", "Accounts", "001",
        _text("Name", "Account Name", 255, required=True),
        _text("AccountNumber", "Account Number", 40),
        _pick("Type", "Account Type", (
            "Prospect", "Customer - Direct", "Customer - Channel", "Channel Partner / Reseller", "Installation Partner",
            "Technology Partner", "Other")),
        _pick("Industry", "Industry", INDUSTRIES),
        _pick("Rating", "Account Rating", RATINGS),
        _pick("AccountSource", "Account Source", LEAD_SOURCES),
        Field("Phone", "Account Phone", "phone", 40),
        Field("Fax", "Account Fax", "phone", 40),
        Field("Website", "Website", "url", 255),
        Field("AnnualRevenue", "Annual Revenue", "currency"),
        Field("NumberOfEmployees", "Employees", "int"),
        *_address("Billing", "Billing"),
        *_address("Shipping", "Shipping"),
        _DESCRIPTION,
        _ref("ParentId", "Parent Account ID", "Account"),
        _OWNER,
        SOLMU_ID,
        _text("Customer_Number__c", "Customer Number", 40),
        _text("Business_Id__c", "Business Id", 40),
        _restricted("Segment__c", "Segment", "Key account", "Mid-market", "Small business"),
        Field("Tags__c", "Tags", "multipicklist", 4099, values=(
            "Live music", "Quiz", "Karaoke", "Dealer", "Service contract")),
        _restricted("Status__c", "Status", "Active", "Paused", "Lost"),
        _text("Country_Code__c", "Country Code", 2),
        mergeable=True,
    ),
    _sobject(
        "Contact", "Contacts", "003",
        *_person_name(),
        _ref("AccountId", "Account ID", "Account", cascade=True),
        _ref("ReportsToId", "Reports To ID", "Contact"),
        Field("Email", "Email", "email", 80),
        Field("Phone", "Business Phone", "phone", 40),
        Field("MobilePhone", "Mobile Phone", "phone", 40),
        Field("HomePhone", "Home Phone", "phone", 40),
        _text("Title", "Title", 128),
        _text("Department", "Department", 80),
        *_address("Mailing", "Mailing"),
        _pick("LeadSource", "Lead Source", LEAD_SOURCES),
        Field("Birthdate", "Birthdate", "date"),
        _flag("HasOptedOutOfEmail", "Email Opt Out"),
        _flag("DoNotCall", "Do Not Call"),
        _DESCRIPTION,
        _OWNER,
        SOLMU_ID,
        person=True, mergeable=True,
    ),
    _sobject(
        "Lead", "Leads", "00Q",
        *_person_name(),
        _text("Company", "Company", 255, required=True),
        _text("Title", "Title", 128),
        Field("Email", "Email", "email", 80),
        Field("Phone", "Phone", "phone", 40),
        Field("MobilePhone", "Mobile Phone", "phone", 40),
        Field("Website", "Website", "url", 255),
        *_address("", ""),
        _pick("LeadSource", "Lead Source", LEAD_SOURCES),
        _pick("Status", "Status", (
            "Open - Not Contacted", "Working - Contacted", "Closed - Converted", "Closed - Not Converted"),
            default="Open - Not Contacted"),
        _pick("Industry", "Industry", INDUSTRIES),
        _pick("Rating", "Rating", RATINGS),
        Field("NumberOfEmployees", "Employees", "int"),
        Field("AnnualRevenue", "Annual Revenue", "currency"),
        _flag("HasOptedOutOfEmail", "Email Opt Out"),
        _flag("DoNotCall", "Do Not Call"),
        _DESCRIPTION,
        _OWNER,
        _computed(_flag("IsConverted", "Converted")),
        _computed(Field("ConvertedDate", "Converted Date", "date")),
        _computed(_ref("ConvertedAccountId", "Converted Account ID", "Account")),
        _computed(_ref("ConvertedContactId", "Converted Contact ID", "Contact")),
        _computed(_ref("ConvertedOpportunityId", "Converted Opportunity ID", "Opportunity")),
        SOLMU_ID,
        person=True, mergeable=True,
    ),
    _sobject(
        "Opportunity", "Opportunities", "006",
        _text("Name", "Name", 120, required=True),
        _ref("AccountId", "Account ID", "Account", cascade=True),
        Field("StageName", "Stage", "picklist", 255, required=True, values=(
            "Prospecting", "Qualification", "Needs Analysis", "Value Proposition", "Proposal/Price Quote",
            "Negotiation/Review", "Closed Won", "Closed Lost")),
        Field("CloseDate", "Close Date", "date", required=True),
        Field("Amount", "Amount", "currency"),
        Field("Probability", "Probability (%)", "percent"),
        _pick("Type", "Opportunity Type", (
            "Existing Customer - Upgrade", "Existing Customer - Replacement", "New Customer")),
        _pick("LeadSource", "Lead Source", LEAD_SOURCES),
        _text("NextStep", "Next Step", 255),
        _ref("CampaignId", "Campaign ID", "Campaign"),
        _DESCRIPTION,
        _computed(_flag("IsClosed", "Closed")),
        _computed(_flag("IsWon", "Won")),
        _OWNER,
        SOLMU_ID,
    ),
    _sobject(
        "Task", "Tasks", "00T",
        Field("Subject", "Subject", "string", 255),
        _pick("Status", "Status", ("Not Started", "In Progress", "Completed", "Waiting on someone else", "Deferred"),
              default="Not Started"),
        _pick("Priority", "Priority", ("High", "Normal", "Low"), default="Normal"),
        _pick("Type", "Type", ("Call", "Email", "Meeting", "Other")),
        _pick("TaskSubtype", "Task Subtype", ("Task", "Email", "Call", "Cadence"), default="Task"),
        Field("ActivityDate", "Due Date Only", "date"),
        _ref("WhoId", "Name ID", "Contact", "Lead", cascade=True),
        _ref("WhatId", "Related To ID", "Account", "Opportunity", "Campaign", cascade=True),
        _DESCRIPTION,
        _computed(_flag("IsClosed", "Closed")),
        _computed(Field("CompletedDateTime", "Completed Date", "datetime")),
        _OWNER,
        SOLMU_ID,
    ),
    _sobject(
        "Campaign", "Campaigns", "701",
        _text("Name", "Name", 80, required=True),
        _ref("ParentId", "Parent Campaign ID", "Campaign"),
        _pick("Type", "Type", ("Conference", "Webinar", "Trade Show", "Email", "Advertisement", "Other")),
        _pick("Status", "Status", ("Planned", "In Progress", "Completed", "Aborted"), default="Planned"),
        Field("StartDate", "Start Date", "date"),
        Field("EndDate", "End Date", "date"),
        _flag("IsActive", "Active"),
        _DESCRIPTION,
        _OWNER,
    ),
    _sobject(
        "CampaignMember", "Campaign Members", "00v",
        replace(_ref("CampaignId", "Campaign ID", "Campaign", required=True, cascade=True), updateable=False),
        replace(_ref("LeadId", "Lead ID", "Lead", cascade=True), updateable=False),
        replace(_ref("ContactId", "Contact ID", "Contact", cascade=True), updateable=False),
        _pick("Status", "Status", ("Sent", "Responded"), default="Sent"),
        _computed(_flag("HasResponded", "Responded")),
        label="Campaign Member",
    ),
    _sobject(
        "User", "Users", "005",
        _text("Username", "Username", 80),
        _text("Name", "Full Name", 121),
        _text("FirstName", "First Name", 40),
        _text("LastName", "Last Name", 80),
        Field("Email", "Email", "email", 128),
        _text("Title", "Title", 80),
        _flag("IsActive", "Active"),
        _pick("UserType", "User Type", ("Standard",), default="Standard"),
        writable=False,
    ),
    _sobject(
        "Organization", "Organizations", "00D",
        _text("Name", "Name", 80),
        _text("OrganizationType", "Edition", 40),
        _text("InstanceName", "Instance Name", 5),
        _flag("IsSandbox", "Is Sandbox"),
        writable=False,
    ),
)  # fmt: skip

OBJECTS: Mapping[str, SObject] = {each.name: each for each in _ALL}

ExternalId = Literal["unique", "plain", "none"]


def org(external_id: ExternalId = "unique") -> Mapping[str, SObject]:
    """The org's objects with `Solmu_Id__c` as the administrator made it: unique, not unique (`plain`), or absent."""
    if external_id == "unique":
        return OBJECTS
    changed = {}
    for name, each in OBJECTS.items():
        fields = dict(each.fields)
        if SOLMU_ID.name in fields:
            if external_id == "none":
                del fields[SOLMU_ID.name]
            else:
                fields[SOLMU_ID.name] = replace(SOLMU_ID, unique=False)
        changed[name] = replace(each, fields=fields)
    return changed
