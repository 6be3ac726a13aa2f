"""`pytest --contract-coverage`: what ordinary tests have tried of a document, said at the end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.shop import SHOP, HandWritten, right

TESTS = """
from dynaclient import Client

def test_one():
    with Client("shop.json", server={url!r}) as shop:
        shop.get_list("a", top=1)

def test_two():
    with Client("shop.json", server={url!r}) as shop:
        shop.get_list("b")
        assert shop.make_list(body={{"entries": []}}) == {{"count": 0}}
"""


@pytest.mark.sampled(2)
@pytest.mark.parametrize("options", [(), ("-n", "2")])
def test_it_is_said_at_the_end(tmp_path: Path, options: tuple[str, ...]) -> None:
    (tmp_path / "shop.json").write_text(json.dumps(SHOP))
    with HandWritten(right) as server:
        (tmp_path / "test_shop.py").write_text(TESTS.format(url=server.url))
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--contract-coverage"]
        done = subprocess.run([*command, *options], cwd=tmp_path, capture_output=True, text=True)
    said = done.stdout.partition("contract coverage")[2].splitlines()
    assert done.returncode == 0, done.stdout + done.stderr
    assert said[1:8] == [
        "shop.json",
        "  operations          2 of 2",
        "  statuses            2 of 2",
        "  request types       1 of 1",
        "  response types      2 of 2",
        "  parameters          2 of 2",
        "  keywords            8 of 15",
    ]
