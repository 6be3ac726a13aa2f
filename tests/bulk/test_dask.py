"""A Dask cluster of two worker processes with four threads each as the executor of a run."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import wait
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("distributed")

import dask
from distributed import Client as Dask
from distributed import KilledWorker, LocalCluster

from dynaclient import BulkError, Client, Env, SettingsError
from dynaclient.__main__ import main
from dynaclient.bulk.cluster import claim, forget_claims, passed_on, perform_once
from dynaclient.bulk.worker import Try
from tests.bulk.counting import DOCUMENT, Counting, bodies, members, rows, server_of
from tests.bulk.kills import OF_DASK, killed_import, points_of
from tests.bulk.rates import check_the_rate, check_the_rate_over_ten_seconds, put_off_once

SECRET = "s3cr3t-k3y-of-a-cluster"
SETTINGS = {
    **OF_DASK,
    "distributed.worker.memory.target": 1e-6,  # all results go to the disk
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": False,
}


@pytest.fixture(scope="module")
def spill(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dask")


@pytest.fixture(scope="module")
def cluster(spill: Path) -> Iterator[Dask]:
    local = LocalCluster
    with (
        dask.config.set(SETTINGS),
        local(
            n_workers=2,
            threads_per_worker=4,
            processes=True,
            dashboard_address=":0",
            local_directory=str(spill),
            memory_limit="1GiB",
            env={"BULK_KEY": SECRET},
        ) as made,
        Dask(made) as client,
    ):
        yield client


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setenv("BULK_KEY", SECRET)
    return {"key": Env("BULK_KEY")}


KINDS: list[tuple[str, Any, dict[str, Any]]] = [
    ("putItem", rows, {"key": "id"}),
    ("addItem", bodies, {"key": "body.id"}),
    ("putItems", members, {"key": "id", "pack": "items"}),
    ("addItems", members, {"key": "id", "pack": "items", "ordered": True}),
]


@pytest.mark.parametrize(("operation", "make", "settings"), KINDS)
def test_each_row_is_sent_once_and_comes_back(
    cluster: Dask, secret: Any, operation: str, make: Any, settings: dict[str, Any]
) -> None:
    counting = Counting()
    with server_of(counting) as server:
        api = Client(DOCUMENT, server=server.url, credentials=secret)
        with api.bulk(operation, make(60), executor=cluster.get_executor(pure=False), **settings) as run:
            found = [next(run)]
            with_recipe = cluster.run(plugins)
            found += run
        assert {each.header("X-Key") for each in server.requests} == {SECRET}
    assert {row.key: row.state for row in found} == {f"k{index}": "ok" for index in range(60)}
    assert set(counting.done.values()) == {1}
    assert run.summary.requests == (6 if "pack" in settings else 60)  # no worker had to ask for the recipe
    assert [*with_recipe.values()] == [1, 1]
    assert [*cluster.run(plugins).values()] == [0, 0]


def plugins(dask_worker: Any) -> int:
    return sum(name.startswith("dynaclient-") for name in dask_worker.plugins)


def test_poison_rows_come_back_alone(cluster: Dask, secret: Any) -> None:
    given = members(400)
    for index in range(0, 400, 200):
        given[index]["n"] = -1
    poison = {"k100", "k300"}
    counting = Counting(lambda key, arrival: "422" if key in poison else "ok")
    with server_of(counting) as server:
        api = Client(DOCUMENT, server=server.url, credentials=secret)
        run = api.bulk("putItems", given, key="id", pack="items", executor=cluster.get_executor(pure=False))
        found = {row.key: row.state for row in run}
    assert {key for key, state in found.items() if state == "refused"} == {"k0", "k200"}
    assert {key for key, state in found.items() if state == "failed"} == poison
    assert counting.done.keys() == {key for key, state in found.items() if state == "ok"}
    assert set(counting.done.values()) == {1}


@pytest.mark.exhaustive
def test_the_rate_at_the_server_and_after_a_429(cluster: Dask, secret: Any) -> None:
    counting = put_through(cluster, secret, 120, "100/s")
    check_the_rate(counting, pause=1.0)  # what was on its way may come late


@pytest.mark.exhaustive
def test_the_rate_over_ten_seconds(cluster: Dask, secret: Any) -> None:
    """The first requests wait for their workers, and arrive at once."""
    counting = put_through(cluster, secret, 350, "25/s")
    check_the_rate_over_ten_seconds(counting, pause=1.0, rate=25)


def put_through(cluster: Dask, secret: Any, count: int, rate: str) -> Counting:
    """What a server that puts off once sees of so many rows."""
    counting = Counting(put_off_once, retry_after="2", delay=0.02)
    executor = cluster.get_executor(pure=False)
    with server_of(counting) as server:
        api = Client(DOCUMENT, server=server.url, credentials=secret)
        found = list(api.bulk("putItem", rows(count), rate=rate, executor=executor))
    assert {row.state for row in found} == {"ok"}
    assert counting.done == dict.fromkeys((f"k{index}" for index in range(count)), 1)
    return counting


def test_a_plain_secret_does_not_go_to_the_cluster(cluster: Dask) -> None:
    api = Client(DOCUMENT, server="http://h", credentials={"key": SECRET})
    with pytest.raises(SettingsError, match=r'credentials={"key": Env\("NAME"\)}'):
        api.bulk("putItem", [], executor=cluster.get_executor(pure=False))


def test_a_scheduler_that_repeats_is_for_calls_that_may_be_repeated(cluster: Dask) -> None:
    api = Client(DOCUMENT, server="http://h")
    executor = cluster.get_executor(pure=False)
    cluster.run_on_scheduler(allow, 3)
    try:
        with pytest.raises(SettingsError, match=r"up to 3 times.*SCHEDULER__ALLOWED_FAILURES=0"):
            api.bulk("addItem", [], executor=executor)
        assert list(api.bulk("putItem", [], executor=executor)) == []
        assert list(api.bulk("addItem", [], executor=executor, idempotency_key="Idempotency-Key")) == []
    finally:
        cluster.run_on_scheduler(allow, 0)


def allow(failures: int, dask_scheduler: Any) -> None:
    dask_scheduler.allowed_failures = failures


def test_what_dask_runs_again_is_not_sent_again(cluster: Dask) -> None:
    """As it does with a result that nobody had fetched when its worker died."""
    tries = [
        cluster.submit(
            perform_once, "a run", number, 0, "no digest", None, Try("x", {}, None, {}), pure=False
        )
        for number in (0, 0, 1)
    ]
    assert sorted(each.result().kind for each in tries) == ["lacking", "lacking", "unanswered"]


class Lost:
    """A task that was finished; its result is on a worker that died, and to fetch it raises."""

    status = "finished"

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def __await__(self) -> Iterator[Any]:
        yield from asyncio.sleep(0).__await__()
        raise self._error


@pytest.mark.parametrize(
    "error", [KilledWorker("a task", "a worker", 0), KeyError("a task"), OSError("gone")]
)
def test_a_result_that_cannot_be_fetched_is_an_error_and_not_waited_for(
    cluster: Dask, error: BaseException
) -> None:
    """Dask's own executor leaves such a future without an end."""
    made = passed_on(cluster, Lost(error))
    assert made.exception(10) is error


def test_what_becomes_of_a_task_is_passed_on(cluster: Dask) -> None:
    assert passed_on(cluster, cluster.submit(int, "7", pure=False)).result(10) == 7
    with pytest.raises(ValueError, match="seven"):
        passed_on(cluster, cluster.submit(int, "seven", pure=False)).result(10)
    task = cluster.submit(time.sleep, 5, pure=False)
    made = passed_on(cluster, task)
    task.cancel()
    assert wait([made], 10).done == {made}
    assert made.cancelled()
    made = passed_on(cluster, cluster.submit(time.sleep, 5, pure=False))
    assert made.cancel()
    assert wait([made], 10).done == {made}


def test_a_request_that_is_over_cannot_be_claimed_again() -> None:
    """Its result was fetched and forgotten, and the worker that still held it dies."""
    try:
        assert [claim("one", number, low) for number, low in ((0, 0), (1, 0), (2, 2))] == [True] * 3
        assert [claim("one", number, low) for number, low in ((1, 0), (0, 0), (2, 2))] == [False] * 3
        assert claim("one", 3, 2)
    finally:
        forget_claims("one")


@pytest.mark.sampled(2)
@pytest.mark.parametrize(("operation", "make"), [("putItem", rows), ("addItem", bodies)])
def test_a_worker_that_dies_loses_no_row(
    cluster: Dask, secret: Any, operation: str, make: Any, tmp_path: Path
) -> None:
    counting = Counting(delay=0.01)
    with server_of(counting) as server:
        api = Client(DOCUMENT, server=server.url, credentials=secret)
        settings = {
            "executor": cluster.get_executor(pure=False),
            "window": 16,
            "journal": tmp_path / "import.db",
        }
        run = api.bulk(operation, make(150), **settings)
        found = [next(run) for _ in range(10)]
        os.kill(min(cluster.run(os.getpid).values()), signal.SIGKILL)
        found += run
    states = [row.state for row in found]
    assert sorted(row.index for row in found) == list(range(150))
    if operation == "putItem":
        assert set(states) == {"ok"}
        assert sum(counting.arrived.values()) <= 150 + 16
    else:
        assert max(counting.arrived.values()) == 1
        assert set(states) <= {"ok", "unknown"}
        assert states.count("unknown") <= 4  # its threads
    assert {key for key, _ in counting.done.items()} >= {
        f"k{row.index}" for row in found if row.state == "ok"
    }
    cluster.wait_for_workers(2)


@pytest.mark.sampled(2)
@pytest.mark.parametrize(("kind", "worker"), [("POST", False), ("pack", True)])
def test_a_killed_import_goes_on(cluster: Dask, tmp_path: Path, kind: str, worker: bool) -> None:
    found = killed_import(tmp_path, kind, "dask", 60, [30], worker=worker, cluster=cluster)
    assert found.problems == []
    assert (found.kills, found.runs) == (1, 2)
    assert found.states["ok"] >= 60 - 9 - 8  # what the plan breaks, and what was on its way
    cluster.wait_for_workers(2)


@pytest.mark.exhaustive
@pytest.mark.parametrize("worker", [False, True])
@pytest.mark.parametrize("kind", ["PUT", "POST", "pack"])
def test_imports_that_are_killed_again_and_again(
    cluster: Dask, tmp_path: Path, kind: str, worker: bool
) -> None:
    found = killed_import(tmp_path, kind, "dask", 600, points_of(kind, 600), worker=worker, cluster=cluster)
    assert found.problems == []
    cluster.wait_for_workers(2)


@pytest.mark.exhaustive
@pytest.mark.parametrize(("operation", "make", "most"), [("putItem", rows, 2), ("addItem", bodies, 1)])
def test_a_scheduler_that_dies_ends_the_run_and_it_goes_on(
    tmp_path: Path, operation: str, make: Any, most: int
) -> None:
    journal, counting = tmp_path / "import.db", Counting(delay=0.02)
    settings: dict[str, Any] = {"key": "body.id", "journal": journal}
    with server_of(counting) as server, by_hand(tmp_path) as (scheduler, client):
        api = Client(DOCUMENT, server=server.url)
        run = api.bulk(operation, make(200), executor=client.get_executor(pure=False), window=16, **settings)
        found = [next(run) for _ in range(20)]
        scheduler.kill()
        with pytest.raises(BulkError, match=r"the executor .*; the run goes on when it is started again"):
            found += run
    with server_of(counting) as server, Client(DOCUMENT, server=server.url) as api:
        rest = list(api.bulk(operation, make(200), **settings))
    assert max(counting.arrived.values()) <= most
    states = {row.key: row.state for row in [*found, *rest]}
    assert {key for key, state in states.items() if state != "ok"} <= (
        set() if most == 2 else {key for key, state in states.items() if state == "unknown"}
    )
    assert len(states) >= 200 - 16  # what was done between the last row and the end is in the journal alone


@contextlib.contextmanager
def by_hand(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], Dask]]:
    """A scheduler and a worker in processes of their own, and a client."""
    environment = {**os.environ, "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    program, file = str(Path(sys.executable).with_name("dask")), folder / "scheduler.json"
    common: dict[str, Any] = {"env": environment, "stderr": subprocess.DEVNULL, "cwd": folder}
    place = ["--scheduler-file", str(file), "--no-dashboard"]
    with (
        subprocess.Popen(
            [program, "scheduler", "--port", "0", "--dashboard-address", ":0", *place], **common
        ) as one,
        subprocess.Popen([program, "worker", "--nthreads", "4", "--no-nanny", *place], **common) as two,
    ):
        try:
            while not file.exists():
                time.sleep(0.05)
            client = Dask(scheduler_file=str(file), set_as_default=False, timeout=30)
            client.wait_for_workers(1)
            yield one, client
            client.close(timeout=1)
        finally:
            one.kill()
            two.kill()


def test_the_command_sends_through_a_cluster(
    cluster: Dask, secret: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "api.json").write_text(json.dumps(DOCUMENT))
    (tmp_path / "rows.ndjson").write_text("".join(json.dumps(each) + "\n" for each in rows(40)))
    files = [str(tmp_path / "api.json"), "putItem", str(tmp_path / "rows.ndjson")]
    counting = Counting()
    with server_of(counting) as server:
        target = ["--server", server.url, "--credential", "key=env:BULK_KEY"]
        code = main(["bulk", *files, *target, "--dask", cluster.scheduler.address])
        assert {each.header("X-Key") for each in server.requests} == {SECRET}
    said = capfd.readouterr()
    assert (code, said.out.split(";")[0]) == (0, "40 ok"), said.err
    assert set(counting.done.values()) == {1}
    assert main(["bulk", *files, *target, "--dask", "nonsense://x"]) == 2
    assert "no scheduler answers at nonsense://x" in capfd.readouterr().err


def test_no_secret_in_journal_logs_and_spill(cluster: Dask, secret: Any, spill: Path, tmp_path: Path) -> None:
    counting = Counting(lambda key, arrival: "400" if key == "k3" else "ok")
    with server_of(counting) as server:
        api = Client(DOCUMENT, server=server.url, credentials=secret)
        executor = cluster.get_executor(pure=False)
        run = api.bulk("putItem", rows(40), key="id", executor=executor, journal=tmp_path / "import.db")
        found = [next(run)]
        kept = files(spill)
        found += run
        assert {each.header("X-Key") for each in server.requests} == {SECRET}
    logs = repr((cluster.get_scheduler_logs(), cluster.get_worker_logs(), cluster.get_events()))
    assert "Receive client connection" in logs
    assert SECRET not in logs
    assert SECRET not in repr(found)
    assert SECRET.encode() not in b"".join([*kept, *files(spill), *files(tmp_path)])


def files(folder: Path) -> list[bytes]:
    found = []
    for path in folder.rglob("*"):
        try:
            found.append(path.read_bytes() if path.is_file() else b"")
        except OSError:
            continue  # a worker has removed it
    return found
