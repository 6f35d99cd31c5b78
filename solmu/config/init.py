"""Makes a new hub: a folder with a commented ``hub.yaml``, and places for what comes."""

from __future__ import annotations

import json
from pathlib import Path
from string import Template

from solmu.config.hub import FILE
from solmu.errors import ConfigurationError

SCHEMAS = ".schemas"
"""Folder of the JSON Schemas that editors check the YAML files with."""

_FOLDERS = ("connections", "mappings/sources", "mappings/targets", "reports", SCHEMAS)

_HUB = Template("""\
# yaml-language-server: $$schema=$schemas/hub.json
#
# This hub's settings. A line that begins with # shows a default or an example; nothing here must be stated.
# `solmu doctor` checks the file; an error names the line and what would be right.

name: $name

# Where the hub keeps what it knows. A file is relative to this folder; for PostgreSQL:
# store: postgresql+psycopg://solmu:$${SOLMU_DB_PASSWORD}@localhost/solmu
store: sqlite:///solmu.db

# Fields of your own, beside the canonical ones.
# fields:
#   organisation:
#     custom.machine: {kind: text, label: Machine}

# Which source's value a golden record takes.
survivorship:
  sources: []                 # connections, best first, such as [erp, crm, "partners-*"]
  default: crm-unless-blank   # what salespeople write stays; or rank, newest, ask, hub, crm; one-way only: complete,
                              # frequent, longest
  # organisation: {name: rank, phone: union}
  # person: {email: newest}

# Until about 400 answers of stewards, only identity keys merge by themselves; scores ask.
# matching:
#   promised_precision: 0.99
#   block_cap: 200
#   protected: [key_account]

# What may enter a CRM. A target stream may say otherwise.
# admission:
#   include: [lead, order, in-target]         # also: deal, activity, all
#   exclude: [supplier, dormant, in-review]   # also: unreachable, opted-out

# Who owns new records in the CRM; an existing owner never changes.
# assignment:
#   rules:
#     - {when: {country: [FI, EE]}, owner: "a CRM user's id"}
#   default: null

# Limits that stop a run before it does something surprising (exit 4).
# guards:
#   changed_share: 0.5        # of a target's records, from min_base: 50 records on
#   changed_count: 5000
#   created_count: 5000
#   merged_count: 20          # into another record of the same customer, where merge_doubles is on
#   shrunk_share: 0.5         # of a source's full list
#   refused_share: 0.3        # of a stream's rows
#   api_reserve: 0.1          # of the CRM's API budget

# What `solmu serve` takes from systems that push.
# intake:
#   public_url: https://hooks.example.com     # where a proxy changes the address that senders call
#   max_body: 1048576         # bytes
#   rate: 500                 # deliveries a second from one address to one connection
#   keep_days: 30             # once it has landed

# Who is told when a run failed, was stopped or needs a person; `solmu notify test` tries it.
# notify:
#   smtp: {host: smtp.example.com, username: me, password: "$${SMTP_PASSWORD}", from: a@example.com, to: b@example.com}
#   webhook: {url: "$${SOLMU_WEBHOOK}"}        # {"text": ...}, as Slack takes it
#   heartbeat: {url: "$${SOLMU_HEARTBEAT}"}    # pinged after a good night

# Cron lines in UTC, for `solmu run --prefect` and prefect.yaml.
schedules:
  nightly: "30 3 * * *"
""")

_IGNORED = """\
# What runs write, and what must not be shared.
/solmu.db*
/intake.db*
/reports/
/plans/
/secrets/
/.prefect/
"""


def init_hub(folder: Path | str, *, name: str | None = None) -> Path:
    """Make a hub in a folder, new or not, and give its ``hub.yaml``; ``name`` is the folder's by default.

    Raises ConfigurationError if the folder is a hub already; nothing that exists is overwritten.
    """
    home = Path(folder).expanduser().absolute()
    file = home / FILE
    if file.exists():
        raise ConfigurationError(f"{home} is a hub already", code="hub-exists", expected="another folder")
    try:
        for each in _FOLDERS:
            (home / each).mkdir(parents=True, exist_ok=True)
        write_schemas(home)
        ignored = home / ".gitignore"
        if not ignored.exists():
            ignored.write_text(_IGNORED, encoding="utf-8")
        # The settings come last: a folder with them is a hub.
        file.write_text(
            _HUB.substitute(name=json.dumps(name or home.name, ensure_ascii=False), schemas=SCHEMAS), encoding="utf-8"
        )
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigurationError(f"{home} cannot be made a hub: {reason}", code="not-writable") from error
    return file


def write_schemas(home: Path) -> None:
    """Write the JSON Schemas of this version into the hub, for editors."""
    from solmu.config.schema import connection_schema, hub_schema
    from solmu.mapping.schema import mapping_schema  # hubs know mappings by name only; editors want to know more

    schemas = {
        "hub": hub_schema(),
        "connection": connection_schema(),
        "source-mapping": mapping_schema("sources"),
        "target-mapping": mapping_schema("targets"),
    }
    for name, schema in schemas.items():
        text = json.dumps(schema, indent=1, ensure_ascii=False)
        (home / SCHEMAS / f"{name}.json").write_text(text + "\n", encoding="utf-8")
