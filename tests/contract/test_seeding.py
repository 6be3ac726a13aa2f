"""Seeded cases: the same for the same seed, both kinds, and as many ways of being broken as there is room."""

from __future__ import annotations

import subprocess
import sys

from dynaclient import Client
from dynaclient.contract import seeded
from dynaclient.contract.seeding import fault_place
from tests.small import one, param

TALON = Client("talon-one-integration")


def test_the_same_seed_gives_the_same_cases_in_every_process() -> None:
    script = (
        "from dynaclient import Client; from dynaclient.contract import seeded; "
        "print(seeded(Client('talon-one-integration'), 'updateCustomerSessionV2', 3, 12))"
    )
    made = [
        subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True).stdout
        for _ in range(2)
    ]
    assert made[0] == made[1] == f"{seeded(TALON, 'updateCustomerSessionV2', 3, 12)}\n"
    assert seeded(TALON, "updateCustomerSessionV2", 4, 12) != seeded(TALON, "updateCustomerSessionV2", 3, 12)


def test_half_are_valid_and_half_are_broken_each_in_its_own_way() -> None:
    for key in TALON.operations:
        cases = seeded(TALON, key, 0, 20)
        good = [case for case in cases if case.fault is None]
        bad = [case for case in cases if case.fault is not None]
        assert 1 <= len(good) <= 10
        assert 1 <= len(bad) <= 10
        assert len({repr(case) for case in good}) == len(good)
        assert len({fault_place(case) for case in bad}) == len(bad)
        assert all(case.violations(TALON) == [] for case in good)
        assert all(case.fault and case.fault.description for case in bad)


def test_the_first_holds_what_is_required_the_second_everything() -> None:
    few, all_, *_ = seeded(TALON, "getLoyaltyBalances")
    assert list(few.arguments) == ["path.loyaltyProgramId", "path.integrationId"]
    assert len(all_.arguments) == len(TALON.operations["getLoyaltyBalances"].parameters)


def test_faults_that_a_server_sees_come_first() -> None:
    bad = [case.fault for case in seeded(TALON, "createReferral", 0, 40) if case.fault]
    lost = [fault.lost != "" for fault in bad]
    assert lost == sorted(lost)
    assert len(bad) > 10


def test_one_case_is_a_valid_one() -> None:
    (case,) = seeded(TALON, "createReferral", 0, 1)
    assert case.fault is None


def test_an_operation_that_takes_nothing_has_one_valid_case() -> None:
    assert [case.fault is None for case in seeded(Client(one()), "op")] == [True, False]


def test_elements_of_an_array_are_one_place() -> None:
    many = param("p", "query", {"type": "array", "items": {"type": "integer"}, "minItems": 2}, required=True)
    bad = [case for case in seeded(Client(one("get", "/x", many)), "op", 0, 60) if case.fault]
    assert sum(case.fault.keyword == "type" and case.fault.pointer != "" for case in bad if case.fault) == 1
