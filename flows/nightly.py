"""The nightly sync as a Prefect flow: one task a connection and a step, never one a record."""

from __future__ import annotations

import signal
from typing import Any

from prefect import flow, runtime, task
from prefect.artifacts import create_markdown_artifact, create_progress_artifact, update_progress_artifact
from prefect.cache_policies import NO_CACHE
from prefect.states import Completed, Failed, State

from solmu.config import find_hub, load_hub
from solmu.notify.tell import telling_if_it_breaks_off
from solmu.report.markdown import markdown
from solmu.store import open_store
from solmu.sync import run as core
from solmu.sync.run import Run


# Nothing is persisted or cached: customer data stays in the hub's store, and Prefect keeps states and counts only.
@task(task_run_name="land {name}", cache_policy=NO_CACHE, persist_result=False)
def land(run: Run, name: str) -> State[None]:
    """Read one connection."""
    core.land_connection(run, name)
    return _state(run, name)


@task(cache_policy=NO_CACHE, persist_result=False)
def resolve(run: Run) -> None:
    """Match, and compute the golden records."""
    core.resolve(run)


@task(task_run_name="push {name}", cache_policy=NO_CACHE, persist_result=False)
def push(run: Run, name: str, send: bool) -> State[None]:
    """Plan, guard and apply for one target."""
    core.push(run, name, send=send)
    return _state(run, name)


@task(task_run_name="reconcile {name}", cache_policy=NO_CACHE, persist_result=False)
def reconcile(run: Run, name: str) -> State[None]:
    """Read back what one target holds now."""
    core.reconcile(run, name)
    return _state(run, name)


@flow(name="solmu-nightly", log_prints=False, persist_result=False)
def nightly(
    hub: str | None = None,
    select: list[str] | None = None,
    send: bool = True,
    override: list[str] | None = None,
) -> dict[str, Any]:
    """Land, resolve, plan, guard, apply, reconcile.

    ``hub`` is the hub's folder (default: as on the command line), ``select`` names the connections that take part
    (default: all), and without ``send`` plans are made but not sent. ``override`` names guards that are let pass this
    once. Gives the run report.
    """
    loaded = load_hub(find_hub(hub))
    with telling_if_it_breaks_off(loaded, "run"):
        opened = open_store(loaded.store_url)
    with opened as store:
        detail = {"flow_run": runtime.flow_run.id, "flow_run_name": runtime.flow_run.name}
        run = core.begin(loaded, store, detail=detail, override=override or ())
        sources, targets = core.chosen(run.sources, select or ()), core.chosen(run.targets, select or ())
        steps = len(sources) + 1 + len(targets) * (2 if send else 1) + 1
        progress = create_progress_artifact(progress=0.0, key="solmu-progress", description="Nightly sync")
        done = 0

        def tick() -> None:
            nonlocal done
            done += 1
            update_progress_artifact(artifact_id=progress, progress=100.0 * done / steps)

        with core.to_the_end(run):
            for name in sources:
                _go_on(run, name, land(run, name, return_state=True))
                tick()
            if not select:
                core.follow_unread(run)
            resolve(run)
            tick()
            for name in targets:
                _go_on(run, name, push(run, name, send, return_state=True))
                tick()
                if send:
                    _go_on(run, name, reconcile(run, name, return_state=True))
                    tick()
        report = core.finish(run)
        if run.interrupted is not None:
            # Who asked for an end, such as Prefect on a cancellation, now gets it; the run is closed and told of.
            signal.raise_signal(run.interrupted - 128)
        tick()
        create_markdown_artifact(key="solmu-run", markdown=markdown(report), description="Run report")
    return report


def _go_on(run: Run, name: str, state: State[Any]) -> None:
    """A connection that failed is in the run's books, and the others go on. Any other error is a fault of ours: what it
    left undone is unknown, so the night ends there, as it does without Prefect.
    """
    if name not in run.failed and not state.is_completed():
        state.result()


def _state(run: Run, name: str) -> State[None]:
    if name in run.failed:
        problem = next((str(p) for p in reversed(run.problems) if p.connection == name), "see the run report")
        return Failed(message=problem)
    return Completed()
