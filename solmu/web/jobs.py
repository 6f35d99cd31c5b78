"""Work that takes longer than a request: each in a process of its own, so that pages and receiver stay quick.

A few are done at once, and the next ones wait for their turn. What a job does is kept by the ledger in the store, as of
any run; what is here is only how far it is.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import subprocess
import sys
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from solmu.errors import SolmuError
from solmu.store import time

REMEMBERED = 200
AT_ONCE = 3
"""Processes beside the server's own: each may take a core and some hundred megabytes."""

STOP_SECONDS = 30


@dataclass(slots=True)
class Job:
    """One piece of work, of a ``kind``; ``about`` is what it is done to, where there are several.

    ``state``: waiting (for ``ahead`` others) · running · done · failed · stopped. ``steps``: how many of what are done.
    ``started`` is when it was asked for, until it begins. ``said`` is what whoever waits has to do meanwhile.
    """

    id: str
    kind: str
    who: str
    then: str  # the page to go on to
    started: int
    about: str = ""
    state: str = "waiting"
    ahead: int = 0
    finished: int | None = None
    steps: dict[str, int] = field(default_factory=dict)
    said: str = ""
    result: Any = None
    error: dict[str, Any] | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state not in ("waiting", "running")

    def as_dict(self) -> dict[str, Any]:
        """What a page is told."""
        return {
            "id": self.id,
            "kind": self.kind,
            "about": self.about,
            "who": self.who,
            "state": self.state,
            "ahead": self.ahead,
            "started": time.iso(self.started),
            "finished": None if self.finished is None else time.iso(self.finished),
            "steps": dict(self.steps),
            "said": self.said,
            "then": self.then,
            "error": self.error,
        }


@dataclass(frozen=True, slots=True)
class _Work:
    """What a job is to do, until its turn comes."""

    job: Job
    function: str
    arguments: str  # as JSON


class Jobs:
    """Those of one hub. Safe to share between threads."""

    def __init__(self, folder: Path, at_once: int = AT_ONCE) -> None:
        self._folder = folder
        self._at_once = at_once
        self._lock = Lock()
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._waiting: deque[_Work] = deque()
        self._processes: dict[str, subprocess.Popen[str]] = {}
        self._closed = False

    def start(
        self, kind: str, work: str, *, who: str, then: str, about: str = "", once: bool = False, **arguments: Any
    ) -> Job:
        """Begin ``work``, named ``module:function``, in a process of its own, or when its turn comes.

        The function is called as ``function(folder, tell, **arguments)``; ``tell(step, more)`` says how far it is, and
        what it gives back is the job's ``result``, which has to be plain JSON, as the arguments have to. ``then`` is
        where the page goes on to when it is done; ``{id}`` in it becomes the job's id. With ``once``, one of that kind
        that goes on to the same place and is not over is given instead: whoever asks twice means it once.
        """
        id = secrets.token_urlsafe(12)
        job = Job(id, kind, who, then.replace("{id}", id), time.now(), about)
        asked = json.dumps(arguments)
        with self._lock:
            if once:
                for other in self._jobs.values():
                    if not other.is_over and (other.kind, other.then) == (kind, job.then):
                        return other
            self._jobs[id] = job
            self._waiting.append(_Work(job, work, asked))
            self._forget()
        self._go_on()
        return job

    def find(self, id: str) -> Job | None:
        """The job of that id, unless it was long ago."""
        with self._lock:
            return self._jobs.get(id)

    def under_way(self, kind: str | None = None) -> list[Job]:
        """Those that are not over: they run, or wait for their turn."""
        with self._lock:
            return [job for job in self._jobs.values() if not job.is_over and kind in (None, job.kind)]

    def stop(self, id: str) -> None:
        """Ask a job to end; what it has finished stays. One that waits does not begin."""
        with self._lock:
            process = self._processes.get(id)
            for each in [each for each in self._waiting if each.job.id == id]:
                self._waiting.remove(each)
                self._end(each.job, "stopped")
            self._count()
        if process is not None:
            process.terminate()

    def close(self) -> None:
        """End all; they go on from where they were when they are started again."""
        with self._lock:
            self._closed = True
            while self._waiting:
                self._end(self._waiting.popleft().job, "stopped")
            processes = list(self._processes.values())
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()

    def _go_on(self) -> None:
        """Begin what waits, as far as there is room."""
        with self._lock:
            while self._waiting and len(self._processes) < self._at_once and not self._closed:
                self._begin(self._waiting.popleft())
            self._count()

    def _begin(self, work: _Work) -> None:
        job = work.job
        try:
            process = subprocess.Popen(
                [sys.executable, "-m", "solmu.web.worker", work.function, str(self._folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
            )
        except OSError as error:  # no memory, or no more processes
            job.error = SolmuError(f"this cannot be begun now: {error.strerror}", code="not-begun").as_dict()
            self._end(job, "failed")
            return
        job.state, job.started = "running", time.now()
        self._processes[job.id] = process
        Thread(target=self._follow, args=(work, process), name=f"job-{job.kind}", daemon=True).start()

    def _follow(self, work: _Work, process: subprocess.Popen[str]) -> None:
        job = work.job
        assert process.stdin is not None
        assert process.stdout is not None
        # A process that was stopped before it began takes nothing.
        with contextlib.suppress(BrokenPipeError), process.stdin:
            process.stdin.write(work.arguments)
        with process.stdout:
            for line in process.stdout:
                self._note(job, json.loads(line))
        code = process.wait()
        with self._lock:
            del self._processes[job.id]
            self._end(job, "failed" if job.error is not None else "stopped" if code != 0 else "done")
        self._go_on()

    def _note(self, job: Job, told: dict[str, Any]) -> None:
        with self._lock:
            if "step" in told:
                job.steps[told["step"]] = job.steps.get(told["step"], 0) + told["more"]
            job.said = told.get("said", job.said)
            job.result = told.get("result", job.result)
            job.error = told.get("error", job.error)

    def _end(self, job: Job, state: str) -> None:
        job.state, job.finished, job.ahead = state, time.now(), 0

    def _count(self) -> None:
        for place, each in enumerate(self._waiting):
            each.job.ahead = place + len(self._processes)

    def _forget(self) -> None:
        for old in list(self._jobs):
            if len(self._jobs) <= REMEMBERED:
                break
            if self._jobs[old].is_over:
                del self._jobs[old]
