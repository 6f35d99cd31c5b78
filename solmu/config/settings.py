"""What ``hub.yaml`` may say, with the defaults of everything that it leaves out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from solmu.config.secrets import is_reference
from solmu.model import CanonicalField, Entity

Rule = Literal["rank", "newest", "complete", "frequent", "longest", "union", "ask", "hub", "crm", "crm-unless-blank"]
"""How one value of a field survives among several; ``docs/reference`` explains each."""

WINNABLE: frozenset[str] = frozenset({"rank", "newest", "ask", "hub", "crm", "crm-unless-blank", "union"})
"""Rules that do not undo, every night, what people wrote in a CRM on purpose."""

FOR_ALL: frozenset[str] = frozenset({"opt_out", "key_account"})
"""Fields that no rule decides: whoever says it, says it for all (``golden.rules.ALWAYS``)."""

Kind = Literal[
    "text", "name", "email", "phone", "country", "language", "currency", "id", "domain", "date", "number", "flag"
]

Include = Literal["lead", "order", "deal", "activity", "in-target", "all"]
"""What lets a golden record into a target: something hangs on it, or the target has it already."""

Exclude = Literal["supplier", "dormant", "in-review", "unreachable", "opted-out"]
"""What keeps it out all the same."""

INCLUDES: tuple[str, ...] = get_args(Include)
EXCLUDES: tuple[str, ...] = get_args(Exclude)
INCLUDE_DEFAULT: tuple[Include, ...] = ("lead", "order", "in-target")
EXCLUDE_DEFAULT: tuple[Exclude, ...] = ("supplier", "dormant", "in-review")

Occasion = Literal["failed", "stopped", "needs-person", "always"]
"""What a message is sent for."""

OCCASION_DEFAULT: tuple[Occasion, ...] = ("failed", "stopped", "needs-person")

LOCAL = ("localhost", "127.0.0.1", "::1")
"""Names of this machine, between whose own programs nobody listens."""

Fraction = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]


def _listed(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


def _address(value: str) -> str:
    # A mail header takes whatever stands here, so nothing that could end it may.
    if not re.fullmatch(r"[^@\s,<>]+@[^@\s,<>]+", value):
        raise ValueError("an e-mail address looks like ops@example.com")
    return value


Address = Annotated[str, AfterValidator(_address)]
OneOrMore = Annotated[tuple[Any, ...], BeforeValidator(_listed, json_schema_input_type=Any)]


class Block(BaseModel):
    """Base of every block of settings: an unknown key is an error, and nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class CustomField(Block):
    """One canonical field of the hub's own."""

    kind: Kind = Field("text", description="the shape of its values")
    label: str | None = Field(None, description="what people read; default: the name")
    many: bool = Field(False, description="whether it holds several values, merged as a set")
    group: str | None = Field(None, description="fields of one group win together")


class Survivorship(Block):
    """Which source's value a golden record takes."""

    sources: tuple[str, ...] = Field((), description="connections, best first; * and ? stand for any letters")
    default: Rule = Field("crm-unless-blank", description="the rule of every field that has none of its own")
    organisation: dict[str, Rule] = Field({}, description="rules by field or group of fields")
    person: dict[str, Rule] = Field({}, description="rules by field or group of fields")

    def rules(self, entity: Entity) -> dict[str, Rule]:
        """The rules that are stated for fields and groups of that entity."""
        return self.organisation if entity is Entity.ORGANISATION else self.person

    def rule(self, entity: Entity, field: CanonicalField) -> Rule:
        """The rule of a field: its own, its group's, ``union`` for one that holds many, else the default."""
        stated = self.rules(entity)
        return stated.get(field.name) or stated.get(field.group or "") or ("union" if field.many else self.default)


class Matching(Block):
    """When two mentions count as the same."""

    promised_precision: float = Field(0.99, gt=0, lt=1, description="share of automatic merges that must be right")
    engine: Literal["duckdb", "spark"] = Field(
        "duckdb", description="what `solmu match --full` scores with: this machine, or a Spark cluster"
    )
    block_cap: int = Field(200, ge=2, description="mentions a block key may hold before it makes no new pairs")
    protected: tuple[str, ...] = Field(
        ("key_account",),
        description="what protects a record from unasked merges: a flag, a field of several values (`tags`: any of them"
        " does), or a field with a term (`tags=vip`)",
    )
    identifiers: tuple[str, ...] = Field(
        (), description="fields of your own whose value belongs to one record's subject alone, such as a member number"
    )
    birth_dates: tuple[str, ...] = Field((), description="fields of your own that hold a person's date of birth")
    contacts: tuple[str, ...] = Field(
        (), description="fields of your own by which somebody is reached: a number as typed, a handle, a profile's page"
    )
    max_pairs: int = Field(1_000_000, ge=10_000, description="pairs that `solmu match train` learns from, at most")
    memory_mb: int = Field(
        2048,
        ge=256,
        description="memory that `solmu match --full` gives to DuckDB or Spark's driver; the rest goes to disk",
    )


class Admission(Block):
    """Which golden records may enter a target, unless one of its streams says otherwise."""

    include: tuple[Include, ...] = Field(INCLUDE_DEFAULT, description="at least one of these must hold")
    exclude: tuple[Exclude, ...] = Field(EXCLUDE_DEFAULT, description="none of these may hold")


class AssignmentRule(Block):
    """One rule: when all of it holds, new records go to that owner."""

    when: dict[str, OneOrMore] = Field(
        {}, description="field of the organisation, or `partner` -> value or list of values"
    )
    owner: str = Field(description="the CRM user that owns what this rule fits")


class Assignment(Block):
    """Who owns new records in the CRM; an existing owner never changes. The first rule that fits decides."""

    rules: tuple[AssignmentRule, ...] = Field((), description="tried in order")
    default: str | None = Field(None, description="the CRM user for what no rule fits")


class Guards(Block):
    """Limits that stop a run before it does something surprising."""

    changed_share: Fraction = Field(
        0.5, description="share of a target's records, or of those of one object, that one run may change"
    )
    changed_count: Count = Field(5000, description="records that one run may change")
    created_count: Count = Field(5000, description="records that one run may create")
    merged_count: Count = Field(20, description="records that one run may merge into others in a target")
    min_base: Count = Field(50, description="shares are looked at from so many records on")
    shrunk_share: Fraction = Field(0.5, description="share of a full list that may vanish between two runs")
    refused_share: Fraction = Field(0.3, description="share of a stream's rows that a mapping may refuse")
    emptied_count: Count = Field(50, description="records on which one run may empty a required field")
    rewritten_times: int = Field(3, ge=1, description="times the same value is written to a field before it stops")
    silent_days: int = Field(
        7,
        ge=1,
        description="days without anything new after which a source may count as silent: three times its usual gap, if"
        " that is longer",
    )
    api_reserve: Fraction = Field(0.1, description="share of the target's API budget that is left to others")


class Intake(Block):
    """What `solmu serve` takes at its door. Read anew while it runs, but for `host`, `port` and `trusted_proxies`."""

    host: str = Field("127.0.0.1", description="address to listen on; the default lets this machine in only")
    port: int = Field(8000, ge=0, le=65535, description="port to listen on; 0 takes any that is free")
    public_url: str | None = Field(
        None,
        description="address that senders call, where a proxy does not tell it; some signatures cover it",
        pattern=r"^https?://[^/?#\s]+(/[^?#\s]*)?$",
    )
    trusted_proxies: tuple[str, ...] = Field(
        ("127.0.0.1", "::1"),
        description="addresses or networks of proxies whose X-Forwarded-For and -Proto are believed",
    )
    max_body: int = Field(1_048_576, ge=1, description="bytes that one delivery may have; a larger one gets 413")
    rate: float = Field(
        500, gt=0, description="deliveries a second from one address to one connection, twice as many at once; then 429"
    )
    keep_days: Count = Field(30, description="days that a delivery is kept in `intake.db` once it has landed")


class Serve(Block):
    """What `solmu serve` does with what it has received, beside the nightly run."""

    push: bool = Field(
        True,
        description="land, resolve and push what came in small runs of its own, to targets that are armed and whose"
        " first ten records were confirmed; false: what came waits for the next run",
    )
    rest_seconds: float = Field(
        10, ge=1, le=3600, description="rest between two small runs; what comes meanwhile goes together"
    )


class Smtp(Block):
    """A mail to some people, by a mail server that takes it from us."""

    host: str = Field(description="the mail server", min_length=1)
    port: int | None = Field(
        None, gt=0, lt=65536, description="default: 587; with implicit TLS 465, without encryption 25"
    )
    tls: Literal["starttls", "implicit", "none"] = Field(
        "starttls", description="how the connection is encrypted; none: without a login, or on this machine only"
    )
    ca_file: Path | None = Field(
        None, description="PEM of the authority that signed the server's certificate; starts at the hub's folder"
    )
    username: str | None = Field(None, min_length=1, description="whom to log in as; default: no login")
    password: SecretStr | None = Field(None, description="its password, as a reference such as ${SMTP_PASSWORD}")
    sender: Address = Field(alias="from", description="the address that the mail comes from")
    to: Annotated[tuple[Address, ...], BeforeValidator(_listed, json_schema_input_type=Address | list[Address])] = (
        Field(description="who gets it: an address, or a list of them", min_length=1)
    )
    timeout_seconds: float = Field(20, gt=0, le=120, description="how long to wait for an answer")

    @model_validator(mode="after")
    def _safe_login(self) -> Smtp:
        if (self.username is None) != (self.password is None):
            raise ValueError("`username` and `password` go together")
        if self.password is not None and not is_reference(self.password.get_secret_value()):
            raise ValueError(
                "`password` stands here for everyone to read; write ${SMTP_PASSWORD}, file:///… or another reference"
            )
        if self.username is not None and self.tls == "none" and self.host not in LOCAL:
            raise ValueError("`tls: none` would send the password in the clear; it is for this machine only")
        return self


class Webhook(Block):
    """A message to a chat room, or to whatever else takes JSON by POST."""

    url: SecretStr = Field(description="where to post, such as ${SOLMU_WEBHOOK}: who knows it can write there")
    format: Literal["text", "adaptive-card"] = Field(
        "text", description='`{"text": …}`, as Slack takes it; adaptive-card for workflows of Microsoft Teams'
    )
    timeout_seconds: float = Field(20, gt=0, le=120, description="how long to wait for an answer")


class Heartbeat(Block):
    """An address that is pinged after a good run, so that its owner notices a night that never started."""

    url: SecretStr = Field(description="what to ping, such as ${SOLMU_HEARTBEAT}")
    method: Literal["GET", "POST"] = Field("GET", description="how")
    fail: bool = Field(
        False, description="whether to ping the address with /fail after it when a run was not good (healthchecks.io)"
    )
    timeout_seconds: float = Field(20, gt=0, le=120, description="how long to wait for an answer")


class Notify(Block):
    """Who is told when a run failed, was stopped or needs a person: one message of at most ten lines."""

    when: Annotated[
        tuple[Occasion, ...], BeforeValidator(_listed, json_schema_input_type=Occasion | list[Occasion])
    ] = Field(
        OCCASION_DEFAULT,
        description="what is told of: the run or a connection failed (failed); a guard stopped it"
        " (stopped); rows, actions or pairs wait (needs-person); or every run (always)",
    )
    smtp: Smtp | None = None
    webhook: Webhook | None = None
    heartbeat: Heartbeat | None = None


class Web(Block):
    """The pages of `solmu serve`. Where it listens is said in `intake`."""

    idle_minutes: int = Field(60, ge=1, le=1440, description="minutes without a click after which one is signed out")
    session_hours: int = Field(12, ge=1, le=168, description="hours after which one is signed out in any case")
    audit_views: bool = Field(False, description="whether the audit notes who looked at which customer")
    contact_days: int = Field(180, ge=1, description="days after which a customer counts as not contacted for long")
    contact_days_by_tier: dict[str, Annotated[int, Field(ge=1)]] = Field(
        {"key account": 60}, description="the same for customers of a segment, or for key accounts"
    )
    complete: tuple[str, ...] = Field(
        ("business_id", "street", "postcode", "city", "country", "phone", "email", "industry", "owner"),
        description="fields of an organisation that should be known; completeness is the share of them that is",
    )
    silent_days: int = Field(30, ge=1, description="days without a lead after which a partner may count as silent")


class Retention(Block):
    """How long received versions are kept. Everything is kept until now, so this block has no keys."""


class HubSettings(Block):
    """``hub.yaml``. Every block may be left out."""

    name: str = Field("Solmu", description="what reports and pages call this hub", min_length=1)
    store: str = Field(
        "sqlite:///solmu.db", description="address of the database; a file is relative to the hub", min_length=1
    )
    fields: dict[Entity, dict[str, CustomField]] = Field({}, description="fields of your own, named custom.…")
    survivorship: Survivorship = Field(default_factory=Survivorship)
    matching: Matching = Field(default_factory=Matching)
    admission: Admission = Field(default_factory=Admission)
    assignment: Assignment = Field(default_factory=Assignment)
    guards: Guards = Field(default_factory=Guards)
    schedules: dict[str, str] = Field({}, description="flow -> cron line, in UTC")
    intake: Intake = Field(default_factory=Intake)
    serve: Serve = Field(default_factory=Serve)
    notify: Notify = Field(default_factory=Notify)
    web: Web = Field(default_factory=Web)
    retention: Retention = Field(default_factory=Retention)

    def custom_fields(self, entity: Entity) -> tuple[CanonicalField, ...]:
        """The hub's own canonical fields of that entity."""
        return tuple(
            CanonicalField(name, field.kind, field.label or name.removeprefix("custom."), field.many, field.group)
            for name, field in self.fields.get(entity, {}).items()
        )
