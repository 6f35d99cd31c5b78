"""Stating a survivorship rule changes the lines that it needs and no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from solmu.config import load_hub
from solmu.config.edit_rule import propose_rule, set_rule, with_rule
from solmu.errors import ConfigurationError, SolmuError
from solmu.model import Entity

ABOUT = "why it is so"


def stated(text: str, field: str = "city") -> str:
    return with_rule(text, "hub.yaml", Entity.ORGANISATION, field, "hub", ABOUT)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "name: a\nsurvivorship:\n  organisation:\n    # the ERP knows\n    name: rank   # so far\n\nstore: b\n",
            "name: a\nsurvivorship:\n  organisation:\n    # the ERP knows\n    name: rank   # so far\n"
            "    # why it is so\n    city: hub\n\nstore: b\n",
        ),
        (
            "survivorship:\n  default: rank   # or\n                  # another\n  # person: {}\n"
            "\n# guards:\nname: a\n",
            "survivorship:\n  default: rank   # or\n                  # another\n  # person: {}\n"
            "  organisation:\n    # why it is so\n    city: hub\n\n# guards:\nname: a\n",
        ),
        (
            "survivorship:\n  organisation:\n    city: ask # hm\n",
            "survivorship:\n  organisation:\n    city: hub # hm\n",
        ),
        ("survivorship:\n  organisation: {city: ask}\n", "survivorship:\n  organisation: {city: hub}\n"),
        ("survivorship:\n  organisation: {}\n", "survivorship:\n  organisation: {city: hub}\n"),
        (
            "survivorship: {person: {email: ask}}\n",
            "survivorship: {person: {email: ask}, organisation: {city: hub}}\n",
        ),
        ("survivorship: {organisation: }\n", "survivorship: {organisation: {city: hub} }\n"),
        (
            "survivorship:\n  sources:\n    - a\n    - b\nname: c\n",
            "survivorship:\n  sources:\n    - a\n    - b\n"
            "  organisation:\n    # why it is so\n    city: hub\nname: c\n",
        ),
        ("survivorship:\nname: a\n", "survivorship:\n  organisation:\n    # why it is so\n    city: hub\nname: a\n"),
        ("name: a", "name: a\nsurvivorship:\n  organisation:\n    # why it is so\n    city: hub\n"),
        ("", "survivorship:\n  organisation:\n    # why it is so\n    city: hub\n"),
        (
            "survivorship:\r\n  default: rank\r\n",
            "survivorship:\r\n  default: rank\r\n  organisation:\r\n    # why it is so\r\n    city: hub\r\n",
        ),
    ],
)
def test_only_the_lines_of_the_rule_change(before: str, after: str) -> None:
    assert stated(before) == after
    assert stated(after) == after


def test_what_stands_for_something_else_too_is_left_to_whoever_wrote_it() -> None:
    shared = "survivorship:\n  person: &both {city: ask}\n  organisation: *both\n"
    with pytest.raises(ConfigurationError, match="cannot be changed from here"):
        stated(shared)


def test_a_rule_is_written_as_it_was_shown_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "hub.yaml"
    file.write_text("# ours\nname: a\n")
    hub = load_hub(tmp_path)
    shown = propose_rule(hub, Entity.ORGANISATION, "city", "hub")
    assert file.read_text() == shown.before
    assert shown.hub.settings.survivorship.organisation == {"city": "hub"}
    file.write_text("# theirs\nname: a\n")
    with pytest.raises(SolmuError, match="changed since"):
        set_rule(hub, Entity.ORGANISATION, "city", "hub", seen=shown.seen)
    seen = propose_rule(hub, Entity.ORGANISATION, "city", "hub").seen
    set_rule(hub, Entity.ORGANISATION, "city", "hub", seen=seen)
    assert file.read_text() == "# theirs\nname: a\nsurvivorship:\n  organisation:\n    city: hub\n"
    assert load_hub(tmp_path).settings.survivorship.organisation == {"city": "hub"}


def test_what_the_hub_would_not_understand_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "hub.yaml").write_text("name: a\n")
    with pytest.raises(ConfigurationError, match="union"):
        propose_rule(load_hub(tmp_path), Entity.ORGANISATION, "city", "union")
