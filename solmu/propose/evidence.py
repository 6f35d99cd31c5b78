"""What the values of a column look like, whatever its heading says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from solmu.normalise import Invalid, business_id, clean, fold, split_legal_form
from solmu.normalise.country import known_country
from solmu.normalise.date import SERIALS
from solmu.normalise.email import email

Order = Literal["dmy", "mdy"]

_URL = re.compile(r"(https?://|www\.)\S+\.\S+|[\w-]+(\.[\w-]+)+(/\S*)?", re.IGNORECASE)
_PROFILE = re.compile(r"\b(linkedin|facebook|instagram|twitter|x|xing|youtube|tiktok)\.com?\b", re.IGNORECASE)
_PHONE = re.compile(r"(?=(?:\D*\d){6,15}\D*$)[+(]?[\d\s()./-]+(?:\s*(?:ext|x|int)\.?\s*\d+)?")
_SEPARATED = re.compile(r"[+\s()/-]")
_NUMERIC_DATE = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{2,4})\b")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}([./-])\d{1,2}\1\d{2,4}\b|\d{1,2}\.? [^\W\d]{3,10}\.?,? \d{4}\b")
_FLAG = frozenset(
    {"true", "false", "yes", "no", "y", "n", "j", "0", "1", "x", "kylla", "ei", "ja", "nej", "nein", "si"}
)


def _listed(text: str) -> frozenset[str]:
    return frozenset(" ".join(each.split()) for each in text.split(";"))


_HONORIFIC = _listed(
    """
    mr; mrs; ms; miss; dr; prof; mx; herr; frau; herra; rouva; neiti; fru; signor; signora; sig; sig ra; dott;
    dott ssa; ing; m; mme; monsieur; madame; sr; sra; hr; tri; tohtori
    """
)
# What tools write of an attendee; not the bare yes and no that may mean anything.
_ATTENDANCE = _listed(
    """
    organizer; organiser; presenter; attendee; panelist; attended; attending; did not attend; not attending;
    no show; noshow; checked in; not checked in; registered; waitlisted; waitlist; on waiting list; absent;
    osallistui; osallistunut; ei osallistunut; ilmoittautunut; paikalla; poissa; deltog; deltog ej; deltog
    inte; anmald; narvarande; franvarande; teilgenommen; nicht teilgenommen; nicht erschienen; angemeldet;
    anwesend; abwesend; ha partecipato; non ha partecipato; iscritto; presente; assente; deltok; pameldt;
    tilmeldt
    """
)
_LOOKED_AT = 60
_CHANGED_INTO = {"phone": "number", "date": "serial"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """Shares, from 0 to 1, of the values that are of a kind. ``filled`` counts the values looked at."""

    filled: int
    shares: dict[str, float]
    order: Order | None = None
    dotted: bool = False
    undecided: bool = False
    """Whether there are dates in figures, and none of them shows which is the day."""

    def share(self, kind: str) -> float:
        return self.shares.get(kind, 0.0)

    def fitting(self, kind: str) -> float:
        """The share of the values that can be of a kind: phone numbers and days also as workbooks change them."""
        return max(self.share(kind), self.share(_CHANGED_INTO.get(kind, kind)))


def evidence(values: Sequence[Any]) -> Evidence:
    """Look at a column's values; blank ones say nothing."""
    looked_at = values[:_LOOKED_AT]
    texts = [text for value in looked_at if value is not None and (text := clean(str(value)))]
    distinct = {text: _kinds(text) for text in dict.fromkeys(texts)}
    shares = {
        kind: sum(kind in distinct[text] for text in texts) / len(texts)
        for kind in (
            "email",
            "phone",
            "url",
            "date",
            "number",
            "flag",
            "country",
            "id",
            "company",
            "honorific",
            "attendance",
        )
        if texts
    }
    # A day that has lost its form of a date: a number of a workbook, which in any other column is just that.
    serials = sum(isinstance(value, int | float) and SERIALS[0] <= value <= SERIALS[-1] for value in looked_at)
    shares |= {"serial": serials / len(texts)} if texts else {}
    numeric = [match for text in distinct if (match := _NUMERIC_DATE.match(text))]
    order = _order(numeric)
    return Evidence(
        len(texts), shares, order, any(match[2] == "." for match in numeric), bool(numeric) and order is None
    )


def top_domains(values: Iterable[Any]) -> list[str]:
    """The last labels of e-mail addresses' domains: ``fi`` of ``aino@kone.fi``."""
    return [text.rsplit(".", 1)[-1].lower() for value in values if "@" in (text := str(value or "").strip(" ;,.>"))]


def _kinds(text: str) -> set[str]:
    text = text.removeprefix("'")  # with which programs keep Excel from working out "+358 …"
    kinds = set()
    if "@" in text:
        return {"email"} if _holds(email, text) else set()
    if _URL.fullmatch(text) and not _PROFILE.search(text) and not text.replace(".", "").isdigit():
        kinds.add("url")
    if _PHONE.fullmatch(text) and (_SEPARATED.search(text) or text.startswith("0")) and not _DATE.match(text):
        kinds.add("phone")
    if _DATE.match(text):
        kinds.add("date")
    if re.fullmatch(r"[\d\s.,]+", text):
        kinds.add("number")
    word = fold(text) if len(text) < 24 else ""
    if word in _FLAG:
        kinds.add("flag")
    if word in _HONORIFIC:
        kinds.add("honorific")
    if word in _ATTENDANCE:
        kinds.add("attendance")
    # One letter is a class of customers, a size or a sex, unless a heading says that it is a country.
    if 1 < len(text) < 40 and not any(map(str.isdigit, text)) and known_country(text):
        kinds.add("country")
    if any(map(str.isdigit, text)) and len(text) < 20 and _holds(business_id, text):
        kinds.add("id")
    if len(text) > 3 and split_legal_form(text)[1]:
        kinds.add("company")
    return kinds


def _holds(read: Callable[[str], Any], text: str) -> bool:
    try:
        return read(text) is not None
    except Invalid:
        return False


def _order(dates: Sequence[re.Match[str]]) -> Order | None:
    """How day and month stand, where a day past the twelfth gives it away."""
    if any(int(each[1]) > 12 for each in dates):
        return "dmy"
    if any(int(each[3]) > 12 for each in dates):
        return "mdy"
    return None
