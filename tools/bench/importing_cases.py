"""The cases of many rows."""

from __future__ import annotations

import os

from bench.case import Case, Contender, ours
from bench.importing import SIZE, WORKERS
from bench.targets import Place


def single_rows(number: int, place: Place) -> Case:
    """An import, one request a row."""
    given = {"server": place.server, "rows": number}
    return Case(
        f"import {number:,} rows",
        "importing",
        f"a PUT of 150 B each, which comes back; {WORKERS} at a time where they are",
        (
            Contender("a loop of requests", "importing:loop", given, seconds=20),
            ours("bulk, checked", "importing:bulk", arguments=given),
            ours(
                "bulk, checked, with a journal",
                "importing:bulk",
                arguments={**given, "journal": str(place.folder)},
            ),
            ours("AsyncClient.bulk, checked", "importing:awaited", arguments=given),
            Contender("ThreadPoolExecutor over requests", "importing:threads", given, seconds=20),
        ),
    )


def packed_rows(number: int, place: Place) -> Case:
    """An import in packs."""
    given = {"server": place.server, "rows": number}
    return Case(
        f"import {number:,} rows in packs",
        "importing",
        f"a PUT of {SIZE} rows each, which come back; {WORKERS} at a time where they are",
        (
            Contender("a loop of requests", "importing:loop_of_packs", given, seconds=20),
            ours("bulk, checked", "importing:bulk_of_packs", arguments=given),
            ours("bulk, requests checked", "importing:bulk_of_packs", arguments={**given, "response": "off"}),
            Contender("ThreadPoolExecutor over requests", "importing:threads_of_packs", given, seconds=20),
        ),
    )


def checked_rows(number: int, place: Place) -> Case:
    """Rows that are checked and not sent."""
    given = {"rows": number}
    every = {**given, "workers": os.cpu_count() or 1}
    return Case(
        f"check {number:,} rows",
        "importing",
        "rows of 150 B, decoded; nothing is sent",
        (
            Contender("jsonschema-rs, is_valid", "importing:jsonschema_rs", given),
            ours("violations_many", "importing:violations_many", arguments=given),
            ours("violations_many on all cores", "importing:violations_many", arguments=every),
            ours("dry run of packs", "importing:dry_run", arguments={**given, "packs": True}),
            ours("dry run of single rows", "importing:dry_run", arguments={**given, "packs": False}),
        ),
    )
