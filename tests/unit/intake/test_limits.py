"""How much is let in, by rate and by size."""

from __future__ import annotations

import pytest

from solmu.intake.limits import CLIENTS, Budget, Full, Rate


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_two_seconds_worth_pass_at_once_and_then_as_many_as_the_rate_says() -> None:
    clock = Clock()
    rate = Rate(clock)

    waits = [rate.wait("form", "192.0.2.1", 5) for _ in range(11)]
    assert waits == [0.0] * 10 + [pytest.approx(0.2)]

    clock.now += 1
    assert [bool(rate.wait("form", "192.0.2.1", 5)) for _ in range(6)] == [False] * 5 + [True]


def test_clients_and_connections_are_counted_apart() -> None:
    rate = Rate(Clock())

    assert [rate.wait("form", "192.0.2.1", 0.1) > 0 for _ in range(2)] == [False, True]
    assert rate.wait("form", "192.0.2.2", 0.1) == 0
    assert rate.wait("shop", "192.0.2.1", 0.1) == 0


def test_one_network_of_the_new_protocol_is_one_client() -> None:
    rate = Rate(Clock())

    assert rate.wait("form", "2001:db8::1", 0.1) == 0
    assert rate.wait("form", "2001:db8::ffff", 0.1) > 0
    assert rate.wait("form", "2001:db8:0:1::1", 0.1) == 0
    assert rate.wait("form", "fe80::1%eth0", 0.1) == 0


def test_memory_of_clients_is_bounded() -> None:
    rate = Rate(Clock())

    for number in range(CLIENTS + 50):
        rate.wait("form", str(number), 1)

    assert len(rate._buckets) == CLIENTS


def test_bytes_are_given_back_when_a_request_ends() -> None:
    budget = Budget(100)

    with budget.share() as one, budget.share() as two:
        one(60)
        with pytest.raises(Full):
            two(41)
        two(40)
    with budget.share() as three:
        three(100)
