"""What people entered in the maker's web forms, as the senders would post it: bodies that wait to be signed and sent.

``offers`` is a Typeform, ``website`` a form of the maker's own site whose backend signs by Standard Webhooks. Drawn
from a generator of its own, so that the other sources stay what they were without forms.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

from examples.nordic import spelling
from examples.nordic.leads import DAYS, FIRST_DAY
from examples.nordic.truth import Ledger
from examples.nordic.vocabulary import COUNTRY_NAMES, PRODUCTS
from examples.nordic.world import Organisation, Person, World

OFFERS, WEBSITE = ("offers", "requests"), ("website", "enquiries")
EACH = 20

_QUESTIONS = (
    ("q1name", "Your name", "text"),
    ("q2mail", "Work email", "email"),
    ("q3firm", "Company", "text"),
    ("q4tele", "Phone number", "phone_number"),
    ("q5land", "Country", "text"),
    ("q6what", "Interested in", "text"),
)


def write_forms(seed: int, world: World, folder: Path, ledger: Ledger) -> None:
    """Writes one file a delivery, its body to the byte, and notes whom each speaks of."""
    rng = Random(f"forms {seed}")
    people = [
        (company, person, address)
        for company in world.known_to("leads")
        for person in world.staff_of(company)
        if (address := person.email_at(company))
    ]
    chosen = rng.sample(people, 2 * EACH)
    for number, (company, person, address) in enumerate(chosen):
        moment = datetime.combine(FIRST_DAY + timedelta(days=rng.randrange(DAYS)), time(8), UTC)
        moment += timedelta(minutes=rng.randrange(600))
        answers = _answers(rng, company, person, address)
        keys = {f"email:{address}"} | ({f"phone:{person.mobile}"} if answers["Phone number"] else set())
        if number < EACH:
            token = f"{number:04d}{rng.getrandbits(96):024x}"
            body: dict[str, Any] = _typeform(answers, moment, token)
            source, key, name = OFFERS, f"typeform:{token}", token
        else:
            name = f"msg_{number:04d}{rng.getrandbits(80):020x}"
            body = {"form_id": "contact", "submitted_at": _iso(moment)} | {
                label: value for label, value in answers.items() if value
            }
            source, key = WEBSITE, f"plain:{name}"
        path = folder / source[0] / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
        ledger.organisation(source, key, company.truth_id, keys)
        ledger.person(source, key, person.truth_id, keys)


def _answers(rng: Random, company: Organisation, person: Person, address: str) -> dict[str, str]:
    """What somebody types, by the label of the question; a visitor has no clerk's dirt, but is in a hurry."""
    phone = person.mobile if person.mobile and rng.random() < 0.6 else None
    return {
        "Your name": person.name if rng.random() < 0.8 else person.name.lower(),
        "Work email": spelling.email(rng, address),
        "Company": spelling.organisation(rng, company),
        "Phone number": spelling.phone(rng, phone, abroad=True) if phone else "",
        "Country": COUNTRY_NAMES["en"][company.country],
        "Interested in": PRODUCTS[rng.choice(sorted(PRODUCTS))]["en"],
    }


def _typeform(answers: dict[str, str], moment: datetime, token: str) -> dict[str, Any]:
    return {
        "event_id": f"01SYNTHETIC{token[:15].upper()}",
        "event_type": "form_response",
        "form_response": {
            "form_id": "sAhAoF",
            "token": token,
            "landed_at": _iso(moment - timedelta(minutes=2)),
            "submitted_at": _iso(moment),
            "definition": {
                "id": "sAhAoF",
                "title": "Ask for an offer",
                "fields": [{"id": id, "ref": id, "title": title, "type": kind} for id, title, kind in _QUESTIONS],
            },
            "answers": [
                {"type": kind, kind: answers[title], "field": {"id": id, "ref": id, "type": kind}}
                for id, title, kind in _QUESTIONS
                if answers[title]
            ],
        },
    }


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
