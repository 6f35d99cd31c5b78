"""What a person is asked for a connection follows from the connector's settings alone."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, Field, SecretStr

from connectors.base import Settings, ask
from solmu.config.connectors import connector_class, connector_names
from solmu.config.questions import problem_with, question, questions


class Login(Settings):
    """A block."""

    app: str


class Made(Settings):
    """Settings of a connector that does not exist."""

    host: str = Field(description="the server")
    port: int = 993
    password: SecretStr | None = Field(None, json_schema_extra=ask(one_of="how to log in"))
    login: Login | None = Field(None, json_schema_extra=ask(one_of="how to log in"))
    tls: Literal["implicit", "none"] = Field("implicit", json_schema_extra=ask(when={"host": "here"}))
    own: tuple[str, ...] = Field((), json_schema_extra=ask())
    files: str | tuple[str, ...] = Field("*", json_schema_extra=ask())
    folder: Path | None = Field(None, json_schema_extra=ask(when={"host": True}))
    fast: bool = Field(False, json_schema_extra=ask())


def test_what_is_required_or_marked_is_asked_for_and_nothing_else() -> None:
    assert [each.key for each in questions(Made)] == [
        "host", "password", "login", "tls", "own", "files", "folder", "fast"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("host", "text"),
        ("password", "secret"),
        ("login", "block"),
        ("tls", "choice"),
        ("own", "list"),
        ("files", "list"),
        ("folder", "text"),
        ("fast", "flag"),
    ],
)
def test_how_it_is_asked_follows_from_its_type(key: str, kind: str) -> None:
    found = question(Made, key)
    assert found is not None
    assert found.kind == kind


def test_a_setting_matters_only_beside_the_value_that_it_needs() -> None:
    tls, folder = question(Made, "tls"), question(Made, "folder")
    assert tls is not None
    assert folder is not None
    assert tls.is_due({"host": "here"})
    assert not tls.is_due({"host": "there"})
    assert folder.is_due({"host": "there"})
    assert not folder.is_due({})


def test_an_answer_is_judged_before_the_others_are_there() -> None:
    assert problem_with(Made, {"port": 99}, "port") is None
    assert "whole number" in (problem_with(Made, {"port": "far"}, "port") or "")
    assert "`host` is missing" in (problem_with(Made, {}) or "")


@pytest.mark.parametrize("name", connector_names())
def test_every_setting_that_is_asked_for_says_what_it_is(name: str) -> None:
    found = connector_class(name)
    models: list[type[BaseModel]] = [found.Settings, found.StreamSettings]
    silent = [each.key for model in models for each in questions(model) if not each.about]
    assert silent == [] or name == "memory"  # whose settings have comments instead
