"""What the resolver does with cards: who comes together, who is asked about, who stays apart."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, insert, select, update

from solmu.match.deciding import record
from solmu.match.decisions import Verdict
from solmu.match.linking import Linking
from solmu.model import Entity
from solmu.store.tables import block_key, golden, link, mention
from solmu.store.tables import dirty as dirty_table
from tests.unit.match.cards import Cards, Settings

TOWN = {"city": "Rauma", "country": "FI"}


# --- organisations ------------------------------------------------------------------------------------------------


def test_one_business_id_is_one_organisation_whatever_its_names(cards: Cards) -> None:
    one = cards.organisation(name="Arcusys Oy", business_id="FI:01234567", city="Joensuu")
    two = cards.organisation(name="Valamis Group Oy", business_id="FI:01234567", city="Helsinki")
    cards.resolve()
    assert cards.together(one, two)
    assert cards.why(two) == "identity"


def test_three_spellings_of_one_company_come_together(cards: Cards) -> None:
    ids = [
        cards.organisation(name="Merivirta Telakka Oy", phone=["+35828221234"], **TOWN),
        cards.organisation(name="OY MERIVIRTA TELAKKA AB", **TOWN),
        cards.organisation(name="Merivirta-Telakka", phone=["+35828221234"]),
        cards.organisation(name="Merivitra Telakka Oy", phone=["+35828221234"], **TOWN),
    ]
    cards.resolve()
    assert cards.together(*ids)


def test_a_bare_name_joins_the_only_company_of_that_name(cards: Cards) -> None:
    one = cards.organisation(name="Merivirta Telakka Oy", business_id="FI:01234567", **TOWN)
    bare = cards.organisation(name="Merivirta Telakka")
    cards.resolve()
    assert cards.together(one, bare)


def test_a_bare_name_joins_nobody_when_two_bear_it_even_if_the_second_comes_later(cards: Cards) -> None:
    one = cards.organisation(name="Merivirta Telakka Oy", business_id="FI:01234567", **TOWN)
    bare = cards.organisation(name="Merivirta Telakka")
    cards.resolve()
    two = cards.organisation(name="Merivirta Telakka Oy", business_id="FI:07654321", city="Oulu", country="FI")
    cards.resolve()
    assert len({cards.places()[id] for id in (one, bare, two)}) == 3


def test_when_the_second_bearer_of_a_name_goes_the_bare_name_joins_the_first_again(cards: Cards) -> None:
    one = cards.organisation(name="Merivirta Telakka Oy", business_id="FI:01234567", **TOWN)
    bare = cards.organisation(name="Merivirta Telakka")
    two = cards.organisation(name="Merivirta Telakka Oy", business_id="FI:07654321", city="Oulu", country="FI")
    cards.resolve()
    assert not cards.together(one, bare)
    cards.change(two, name="Rannikon Laiva Oy", business_id="FI:07654321", city="Oulu", country="FI")
    cards.resolve()
    assert cards.together(one, bare)


def test_a_name_one_letter_off_is_a_slip_when_it_is_written_once_and_a_name_when_it_is_written_twice(
    cards: Cards,
) -> None:
    known = [cards.organisation(name="Serramenti Valdonico", **TOWN) for _ in range(2)]
    once = cards.organisation(name="Serramenti Valdomico", **TOWN)
    cards.resolve()
    assert cards.together(*known, once)
    again = cards.organisation(name="Serramenti Valdomico", **TOWN)
    cards.resolve()
    assert not cards.together(known[0], once)
    assert cards.together(once, again)


def test_the_former_name_leads_to_the_new_one(cards: Cards) -> None:
    old = cards.organisation(name="Arcusys Oy", phone=["+358131234567"])
    new = cards.organisation(name="Valamis Oy (ent. Arcusys)", phone=["+358131234567"])
    cards.resolve()
    assert cards.together(old, new)


def test_a_card_of_the_same_town_in_its_other_language_is_no_other_site(cards: Cards) -> None:
    one = cards.organisation(name="Merivirta Telakka Oy", city="Turku", domain="merivirta.fi")
    two = cards.organisation(name="Merivirta Telakka Oy", city="Åbo", domain="merivirta.fi")
    cards.resolve()
    assert cards.together(one, two)


def test_the_mail_domain_of_the_person_on_the_card_speaks_for_the_organisation(cards: Cards) -> None:
    one = cards.organisation(name="Merivirta Telakka Oy", domain="merivirta.fi")
    two, _ = cards.add({"name": "Merivitra Telakka"}, {"given_name": "Aino", "email": ["aino@merivirta.fi"]})
    cards.resolve()
    assert cards.together(one, two)


@pytest.mark.parametrize(
    "other",
    [
        {"name": "Merivirta Telakka Oy", "business_id": "FI:07654321"},  # another company of that name
        {"name": "Merivirta Telakka AB", "city": "Stockholm", "country": "SE"},  # the sister abroad
        {"name": "Merivirta Telakka Ky"},  # another form of company
        {"name": "Merivirta Telakka Huolto Oy"},  # the subsidiary
        {"name": "Merivirta Telakka Holding Oy"},
        {"name": "Merivirta Telakka Oy", "city": "Oulu", "postcode": "90100"},  # the chain's other site
        {"name": "Satamatien Lounas Oy"},  # the neighbour, run by the same person
    ],
)
def test_group_companies_sites_and_neighbours_stay_apart(cards: Cards, other: dict[str, str]) -> None:
    """They may share domain, phone and street."""
    shared = {
        "domain": "merivirta.fi",
        "email": ["info@merivirta.fi"],
        "phone": ["+35828221234"],
        "street": "Satamatie 1",
        "postcode": "26100",
        **TOWN,
    }
    one = cards.organisation(**{**shared, "name": "Merivirta Telakka Oy", "business_id": "FI:01234567"})
    two = cards.organisation(**{**shared, **other})
    cards.resolve()
    assert not cards.together(one, two)


def test_a_mail_address_that_comes_to_the_person_on_the_card_later_speaks_too(cards: Cards) -> None:
    one, _ = (cards.organisation(name="Merivirta Telakka Oy", domain="merivirta.fi") for _ in range(2))
    two, person = cards.add({"name": "Merivitra Telakka"}, {"given_name": "Aino"})
    cards.organisation(name="Merivitra Telakka")
    cards.resolve()
    assert not cards.together(one, two)
    cards.change(person, given_name="Aino", email=["aino@merivirta.fi"])
    cards.resolve()
    assert cards.together(one, two)


def test_a_free_mail_domain_says_nothing_of_an_organisation(cards: Cards) -> None:
    one = cards.organisation(name="Rannan Kahvila", email=["rannan.kahvila@gmail.com"], city="Pori")
    two = cards.organisation(name="Rannan Kahvila", email=["rannankahvila2@gmail.com"], city="Kotka")
    cards.resolve()
    assert not cards.together(one, two)


def test_two_companies_are_not_joined_through_a_card_that_fits_both(cards: Cards) -> None:
    one = cards.organisation(name="Merivirta Telakka Oy", business_id="FI:01234567", phone=["+35828221234"], **TOWN)
    two = cards.organisation(name="Merivirta Telakka Oy", business_id="FI:07654321", phone=["+35828221299"], **TOWN)
    both = cards.organisation(name="Merivirta Telakka", phone=["+35828221234", "+35828221299"], **TOWN)
    cards.resolve()
    assert not cards.together(one, two)
    held = [row for row in cards.pairs().values() if row.explanation["held"] == "different-business-ids"]
    assert len(held) == 1
    assert held[0].band == "ask"
    assert both in (held[0].left_id, held[0].right_id)


def test_a_parent_is_a_relation_and_never_a_merge(cards: Cards) -> None:
    one = cards.organisation(name="Merivirta Telakka Oy", business_id="FI:01234567")
    two = cards.organisation(name="Merivirta Telakka Oy", phone=["+35828221234"])
    three = cards.organisation(name="Merivirta Telakka", phone=["+35828221234"])
    cards.relate(two, one)
    cards.resolve()
    assert not cards.together(one, two)
    assert cards.together(two, three) or cards.together(one, three)


def test_customer_numbers_count_within_their_own_system(cards: Cards) -> None:
    one = cards.organisation(name="Merivirta Telakka", customer_number="1001")
    same = cards.organisation(name="Merivitra Telakka", customer_number="1001", city="Pori")
    other = cards.organisation(system="partner", name="Kuulas Optiikka", customer_number="1001")
    cards.resolve()
    assert cards.together(one, same)
    assert not cards.together(one, other)


# --- people -------------------------------------------------------------------------------------------------------


def test_one_personal_address_is_one_person(cards: Cards) -> None:
    one = cards.person(given_name="Aino", family_name="Salmela", email=["aino.salmela@merivirta.fi"])
    two = cards.person(given_name="A.", family_name="Salmela", email=["AINO.SALMELA@merivirta.fi"])
    cards.resolve()
    assert cards.together(one, two)


def test_a_shared_mailbox_does_not_join_those_who_read_it(cards: Cards) -> None:
    firm = cards.organisation(name="Merivirta Telakka Oy")
    one = cards.person(given_name="Aino", family_name="Salmela", email=["info@merivirta.fi"], works_at=firm)
    two = cards.person(given_name="Eero", family_name="Kivelä", email=["info@merivirta.fi"], works_at=firm)
    cards.resolve()
    assert not cards.together(one, two)


def test_siblings_in_one_firm_stay_apart_even_with_an_initial_between_them(cards: Cards) -> None:
    firm = cards.organisation(name="Salmelan Telakka Oy")
    mail = ["info@salmela.fi"]
    one = cards.person(given_name="Maria", family_name="Salmela", email=mail, works_at=firm)
    two = cards.person(given_name="Marja", family_name="Salmela", email=mail, works_at=firm)
    initial = cards.person(given_name="M.", family_name="Salmela", email=mail, works_at=firm)
    cards.resolve()
    assert len({cards.places()[id] for id in (one, two, initial)}) == 3


def test_an_initial_is_enough_where_only_one_fits_it(cards: Cards) -> None:
    firm = cards.organisation(name="Salmelan Telakka Oy")
    one = cards.person(given_name="Maria", family_name="Salmela", works_at=firm)
    initial = cards.person(given_name="M.", family_name="Salmela", works_at=firm)
    cards.resolve()
    assert cards.together(one, initial)
    two = cards.person(given_name="Matti", family_name="Salmela", works_at=firm)
    cards.resolve()
    assert not cards.together(one, initial)
    assert not cards.together(two, initial)


def test_two_people_of_one_name_with_one_employer_are_known_by_their_mailboxes(cards: Cards) -> None:
    firm = cards.organisation(name="Merivirta Telakka Oy")
    name = {"given_name": "Aino", "family_name": "Salmela"}
    one = cards.person(**name, email=["aino.salmela@merivirta.fi"], works_at=firm)
    two = cards.person(**name, email=["aino.salmela2@merivirta.fi"], works_at=firm)
    either = cards.person(**name, works_at=firm)
    cards.resolve()
    assert len({cards.places()[id] for id in (one, two, either)}) == 3


def test_people_of_one_name_with_different_employers_stay_apart(cards: Cards) -> None:
    name = {"given_name": "Aino", "family_name": "Salmela"}
    one = cards.person(**name, works_at=cards.organisation(name="Merivirta Telakka Oy"))
    two = cards.person(**name, works_at=cards.organisation(name="Kuulas Optiikka Oy"))
    cards.resolve()
    assert not cards.together(one, two)


def test_people_come_together_when_their_employers_do(cards: Cards) -> None:
    name = {"given_name": "Aino", "family_name": "Salmela"}
    firm = cards.organisation(name="Merivirta Telakka Oy", business_id="FI:01234567", city="Rauma")
    other = cards.organisation(name="Rannikon Laiva Oy", city="Pori")
    one, two = cards.person(**name, works_at=firm), cards.person(**name, works_at=other)
    cards.resolve()
    assert not cards.together(one, two)
    cards.change(other, name="Rannikon Laiva Oy", city="Pori", business_id="FI:01234567")
    found = cards.resolve()
    assert cards.together(one, two)
    assert found.rematched_people == 1


def test_somebody_who_changes_employer_is_followed_by_phone(cards: Cards) -> None:
    name = {"given_name": "Aino", "family_name": "Salmela", "phone": ["+358401231234"]}
    one = cards.person(**name, works_at=cards.organisation(name="Merivirta Telakka Oy"))
    two = cards.person(**name, works_at=cards.organisation(name="Kuulas Optiikka Oy"))
    cards.resolve()
    assert cards.together(one, two)


def test_a_switchboard_does_not_join_colleagues(cards: Cards) -> None:
    firm = cards.organisation(name="Merivirta Telakka Oy")
    one = cards.person(given_name="Aino", family_name="Salmela", phone=["+35828221234"], works_at=firm)
    two = cards.person(given_name="Eero", family_name="Salmela", phone=["+35828221234"], works_at=firm)
    cards.resolve()
    assert not cards.together(one, two)


def test_given_and_family_name_in_the_wrong_fields_are_the_same_person(cards: Cards) -> None:
    firm = cards.organisation(name="Merivirta Telakka Oy")
    one = cards.person(given_name="Aino", family_name="Salmela", works_at=firm)
    two = cards.person(given_name="Salmela", family_name="Aino", works_at=firm)
    cards.resolve()
    assert cards.together(one, two)


def test_two_people_on_one_card_are_two(cards: Cards) -> None:
    name = {"given_name": "Aino", "family_name": "Salmela", "phone": ["+358401231234"]}
    _, one, two = cards.add({"name": "Merivirta Telakka Oy"}, name, {**name, "given_name": "A."})
    cards.resolve()
    assert not cards.together(one, two)


# --- holds --------------------------------------------------------------------------------------------------------


def test_two_live_records_of_one_crm_wait_for_a_steward(cards: Cards) -> None:
    name = {"name": "Merivirta Telakka Oy", "business_id": "FI:01234567"}
    one = cards.organisation(system="crm", **name)
    two = cards.organisation(system="crm", **name)
    cards.resolve()
    assert not cards.together(one, two)
    assert cards.band(one, two) == "ask"
    assert cards.pairs()[one, two].explanation["held"] == "both-in-crm"


def test_a_crm_record_that_is_gone_holds_nothing(cards: Cards) -> None:
    name = {"name": "Merivirta Telakka Oy", "business_id": "FI:01234567"}
    one = cards.organisation(system="crm", **name)
    two = cards.organisation(system="crm", **name)
    cards.resolve()
    cards.turn(two, "withdrawn")
    cards.resolve()
    assert cards.together(one, two)


def test_the_company_on_a_crms_contact_card_is_no_second_account(cards: Cards) -> None:
    name = {"name": "Merivirta Telakka Oy", "business_id": "FI:01234567"}
    account = cards.organisation(system="crm", **name)
    company, _ = cards.add(name, {"given_name": "Aino", "family_name": "Salmela"}, system="crm")
    cards.resolve()
    assert cards.together(account, company)


def test_a_key_account_is_joined_by_a_person_only(cards: Cards) -> None:
    key = cards.organisation(name="Merivirta Telakka Oy", business_id="FI:01234567", key_account=True, **TOWN)
    known = cards.organisation(name="Merivirta Oy", business_id="FI:01234567")
    near = cards.organisation(name="Merivirta Telakka", **TOWN)
    cards.resolve()
    for other in (known, near):
        assert not cards.together(key, other)
        assert cards.band(key, other) == "ask"


def test_two_key_accounts_are_never_joined_unasked(cards: Cards) -> None:
    one = cards.organisation(name="Merivirta Oy", business_id="FI:01234567", key_account=True)
    two = cards.organisation(name="Merivirta Oy", business_id="FI:01234567", key_account=True)
    cards.resolve()
    assert not cards.together(one, two)
    assert (cards.band(one, two), cards.pairs()[one, two].rule) == ("ask", "protected")


def test_nobody_joins_a_key_account_by_what_another_record_of_it_says(cards: Cards) -> None:
    key = cards.organisation(name="Merivirta Telakka Oy", business_id="FI:01234567", key_account=True)
    account = cards.organisation(system="crm", name="Merivirta Telakka Oy", **TOWN)
    cards.resolve()
    with cards.store.write() as connection:
        record(connection, Entity.ORGANISATION, Verdict.SAME, {key}, {account}, who="anna", now=1)
    cards.resolve()
    assert cards.together(key, account)
    like_the_account = cards.organisation(system="list", name="Merivirta Telakka Oy", **TOWN)
    cards.resolve()
    assert not cards.together(key, like_the_account)
    assert "ask" in {cards.band(key, like_the_account), cards.band(account, like_the_account)}
    assert cards.pairs()[account, like_the_account].explanation["held"] == "one-protected"


def test_a_tag_protects_as_a_flag_does(cards: Cards) -> None:
    cards.settings = Settings(protected=("tags=VIP",))
    tagged = cards.organisation(name="Merivirta Oy", business_id="FI:01234567", tags=["fair", "vip"])
    other = cards.organisation(name="Merivirta Oy", business_id="FI:01234567", tags=["fair"])
    third = cards.organisation(name="Merivirta Oy", business_id="FI:01234567", key_account=True)
    cards.resolve()
    assert {frozenset({tagged})} == {part for part in cards.partition() if tagged in part}
    assert "ask" in {cards.band(tagged, other), cards.band(tagged, third)}
    cards.settings = Settings(protected=("tags",))
    cards.mark([row.id for row in cards.rows(mention)])
    cards.resolve()
    assert len(cards.partition()) == 3


def test_a_flag_that_comes_later_takes_apart_what_was_joined_unasked(cards: Cards) -> None:
    one = cards.organisation(name="Merivirta Oy", business_id="FI:01234567")
    two = cards.organisation(name="Merivirta Oy", business_id="FI:01234567")
    cards.resolve()
    assert cards.together(one, two)
    cards.change(one, name="Merivirta Oy", business_id="FI:01234567", key_account=True)
    cards.resolve()
    assert not cards.together(one, two)
    assert cards.band(one, two) == "ask"


def test_a_record_that_we_created_stays_with_what_it_was_created_for(cards: Cards) -> None:
    origin = cards.organisation(name="Merivirta Telakka Oy")
    cards.resolve()
    ours = cards.organisation(system="crm")
    with cards.store.write() as connection:
        connection.execute(
            insert(link).values(
                mention_id=ours, golden_id=cards.places()[origin], since=1, why="created-by-us", run_id="run"
            )
        )
    cards.change(ours, name="Quite Another Name Oy", business_id="FI:07654321")
    cards.resolve()
    assert cards.together(origin, ours)
    assert cards.why(ours) == "created-by-us"


def test_it_stays_there_after_a_merge_that_was_taken_back(cards: Cards) -> None:
    """Meanwhile it was linked to another one; what it was made from is what it was linked to first."""
    other, origin = cards.organisation(name="Alfa Metalli Oy"), cards.organisation(name="Beeta Metalli Oy")
    theirs, ours = cards.organisation(system="crm"), cards.organisation(system="crm")
    cards.resolve()
    rows = ((theirs, other, None), (ours, origin, 2), (ours, other, 3), (ours, origin, None))
    with cards.store.write() as connection:
        connection.execute(delete(link).where(link.c.mention_id.in_((theirs, ours))))
        connection.execute(
            insert(link),
            [
                {"mention_id": id, "golden_id": to, "since": 1, "until": until, "why": "created-by-us", "run_id": "run"}
                for id, to, until in rows
            ],
        )
        sides = frozenset({origin, ours}), frozenset({other, theirs})
        record(connection, Entity.ORGANISATION, Verdict.DIFFERENT, *sides, who="anna", now=1)
        merged = frozenset({ours}), frozenset({theirs})
        record(connection, Entity.ORGANISATION, Verdict.SAME, *merged, who="crm", now=2, rank="crm")
    for id in (ours, theirs):
        cards.change(id, name="Quite Another Name Oy")
    cards.resolve()
    cards.change(origin, name="Beeta Metalli Oy", city="Turku")
    cards.resolve()
    assert cards.together(origin, ours)
    assert cards.together(other, theirs)
    assert not cards.together(ours, theirs)


# --- what is asked ------------------------------------------------------------------------------------------------


def test_of_the_doubtful_pairs_between_two_clusters_only_the_strongest_is_asked(cards: Cards) -> None:
    firm = {"name": "Merivirta Telakka Oy", "business_id": "FI:01234567", "phone": ["+35828221234"], **TOWN}
    other = {"name": "Merivirta Huolto Oy", "business_id": "FI:07654321", "phone": ["+35828221234"], **TOWN}
    shared = {"street": "Satamatie 1", "domain": "merivirta.fi"}
    for _ in range(3):
        cards.organisation(**firm, **shared)
        cards.organisation(**other, **shared)
    found = cards.resolve()
    assert len(cards.partition()) == 2
    assert found.pairs["ask"] <= 1
    assert sum(found.pairs.values()) == 15


def test_what_is_known_to_be_related_is_not_asked_about(cards: Cards) -> None:
    shared = {"phone": ["+35828221234"], "street": "Satamatie 1", "domain": "merivirta.fi", **TOWN}
    parent = cards.organisation(name="Merivirta Telakka Oy", **shared)
    child = cards.organisation(name="Merivirta Telakka Huolto Oy", **shared)
    cards.resolve()
    assert cards.band(parent, child) == "ask"
    cards.relate(child, parent)
    cards.mark([child])
    cards.resolve()
    assert cards.band(parent, child) == "different"


def test_every_mention_is_linked_and_every_golden_record_is_marked_for_computing(cards: Cards) -> None:
    one = cards.organisation(name="Merivirta Telakka Oy", business_id="FI:01234567")
    cards.organisation(name="Merivirta", business_id="FI:01234567")
    found = cards.resolve()
    assert found.touched == 1
    assert {row.state for row in cards.rows(mention)} == {"linked"}
    assert [(row.id, row.state, row.version) for row in cards.rows(golden)] == [(one, "live", 0)]
    assert [(row.consumer, row.id) for row in cards.rows(dirty_table)] == [("golden", one)]


def test_resolving_again_changes_nothing(cards: Cards) -> None:
    ids = [cards.organisation(name="Merivirta Telakka Oy", **TOWN) for _ in range(3)]
    cards.resolve()
    links, pairs = cards.rows(link), cards.pairs()
    cards.mark(ids)
    cards.resolve()
    assert cards.rows(link) == links
    assert cards.pairs() == pairs


def test_a_changed_card_leaves_whom_it_no_longer_fits_and_the_links_tell_when(cards: Cards) -> None:
    one = cards.organisation(name="Merivirta Telakka Oy", business_id="FI:01234567", **TOWN)
    two = cards.organisation(name="Merivirta Telakka", **TOWN)
    cards.resolve()
    assert cards.together(one, two)
    cards.change(two, name="Kuulas Optiikka", city="Oulu")
    cards.resolve()
    assert not cards.together(one, two)
    ended = [row for row in cards.rows(link) if row.until is not None]
    assert [(row.mention_id, row.golden_id) for row in ended] == [(two, one)]


def test_who_a_withdrawn_card_showed_is_known_when_another_card_shows_it(cards: Cards) -> None:
    one = cards.organisation(name="Merivirta Telakka Oy", **TOWN)
    gone = cards.organisation(name="Merivirta Telakka Oy", **TOWN)
    cards.resolve()
    for each in (one, gone):
        cards.turn(each, "withdrawn")
    cards.resolve()
    assert cards.together(one, gone)
    again = cards.organisation(name="Merivirta Telakka Oy", **TOWN)
    cards.resolve()
    assert cards.together(one, gone, again)


def test_a_card_withdrawn_from_a_crm_stays_linked_and_is_no_evidence_any_more(cards: Cards) -> None:
    one = cards.organisation(name="Merivirta Telakka Oy", **TOWN)
    gone = cards.organisation(system="crm", name="Merivirta Telakka Oy", **TOWN)
    cards.resolve()
    cards.turn(gone, "withdrawn")
    cards.resolve()
    cards.mark([one])
    cards.resolve()
    assert cards.together(one, gone)
    assert gone not in {row.mention_id for row in cards.rows(block_key)}


def test_an_ignored_card_is_linked_to_nobody(cards: Cards) -> None:
    one = cards.organisation(name="Merivirta Telakka Oy", **TOWN)
    spam = cards.organisation(name="Merivirta Telakka Oy", **TOWN)
    cards.resolve()
    cards.turn(spam, "ignored")
    cards.resolve()
    assert cards.places() == {one: one}
    assert cards.pairs() == {}


def test_an_echo_of_what_we_wrote_is_no_evidence(cards: Cards) -> None:
    one = cards.organisation(name="Merivirta Telakka Oy", business_id="FI:01234567")
    crm = cards.organisation(system="crm", name="Kuulas Optiikka Oy", business_id="FI:01234567")
    with cards.store.write() as connection:
        echoed = connection.scalar(select(mention.c.claim).where(mention.c.id == crm))
        assert echoed is not None
        echoed["business_id"]["own"] = False
        connection.execute(update(mention).where(mention.c.id == crm).values(claim=echoed))
    cards.resolve()
    assert not cards.together(one, crm)


def test_a_key_that_too_many_hold_makes_no_pairs_and_is_reported(cards: Cards) -> None:
    cards.settings = Settings(block_cap=3)
    for number in range(4):
        cards.organisation(name=f"Firma {'Abcdefgh'[number]}{'stuvwxyz'[number] * 5}", phone=["+35828221234"])
    found = cards.resolve()
    assert ("o|tel|+35828221234", 4) in found.recall_debt
    assert cards.pairs() == {}


def test_a_crash_before_the_links_are_stored_loses_nothing(cards: Cards, monkeypatch: pytest.MonkeyPatch) -> None:
    one = cards.organisation(name="Merivirta Telakka Oy", business_id="FI:01234567")
    two = cards.organisation(name="Merivirta", business_id="FI:01234567")

    def blow_up(*_: object) -> None:
        raise RuntimeError("the power went")

    with monkeypatch.context() as patched:
        patched.setattr(Linking, "_store_links", blow_up)
        with pytest.raises(RuntimeError, match="the power went"):
            cards.resolve()
    assert {row.id for row in cards.rows(dirty_table)} == {one, two}
    cards.resolve()
    assert cards.together(one, two)
    assert {row.consumer for row in cards.rows(dirty_table)} == {"golden"}
