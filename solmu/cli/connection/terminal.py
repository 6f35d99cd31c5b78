"""Asking the person at the terminal: a question a line, a default where there is a good one, numbers to choose by."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer

from solmu.cli.output import console


def is_attended() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty()


class Terminal:
    """A person at a terminal. Each method asks until the answer can be used; the end of input is ``typer.Abort``."""

    def say(self, text: str = "") -> None:
        """Tell something, as it is."""
        console().print(text, markup=False, soft_wrap=True)

    def warn(self, text: str) -> None:
        """Tell what is wrong."""
        console().print(text, markup=False, soft_wrap=True, style="red")

    def text(self, question: str, default: str = "") -> str:
        """One line, without blanks around it; ``default`` for an empty one."""
        answer: str = typer.prompt(question, default=default, show_default=bool(default))
        return answer.strip()

    def hidden(self, question: str) -> str:
        """One line that is not shown while it is typed."""
        typer.echo(f"{question}: ", nl=False)
        with _WithoutEcho():
            line = sys.stdin.readline()
        typer.echo()
        if not line:
            raise typer.Abort
        return line.strip()

    def agrees(self, question: str, *, default: bool = True) -> bool:
        """Yes or no."""
        answer: bool = typer.confirm(question, default=default)
        return answer

    def choose(self, title: str, options: Sequence[str], default: int | None = 0) -> int:
        """The place of one of the options, chosen by its number from 1, or by how it begins."""
        self._list(title, options)
        while True:
            answer = self.text("Number", "" if default is None else str(default + 1))
            found = _place(answer, options)
            if found is not None:
                return found
            self.warn(f"There is no {answer!r}: a number from 1 to {len(options)}.")

    def choose_many(self, title: str, options: Sequence[str], default: str = "") -> list[str]:
        """Options by their numbers or names, separated by commas; what is none of them comes back as it was typed."""
        self._list(title, options)
        answer = self.text("Numbers or names, separated by commas", default)
        parts = [part.strip() for part in answer.split(",") if part.strip()]
        return list(dict.fromkeys(_named(part, options) for part in parts))

    def _list(self, title: str, options: Sequence[str]) -> None:
        self.say(title)
        for number, option in enumerate(options, 1):
            self.say(f"  {number}  {option}")


def _place(answer: str, options: Sequence[str]) -> int | None:
    if answer.isdecimal() and 1 <= int(answer) <= len(options):
        return int(answer) - 1
    alike = [
        place for place, option in enumerate(options) if answer and option.casefold().startswith(answer.casefold())
    ]
    exact = [place for place in alike if options[place].partition(" ")[0].rstrip(":") == answer]
    return (exact or alike)[0] if exact or len(alike) == 1 else None


def _named(part: str, options: Sequence[str]) -> str:
    return options[int(part) - 1] if part.isdecimal() and 1 <= int(part) <= len(options) else part


class _WithoutEcho:
    """The terminal shows nothing of what is typed. Not ``getpass``, which throws away what was typed ahead."""

    def __enter__(self) -> None:
        self._before = None
        try:
            import termios
        except ImportError:  # Windows
            return
        self._descriptor = sys.stdin.fileno()
        self._before = termios.tcgetattr(self._descriptor)
        silent = termios.tcgetattr(self._descriptor)
        silent[3] &= ~termios.ECHO
        termios.tcsetattr(self._descriptor, termios.TCSADRAIN, silent)

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            import termios

            termios.tcsetattr(self._descriptor, termios.TCSADRAIN, self._before)
