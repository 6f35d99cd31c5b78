"""Which value survives, and why."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from solmu.config.settings import FOR_ALL
from solmu.golden import Pin, Rule, Rules, Voice, survive, values
from solmu.golden.rules import ALWAYS
from solmu.model import Entity

ORGANISATION, PERSON = Entity.ORGANISATION, Entity.PERSON
RULES = Rules(sources=["erp", "crm", "partner-*"], crms=frozenset({"crm"}))


def voice(
    mention: int, connection: str, *, since: tuple[int | None, int] = (None, 1), own: bool = True, **said: Any
) -> Voice:
    return Voice(mention, connection, {n: {"value": v, "own": own, "since": list(since)} for n, v in said.items()})


def rules(**by_field: Rule) -> Rules:
    return Rules(sources=RULES.sources, crms=RULES.crms, by_field={ORGANISATION: by_field, PERSON: by_field})


def test_the_best_source_wins_and_is_named() -> None:
    document = survive(
        ORGANISATION, [voice(1, "partner-fi", industry="Metal"), voice(2, "erp", industry="Steel")], RULES
    )
    assert document == {"industry": {"value": "Steel", "mention": 2, "rule": "rank", "since": 1}}


def test_an_echo_abstains() -> None:
    document = survive(
        ORGANISATION, [voice(1, "erp", industry="Steel", own=False), voice(2, "crm", industry="Metal")], RULES
    )
    assert values(document) == {"industry": "Metal"}


def test_a_blank_value_never_wins_over_a_present_one() -> None:
    document = survive(ORGANISATION, [voice(1, "erp", industry=""), voice(2, "crm", industry="Metal")], RULES)
    assert values(document) == {"industry": "Metal"}


def test_fields_that_belong_together_win_together() -> None:
    document = survive(
        ORGANISATION,
        [voice(1, "erp", street="Kauppakatu 1", postcode="90100"), voice(2, "crm", street="Torikatu 2", city="Kemi")],
        RULES,
    )
    assert values(document) == {"street": "Kauppakatu 1", "postcode": "90100"}


OULU = {"street": "Katu 1", "postcode": "90100", "city": "Oulu", "country": "FI"}


def mended(*, since: tuple[int | None, int] = (5, 6), **fields: str) -> Voice:
    """The CRM's record of an address that we wrote there, once a salesperson has put right some of its fields."""
    ours = {name: {"value": value, "own": False, "since": [None, 3]} for name, value in OULU.items()}
    said = {name: {"value": value, "own": True, "since": list(since)} for name, value in fields.items()}
    return Voice(2, "crm", {**ours, **said})


CRM_FIRST = rules(address=Rule.CRM_UNLESS_BLANK)


def test_who_mends_a_field_of_an_address_that_we_wrote_leaves_the_rest_of_it_to_those_who_say_it() -> None:
    document = survive(ORGANISATION, [voice(1, "erp", **OULU), mended(postcode="90101")], CRM_FIRST)
    assert values(document) == {**OULU, "postcode": "90101"}
    assert {name: entry["mention"] for name, entry in document.items()} == {**dict.fromkeys(OULU, 1), "postcode": 2}


def test_what_we_wrote_beside_a_mended_field_stands_if_nobody_says_it_any_more() -> None:
    helsinki = {"street": "Esplanadi 2", "postcode": "00100", "city": "Helsinki", "country": "FI"}
    moved = voice(1, "erp", since=(7, 8), **helsinki)
    for said in ([moved, mended(postcode="90101")], [mended(postcode="90101")]):
        assert values(survive(ORGANISATION, said, CRM_FIRST)) == {**OULU, "postcode": "90101"}


def test_what_a_source_corrects_beside_a_mended_field_comes_through() -> None:
    said = voice(1, "erp", **OULU)
    corrected = Voice(1, "erp", {**said.claim, "street": {"value": "Katu 12", "own": True, "since": [7, 8]}})
    document = survive(ORGANISATION, [corrected, mended(postcode="90101")], CRM_FIRST)
    assert values(document) == {**OULU, "street": "Katu 12", "postcode": "90101"}


def test_a_source_that_moved_before_the_rest_was_mended_speaks_of_another_address() -> None:
    helsinki = {"street": "Esplanadi 2", "postcode": "00100", "city": "Helsinki", "country": "FI"}
    moved = voice(1, "erp", since=(4, 5), **helsinki)
    document = survive(ORGANISATION, [moved, mended(street="Katu 12", since=(5, 6))], CRM_FIRST)
    assert values(document) == {**OULU, "street": "Katu 12"}


def test_the_blanks_of_an_address_are_filled_by_who_says_the_same_address() -> None:
    known = [
        voice(1, "erp", **OULU),
        voice(2, "crm", city="OULU"),
        voice(3, "other", city="Oulu", region="Oulun lääni"),
    ]
    assert values(survive(ORGANISATION, known, CRM_FIRST)) == {**OULU, "city": "OULU", "region": "Oulun lääni"}
    for elsewhere in ({"city": "Kemi"}, {"city": "Oulu", "street": "Torikatu 2"}, {"region": "Lappi"}):
        said = [voice(1, "erp", **OULU), voice(2, "crm", country="FI", **elsewhere)]
        assert values(survive(ORGANISATION, said, CRM_FIRST)) == {"country": "FI", **elsewhere}


def test_a_country_alone_is_filled_from_the_best_source_that_is_there() -> None:
    said = [voice(1, "partner-fi", **{**OULU, "city": "Kemi"}), voice(2, "crm", country="FI"), voice(3, "erp", **OULU)]
    assert values(survive(ORGANISATION, said, CRM_FIRST)) == OULU


def test_a_field_with_a_rule_of_its_own_is_settled_by_it_whatever_else_its_group_says() -> None:
    own = rules(street=Rule.HUB, city=Rule.CRM)
    said = [voice(1, "erp", **OULU), voice(2, "crm", street="Torikatu 2", city="Kemi")]
    assert values(survive(ORGANISATION, said, own)) == {**OULU, "city": "Kemi"}
    said = [voice(1, "erp", city="Oulu"), voice(2, "crm", city="Kemi")]
    assert values(survive(ORGANISATION, said, own)) == {"city": "Kemi"}


def test_several_values_are_united_by_source_without_doubles() -> None:
    document = survive(
        PERSON,
        [voice(1, "crm", email=["B@x.example", "c@x.example"]), voice(2, "erp", email=["a@x.example", "b@x.example"])],
        RULES,
    )
    assert document["email"]["value"] == ["a@x.example", "b@x.example", "c@x.example"]
    assert document["email"]["mentions"] == [2, 2, 1]


def test_addresses_that_differ_in_a_dot_are_two() -> None:
    document = survive(PERSON, [voice(1, "crm", email=["ab@x.example", "a.b@x.example"])], RULES)
    assert len(document["email"]["value"]) == 2


def test_the_newest_wins_where_that_can_be_told() -> None:
    newest = rules(industry=Rule.NEWEST)
    older, newer = voice(1, "erp", industry="Steel", since=(10, 20)), voice(2, "crm", industry="Metal", since=(20, 30))
    assert values(survive(ORGANISATION, [older, newer], newest)) == {"industry": "Metal"}


def test_intervals_that_overlap_decide_nothing_so_the_source_does() -> None:
    newest = rules(industry=Rule.NEWEST)
    one, two = voice(1, "erp", industry="Steel", since=(10, 25)), voice(2, "crm", industry="Metal", since=(20, 30))
    assert values(survive(ORGANISATION, [one, two], newest)) == {"industry": "Steel"}


def test_what_came_with_a_first_load_loses_to_what_is_known() -> None:
    newest = rules(industry=Rule.NEWEST)
    unknown, known = (
        voice(1, "erp", industry="Steel", since=(None, 99)),
        voice(2, "crm", industry="Metal", since=(5, 6)),
    )
    assert values(survive(ORGANISATION, [unknown, known], newest)) == {"industry": "Metal"}


def test_of_rows_of_one_source_that_say_when_they_are_of_the_latest_wins() -> None:
    newest = rules(address=Rule.NEWEST)
    full, latest = voice(1, "erp", since=(None, 2), **OULU), voice(3, "erp", since=(None, 4), city="Kemi")
    between = voice(2, "erp", since=(None, 3), city="Oulu", street="Katu 1")
    assert values(survive(ORGANISATION, [full, between, latest], newest)) == {"city": "Kemi"}


def test_where_neither_is_newer_nor_a_source_ranks_higher_a_person_is_asked() -> None:
    newest = Rules(crms=frozenset({"crm"}), by_field={ORGANISATION: {"address": Rule.NEWEST, "industry": Rule.NEWEST}})
    ours, theirs = voice(1, "web", since=(None, 2), city="Kemi"), voice(2, "crm", since=(None, 2), **OULU)
    document = survive(ORGANISATION, [ours, theirs], newest)
    assert values(document) == {"city": "Kemi"}  # the fuller card is no better; the hub's stands until somebody says
    assert document["city"]["rule"] == "ask"
    for one, other in (((10, 25), (20, 30)), ((20, 30), (10, 25))):
        document = survive(ORGANISATION, [voice(1, "web", since=one, industry="Steel"),
                                          voice(2, "crm", since=other, industry="Metal")], newest)  # fmt: skip
        assert document["industry"] == {"value": "Steel", "mention": 1, "rule": "ask", "since": one[1]}


def test_nobody_is_asked_where_all_that_may_be_the_newest_say_the_same_or_one_ranks_higher() -> None:
    alike = Rules(by_field={ORGANISATION: {"address": Rule.NEWEST}})
    full, part = voice(1, "web", **OULU), voice(2, "form", city="OULU")
    assert {each["rule"] for each in survive(ORGANISATION, [full, part], alike).values()} == {"newest"}
    newest = rules(industry=Rule.NEWEST)
    low, high = voice(1, "partner-fi", industry="Steel"), voice(2, "erp", industry="Metal")
    assert survive(ORGANISATION, [low, high], newest)["industry"]["rule"] == "newest"


def test_rows_of_one_source_ask_nobody_where_their_own_dates_tell() -> None:
    newest = rules(address=Rule.NEWEST)
    full, latest = voice(1, "erp", since=(None, 2), **OULU), voice(3, "erp", since=(None, 4), city="Kemi")
    assert survive(ORGANISATION, [full, latest], newest)["city"]["rule"] == "newest"
    undated = [full._replace(read=frozenset({2})), latest._replace(read=frozenset({4}))]
    assert survive(ORGANISATION, undated, newest)["city"]["rule"] == "ask"


def test_when_rows_were_read_says_nothing_of_their_age() -> None:
    newest = rules(address=Rule.NEWEST)
    full, later = voice(1, "erp", since=(None, 2), **OULU), voice(3, "erp", since=(None, 4), city="Kemi")
    undated = [full._replace(read=frozenset({2})), later._replace(read=frozenset({4}))]
    assert values(survive(ORGANISATION, undated, newest)) == OULU


def test_what_salespeople_wrote_wins_where_the_rule_says_so() -> None:
    said = [voice(1, "erp", industry="Steel"), voice(2, "crm", industry="Metal")]
    for rule, winner in ((Rule.CRM, "Metal"), (Rule.CRM_UNLESS_BLANK, "Metal"), (Rule.HUB, "Steel")):
        assert values(survive(ORGANISATION, said, rules(industry=rule))) == {"industry": winner}


def test_a_crm_speaks_where_nobody_else_does_even_under_hub() -> None:
    assert values(survive(ORGANISATION, [voice(2, "crm", industry="Metal")], rules(industry=Rule.HUB))) == {
        "industry": "Metal"
    }


def test_longest_frequent_and_complete() -> None:
    said = [
        voice(1, "erp", description="short"),
        voice(2, "crm", description="a longer one"),
        voice(3, "partner-fi", description="short"),
    ]
    assert values(survive(ORGANISATION, said, rules(description=Rule.LONGEST))) == {"description": "a longer one"}
    assert values(survive(ORGANISATION, said, rules(description=Rule.FREQUENT))) == {"description": "short"}
    full = [voice(1, "erp", city="Kemi"), voice(2, "crm", city="Oulu", postcode="90100", street="Torikatu 2")]
    assert values(survive(ORGANISATION, full, rules(address=Rule.COMPLETE)))["city"] == "Oulu"


def test_an_opt_out_from_any_source_wins_under_any_rule() -> None:
    said = [voice(1, "erp", opt_out=False), voice(2, "partner-fi", opt_out=True)]
    for rule in Rule:
        assert values(survive(PERSON, said, rules(opt_out=rule))) == {"opt_out": True}


def test_a_pin_beats_every_rule_and_shows_it() -> None:
    document = survive(ORGANISATION, [voice(1, "erp", industry="Steel")], RULES, [Pin("industry", "Wood", 1, 7)])
    assert document["industry"] == {"value": "Wood", "mention": 1, "rule": "pin", "since": 7}


_voices = st.lists(
    st.builds(
        lambda mention, connection, low, length, said: voice(
            mention, connection, since=(low, (low or 0) + length), **said
        ),
        st.integers(1, 5),
        st.sampled_from(["erp", "crm", "partner-fi", "other"]),
        st.one_of(st.none(), st.integers(0, 9)),
        st.integers(0, 9),
        st.dictionaries(
            st.sampled_from(["industry", "city", "postcode", "description"]), st.sampled_from(["", "a", "b", "ccc"])
        ),
    ),
    unique_by=lambda each: each.mention,
)


@given(_voices, st.sampled_from([rule for rule in Rule if rule not in {Rule.PIN, Rule.ANY, Rule.UNION}]), st.randoms())
def test_the_order_in_which_claims_come_makes_no_difference(said: list[Voice], rule: Rule, random: Any) -> None:
    shuffled = random.sample(said, len(said))
    stated = rules(**dict.fromkeys(("industry", "address", "description"), rule))
    assert survive(ORGANISATION, said, stated) == survive(ORGANISATION, shuffled, stated)


@given(_voices, st.sampled_from([rule for rule in Rule if rule not in {Rule.PIN, Rule.ANY, Rule.UNION}]))
def test_every_surviving_value_is_one_that_its_mention_said(said: list[Voice], rule: Rule) -> None:
    claims = {each.mention: each.claim for each in said}
    for name, entry in survive(ORGANISATION, said, rules(industry=rule, address=rule, description=rule)).items():
        assert claims[entry["mention"]][name]["value"] == entry["value"]


def test_hub_yaml_can_state_no_rule_of_what_holds_for_all() -> None:
    assert frozenset(ALWAYS) == FOR_ALL
