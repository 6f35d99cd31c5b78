"""What the stage of a deal means, in the languages of those who sell."""

from __future__ import annotations

import pytest

from solmu.normalise.deal_stage import _WORDS, deal_stage, says_it_is_over
from solmu.normalise.text import fold
from solmu.normalise.word_list import phrase_set


@pytest.mark.parametrize(
    ("meaning", "words"),
    [
        ("won", ["Closed Won", "Gewonnen", "Voitettu", "Vunnen", "Gagnée", "Cerrada ganada", "5 - Gewonnen (100 %)"]),
        ("lost", ["closed-lost", "Verloren", "HÄVITTY", "Förlorad", "perdu", "Cerrado/perdido", "Cancelled"]),
        (
            "proposal",
            ["Proposal/Price Quote", "Angebot", "tarjous", "Offert skickad", "Devis", "presupuesto", "Quoted"],
        ),
        (
            "negotiation",
            ["Negotiation/Review", "Verhandlung", "Neuvottelu", "förhandling", "Négociation", "negociacion"],
        ),
        (
            "qualification",
            ["Qualification", "Qualifizierung", "Kartoitus", "Kvalificering", "Qualifié", "Calificación"],
        ),
        ("prospecting", ["Prospecting", "Akquise", "Prospektointi", "Prospektering", "Prospection", "Prospección"]),
        ("over", ["Closed", "done", "Erledigt", "Valmis", "Klar", "Terminé", "Hecho"]),
        (None, ["", "Needs Analysis", "won't buy", "Kauppa", "Demo", "100 %"]),
    ],
)
def test_a_stage_is_known_by_its_word_in_any_of_the_languages(meaning: str | None, words: list[str]) -> None:
    assert {word: deal_stage(word) for word in words} == dict.fromkeys(words, meaning)


def test_what_is_won_lost_or_closed_is_over_and_nothing_else() -> None:
    assert all(map(says_it_is_over, ("Gewonnen", "Hävitty", "fermée", "Canceled")))
    assert not any(map(says_it_is_over, ("Angebot", "Open", "In Progress", "")))


def test_no_word_means_two_things() -> None:
    folded = [(fold(phrase), meaning) for meaning, words in _WORDS.items() for phrase in phrase_set(words)]
    assert len(dict(folded)) == len(set(folded))
