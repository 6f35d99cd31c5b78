"""Who never begins is given up on; who sends, is answered or rests is left alone."""

from __future__ import annotations

from dataclasses import dataclass

from solmu.intake.patience import HEAD_SECONDS, Patience


@dataclass(eq=False)
class Cycle:
    response_complete: bool


@dataclass(eq=False)
class Connection:
    """What uvicorn's protocols know of themselves."""

    cycle: Cycle | None = None
    timeout_keep_alive_task: object | None = None


def test_a_connection_without_a_request_is_given_up_in_time() -> None:
    now = 0.0
    patience = Patience(clock=lambda: now)
    silent, again = Connection(), Connection(Cycle(response_complete=True))
    assert patience.lost({silent, again}) == []

    now = HEAD_SECONDS
    late = Connection()
    assert patience.lost({silent, again, late}) == []

    now += 0.1
    assert set(patience.lost({silent, again, late})) == {silent, again}


def test_who_is_served_or_rests_is_left_alone_and_then_has_all_its_time() -> None:
    now = 0.0
    patience = Patience(clock=lambda: now)
    served, rests = (
        Connection(Cycle(response_complete=False)),
        Connection(Cycle(True), timeout_keep_alive_task=object()),
    )
    patience.lost({served, rests})
    now = HEAD_SECONDS * 10
    assert patience.lost({served, rests}) == []

    rests.timeout_keep_alive_task = None

    assert patience.lost({served, rests}) == []
