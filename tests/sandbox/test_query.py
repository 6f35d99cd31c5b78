from datetime import UTC, datetime, timedelta

import pytest

from tests.sandbox.client import Api, error


@pytest.fixture
def org(api: Api) -> Api:
    acme = api.create("Account", Name="Acme Oy", Industry="Banking", NumberOfEmployees=120, Tags__c="Quiz;Karaoke")
    arja = api.create(
        "Account", Name="Ärjä Oy", Industry="Energy", NumberOfEmployees=7, Tags__c="Dealer", ParentId=acme
    )
    api.create("Account", Name="O'Hara & Sons_50%", Phone="1")
    api.create("Contact", LastName="Arja", FirstName="Anna", AccountId=arja, Birthdate="1980-05-01", DoNotCall=True)
    api.create("Contact", LastName="Salo", Birthdate="1990-01-31")
    return api


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("Name = 'acme OY'", ["Acme Oy"]),
        ("Name = 'ÄRJÄ oy'", ["Ärjä Oy"]),
        ("Name != 'Acme Oy'", ["O'Hara & Sons_50%", "Ärjä Oy"]),
        ("Name LIKE '%oy'", ["Acme Oy", "Ärjä Oy"]),
        ("Name LIKE 'Är_Ä%'", ["Ärjä Oy"]),
        (r"Name LIKE '%\_50\%'", ["O'Hara & Sons_50%"]),
        (r"Name LIKE '%ons\_%'", ["O'Hara & Sons_50%"]),
        (r"Name = 'O\'Hara & Sons_50%'", ["O'Hara & Sons_50%"]),
        ("Name IN ('Acme Oy', 'ärjä oy')", ["Acme Oy", "Ärjä Oy"]),
        ("Name NOT IN ('Acme Oy', 'ärjä oy')", ["O'Hara & Sons_50%"]),
        ("Industry = null", ["O'Hara & Sons_50%"]),
        ("Industry != null", ["Acme Oy", "Ärjä Oy"]),
        ("Industry != 'Banking'", ["O'Hara & Sons_50%", "Ärjä Oy"]),
        ("Industry = ''", []),
        ("NOT Industry = 'Banking'", ["O'Hara & Sons_50%", "Ärjä Oy"]),
        ("NumberOfEmployees > 7", ["Acme Oy"]),
        ("NumberOfEmployees >= 7 AND NumberOfEmployees < 120", ["Ärjä Oy"]),
        ("NumberOfEmployees <= 7 OR Phone = '1'", ["O'Hara & Sons_50%", "Ärjä Oy"]),
        ("(Industry = 'Banking' OR Industry = 'Energy') AND NOT Name LIKE 'A%'", ["Ärjä Oy"]),
        ("Parent.Name = 'Acme Oy'", ["Ärjä Oy"]),
        ("Parent.Name != 'Acme Oy'", ["Acme Oy", "O'Hara & Sons_50%"]),
        ("Parent.Owner.IsActive = true", ["Ärjä Oy"]),
        ("Tags__c INCLUDES ('karaoke;quiz', 'Live music')", ["Acme Oy"]),
        ("Tags__c EXCLUDES ('Dealer')", ["Acme Oy", "O'Hara & Sons_50%"]),
        ("IsDeleted = true", []),
        ("CreatedDate = TODAY AND CreatedDate > YESTERDAY AND CreatedDate = LAST_N_DAYS:3 AND CreatedDate < TOMORROW",
         ["Acme Oy", "O'Hara & Sons_50%", "Ärjä Oy"]),
        ("SystemModstamp < 2001-01-01T00:00:00Z", []),
        ("SystemModstamp > 2001-01-01T00:00:00.000+02:00 AND Name LIKE 'a%'", ["Acme Oy"]),
    ],
)  # fmt: skip
def test_conditions_find_what_they_should(org: Api, where: str, names: list[str]) -> None:
    assert sorted(org.values(f"SELECT Name FROM Account WHERE {where}")) == names


def test_dates_and_booleans_are_compared_as_what_they_are(org: Api) -> None:
    assert org.values("SELECT LastName FROM Contact WHERE Birthdate > 1985-12-31") == ["Salo"]
    assert org.values("SELECT LastName FROM Contact WHERE DoNotCall = TRUE") == ["Arja"]


def test_a_moment_is_compared_to_the_millisecond(api: Api) -> None:
    stamp = api.read("Account", api.create("Account", Name="A"))["SystemModstamp"]
    assert api.values(f"SELECT Name FROM Account WHERE SystemModstamp >= {stamp}") == ["A"]
    assert api.values(f"SELECT Name FROM Account WHERE SystemModstamp > {stamp}") == []


def test_parents_come_with_their_children_and_are_null_where_there_is_none(org: Api) -> None:
    first, second = org.query("SELECT Account.Name, Account.Parent.Name FROM Contact ORDER BY LastName")
    assert first["Account"]["attributes"]["type"] == "Account"
    assert first["Account"]["Parent"]["Name"] == "Acme Oy"
    assert second["Account"] is None


def test_the_object_may_have_an_alias(org: Api) -> None:
    assert org.values("SELECT c.LastName FROM Contact c WHERE c.Account.Name LIKE 'Ärjä%'") == ["Arja"]
    assert org.values("SELECT Contact.LastName FROM Contact WHERE Contact.LastName = 'Salo'") == ["Salo"]


def test_ordering_puts_nulls_first_unless_told_otherwise(org: Api) -> None:
    assert org.values("SELECT Industry FROM Account ORDER BY Industry") == [None, "Banking", "Energy"]
    assert org.values("SELECT Industry FROM Account ORDER BY Industry DESC NULLS LAST") == ["Energy", "Banking", None]
    two = "SELECT Name FROM Account WHERE Industry != null ORDER BY Owner.Name, Name DESC LIMIT 1"
    assert org.values(two) == ["Ärjä Oy"]
    assert org.values("SELECT Name FROM Account ORDER BY NumberOfEmployees NULLS LAST LIMIT 1 OFFSET 1") == ["Acme Oy"]


def test_counting(org: Api) -> None:
    assert org.get("query", params={"q": "SELECT COUNT() FROM Account"}) == {
        "totalSize": 3,
        "done": True,
        "records": [],
    }
    (row,) = org.query("SELECT COUNT(Id), MAX(NumberOfEmployees) most FROM Account WHERE Industry != null")
    assert row == {"expr0": 2, "most": 120}
    grouped = org.query("SELECT Industry, COUNT(Id) n FROM Account GROUP BY Industry ORDER BY Industry NULLS LAST")
    assert grouped == [{"Industry": "Banking", "n": 1}, {"Industry": "Energy", "n": 1}, {"Industry": None, "n": 1}]


def test_all_standard_fields_may_be_asked_for_at_once(org: Api) -> None:
    (record,) = org.query("SELECT FIELDS(STANDARD) FROM Account WHERE Name = 'Acme Oy'")
    assert record["Industry"] == "Banking"
    assert not any(name.endswith("__c") for name in record)
    (record,) = org.query("SELECT FIELDS(ALL) FROM Account WHERE Name = 'Acme Oy' LIMIT 200")
    assert record["Tags__c"] == "Quiz;Karaoke"
    refused = org.call("GET", "query", params={"q": "SELECT FIELDS(ALL) FROM Account"})
    assert error(refused)[1] == "MALFORMED_QUERY"


def test_only_query_all_sees_the_recycle_bin(api: Api) -> None:
    gone = api.create("Account", Name="Gone")
    api.call("DELETE", f"sobjects/Account/{gone}")
    soql = "SELECT Id, IsDeleted FROM Account WHERE Name = 'Gone'"
    assert api.query(soql) == []
    assert api.query(soql, everything=True) == [{"Id": gone, "IsDeleted": True}]


def test_ids_may_be_given_short(org: Api) -> None:
    (record_id,) = org.values("SELECT Id FROM Account WHERE Name = 'Acme Oy'")
    assert org.values(f"SELECT Name FROM Account WHERE Id = '{record_id[:15]}'") == ["Acme Oy"]
    assert org.values(f"SELECT Name FROM Account WHERE ParentId IN ('{record_id[:15]}')") == ["Ärjä Oy"]


def load(api: Api, count: int) -> None:
    lines = "\n".join(f'{{"Name": "Company {number}"}}' for number in range(count))
    assert api.call("POST", "/_load?type=Account", content=lines.encode()).json()["loaded"] == count


def test_a_result_comes_in_pages_of_two_thousand_or_as_asked(api: Api) -> None:
    load(api, 4500)
    first = api.get("query", params={"q": "SELECT Name FROM Account ORDER BY Id"})
    assert (first["totalSize"], first["done"], len(first["records"])) == (4500, False, 2000)
    second = api.get(first["nextRecordsUrl"])
    third = api.get(second["nextRecordsUrl"])
    assert (third["done"], len(third["records"]), "nextRecordsUrl" in third) == (True, 500, False)
    names = [each["Name"] for page in (first, second, third) for each in page["records"]]
    assert names == [f"Company {number}" for number in range(4500)]
    small = api.get(
        "query", params={"q": "SELECT Name FROM Account"}, headers={"Sforce-Query-Options": "batchSize=300"}
    )
    assert len(small["records"]) == 300
    # Below 200 the size is 200.
    least = api.get("query", params={"q": "SELECT Name FROM Account"}, headers={"Sforce-Query-Options": "batchSize=1"})
    assert len(least["records"]) == 200


def test_a_result_stands_while_the_org_changes_under_it(api: Api) -> None:
    load(api, 2100)
    first = api.get("query", params={"q": "SELECT Id FROM Account ORDER BY Name"})
    for record in first["records"][:5]:
        api.call("DELETE", f"sobjects/Account/{record['Id']}")
    load(api, 10)
    second = api.get(first["nextRecordsUrl"])
    assert len(second["records"]) == 100
    assert not {each["Id"] for each in first["records"]} & {each["Id"] for each in second["records"]}


def test_an_unknown_locator_is_refused(api: Api) -> None:
    assert error(api.call("GET", "query/01gnothing-2000"))[1] == "INVALID_QUERY_LOCATOR"


HINT = "Please reference your WSDL or the describe call for the appropriate names."


@pytest.mark.parametrize(
    ("soql", "code", "fragment"),
    [
        ("SELECT Colour FROM Account", "INVALID_FIELD", "No such column 'Colour' on entity 'Account'."),
        ("SELECT Id FROM Account WHERE Colour = 'x'", "INVALID_FIELD", "ERROR at Row:1:Column:30"),
        ("SELECT Boss.Name FROM Account", "INVALID_FIELD", "Didn't understand relationship 'Boss' in field path."),
        ("SELECT Id FROM Nothing", "INVALID_TYPE", "sObject type 'Nothing' is not supported."),
        ("SELECT FROM Account", "MALFORMED_QUERY", "unexpected token: 'FROM'"),
        ("SELECT Id FROM Account WHERE", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
        ("SELECT Id FROM Account WHERE Name = \"x\"", "MALFORMED_QUERY", "unexpected char"),
        ("SELECT Id FROM Account WHERE Name = 'x", "MALFORMED_QUERY", "unexpected char"),
        ("SELECT Id FROM Account WHERE Name = 'a\\d'", "MALFORMED_QUERY", "Illegal string literal"),
        ("SELECT Id FROM Account WHERE Fax = 'a' AND Fax = 'b' OR Fax = 'c'", "MALFORMED_QUERY", "token: 'OR'"),
        ("SELECT Id FROM Account; DROP TABLE Account", "MALFORMED_QUERY", "unexpected char: ';'"),
        ("UPDATE Account SET Name = 'x'", "MALFORMED_QUERY", "unexpected token: 'UPDATE'"),
        (
            "SELECT Id FROM Account WHERE SystemModstamp > '2020-01-01T00:00:00Z'", "INVALID_FIELD",
            "field 'SystemModstamp' must be of type dateTime and should not be enclosed in quotes",
        ),
        ("SELECT Id FROM Account WHERE NumberOfEmployees = '7'", "INVALID_FIELD", "must be of type int"),
        ("SELECT Id FROM Account WHERE Name = 7", "INVALID_FIELD", "type string and should be enclosed in quotes"),
        ("SELECT Id FROM Account WHERE Id = 'x'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: x"),
        ("SELECT Id FROM Account WHERE IsDeleted LIKE '7'", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator"),
        ("SELECT Id FROM Account WHERE CreatedDate = LAST_N_DAYS:9999999", "MALFORMED_QUERY", "LAST_N_DAYS"),
        ("SELECT Id FROM Account OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000"),
        ("SELECT Name, COUNT(Id) FROM Account", "MALFORMED_QUERY", "Field must be grouped or aggregated: Name"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_query_is_said(api: Api, soql: str, code: str, fragment: str) -> None:
    status, given, message = error(api.call("GET", "query", params={"q": soql}))
    assert (status, given) == (400, code)
    assert fragment in message


def test_the_error_points_to_the_place(api: Api) -> None:
    message = error(api.call("GET", "query", params={"q": "SELECT Id, Colour FROM Account"}))[2]
    assert message.startswith(
        "\nSELECT Id, Colour FROM Account\n           ^\nERROR at Row:1:Column:12\nNo such column 'Colour'"
    )
    assert message.endswith(HINT)


def test_a_uri_may_have_sixteen_kilobytes(api: Api) -> None:
    ids = ", ".join(f"'001Sm0{number:09}'" for number in range(900))
    response = api.call("GET", "query", params={"q": f"SELECT Id FROM Account WHERE Id IN ({ids})"})
    assert response.status_code == 414
    headers = {"X-Padding": "x" * 16_000}
    assert api.call("GET", "query", params={"q": "SELECT Id FROM Account"}, headers=headers).status_code == 200
    headers = {"X-Padding": "x" * 16_384}
    assert api.call("GET", "query", params={"q": "SELECT Id FROM Account"}, headers=headers).status_code == 431


def test_changes_since_a_moment_are_found_by_their_stamp(api: Api) -> None:
    load(api, 300)
    moment = (datetime.now(UTC) + timedelta(milliseconds=2)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    changed = api.create("Account", Name="Late")
    while api.read("Account", changed)["SystemModstamp"].replace("+0000", "Z") <= moment:
        api.call("PATCH", f"sobjects/Account/{changed}", json={})
    assert api.values(f"SELECT Name FROM Account WHERE SystemModstamp > {moment}") == ["Late"]
