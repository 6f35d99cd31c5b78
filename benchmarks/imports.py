"""How long a marketer waits: `solmu import` of 1,000 rows into a fresh hub, and `solmu --help`, each as a process.

The sheet is synthetic and made anew each time. There is no peer: what is measured is a person's wait. Byte code is
there, as after an installation by pip or a first run: a run that nobody times comes first, and a machine that forbids
Python to keep byte code is overruled, in a folder that goes again.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter

import xlsxwriter

from solmu.config import init_hub

ROWS = 1_000
HEADER = (
    "Company",
    "Contact person",
    "E-mail",
    "Phone",
    "Street",
    "Postcode",
    "City",
    "Country",
    "Interest",
    "Date",
    "Notes",
)
SYLLABLES = ("ka", "to", "ri", "sa", "lo", "me", "nu", "pi", "ve", "ha", "ju", "ko", "ni", "ta", "ro", "mi", "la", "su")
TOWNS = ("Kotka", "Oulu", "Hanko", "Raahe", "Turku", "Vaasa", "Lahti")
TRADES = ("Kone", "Sorvi", "Hitsi", "Rauta", "Levy", "Laser", "Putki", "Valu", "Paja")
_MAIN = "import sys; from solmu.cli import main; sys.argv[0] = 'solmu'; main()"


def sheet(path: Path) -> Path:
    """A workbook of synthetic leads: made-up names, each of a company of its own, the same in every run."""
    random = Random(7)
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("Leads")
        page.write_row(0, 0, HEADER)
        for number in range(ROWS):
            page.write_row(number + 1, 0, _lead(number, random))
    return path


def _lead(number: int, random: Random) -> tuple[str, ...]:
    company, first, last = (_word(random, length) for length in (3, 2, 3))
    town, trade = random.choice(TOWNS), random.choice(TRADES)
    return (
        f"{company} {trade} Oy",
        f"{first} {last}",
        f"{first}.{last}@{company}{number}.example".lower(),
        f"+35840{random.randrange(1_000_000, 9_999_999)}",
        f"{_word(random, 3)}katu {random.randrange(1, 99)}",
        f"{random.randrange(100, 99_999):05}",
        town,
        "FI",
        trade,
        f"2024-{number % 12 + 1:02}-{number % 28 + 1:02}",
        f"Asked about machine {number}",
    )


def _word(random: Random, syllables: int) -> str:
    return "".join(random.choices(SYLLABLES, k=syllables)).capitalize()


def seconds(*arguments: str, cwd: Path, bytecode: Path) -> float:
    """How long the command line takes, from the start of its process to its end. Raises if it fails."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(bytecode)
    started = perf_counter()
    subprocess.run([sys.executable, "-c", _MAIN, *arguments], cwd=cwd, env=environment, check=True, capture_output=True)
    return perf_counter() - started


def import_seconds(bytecode: Path) -> float:
    """One import into a hub that has just been made."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        init_hub(folder / "hub")
        file = sheet(folder / "leads.xlsx")
        arguments = ("import", str(file), "--yes", "--hub", str(folder / "hub"), "--output", "json")
        return seconds(*arguments, cwd=folder, bytecode=bytecode)


def help_seconds(bytecode: Path) -> float:
    """The list of commands."""
    return seconds("--help", cwd=Path.cwd(), bytecode=bytecode)


def _line(name: str, work: str, ours: float, aim: float, operator: str) -> str:
    met = ours < aim if operator == "<" else ours <= aim
    return json.dumps(
        {
            "name": name,
            "work": work,
            "ours": round(ours, 3),
            "peer": None,
            "peer_name": None,
            "unit": "s",
            "ratio": None,
            "aim": {"op": operator, "value": aim},
            "met": met,
            "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        }
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="three runs instead of seven")
    parser.add_argument("--json", action="store_true", help="only the JSON lines; there is nothing else to print")
    runs = 3 if parser.parse_args().quick else 7
    with tempfile.TemporaryDirectory() as name:
        bytecode = Path(name)
        import_seconds(bytecode)
        imports = median(import_seconds(bytecode) for _ in range(runs))
        helps = median(help_seconds(bytecode) for _ in range(runs))
    print(_line("import", f"`solmu import` of {ROWS:,} rows into a fresh hub", imports, 5.0, "<="))
    print(_line("help", "`solmu --help`", helps, 0.5, "<"))


if __name__ == "__main__":
    main()
