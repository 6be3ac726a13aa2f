"""Every planted defect, with several seeds: it is found, and its commands show it again on a fresh server.

`make exhaustive` runs this; `make test` leaves it out and has a sample (`test_pasting.py`).
"""

from __future__ import annotations

import pytest

from dynaclient import Client
from dynaclient.contract import Failure, Report, run
from dynaclient.explore.shell import variable
from tests.contract.pasting import differs, needs_curl, paste
from tests.planted.defects import DEFECTS
from tests.planted.serving import CREDENTIALS, DOCUMENT, running

SEEDS = (0, 1, 2)
VARIABLES = {variable(name): secret for name, secret in CREDENTIALS.items()}

pytestmark = [pytest.mark.exhaustive, needs_curl]


def report_of(url: str, seed: int, options: tuple[str, ...] = (), failures: int | None = None) -> Report:
    """A run with the settings that `dynaclient test` has, no end to its time, and `failures` at most."""
    limit = dict(zip(options[::2], options[1::2], strict=True)).get("--max-response-time")
    client = Client(DOCUMENT, server=url, credentials=CREDENTIALS)
    wait = float(limit) if limit else None
    return run(client, seed=seed, max_time=None, max_response_time=wait, max_failures=failures)


def found(defect: str, seed: int) -> tuple[str, list[Failure]]:
    """The failures that are reported where the defect shows. The first seed runs to its end; of another the
    run may end with its first failure, as the whole one begins with the same requests."""
    for most in (None,) if seed == SEEDS[0] else (1, None):
        with running(defect) as url:
            report = report_of(url, seed, DEFECTS[defect].options, most)
        here = [group.shown for group in report.groups if {*group.operations} & {*DEFECTS[defect].at}]
        if here:
            break
    return url, here


def not_shown(failure: Failure, url: str, defect: str) -> list[str]:
    """What the commands of a failure do not show again, each pasted against a server of its own."""
    wrong = []
    for lines in (failure.command, failure.curl):
        with running(defect) as again:
            said = differs(failure, paste(lines.replace(url, again), **VARIABLES))
        if said:
            wrong.append(f"{failure.title}\n{lines}\n{said}")
    return wrong


@pytest.mark.parametrize("defect", DEFECTS)
def test_each_seed_finds_it_and_its_commands_show_it_again(defect: str) -> None:
    pasted: set[tuple[str, str]] = set()
    missed, wrong = [], []
    for seed in SEEDS:
        url, here = found(defect, seed)
        missed += [] if here else [seed]
        for each in here:
            lines = (each.command.replace(url, ""), each.curl.replace(url, ""))
            if lines not in pasted:
                pasted.add(lines)
                wrong += not_shown(each, url, defect)
    assert not missed, f"not found with the seeds {missed}"
    assert not wrong, "\n\n".join(wrong)


@pytest.mark.parametrize("seed", range(10))
def test_nothing_is_reported_where_no_defect_is_on(seed: int) -> None:
    with running() as url:
        assert not report_of(url, seed).failures
