"""A connection to web forms as an administrator writes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from solmu.config import init_hub, load_hub
from solmu.config.connectors import open_connector
from solmu.config.secrets import redact
from solmu.errors import ConfigurationError
from tests.unit.connectors.webform.bodies import signed, typeform

NEW, OLD = "solmu-test-secret-new-456789", "solmu-test-secret-0123456789"


def opened(folder: Path, secret: str) -> object:
    init_hub(folder)
    (folder / "connections" / "web.yaml").write_text(
        "connector: webform\ndirection: source\nsettings:\n  scheme: typeform\n"
        f"  secret: {secret}\nstreams:\n  leads: {{mapping: webform/typeform}}\n",
        encoding="utf-8",
    )
    hub = load_hub(folder)
    return open_connector(hub, hub.connection("web"))


@pytest.mark.parametrize("secret", ["${ONE_SECRET}", '["${NEXT_SECRET}", "${ONE_SECRET}"]'])
def test_a_secret_or_several_stand_outside_and_are_hidden_in_logs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    monkeypatch.setenv("ONE_SECRET", OLD)
    monkeypatch.setenv("NEXT_SECRET", NEW)

    connector = opened(tmp_path, secret)

    assert connector.verify(signed("typeform", typeform())).id  # type: ignore[attr-defined]
    assert OLD not in redact(f"signed with {OLD}")
    assert NEW not in redact(f"signed with {NEW}") or "NEXT" not in secret


@pytest.mark.parametrize("secret", [OLD, f'["${{ONE_SECRET}}", "{NEW}"]'])
def test_a_secret_that_stands_in_the_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    monkeypatch.setenv("ONE_SECRET", OLD)

    with pytest.raises(ConfigurationError) as raised:
        opened(tmp_path, secret)

    assert raised.value.line == 5
    assert NEW not in str(raised.value)
