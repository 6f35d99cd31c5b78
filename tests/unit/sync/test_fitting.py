"""Which mappings are offered for a stream that is being added, and in what order."""

from __future__ import annotations

from pathlib import Path

from solmu.config import init_hub, load_hub
from solmu.sync.adding import NewConnection, NewStream
from solmu.sync.fitting import fitting, proposal_for

ROWS = {"firmenname": ["Blechwerk Test GmbH", "Rohrwerk Test GmbH"], "kd_nr": [1, 2], "gesperrt": ["", ""]}


def new_connection(folder: Path, connector: str, **settings: str) -> NewConnection:
    init_hub(folder, name="Fresh")
    return NewConnection(load_hub(folder), "new", connector, settings=dict(settings))


def test_the_mapping_of_the_sender_that_was_chosen_comes_first(tmp_path: Path) -> None:
    new = new_connection(tmp_path / "hub", "webform", scheme="typeform")
    assert next(each.name for each in fitting(new, NewStream("forms", "forms"), {})) == "webform/typeform"


def test_a_flag_of_suppliers_is_read_and_told(tmp_path: Path) -> None:
    new = new_connection(tmp_path / "hub", "sql")
    stream = NewStream("kundenstamm", "kundenstamm")
    found = proposal_for(new, stream, {**ROWS, "lieferant_jn": ["J", "N"]}, kind="contact")
    assert found is not None
    assert "supplier: {from: lieferant_jn}" in (found.text or "")
    assert "'lieferant_jn' says who is a supplier" in found.notes[0]


def test_dates_of_which_nobody_can_tell_the_day_are_left_out_and_told(tmp_path: Path) -> None:
    new = new_connection(tmp_path / "hub", "sql")
    rows = {"Company": ["A Ltd", "B Ltd"], "Lead source": ["Fair", "Fair"], "Lead date": ["01/02/2026", "03/04/2026"]}
    found = proposal_for(new, NewStream("leads", "leads"), rows, kind="lead")
    assert found is not None
    assert "on_invalid: drop" in (found.text or "")
    assert "`order: dmy` or `order: mdy`" in found.notes[0]
