"""The customer of the demo's last screen: one company and one person, met in a dealer's sheet, the old Jira list, the
ERP and the CRM, each time a little differently. The same for every seed, but for the ids around it.
"""

from __future__ import annotations

from datetime import date

from examples.nordic.identifiers import national
from examples.nordic.leads import Lead
from examples.nordic.world import Organisation, Person, World

ERP_NAME = "KUUKKELIVAARA SAHA OY"
ERP_CONTACT = "IKÄHEIMO Aino"
JIRA_SUMMARY = "Kuukkelivaara saha OY"
JIRA_DESCRIPTION = "Vannesaha uusiksi, ehkä syksyllä? Yhteyshenkilö Aino Ikäheimo 040 000 1207"
CRM_ACCOUNT_NAME = "Kuukkelivaara Saha Oy"
CRM_OLD_STREET = "Sahantie 3"
CRM_OLD_PHONE = "+358 13 100 9999"


def showcase(world: World) -> tuple[Organisation, Person]:
    """The showcase's company and its contact person."""
    organisation_id, person_id = world.situations["showcase"]
    company = next(one for one in world.organisations if one.truth_id == organisation_id)
    return company, world.people[person_id]


def showcase_lead(world: World) -> Lead:
    """What the Finnish dealer wrote."""
    company, person = showcase(world)
    phones = tuple(number for number in (person.mobile, company.phone) if number)
    return Lead(
        on=date(2026, 3, 12),
        organisation=company,
        person=person,
        hidden=None,
        company="Kuukkelivaara saha",
        person_name="Aino Ikaheimo",
        email="aino.ikaheimo@kuukkelivaara.example",
        phones=phones,
        phone_text=" / ".join(national(number) for number in phones),
        city="Joensuu",
        country="Suomi",
        interest="vannesaha, huolto",
        note="Tapasimme messuilla, haluaa tarjouksen kesäkuussa.",
    )
