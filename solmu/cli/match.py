"""``solmu match``: matching everything anew, training, model versions, calibration, and looking one record up."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from solmu.cli.opening import the_store
from solmu.cli.output import Format, HubOption, OutputOption, print_json, progress

if TYPE_CHECKING:
    from solmu.config import Hub
    from solmu.model import Entity
    from solmu.store import Store

app = typer.Typer(help="How records are matched, and how far it can be trusted.", rich_markup_mode=None)

VersionArgument = Annotated[str, typer.Argument(metavar="VERSION", help="A version that `solmu match models` shows.")]
EntityOption = Annotated[str | None, typer.Option(help="organisation or person; both, if left out.")]
ApplyOption = Annotated[bool, typer.Option("--apply", help="Take over what was found, and match by it at once.")]
AsOption = Annotated[str | None, typer.Option("--as", metavar="NAME", help="Who takes it over; you, if left out.")]
SeedOption = Annotated[int | None, typer.Option(help="For the same random choice again.")]


@app.callback(invoke_without_command=True)
def _group(
    context: typer.Context,
    full: Annotated[
        bool, typer.Option("--full", help="Match everything anew on a copy, with Splink, and tell what would differ.")
    ] = False,
    model: Annotated[
        str | None, typer.Option(metavar="VERSION", help="With that model; the one in force, if left out.")
    ] = None,
    apply: ApplyOption = False,
    who: AsOption = None,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """How records are matched, and how far it can be trusted. --full tells what matching everything anew would change;
    with --apply it is taken over."""
    if context.invoked_subcommand is not None:
        if full or model or apply or who or hub:
            raise typer.BadParameter(f"options of {context.invoked_subcommand} stand behind it")
        return 0
    if not full:
        if model or apply:
            raise typer.BadParameter("--model and --apply go with --full")
        typer.echo(context.get_help())
        return 0
    return _full(hub, output, version=model, apply=apply, who=who)


def _full(hub: str | None, output: Format, *, version: str | None, apply: bool, who: str | None) -> int:
    from solmu.cli.matched import print_difference
    from solmu.match.bundles import load
    from solmu.match.full import look, take_over

    with the_store(hub) as (loaded, store), progress(quiet=output is Format.JSON) as tell:
        report, changed = look(store, loaded.settings.matching, crms=_crms(loaded), version=version, tell=tell)
        if apply:
            with store.read() as connection:
                bundle = load(connection, report["version"])
            marked = take_over(store, bundle, changed, who=_who(who))
            report["applied"] = {"marked": marked, **_followed(loaded, store, tell)}
    if output is Format.JSON:
        print_json(report)
    else:
        print_difference(report)
    return 0 if not apply or report["applied"]["done"] else 3


@app.command()
def train(seed: SeedOption = None, hub: HubOption = None, output: OutputOption = Format.TEXT) -> int:
    """Learn a model from what this hub holds, by Splink. It is kept as a new version, and not in force yet."""
    from solmu.cli.matched import print_versions
    from solmu.errors import sentence
    from solmu.match.bundles import keep, versions
    from solmu.match.learn import learn
    from solmu.store import time

    warnings: list[str] = []
    with the_store(hub) as (loaded, store):
        with progress(quiet=output is Format.JSON) as tell:
            bundle = learn(
                store,
                loaded.settings.matching,
                crms=_crms(loaded),
                now=time.now(),
                seed=_seed(seed),
                progress=tell,
                warn=lambda reason: warnings.append(sentence(reason.as_dict())),
            )
        with store.write() as connection:
            keep(connection, bundle)
        with store.read() as connection:
            (made,) = [each for each in versions(connection) if each["version"] == bundle.version]
    document = {**made, "warnings": warnings, "next": f"solmu match --full --model {bundle.version}"}
    if output is Format.JSON:
        print_json(document)
    else:
        print_versions([document])
        for warning in warnings:
            typer.echo(f"warning: {warning}", err=True)
        typer.echo(f"not in force yet; see what it would change: {document['next']}")
    return 0


@app.command()
def models(
    version: Annotated[str | None, typer.Argument(help="Only this one; in JSON, whole.")] = None,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """The model versions with date and figures, and which one is in force."""
    from solmu.cli.matched import print_versions
    from solmu.match.bundles import load, versions

    with the_store(hub) as (_, store), store.read() as connection:
        bundle = None if version is None else load(connection, version)
        found = [each for each in versions(connection) if bundle is None or each["version"] == bundle.version]
    if output is Format.TEXT:
        print_versions(found)
    elif bundle is None:
        print_json({"versions": found})
    else:
        print_json({**found[0], "models": {entity.value: one.as_dict() for entity, one in bundle.models.items()}})
    return 0


@app.command()
def use(
    version: VersionArgument, who: AsOption = None, hub: HubOption = None, output: OutputOption = Format.TEXT
) -> int:
    """Put a version in force whose difference report was made, and match everything by it. `default` is what ships."""
    from solmu.match.bundles import load
    from solmu.match.full import take_over

    with the_store(hub) as (loaded, store), progress(quiet=output is Format.JSON) as tell:
        with store.read() as connection:
            bundle = load(connection, version)
        marked = take_over(store, bundle, None, who=_who(who))
        document = {"version": bundle.version, "marked": marked, **_followed(loaded, store, tell)}
    if output is Format.JSON:
        print_json(document)
    else:
        done = "matched anew by it" if document["done"] else "to be matched anew by the next run"
        typer.echo(f"{bundle.version} is in force; {marked} mentions {done}")
    return 0 if document["done"] else 3


@app.command()
def calibrate(
    entity: EntityOption = None,
    apply: ApplyOption = False,
    who: AsOption = None,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """Whether stewards' answers prove a threshold from which scores may merge by themselves, as hub.yaml promises."""
    from solmu.cli.matched import print_calibration
    from solmu.match.proof import accept
    from solmu.match.proof import calibrate as weigh
    from solmu.store import time

    done = True
    documents = []
    with the_store(hub) as (loaded, store), progress(quiet=output is Format.JSON) as tell:
        changed = False
        for each in _entities(entity):
            with store.read() as connection:
                found = weigh(connection, loaded.settings.matching, each, crms=_crms(loaded))
            document = found.as_dict()
            if apply:
                document["applied"] = accept(store, found, who=_who(who), now=time.now()) if found.changes else None
                changed = changed or found.changes
            documents.append(document)
        if changed:
            done = bool(_followed(loaded, store, tell)["done"])
    if output is Format.JSON:
        print_json({"calibrations": documents, "followed": done})
    else:
        for document in documents:
            print_calibration(document)
    return 0 if done else 3


@app.command()
def sample(
    count: Annotated[int, typer.Argument(min=1, help="How many pairs of each entity.")] = 50,
    entity: EntityOption = None,
    seed: SeedOption = None,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """Draw pairs at random for stewards to decide: only what was drawn can prove a threshold."""
    from solmu.cli.matched import print_sample
    from solmu.match.bundles import active
    from solmu.match.drawn import draw
    from solmu.match.index import Mentions
    from solmu.review.names import PairId
    from solmu.store import time

    documents = []
    with the_store(hub) as (loaded, store):
        settings = loaded.settings.matching
        for each in _entities(entity):
            mentions = Mentions(each, crms=_crms(loaded), protected=settings.protected, identity=settings)
            with store.write() as connection:
                made = draw(connection, active(connection)(each), mentions, count, seed=_seed(seed), now=time.now())
            pairs = [str(PairId(*one.pair)) for one in made.pairs]
            drawn: dict[str, Any] = {"entity": each.value, "seed": made.seed, "asked": count}
            documents.append({**drawn, "population": made.population, "pairs": pairs})
    if output is Format.JSON:
        print_json({"samples": documents})
    else:
        for document in documents:
            print_sample(document)
    return 0


@app.command()
def one(
    record: Annotated[
        str, typer.Option("--json", metavar="JSON", help='{"organisation": {"name": …}, "person": {"email": …}}')
    ],
    mapping: Annotated[
        str | None, typer.Option(help="Read the JSON as a row of this source mapping, instead of canonical fields.")
    ] = None,
    hub: HubOption = None,
    output: OutputOption = Format.TEXT,
) -> int:
    """Does this one exist already? Looks up one record without landing it: candidates, why, and where in the CRM."""
    from solmu.cli.asked import read_record
    from solmu.cli.matched import print_answer
    from solmu.config.addresses import addresses
    from solmu.match.one import Lookup

    with the_store(hub) as (loaded, store), addresses(loaded) as address:
        mapped = read_record(loaded, store, record, mapping)
        answer = Lookup(store, loaded.settings.matching, crms=_crms(loaded), address=address).find(mapped)
    if output is Format.JSON:
        print_json(answer)
    else:
        print_answer(answer)
    return 0


def _followed(hub: Hub, store: Store, tell: Any) -> dict[str, Any]:
    from solmu.sync.rematch import rematch

    return rematch(hub, store, tell=tell)


def _crms(hub: Hub) -> list[str]:
    return [each.name for each in hub.connections.values() if each.is_target]


def _entities(name: str | None) -> list[Entity]:
    from solmu.model import Entity

    if name is None:
        return list(Entity)
    if name not in list(Entity):
        raise typer.BadParameter(f"{name!r} is not one of {', '.join(Entity)}", param_hint="--entity")
    return [Entity(name)]


def _seed(seed: int | None) -> int:
    import secrets

    return secrets.randbelow(2**31) if seed is None else seed


def _who(name: str | None) -> str:
    return name or getpass.getuser()
