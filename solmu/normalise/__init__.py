"""Normalising: from what sources write to values that can be compared. Pure functions, one concept a module.

Each takes text as it came and gives None (or an empty list) for blank, a normal form, or raises :class:`Invalid`.
Nothing here reads a clock, a file outside the package, or the network. Libraries with large tables are loaded when they
are first needed, so importing this package is cheap.

Several functions carry their module's name: ``from solmu.normalise import email`` gives the function, and
``from solmu.normalise.email import Email`` works beside it.
"""

from solmu.normalise.address import Address, address, postcode, split_street
from solmu.normalise.business_id import BusinessId, business_id, business_id_readings
from solmu.normalise.country import country
from solmu.normalise.currency import currency
from solmu.normalise.date import date, timestamp
from solmu.normalise.distinct import distinct, remembered
from solmu.normalise.domain import domain, is_free_domain
from solmu.normalise.email import Email, addresses, email, emails
from solmu.normalise.generic_words import GENERIC_WORDS, is_generic
from solmu.normalise.invalid import Invalid
from solmu.normalise.language import language
from solmu.normalise.legal_form import split_legal_form
from solmu.normalise.money import amount
from solmu.normalise.notes import PersonInNotes, people_in_notes
from solmu.normalise.organisation import OrganisationName, organisation_name, organisation_name_parts, tokens
from solmu.normalise.person import PersonName, person_name, person_name_parts, plain_person, surname_key
from solmu.normalise.phone import Phone, phone_numbers, phones
from solmu.normalise.street import street_key
from solmu.normalise.terms import terms
from solmu.normalise.text import clean, decode, fold, is_placeholder, tidy

__all__ = [
    "GENERIC_WORDS",
    "Address",
    "BusinessId",
    "Email",
    "Invalid",
    "OrganisationName",
    "PersonInNotes",
    "PersonName",
    "Phone",
    "address",
    "addresses",
    "amount",
    "business_id",
    "business_id_readings",
    "clean",
    "country",
    "currency",
    "date",
    "decode",
    "distinct",
    "domain",
    "email",
    "emails",
    "fold",
    "is_free_domain",
    "is_generic",
    "is_placeholder",
    "language",
    "organisation_name",
    "organisation_name_parts",
    "people_in_notes",
    "person_name",
    "person_name_parts",
    "phone_numbers",
    "phones",
    "plain_person",
    "postcode",
    "remembered",
    "split_legal_form",
    "split_street",
    "street_key",
    "surname_key",
    "terms",
    "tidy",
    "timestamp",
    "tokens",
]
