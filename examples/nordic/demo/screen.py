"""What the demo shows while it works and afterwards; plain lines where nobody watches a terminal."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

_WIDTH = 120  # where no terminal says how wide it is


class Screen:
    """Where people read. ``times`` has the seconds of everything that took some, in order."""

    def __init__(self) -> None:
        self.console = Console(highlight=False)
        if not self.console.is_terminal:
            self.console = Console(highlight=False, width=_WIDTH)
        self.times: dict[str, float] = {}

    def title(self, text: str) -> None:
        """What comes next."""
        self.console.print()
        self.console.print(f"[bold]{escape(text)}[/]", soft_wrap=True)

    def say(self, text: str, style: str = "") -> None:
        """One line, as it is."""
        self.console.print(escape(text), style=style, soft_wrap=not self.console.is_terminal)

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Rows under their columns; numbers to the right."""
        made = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
        for place, name in enumerate(columns):
            numeric = all(isinstance(row[place], int | float) for row in rows)
            made.add_column(name, justify="right" if numeric else "left", overflow="fold")
        for row in rows:
            made.add_row(*(escape(_cell(cell)) for cell in row))
        self.console.print(made)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time what the block does, under this name."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.times[name] = self.times.get(name, 0.0) + time.monotonic() - started

    @contextmanager
    def steps(self) -> Iterator[Steps]:
        """Progress bars while the block runs, one a step."""
        if not self.console.is_terminal:
            with _closing(_Lines(self)) as lines:
                yield lines
            return
        with (
            Progress(
                SpinnerColumn(finished_text="[green]✓[/]"),
                TextColumn("{task.description}"),
                BarColumn(24),
                TextColumn("{task.completed:>6.0f}"),
                TimeElapsedColumn(),
                console=self.console,
            ) as progress,
            _closing(_Bars(self, progress)) as bars,
        ):
            yield bars


class Steps:
    """Steps that follow one another; each is told of as often as something more of it is done."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._step: str | None = None
        self._done = 0
        self._began = 0.0

    def tell(self, step: str, more: int) -> None:
        """So much more of this step is done: what a run calls."""
        if step != self._step:
            self.close()
            self._step, self._done, self._began = step, 0, time.monotonic()
            self._begin(step)
        self._done += more
        self._go_on(self._done)

    def close(self) -> None:
        """The last step is over."""
        if self._step is not None:
            seconds = time.monotonic() - self._began
            self._screen.times[self._step] = self._screen.times.get(self._step, 0.0) + seconds
            self._end(self._step, self._done, seconds)
            self._step = None

    def _begin(self, step: str) -> None:
        raise NotImplementedError

    def _go_on(self, done: int) -> None:
        raise NotImplementedError

    def _end(self, step: str, done: int, seconds: float) -> None:
        raise NotImplementedError


class _Bars(Steps):
    def __init__(self, screen: Screen, progress: Progress) -> None:
        super().__init__(screen)
        self._progress = progress
        self._bar: TaskID | None = None

    def _begin(self, step: str) -> None:
        # How much there will be of it is not known before it is done: the bar swings, and is full in the end.
        self._bar = self._progress.add_task(escape(step), total=None)

    def _go_on(self, done: int) -> None:
        if self._bar is not None:
            self._progress.update(self._bar, completed=done)

    def _end(self, step: str, done: int, seconds: float) -> None:
        if self._bar is not None:
            self._progress.update(self._bar, total=max(done, 1), completed=max(done, 1))
            self._progress.stop_task(self._bar)


class _Lines(Steps):
    def _begin(self, step: str) -> None:
        pass

    def _go_on(self, done: int) -> None:
        pass

    def _end(self, step: str, done: int, seconds: float) -> None:
        self._screen.say(f"  {step:<40} {done:>6}  {seconds:5.1f} s")


@contextmanager
def _closing(steps: Steps) -> Iterator[Steps]:
    try:
        yield steps
    finally:
        steps.close()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return ", ".join(str(each) for each in value) if isinstance(value, list) else str(value)
