"""What the stage of a deal means, by the words that systems and sheets have for it in six languages.

English, German, Finnish, Swedish, French, Spanish; and of what is over, the words for tasks that are done. The words
are those that CRMs show as their standard stages in these languages and that sales teams write into sheets.
"""

from __future__ import annotations

from functools import lru_cache

from solmu.normalise.text import fold
from solmu.normalise.word_list import phrase_set

PROSPECTING, QUALIFICATION, PROPOSAL, NEGOTIATION = "prospecting", "qualification", "proposal", "negotiation"
WON, LOST, OVER = "won", "lost", "over"
"""Of what is *over* nothing more is said: closed, done."""

_WORDS = {
    PROSPECTING: """
        prospecting|prospect|new|first contact
        akquise|neu|erstkontakt|interessent
        prospektointi|uusi|ensikontakti
        prospektering|ny|första kontakt
        prospection|nouveau|nouvelle|premier contact
        prospección|nuevo|nueva|primer contacto
    """,
    QUALIFICATION: """
        qualification|qualified|qualifying
        qualifizierung|qualifiziert|in qualifizierung
        kartoitus|tarvekartoitus|kvalifiointi|kvalifioitu
        kvalificering|kvalificerad
        qualifié|qualifiée|en qualification
        calificación|calificado|calificada|cualificación|cualificado|cualificada
    """,
    PROPOSAL: """
        proposal|proposal price quote|proposal sent|quote|quote sent|quoted|quotation|offer|offer sent
        angebot|angebot erstellt|angebot abgegeben|angebot versendet|angebot gesendet|angeboten
        tarjous|tarjous tehty|tarjous lähetetty|tarjous jätetty|tarjottu
        offert|offert skickad|offert lämnad|offererad|anbud|förslag
        proposition|proposition commerciale|proposition envoyée|devis|devis envoyé|offre|offre envoyée
        propuesta|propuesta enviada|presupuesto|presupuesto enviado|oferta|oferta enviada|cotización
    """,
    NEGOTIATION: """
        negotiation|negotiation review|negotiating|in negotiation
        verhandlung|in verhandlung|verhandlungen
        neuvottelu|neuvottelut|neuvottelussa|neuvotteluvaihe
        förhandling|under förhandling|i förhandling
        négociation|en négociation
        negociación|en negociación
    """,
    WON: """
        won|closed won|deal won
        gewonnen|geschlossen gewonnen|geschlossen und gewonnen|abgeschlossen gewonnen|auftrag erhalten|beauftragt
        voitettu|suljettu voitettu|kauppa voitettu|kauppa tehty|tilaus saatu
        vunnen|vunnet|stängd vunnen|stängt vunnet|affär vunnen
        gagné|gagnée|fermé gagné|fermée gagnée|affaire gagnée|clôturé gagné|clôturée gagnée
        ganado|ganada|cerrado ganado|cerrada ganada|cerrado y ganado|cerrada y ganada
    """,
    LOST: """
        lost|closed lost|deal lost|cancelled|canceled
        verloren|geschlossen verloren|geschlossen und verloren|abgeschlossen verloren|abgesagt|storniert
        hävitty|hävisi|menetetty|suljettu hävitty|kauppa hävitty|peruttu|peruuntunut|rauennut
        förlorad|förlorat|stängd förlorad|stängt förlorat|affär förlorad|avbruten|annullerad|makulerad
        perdu|perdue|fermé perdu|fermée perdue|affaire perdue|clôturé perdu|clôturée perdue|annulé|annulée|abandonné
        perdido|perdida|cerrado perdido|cerrada perdida|cerrado y perdido|cerrada y perdida|cancelado|cancelada
    """,
    OVER: """
        closed|done|completed
        geschlossen|abgeschlossen|beendet|erledigt
        suljettu|päättynyt|valmis|tehty|suoritettu
        stängd|stängt|avslutad|avslutat|klar|klart|slutförd|slutfört|utförd|utfört
        fermé|fermée|clos|clôturé|clôturée|terminé|terminée|fait
        cerrado|cerrada|finalizado|finalizada|terminado|terminada|completado|completada|hecho|hecha
    """,
}
_MEANINGS = {fold(phrase): meaning for meaning, words in _WORDS.items() for phrase in phrase_set(words)}
_ENDS = frozenset({WON, LOST, OVER})


@lru_cache(4096)
def deal_stage(text: str) -> str | None:
    """One of the constants above, or None where the words are none of these. Numbers, case, accents and signs make no
    difference: "5 – Gewonnen (100 %)" is won."""
    return _MEANINGS.get(" ".join(word for word in fold(text).split() if not word.isdigit()))


def says_it_is_over(text: str) -> bool:
    """Whether a deal's stage, or an activity's status, says that nothing more will come of it."""
    return deal_stage(text) in _ENDS
