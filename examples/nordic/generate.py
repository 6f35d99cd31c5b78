"""Writes the synthetic data of the Nordic example: ``python -m examples.nordic.generate --seed 7 --to DIR``.

The same seed gives the same files. What is in them and why is told in README.md beside this file.
"""

from __future__ import annotations

import argparse
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from random import Random

from examples.nordic.crm import write_crm
from examples.nordic.erp import write_erp
from examples.nordic.forms import write_forms
from examples.nordic.jira import write_jira
from examples.nordic.mails import write_mails
from examples.nordic.partners import write_partners
from examples.nordic.population import populate
from examples.nordic.showcase import showcase
from examples.nordic.truth import Ledger, write_refused, write_truth
from examples.nordic.world import World

DEFAULT_SEED = 7


@dataclass(frozen=True, slots=True)
class Generated:
    """What was written, and the truth behind it."""

    world: World
    ledger: Ledger


def generate(seed: int, to: Path) -> Generated:
    """Writes all data for one seed into the folder ``to``, which is made; files from before are replaced."""
    rng = Random(seed)
    world = populate(rng)
    ledger = Ledger()
    data = to / "data"
    # What `change` added goes too: this is the first day again.
    for old in (data / "partners", data / "mail", data / "deliveries", to / "changes"):
        shutil.rmtree(old, ignore_errors=True)
    data.mkdir(parents=True, exist_ok=True)
    lead = write_partners(rng, world, data / "partners", ledger)
    erp_numbers = write_erp(rng, world, data / "erp.db", ledger)
    issue = write_jira(rng, world, data / "jira-export.csv", ledger)
    refs = write_crm(rng, world, to / "crm.jsonl", ledger, erp_numbers)
    write_mails(seed, world, data / "mail", ledger)
    write_forms(seed, world, data / "deliveries", ledger)
    write_truth(to / "truth.csv", ledger.mentions)
    write_refused(to / "refused.csv", ledger.refused)

    company, person = showcase(world)
    before, after, mover = world.situations["mover"]
    _write_json(
        to / "showcase.json",
        {
            "organisation": company.truth_id,
            "person": person.truth_id,
            "name": company.full_name,
            "contact": person.name,
            "rows": [
                {"connection": "partners-fi", "stream": "leads", "key": lead},
                {"connection": "jira", "stream": "projects", "key": issue},
                {"connection": "erp", "stream": "customers", "key": str(erp_numbers[company.truth_id])},
                {"connection": "crm", "stream": "accounts", "key": refs["showcase_account"]},
                {"connection": "crm", "stream": "contacts", "key": refs["showcase_contact"]},
            ],
        },
    )
    _write_json(
        to / "mover.json",
        {
            "person": mover,
            "name": world.people[mover].name,
            "mobile": world.people[mover].mobile,
            "contact": refs["mover_contact"],
            "before": {"organisation": before, "erp": erp_numbers[before]},
            "after": {"organisation": after, "erp": erp_numbers[after]},
        },
    )
    _write_json(to / "situations.json", world.situations)
    return Generated(world, ledger)


def _write_json(path: Path, document: object) -> None:
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m examples.nordic.generate", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument(
        "--seed", type=int, default=DEFAULT_SEED, help=f"another world for another number ({DEFAULT_SEED})"
    )
    parser.add_argument("--to", type=Path, required=True, metavar="DIR", help="folder to write into; made if missing")
    arguments = parser.parse_args()
    made = generate(arguments.seed, arguments.to)
    print(
        f"Synthetic data for seed {arguments.seed} in {arguments.to}: {len(made.ledger.mentions)} mentions of "
        f"{len(made.world.organisations)} organisations and {len(made.world.people)} people; "
        f"{len(made.ledger.refused)} rows that must be refused."
    )


if __name__ == "__main__":
    main()
