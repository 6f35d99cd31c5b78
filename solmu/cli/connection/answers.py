"""Asks for the settings of a connection or a stream, each checked at once, secrets kept out of the YAML."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from solmu.cli.connection.terminal import Terminal

if TYPE_CHECKING:
    from pydantic import BaseModel

    from solmu.config.questions import Question
    from solmu.sync.adding import NewConnection

Suggest = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Better defaults after the answers so far; a setting within a block is called ``block.setting``."""

_USER_IN_URL = re.compile(r"^([\w+]+://)([^\s:/@]+)(?::([^\s@]*))?@(.*)$")


class Asking:
    """Asks for settings, and knows where the secrets of this connection go."""

    def __init__(self, terminal: Terminal, new: NewConnection) -> None:
        self._terminal = terminal
        self._new = new
        self.exports: list[str] = []  # environment variables that somebody must set for the nights

    def settings(
        self,
        model: type[BaseModel],
        answers: dict[str, Any],
        suggest: Suggest,
        *,
        inside: str = "",
        columns: bool = False,
        passed: Collection[str] = (),
    ) -> None:
        """Ask for what is still open of the model's settings, into ``answers``. ``inside`` is the block they are in.

        Settings that name a column are left for later, unless ``columns``; those in ``passed`` were left empty before.
        """
        from solmu.config.questions import problem_with, questions

        asked = [each for each in questions(model) if columns or each.column is None]
        for question in asked:
            if question.key in answers or question.key in passed or not question.is_due(answers):
                continue
            if question.one_of is not None:
                rivals = [each for each in asked if each.one_of == question.one_of and each.is_due(answers)]
                if any(each.key in answers for each in rivals):
                    continue
                question = self._one_of(rivals)
            self.one(model, question, answers, suggest, inside=inside)
        self._blocks(model, answers, suggest, inside)
        while (problem := problem_with(model, answers)) is not None and not inside:
            # Settings that do not go together: the message names them.
            self._terminal.warn(problem)
            named = [key for key in re.findall(r"`([\w.]+)`", problem) if key in model.model_fields]
            keys = list(dict.fromkeys(named)) or list(model.model_fields)
            self.again(model, keys[self._terminal.choose("Which of them?", keys)], answers, suggest)

    def again(
        self, model: type[BaseModel], path: str, answers: dict[str, Any], suggest: Suggest, *, inside: str = ""
    ) -> bool:
        """Ask once more for one setting (``host``, ``oauth.scope``); False if there is none of that name."""
        from solmu.config.questions import question

        key, _, rest = path.partition(".")
        found = question(model, key)
        if found is None:
            return False
        if found.block is not None and rest:
            return self.again(found.block, rest, answers.setdefault(key, {}), suggest, inside=f"{inside}{key}.")
        before = answers.pop(key, None)
        # What was wrong is shown to be mended, unless there is a better proposal.
        shown = {} if found.kind in ("secret", "block") or before is None else {f"{inside}{key}": before}
        self.one(model, found, answers, lambda known: {**shown, **suggest(known)}, inside=inside)
        return True

    def one(
        self, model: type[BaseModel], question: Question, answers: dict[str, Any], suggest: Suggest, *, inside: str = ""
    ) -> None:
        """Ask for one setting until its model takes the answer; an empty one leaves an optional setting out."""
        from solmu.config.questions import problem_with

        path = f"{inside}{question.key}"
        default = suggest(answers).get(path, question.default)
        while True:
            value = self._value(question, path, default, model)
            if value is None and not question.required:
                answers.pop(question.key, None)
                return
            if value is None:
                self._terminal.warn(f"{path} is needed: {question.about}")
                continue
            answers[question.key] = value
            if question.block is not None:
                self.settings(question.block, value, suggest, inside=f"{path}.")
                return
            problem = None if question.kind == "secret" else problem_with(model, answers, question.key)
            if problem is None:
                return
            del answers[question.key]
            self._terminal.warn(problem)

    def secret(self, path: str, value: Callable[[], str], variable: str = "") -> str:
        """A reference to a secret, which stands in the environment or in a file of the hub. ``value`` asks for it."""
        variable = variable or self._variable(path)
        where = self._terminal.choose(
            f"{path} is a secret, so it is not written into the YAML. Where shall it stand?",
            [
                f"in a file of this hub that only you can read: secrets/{self._new.name}-{path.replace('_', '-')}",
                f"in the environment, as ${{{variable}}}; whoever runs Solmu sets it",
            ],
        )
        if where == 0:
            return self._new.secret_in_file(path.replace(".", "-"), value())
        self._from_environment(variable, value())
        return f"${{{variable}}}"

    def _from_environment(self, variable: str, value: str) -> None:
        if os.environ.get(variable) != value:
            self._new.secret_from_environment(variable, value)
            self.exports.append(variable)

    def _one_of(self, rivals: Sequence[Question]) -> Question:
        if len(rivals) == 1:
            return rivals[0]
        options = [f"{each.key}: {each.about}" for each in rivals]
        return rivals[self._terminal.choose(f"{str(rivals[0].one_of).capitalize()}:", options)]

    def _blocks(self, model: type[BaseModel], answers: dict[str, Any], suggest: Suggest, inside: str) -> None:
        """What a preset has left open within its blocks."""
        from solmu.config.questions import questions

        for question in questions(model):
            value = answers.get(question.key)
            if question.block is not None and isinstance(value, dict):
                self.settings(question.block, value, suggest, inside=f"{inside}{question.key}.")

    def _value(self, question: Question, path: str, default: Any, model: type[BaseModel]) -> Any:
        asked = f"{path} ({question.about})" if question.about else path
        match question.kind:
            case "block":
                return {}
            case "secret":
                return self._secret(question, path, asked)
            case "flag":
                return self._terminal.agrees(asked, default=bool(default))
            case "choice":
                place = question.choices.index(str(default)) if str(default) in question.choices else 0
                return question.choices[self._terminal.choose(asked, question.choices, place)]
            case "list":
                shown = ", ".join(map(str, default)) if isinstance(default, list | tuple) else str(default or "")
                parts = [part.strip() for part in self._terminal.text(asked, shown).split(",") if part.strip()]
                return parts or None
            case _:
                from solmu.config.questions import typed

                text = self._terminal.text(asked, "" if default is None else str(default))
                return typed(text, model, question.key) if text else None

    def _secret(self, question: Question, path: str, asked: str) -> str | None:
        from solmu.config.secrets import is_reference

        if "url" in question.key:
            return self._address(path, asked)
        if path in self._new.kind.makes:
            options = ["one that is there already", self._new.kind.makes[path]]
            if self._terminal.choose(asked, options) == 1:
                return self._made(path)
        is_optional = not (question.required or question.one_of or question.when)
        if is_optional and not self._terminal.agrees(f"{asked}: is there one?", default=True):
            return None
        typed_in = ""

        def value() -> str:
            nonlocal typed_in
            while not typed_in:
                typed_in = self._terminal.hidden(f"{path} (not shown; or a reference such as ${{NAME}})")
            return typed_in

        if is_reference(value()):
            return typed_in
        return self.secret(path, value)

    def _made(self, path: str) -> str:
        """A secret that is made here, kept, and told of to whoever must let it in."""
        made = self._new.kind.make_secret(path, self._new.name)
        reference = self._new.secret_in_file(path.replace(".", "-"), made.secret.strip())
        file = self._new.file_beside(made.suffix, made.public)
        self._terminal.say(made.told(str(file)))
        self._terminal.say(made.public)
        self._terminal.text("Press Enter when that is done")
        return reference

    def _address(self, path: str, asked: str) -> str | None:
        """An address whose password alone is the secret: all else of it may stand in the YAML."""
        from solmu.config.secrets import is_reference

        text = self._terminal.text(f"{asked}; leave the password out")
        if not text or is_reference(text):
            return text or None
        if "://" not in text:
            self._terminal.warn("an address begins with what kind it is: sqlite:///file.db, postgresql+psycopg://…")
            return self._address(path, asked)
        found = _USER_IN_URL.fullmatch(text)
        if found is None:
            return text
        head, user, password, tail = found.groups()
        password = password or quote(self._terminal.hidden(f"password of {user} (not shown; empty: none)"), safe="")
        if not password:
            return text
        variable = self._variable("password")
        where = self._terminal.choose(
            "The password is a secret, so it is not written into the YAML. Where shall it stand?",
            [
                f"with the whole address in a file of this hub that only you can read: secrets/{self._new.name}-{path}",
                f"in the environment, as ${{{variable}}}; whoever runs Solmu sets it",
            ],
        )
        if where == 0:
            return self._new.secret_in_file(path, f"{head}{user}:{password}@{tail}")
        self._from_environment(variable, password)
        return f"{head}{user}:${{{variable}}}@{tail}"

    def _variable(self, path: str) -> str:
        return re.sub(r"\W", "_", f"{self._new.name}_{path.rpartition('.')[2]}").upper()
