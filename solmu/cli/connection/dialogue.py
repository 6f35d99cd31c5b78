"""The conversation of ``solmu connection add``: from the kind of system to a preview of its rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from solmu.cli.connection.answers import Asking
from solmu.cli.connection.shown import print_preview
from solmu.cli.connection.terminal import Terminal
from solmu.errors import SolmuError

if TYPE_CHECKING:
    from solmu.exchange import StreamInfo
    from solmu.store import Store
    from solmu.sync.adding import NewConnection, NewStream

_KINDS = {
    "lead": "a lead: somebody who is interested",
    "contact": "a contact or a customer",
    "participant": "somebody who took part in an event",
}
_OWN = "something else, under a name that you give it"


class Dialogue:
    """Asks a person for what ``new`` still lacks. ``given`` streams and options were said on the command line."""

    def __init__(
        self,
        terminal: Terminal,
        new: NewConnection,
        *,
        streams: Mapping[str, str | None],
        options: Mapping[str, Mapping[str, Any]],
        kind: str | None,
    ) -> None:
        self._terminal = terminal
        self._new = new
        self._asking = Asking(terminal, new)
        self._streams = dict(streams)
        self._options = options
        self._kind = kind
        self._starts: dict[str, dict[str, Any]] = {}  # by stream: settings to begin with
        self.notes: list[str] = []

    @property
    def exports(self) -> list[str]:
        """Environment variables that were answered here, and that the nights need too."""
        return self._asking.exports

    def run(self, store: Store | None) -> bool:
        """Everything up to the question whether to write it; whether the person agreed."""
        self._settings()
        self._log_in()
        self.notes = self._tried(self._new.check)
        self._terminal.say(f"{self._new.name} answers.")
        for note in self.notes:
            self._terminal.say(f"note: {note}")
        for stream, start in self._chosen():
            self._stream(stream, start)
        self.notes = self._tried(self._new.check) or self.notes
        seen = [self._previewed(stream, store) for stream in self._new.streams.values() if stream.mapping]
        # Where nothing would land, an empty answer is no yes.
        lands = not any(seen) or any(each["rows"] for each in seen if each)
        if not lands:
            self._terminal.warn("Of these rows none would land: change the mapping, or leave it.")
        return self._terminal.agrees(f"Write connections/{self._new.name}.yaml?", default=lands)

    def _previewed(self, stream: NewStream, store: Store | None) -> dict[str, Any] | None:
        if not self._new.is_source:
            return None
        document: dict[str, Any] = self._tried(partial(self._new.preview, stream, store))
        print_preview(document)
        return document if document["looked_at"] else None

    # --- settings -----------------------------------------------------------------------------------------------------

    def _settings(self) -> None:
        from solmu.config.form import from_preset
        from solmu.config.questions import questions

        kind, answers = self._new.kind, self._new.settings
        if kind.presets and not any(each.key in answers for each in questions(kind.Settings)):
            labels = [each.label for each in kind.presets]
            chosen = self._terminal.choose("Which is it?", [*labels, "another; ask me"], len(labels))
            if chosen < len(labels):
                preset = kind.presets[chosen]
                said = {name: self._needed(about) for name, about in preset.asks.items()}
                answers.update(from_preset(preset.settings, said))
        self._asking.settings(kind.Settings, answers, self._suggested)

    def _suggested(self, _: Mapping[str, Any]) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._new.kind.suggested(self._new.name, self._new.settings)
        return found

    def _needed(self, question: str) -> str:
        answer = ""
        while not answer:
            answer = self._terminal.text(question[:1].upper() + question[1:])
        return answer

    def _log_in(self) -> None:
        def login() -> None:
            with self._new.opened() as connector:
                if connector.needs_login:
                    for each in _paths(self._new.settings):
                        path = self._new.hub.folder / Path(each).expanduser()
                        if not path.exists():
                            self._new.made(path)
                    connector.log_in(self._terminal.say)

        self._tried(login)

    def _tried(self, attempt: Callable[[], Any], stream: NewStream | None = None) -> Any:
        """Try until it works: an error that names a setting asks for that one again."""
        while True:
            try:
                return attempt()
            except SolmuError as error:
                self._terminal.warn(str(error))
                again = self._again(error, stream)
                if not again and not self._terminal.agrees("Try again as it is?"):
                    raise

    def _again(self, error: SolmuError, stream: NewStream | None) -> bool:
        field = (error.field or "").removeprefix("settings.")
        stream = stream or self._new.streams.get(error.stream or "")
        if stream is not None and field:
            own = field.removeprefix(f"streams.{stream.name}.")
            start = self._starts.get(stream.name, {})
            if self._asking.again(self._new.kind.StreamSettings, own, stream.options, lambda _: start):
                return True
        model, settings = self._new.kind.Settings, self._new.settings
        if field == "port" and "host" in settings:
            # Whether it is the wrong port or the wrong machine, nobody can tell who hears no answer.
            self._asking.again(model, "host", settings, self._suggested)
        return bool(field) and self._asking.again(model, field, settings, self._suggested)

    # --- streams ------------------------------------------------------------------------------------------------------

    def _chosen(self) -> list[tuple[NewStream, dict[str, Any]]]:
        """The streams to add, each with settings to begin with."""
        from solmu.propose.orders import is_called_orders
        from solmu.sync.adding import NewStream

        offered: list[tuple[StreamInfo, dict[str, Any]]] = self._tried(self._new.offered)
        starts = {info.name: start for info, start in offered}
        names = list(self._streams) or self._names(list(starts))
        chosen: list[tuple[NewStream, dict[str, Any]]] = []
        for name in names:
            called = _name(name, [stream.name for stream, _ in chosen])
            keeps_name = called == name or "stream" not in self._new.kind.StreamSettings.model_fields
            stream = NewStream(called, called if keeps_name else name, mapping=self._streams.get(name))
            chosen.append((stream, starts.get(name, {})))
        # Whose orders they are can be told once their customers have been looked at.
        return sorted(chosen, key=lambda each: is_called_orders(each[0].stream))

    def _names(self, offered: Sequence[str]) -> list[str]:
        if not offered:
            return self._listed("It offers no streams by itself. Their names, separated by commas (accounts, contacts)")
        while True:
            options = [*offered, _OWN]
            names = self._terminal.choose_many("It offers:", options, "1")
            known = [name for name in names if name in offered]
            if _OWN in names:
                known += self._listed("What shall it be called?")
            if known and all(name in options for name in names):
                return known
            self._terminal.warn(f"Choose from 1 to {len(options)}.")

    def _listed(self, question: str) -> list[str]:
        return [part.strip() for part in self._needed(question).split(",") if part.strip()]

    def _stream(self, stream: NewStream, start: dict[str, Any]) -> None:
        self._terminal.say(f"{self._new.name}/{stream.name}")
        model = self._new.kind.StreamSettings
        self._starts[stream.name] = start
        stream.options.update(self._options.get(stream.name, {}))
        asked = {key for key, value in start.items() if _is_asked(model, key)}
        stream.options.update({key: value for key, value in start.items() if key not in {*asked, *stream.options}})
        self._asking.settings(model, stream.options, lambda _: start)
        samples: dict[str, list[Any]] = {}
        if self._new.is_source:
            samples, types = self._tried(lambda: self._new.sample(stream), stream)
            self._new.streams[stream.name] = stream
            self._columns(stream, start, samples, types)
        self._new.streams[stream.name] = stream
        if stream.mapping is None:
            self._mapping(stream, samples)

    def _columns(
        self,
        stream: NewStream,
        start: Mapping[str, Any],
        samples: Mapping[str, Sequence[Any]],
        types: Mapping[str, str],
    ) -> None:
        """Ask for what makes a row's key, and what says that it changed: by the columns' names and values."""
        from solmu.config.questions import questions
        from solmu.propose import changed_columns, key_columns

        model = self._new.kind.StreamSettings
        passed = {each.key for each in questions(model) if each.column is None and each.is_due(stream.options)}
        for question in questions(model):
            if question.column is None or question.key in stream.options or not question.is_due(stream.options):
                continue
            find = key_columns(samples) if question.column == "key" else changed_columns(samples, types)
            possible, likely = find
            stated = [each for each in start.get(question.key, ()) if each in samples]
            possible = list(dict.fromkeys([*stated, *likely, *possible]))
            if not possible:
                if question.column == "key":
                    self._terminal.say("No column tells every row from the others: a row is known by its content.")
                continue
            none = "none: by the row's content" if question.column == "key" else "none: compare the whole list"
            default = ", ".join(stated or likely[:1]) or none
            chosen = self._columns_of(f"{question.key}: {question.about}", [*possible, none], default, samples)
            if not chosen:
                continue
            stream.options[question.key] = chosen if question.kind == "list" else chosen[0]
        self._asking.settings(model, stream.options, lambda _: start, passed=passed)

    def _columns_of(
        self, title: str, options: list[str], default: str, samples: Mapping[str, Sequence[Any]]
    ) -> list[str]:
        while True:
            found = self._terminal.choose_many(title, options, default)
            if options[-1] in found:
                return []
            strangers = [name for name in found if name not in samples]
            if not strangers and found:
                return found
            self._terminal.warn(f"There is no column {', '.join(strangers)} among: {', '.join(samples)}")

    # --- mappings -----------------------------------------------------------------------------------------------------

    def _mapping(self, stream: NewStream, samples: Mapping[str, Sequence[Any]]) -> None:
        from solmu.config.mappings import mapping_names
        from solmu.sync.fitting import fitting, proposal_for, target_mappings

        if self._new.direction != "source":
            names = target_mappings(self._new, stream, both=self._new.is_source)
            stream.mapping = names[self._terminal.choose(f"Mapping of {stream.name}:", names)] if names else None
            return
        found = fitting(self._new, stream, samples, kind=self._kind or self._new.kind.rows_are)  # type: ignore[arg-type]
        options = [each.about for each in found]
        more = ["another that exists", "none yet: leave this stream out"]
        if not found:
            self._terminal.say("None can be proposed: no column names an organisation or a person.")
            self._terminal.say("Of orders it can be, once the stream of their customers has been added: choose both.")
        # By an empty answer nobody gets a mapping that does not fit.
        default = 0 if found else len(more) - 1
        chosen = self._terminal.choose(f"Which mapping makes customers of {stream.name}?", [*options, *more], default)
        if chosen == len(found) + 1:
            del self._new.streams[stream.name]
            return
        if chosen == len(found):
            names = mapping_names(self._new.hub.folder, "sources")
            stream.mapping = names[self._terminal.choose("Mappings:", names)]
            return
        picked = found[chosen]
        if picked.proposal is not None:
            kinds = list(_KINDS)
            here = kinds.index(self._kind or picked.proposal.kind)
            kind = kinds[self._terminal.choose("Each row is", list(_KINDS.values()), here)]
            picked = proposal_for(self._new, stream, samples, kind=kind) or picked  # type: ignore[arg-type]
        for note in picked.notes:
            self._terminal.say(f"note: {note}")
        stream.mapping, stream.text = picked.name, picked.text


def _is_asked(model: Any, key: str) -> bool:
    from solmu.config.questions import questions

    return any(each.key == key for each in questions(model))


def _name(offered: str, taken: Sequence[str]) -> str:
    """What a stream may be called in YAML, by what the system calls it."""
    from solmu.config.connections import NAME
    from solmu.normalise import fold

    name = offered if NAME.fullmatch(offered) else re.sub(r"[^A-Za-z0-9]+", "-", fold(offered)).strip("-") or "rows"
    number = 2
    while name in taken:
        name, number = f"{name.rstrip('0123456789').rstrip('-')}-{number}", number + 1
    return name


def _paths(settings: Mapping[str, Any]) -> list[str]:
    """Texts among the settings that could be files which logging in makes."""
    found: list[str] = []
    for value in settings.values():
        if isinstance(value, Mapping):
            found += _paths(value)
        elif isinstance(value, str) and "://" not in value and "\n" not in value and len(value) < 200:
            found.append(value)
    return found
