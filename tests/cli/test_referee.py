"""`--referee openapi-core`: an independent judge of each exchange, whose disagreements are said."""

from __future__ import annotations

from typing import Any

import pytest

from dynaclient import Client
from dynaclient.cli.referee import Referee
from dynaclient.contract import Case, Fault, run
from dynaclient.contract.flow import SentCase, Step
from tests.contract.shop import SHOP, HandWritten, accepts_all, right
from tests.servers import reply
from tests.small import JSON, one, param


@pytest.mark.sampled(2)
@pytest.mark.parametrize("answer", [right, accepts_all])
def test_both_see_the_same(answer: Any) -> None:
    with HandWritten(answer) as server, Client(SHOP, server=server.url) as client:
        referee = Referee(client)
        run(client, cases=4, phases=["coverage", "random"], observe=referee.observe)
    assert referee.judged > 40
    assert list(referee.disagreements) == []


def judged(client: Client, case: Case) -> list[str]:
    referee = Referee(client)
    referee.observe(SentCase(1, "", (Step(case),), case.send(client)))
    return list(referee.disagreements)


def test_a_disagreement_is_said(serve: Any) -> None:
    document = one("get", "/x", param("n", "query", {"type": "integer"}), answer={"type": "integer"})
    client = Client(document, server=serve(reply(200, b"1", JSON)).url)
    assert judged(client, Case("op", {"query.n": 1})) == []
    (said,) = judged(client, Case("op", {"query.n": "x"}))  # no fault is told: to dynaclient it is valid
    assert said.startswith("op: a request that is valid to dynaclient is not to openapi-core: query n")
    fault = Fault("query", "n", "", "type", "a text")
    (said,) = judged(client, Case("op", {"query.n": 1}, fault=fault))
    assert said == "op: a request that is invalid to dynaclient is valid to openapi-core: query n: a text"


def test_from_the_command_line(run: Any, save: Any) -> None:
    with HandWritten(right) as server:
        options = ("--server", server.url, "--phase", "coverage", "--referee", "openapi-core")
        result = run("test", save(SHOP), *options)
    assert result.code == 0
    assert "\nopenapi-core judged " in result.out
    assert "\nit agrees with all verdicts" in result.out
