"""Work that takes longer than a request: each in a process of its own, so that pages and receiver stay quick.

What a job does is kept by the ledger in the store, as of any run; what is here is only how far it is.
"""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from solmu.store import time

REMEMBERED = 200
STOP_SECONDS = 30


@dataclass(slots=True)
class Job:
    """One piece of work. ``state``: running · done · failed · stopped. ``steps``: how many of what are done."""

    id: str
    kind: str
    who: str
    then: str  # the page to go on to
    started: int
    state: str = "running"
    finished: int | None = None
    steps: dict[str, int] = field(default_factory=dict)
    result: Any = None
    error: dict[str, Any] | None = None

    def as_dict(self) -> dict[str, Any]:
        """What a page is told."""
        return {
            "id": self.id,
            "kind": self.kind,
            "who": self.who,
            "state": self.state,
            "started": time.iso(self.started),
            "finished": None if self.finished is None else time.iso(self.finished),
            "steps": dict(self.steps),
            "then": self.then,
            "error": self.error,
        }


class Jobs:
    """Those of one hub. Safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._processes: dict[str, subprocess.Popen[str]] = {}

    def start(self, kind: str, work: str, *, who: str, then: str, **arguments: Any) -> Job:
        """Begin ``work``, named ``module:function``, in a process of its own.

        The function is called as ``function(folder, tell, **arguments)``; ``tell(step, more)`` says how far it is, and
        what it gives back is the job's ``result``, which has to be plain JSON, as the arguments have to. ``then`` is
        where the page goes on to when it is done; ``{id}`` in it becomes the job's id.
        """
        id = secrets.token_urlsafe(12)
        job = Job(id, kind, who, then.replace("{id}", id), time.now())
        process = subprocess.Popen(
            [sys.executable, "-m", "solmu.web.worker", work, str(self._folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        assert process.stdin is not None
        with process.stdin:
            json.dump(arguments, process.stdin)
        with self._lock:
            self._jobs[id] = job
            self._processes[id] = process
            for old in list(self._jobs):
                if len(self._jobs) <= REMEMBERED:
                    break
                if self._jobs[old].state != "running":
                    del self._jobs[old]
        Thread(target=self._follow, args=(job, process), name=f"job-{kind}", daemon=True).start()
        return job

    def find(self, id: str) -> Job | None:
        """The job of that id, unless it was long ago."""
        with self._lock:
            return self._jobs.get(id)

    def under_way(self, kind: str | None = None) -> list[Job]:
        """Those that are running."""
        with self._lock:
            return [job for job in self._jobs.values() if job.state == "running" and kind in (None, job.kind)]

    def stop(self, id: str) -> None:
        """Ask a job to end; what it has finished stays."""
        with self._lock:
            process = self._processes.get(id)
        if process is not None:
            process.terminate()

    def close(self) -> None:
        """End all; they go on from where they were when they are started again."""
        with self._lock:
            processes = list(self._processes.values())
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()

    def _follow(self, job: Job, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                self._note(job, json.loads(line))
        code = process.wait()
        with self._lock:
            del self._processes[job.id]
            job.finished = time.now()
            if job.error is not None:
                job.state = "failed"
            elif code != 0:
                job.state = "stopped"
            else:
                job.state = "done"

    def _note(self, job: Job, told: dict[str, Any]) -> None:
        with self._lock:
            if "step" in told:
                job.steps[told["step"]] = job.steps.get(told["step"], 0) + told["more"]
            job.result = told.get("result", job.result)
            job.error = told.get("error", job.error)
