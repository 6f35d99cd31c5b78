"""The demo's own folder, ``.demo/``: a hub like any other, with its data, its CRM and its secrets beside it."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import examples.nordic
from examples.nordic.generate import generate

HUB = Path(examples.nordic.__path__[0]) / "hub"
_STATE = "demo.json"


class NotOurs(Exception):
    """The folder holds something that the demo has not made, and will not remove."""


@dataclass(frozen=True, slots=True)
class Home:
    """Where everything lies. ``folder`` is absolute."""

    folder: Path

    @property
    def secrets(self) -> Path:
        return self.folder / "secrets"

    @property
    def crm_data(self) -> Path:
        return self.folder / "sandbox" / "salesforce.db"

    @property
    def crm_ids(self) -> Path:
        """JSON: what the sample data calls a record of the CRM → the id that the CRM gave it."""
        return self.folder / "sandbox" / "ids.json"

    @property
    def truth(self) -> Path:
        return self.folder / "truth.csv"

    def state(self) -> dict[str, Any]:
        """What ``demo.json`` says.

        ``seed``; whether the folder is ``complete``, had a ``night`` that went well, and has ``changed`` since; and
        ``sandbox`` (``url``, ``pid``) while one is up.
        """
        try:
            found: dict[str, Any] = json.loads((self.folder / _STATE).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return found

    def note(self, **changes: Any) -> None:
        """Change what ``demo.json`` says; whoever reads it meanwhile sees the old or the new state."""
        part = self.folder / f"{_STATE}.part"
        part.write_text(json.dumps({**self.state(), **changes}, indent=2) + "\n", encoding="utf-8")
        part.replace(self.folder / _STATE)

    def keep_secret(self, name: str, value: str) -> None:
        """Write one secret, readable by its owner only, from the first byte on."""
        self.secrets.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(self.secrets / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(value)

    def document(self, name: str) -> Any:
        """One of the JSON files that the sample data comes with."""
        return json.loads((self.folder / name).read_text(encoding="utf-8"))

    @property
    def complete(self) -> bool:
        """Whether there is a demo to go on with; one that was interrupted while being made is none."""
        return bool(self.state().get("complete"))

    def make(self, seed: int) -> None:
        """A new hub with new data; what was there goes. Raises NotOurs where that is not the demo's."""
        self.remove()
        self.folder.mkdir(parents=True)
        self.note(seed=seed, complete=False)
        shutil.copytree(HUB, self.folder, dirs_exist_ok=True)
        generate(seed, self.folder)
        self.note(complete=True)

    def remove(self) -> None:
        """Remove the folder. Raises NotOurs where it is not the demo's."""
        if self.folder.is_dir() and any(self.folder.iterdir()):
            if not self.state():
                raise NotOurs(f"{self.folder} is not a folder that the demo made; remove or rename it first")
            shutil.rmtree(self.folder)
        elif self.folder.is_dir():
            self.folder.rmdir()
