"""Another system keeps changing back what we write: the field stops, and somebody hears of it. Synthetic names."""

from __future__ import annotations

from solmu.config import Hub, load_hub
from solmu.store import Store
from solmu.sync.run import apply_plan, begin, finish, land_connection, push, resolve, to_the_end
from tests.hubs import crm_of
from tests.night.conftest import Night


def test_a_field_that_is_changed_back_again_and_again_stops_and_is_told(hub: Hub, night: Night) -> None:
    file = hub.folder / "hub.yaml"
    rules = "survivorship:\n  organisation: {city: hub}\n"
    file.write_text(file.read_text().replace("survivorship:\n", rules), encoding="utf-8")
    night()
    wanted = crm_of(hub).records("accounts")["001"]["City"]
    told: list[list[str]] = []
    for number in range(5):
        crm_of(hub).put("accounts", {"City": "Elsewhere"}, key="001")
        told.append([problem["code"] for problem in night()["problems"]])
        if not told[-1]:
            assert crm_of(hub).records("accounts")["001"]["City"] == wanted, number
    assert told[0] == []
    assert told[-1] == ["rewritten"]
    assert crm_of(hub).records("accounts")["001"]["City"] == "Elsewhere"


def test_a_plan_that_is_applied_by_itself_tells_of_it_too(hub: Hub, store: Store, night: Night) -> None:
    file = hub.folder / "hub.yaml"
    rules = "survivorship:\n  organisation: {city: hub}\n"
    file.write_text(file.read_text().replace("survivorship:\n", rules), encoding="utf-8")
    night()
    for _ in range(4):
        crm_of(hub).put("accounts", {"City": "Elsewhere"}, key="001")
        night()
    crm_of(hub).put("accounts", {"City": "Elsewhere", "Industry": "Metal"}, key="001")
    changed = load_hub(hub.folder)
    run = begin(changed, store, kind="plan")
    with to_the_end(run):
        land_connection(run, "crm")
        resolve(run)
        plan = push(run, "crm", send=False)
    finish(run)
    assert plan is not None
    report = apply_plan(changed, store, plan)
    assert [problem["code"] for problem in report["problems"]] == ["rewritten"]
    assert report["exit"] == 3
