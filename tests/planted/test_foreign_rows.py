"""A run harms nothing that it did not make."""

from __future__ import annotations

import json
from urllib.request import urlopen

import pytest

from dynaclient import Client
from dynaclient.contract import run
from tests.planted.serving import CREDENTIALS, DOCUMENT, running


@pytest.mark.sampled(2)
@pytest.mark.parametrize("defect", ["", "location-of-another"])
def test_no_foreign_row_is_changed(defect: str) -> None:
    """Not by a server either whose Location names what was there before."""
    with running(defect) as url, Client(str(DOCUMENT), server=url, credentials=CREDENTIALS) as client:
        report = run(client, only=["*Shel*", "*Book", "*Books"], cases=2, max_time=None)
        with urlopen(f"{url}/__rows") as response:
            rows = json.load(response)
    assert report.requests > 300
    assert all(
        rows["rows"][table].get(key) == row
        for table, known in rows["foreign"].items()
        for key, row in known.items()
    )
    assert {each.operation for each in report.failures} == ({"createBook"} if defect else set())
