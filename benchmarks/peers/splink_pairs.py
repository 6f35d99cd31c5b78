"""Splink with settings of its own library over JSON lines: training, prediction and the scored pairs.

Settings follow Splink's guides: its ready comparisons for names, dates, numbers, e-mail and postcodes, and several
blocking rules, each of which a slip elsewhere leaves untouched.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

_LARGEST_SESSION = 50_000_000
"""Pairs of one training session: 400 million, as one company's people in a million leads are, take 22 GB and more, and
what it estimates, others do, too."""


def scored(kind: str, rows: Sequence[dict[str, Any]], *, least: float = 0.0) -> list[tuple[int, int, float, float]]:
    """Left, right, match weight and probability of each pair, best first. ``kind``: febrl, rldata, account or lead.

    Only pairs with a probability of ``least``: of a million records there are twenty times as many.
    """
    import pyarrow
    from splink import DuckDBAPI, Linker, SettingsCreator
    from splink.blocking_analysis import count_comparisons_from_blocking_rules
    from splink.internals.exceptions import EMTrainingException

    comparisons, blocking, certain, sessions = _settings(kind)
    columns = sorted({name for row in rows for name in row} - {"truth"})
    table = pyarrow.table(
        {
            "unique_id": pyarrow.array(range(len(rows)), pyarrow.int64()),
            **{name: pyarrow.array([row.get(name) for row in rows], pyarrow.string()) for name in columns},
        }
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        settings = SettingsCreator(
            link_type="dedupe_only", comparisons=comparisons, blocking_rules_to_generate_predictions=blocking
        )
        frame = DuckDBAPI().register(table)
        linker = Linker(frame, settings)
        linker.training.estimate_probability_two_random_records_match(certain, recall=0.6)
        linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
        for session in sessions:
            [size] = count_comparisons_from_blocking_rules(frame, blocking_rules=session, link_type="dedupe_only")
            if size["cumulative_comparison_count"] > _LARGEST_SESSION:
                continue
            try:
                linker.training.estimate_parameters_using_expectation_maximisation(session)
            except EMTrainingException:  # no pair is as this session wants it
                continue
        found = linker.inference.predict(threshold_match_probability=least or None).as_duckdbpyrelation()
        pairs = found.select("unique_id_l, unique_id_r, match_weight, match_probability").fetchall()
    return sorted(pairs, key=lambda pair: (-pair[2], pair[:2]))


def _settings(kind: str) -> tuple[list[Any], list[Any], list[Any], list[Any]]:
    """Comparisons, blocking rules, rules that are nearly certain, and what each training session holds fixed."""
    import splink.comparison_library as cl
    from splink import block_on

    if kind == "rldata":
        names = [cl.NameComparison(name) for name in ("given", "family")]
        born = cl.DateOfBirthComparison("born", input_is_string=True)
        rules = [block_on("given", "family"), block_on("born")]
        slips = [block_on("family", "substr(born, 1, 7)"), block_on("given", "substr(born, 6, 5)")]
        return [*names, born], [*rules, *slips], [block_on("family", "born"), block_on("given", "born")], rules
    if kind == "febrl":
        return (
            [
                cl.NameComparison("given_name"),
                cl.NameComparison("surname"),
                cl.DateOfBirthComparison("born", input_is_string=True),
                cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
                cl.ExactMatch("street_number"),
                cl.DamerauLevenshteinAtThresholds("address_1", [1, 2]),
                cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]),
            ],
            [
                block_on("soc_sec_id"),
                block_on("born"),
                block_on("given_name", "surname"),
                block_on("surname", "postcode"),
                block_on("given_name", "postcode"),
                block_on("address_1", "street_number"),
            ],
            [block_on("soc_sec_id"), block_on("given_name", "surname", "born")],
            [block_on("born"), block_on("postcode"), block_on("given_name", "surname")],
        )
    if kind == "account":
        return (
            [
                cl.JaroWinklerAtThresholds("account_name", [0.92, 0.88, 0.7]).configure(
                    term_frequency_adjustments=True
                ),
                cl.ExactMatch("duns_number"),
                cl.LevenshteinAtThresholds("phone", [1, 2]),
                cl.LevenshteinAtThresholds("website", [1, 2]),
                cl.LevenshteinAtThresholds("address_line1", [1, 3]),
                cl.ExactMatch("postal_code"),
                cl.LevenshteinAtThresholds("city", [1, 2]),
            ],
            [
                block_on("duns_number"),
                block_on("phone"),
                block_on("website", "postal_code"),
                block_on("address_line1"),
                block_on("account_name", "postal_code"),
            ],
            [block_on("duns_number"), block_on("phone")],
            [block_on("website", "postal_code"), block_on("account_name", "city")],
        )
    return (
        [
            cl.NameComparison("first_name"),
            cl.NameComparison("last_name"),
            cl.EmailComparison("email"),
            cl.LevenshteinAtThresholds("phone", [1, 2]),
            cl.JaroWinklerAtThresholds("company_name", [0.92, 0.7]),
        ],
        [
            block_on("email"),
            block_on("phone"),
            block_on("first_name", "last_name"),
            block_on("last_name", "company_name"),
            block_on("first_name", "company_name"),
        ],
        [block_on("email"), block_on("phone")],
        [block_on("company_name"), block_on("first_name", "last_name"), block_on("email")],
    )
