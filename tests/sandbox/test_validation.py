from typing import Any

import pytest

from tests.sandbox.client import Api

SECURITY = (
    "Please check the security settings of this field and verify that it is read/write for your profile"
    " or permission set."
)


@pytest.mark.parametrize(
    ("sobject", "record", "code", "message", "fields"),
    [
        (
            "Contact", {"FirstName": "Anna"}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]",
            ["LastName"],
        ),
        (
            "Contact", {"LastName": " "}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]",
            ["LastName"],
        ),
        (
            "Lead", {"FirstName": "Anna"}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName, Company]",
            ["LastName", "Company"],
        ),
        (
            "Account", {"Name": "A", "Country_Code__c": "FIN"}, "STRING_TOO_LONG",
            "Country Code: data value too large: FIN (max length=2)", ["Country_Code__c"],
        ),
        (
            "Account", {"Name": "A", "Segment__c": "Huge"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "Segment: bad value for restricted picklist field: Huge", ["Segment__c"],
        ),
        (
            "Contact", {"LastName": "A", "Email": "not an address"}, "INVALID_EMAIL_ADDRESS",
            "Email: invalid email address: not an address", ["Email"],
        ),
        (
            "Account", {"Name": "A", "Colour__c": "red"}, "INVALID_FIELD",
            "No such column 'Colour__c' on sobject of type Account", [],
        ),
        (
            "Account", {"Name": "A", "IsDeleted": True}, "INVALID_FIELD_FOR_INSERT_UPDATE",
            f"Unable to create/update fields: IsDeleted. {SECURITY}", ["IsDeleted"],
        ),
        (
            "Contact", {"LastName": "A", "AccountId": "001000000000001AAA"}, "INVALID_CROSS_REFERENCE_KEY",
            "invalid cross reference id", ["AccountId"],
        ),
        (
            "Contact", {"LastName": "A", "AccountId": "003000000000001AAA"}, "FIELD_INTEGRITY_EXCEPTION",
            "Account ID: id value of incorrect type: 003000000000001AAA", ["AccountId"],
        ),
        (
            "Contact", {"LastName": "A", "AccountId": "xyz"}, "MALFORMED_ID",
            "Account ID: id value of incorrect type: xyz", ["AccountId"],
        ),
        (
            "CampaignMember", {"CampaignId": "701000000000001AAA"}, "INVALID_CROSS_REFERENCE_KEY",
            "invalid cross reference id", ["CampaignId"],
        ),
    ],
)  # fmt: skip
def test_a_record_that_breaks_a_rule_is_refused_with_the_reason(
    api: Api, sobject: str, record: dict[str, Any], code: str, message: str, fields: list[str]
) -> None:
    record = {"attributes": {"type": sobject}, **record}
    (result,) = api.call("POST", "composite/sobjects", json={"records": [record]}).json()
    assert result == {"success": False, "errors": [{"statusCode": code, "message": message, "fields": fields}]}


@pytest.mark.parametrize(
    ("field", "value", "wanted"),
    [
        ("Phone", 123, "string from VALUE_NUMBER_INT value 123"),
        ("NumberOfEmployees", "many", "int from VALUE_STRING value many"),
        ("AnnualRevenue", {"a": 1}, "double from START_OBJECT"),
    ],
)
def test_a_value_of_the_wrong_type_is_not_deserialised(api: Api, field: str, value: Any, wanted: str) -> None:
    response = api.call("POST", "sobjects/Account", json={"Name": "A", field: value})
    assert response.status_code == 400
    assert response.json()[0]["errorCode"] == "JSON_PARSER_ERROR"
    assert response.json()[0]["message"].startswith(f"Cannot deserialize instance of {wanted}")


@pytest.mark.parametrize("birthdate", ["2020-02-30", "30.1.2020", "yesterday", 20200130])
def test_a_date_that_is_none_is_refused(api: Api, birthdate: Any) -> None:
    response = api.call("POST", "sobjects/Contact", json={"LastName": "A", "Birthdate": birthdate})
    assert response.json()[0]["errorCode"] == "JSON_PARSER_ERROR"


def test_numbers_and_booleans_may_be_written_as_text(api: Api) -> None:
    account = api.read("Account", api.create("Account", Name="A", NumberOfEmployees="120", AnnualRevenue=1234.567))
    assert (account["NumberOfEmployees"], account["AnnualRevenue"]) == (120, 1234.57)
    contact = api.read("Contact", api.create("Contact", LastName="A", DoNotCall="true", Birthdate="1980-05-01"))
    assert (contact["DoNotCall"], contact["HasOptedOutOfEmail"], contact["Birthdate"]) == (True, False, "1980-05-01")


def test_a_restricted_value_is_taken_in_any_case_and_an_unrestricted_picklist_takes_anything(api: Api) -> None:
    account = api.read("Account", api.create("Account", Name="A", Segment__c="key ACCOUNT", Industry="Karaoke"))
    assert (account["Segment__c"], account["Industry"]) == ("Key account", "Karaoke")


def test_an_external_id_is_unique_whatever_its_case_and_the_error_names_its_holder(api: Api) -> None:
    holder = api.create("Account", Name="First", Solmu_Id__c="a-1")
    response = api.call("POST", "sobjects/Account", json={"Name": "Second", "Solmu_Id__c": "A-1"})
    message = f"duplicate value found: Solmu_Id__c duplicates value on record with id: {holder}"
    assert response.json() == [{"message": message, "errorCode": "DUPLICATE_VALUE", "fields": ["Solmu_Id__c"]}]
    other = api.create("Account", Name="Second")
    assert (
        api.call("PATCH", f"sobjects/Account/{other}", json={"Solmu_Id__c": "a-1"}).json()[0]["errorCode"]
        == "DUPLICATE_VALUE"
    )
    assert api.call("PATCH", f"sobjects/Account/{holder}", json={"Solmu_Id__c": "A-1"}).status_code == 204


def test_a_record_in_the_recycle_bin_does_not_hold_its_external_id(api: Api) -> None:
    gone = api.create("Account", Name="First", Solmu_Id__c="a-1")
    api.call("DELETE", f"sobjects/Account/{gone}")
    assert api.create("Account", Name="Second", Solmu_Id__c="a-1") != gone


def test_nothing_can_hang_on_a_record_in_the_recycle_bin(api: Api) -> None:
    account = api.create("Account", Name="A")
    api.call("DELETE", f"sobjects/Account/{account}")
    response = api.call("POST", "sobjects/Contact", json={"LastName": "A", "AccountId": account})
    assert response.json()[0]["errorCode"] == "ENTITY_IS_DELETED"


def test_what_is_required_cannot_be_cleared(api: Api) -> None:
    contact = api.create("Contact", LastName="Arja")
    response = api.call("PATCH", f"sobjects/Contact/{contact}", json={"LastName": ""})
    assert response.json()[0]["errorCode"] == "REQUIRED_FIELD_MISSING"


def test_a_user_who_left_cannot_own_a_record(api: Api) -> None:
    (left,) = api.values("SELECT Id FROM User WHERE IsActive = false")
    response = api.call("POST", "sobjects/Account", json={"Name": "A", "OwnerId": left})
    assert response.json()[0]["errorCode"] == "INACTIVE_OWNER_OR_USER"


def test_a_campaign_member_is_either_a_lead_or_a_contact(api: Api) -> None:
    campaign = api.create("Campaign", Name="Autumn")
    contact = api.create("Contact", LastName="Arja")
    member = api.create("CampaignMember", CampaignId=campaign, ContactId=contact, Status="Responded")
    assert api.read("CampaignMember", member)["HasResponded"] is True
    refused = api.call("POST", "sobjects/CampaignMember", json={"CampaignId": campaign})
    assert refused.json()[0]["errorCode"] == "FIELD_INTEGRITY_EXCEPTION"
    moved = api.call("PATCH", f"sobjects/CampaignMember/{member}", json={"ContactId": contact})
    assert moved.json()[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_users_cannot_be_written(api: Api) -> None:
    assert api.call("POST", "sobjects/User", json={"LastName": "New"}).status_code == 400


def test_a_body_that_is_no_json_is_refused(api: Api) -> None:
    for body in (b"{", b"[1]", b"\xff"):
        response = api.call("POST", "sobjects/Account", content=body)
        assert (response.status_code, response.json()[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")
