"""Which given names may be those of twins, who have birthday, family name and home in common. Pure."""

from __future__ import annotations

from solmu.match.features import PersonFeatures
from solmu.match.names import given_names_fit
from solmu.normalise.given_names import known_as

_STEM, _ENDING = 3, 4  # letters that a brother's and a sister's name have in common at least, and differ in at most


def may_be_twins(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether given names are such as parents give to twins: Paul and Paula, María José and María Elena.

    Of two who are born on one day these are two as likely as one, badly typed.
    """
    if not left.given or not right.given:
        return False
    (one, *more), (two, *others) = left.given.split(), right.given.split()
    if one == two:
        return bool(more and others) and not any(given_names_fit(mine, theirs) for mine in more for theirs in others)
    return not known_as(one, two) and (_his_and_hers(one, two) or _his_and_hers(two, one))


def _his_and_hers(his: str, hers: str) -> bool:
    """Whether two given names begin alike, and but one has the ending of a woman's: Mario and Maria, Emil and Emilia.

    Maria and Marie are the same name; in German and Dutch a woman is called Andrea and her brother Andreas.
    """
    alike = zip(his, hers, strict=False)
    begin = next((at for at, (one, two) in enumerate(alike) if one != two), min(len(his), len(hers)))
    his, hers, stem = his[begin:], hers[begin:], hers[:begin]
    if begin < _STEM or max(len(his), len(hers)) > _ENDING or his.endswith(("a", "e")):
        return False
    return hers.endswith(("a", "e")) or (his == "s" and not hers and stem.endswith("a"))
