"""Secrets by reference: read when a call needs them, asked once, in no repr and no pickle."""

from __future__ import annotations

import asyncio
import os
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dynaclient import Env, SettingsError
from dynaclient.profiles import references
from dynaclient.profiles.references import (
    CommandOutput,
    KeptSecret,
    KeyringItem,
    read_reference,
    shown_reference,
)

Ask = Callable[[str], str]

SECRET = "s3cr3t-of-the-shop"


def python(code: str) -> str:
    """The text of a reference to what a program prints."""
    return f"command:{sys.executable} -c '{code}'"


FORMS: list[tuple[str, Any, str]] = [
    ("env:SHOP_KEY", Env("SHOP_KEY"), "env:SHOP_KEY"),
    ("keyring:shop/me@x.example", KeyringItem("shop/me@x.example"), "keyring:shop/me@x.example"),
    ("keyring:https://a/b/me", KeyringItem("https://a/b/me"), "keyring:https://a/b/me"),
    ("command:pass show shop/key", CommandOutput("pass show shop/key"), "command:pass ..."),
    ("command:get-key", CommandOutput("get-key"), "command:get-key"),
    (f"plain:{SECRET}", SECRET, "plain:***"),
    ("plain:env:X", "env:X", "plain:***"),
    (SECRET, None, ""),
    ("evn:SHOP_KEY", None, ""),
    ("", None, ""),
]


@pytest.mark.parametrize(("text", "expected", "shown"), FORMS)
def test_forms(text: str, expected: Any, shown: str) -> None:
    found = read_reference(text)
    assert found == expected
    assert found is None or shown_reference(found) == shown


NONE = ["env:", "env:not a name", "keyring:", "keyring:shop", "keyring:/me", "command:", "command:  "]


@pytest.mark.parametrize("text", [*NONE, "command:'open", "command:./get-key", "command:bin/get-key --all"])
def test_what_has_the_form_and_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_reference(text)
    assert "--all" not in str(caught.value)


# -- commands -----------------------------------------------------------------------------------------


def asked(text: str) -> str:
    found = read_reference(text)
    assert isinstance(found, CommandOutput)
    return found()


def awaited(text: str) -> str:
    """As an AsyncClient asks."""
    found = read_reference(text)
    assert isinstance(found, CommandOutput)
    asyncio.run(found.fetch())
    return found()


both = pytest.mark.parametrize("ask", [asked, awaited])


@both
def test_what_a_command_prints_without_the_white_space_around_it(ask: Ask) -> None:
    assert ask(python('print("  a b\\n")')) == "a b"


@both
def test_no_shell_reads_it(ask: Ask) -> None:
    """`$HOME`, `;` and `>` are characters of an argument."""
    assert ask(python("import sys; print(sys.argv[1:])") + " '$HOME' ';' id '>' x '*'") == str(
        ["$HOME", ";", "id", ">", "x", "*"]
    )


@both
def test_it_cannot_read_the_input_that_a_body_comes_from(ask: Ask) -> None:
    assert ask(python("import sys; print(len(sys.stdin.read()))")) == "0"


FAILURES: list[tuple[str, str]] = [
    (python(f'print("{SECRET}"); raise SystemExit(3)'), r"failed \(exit code 3\)"),
    (python('print("")'), "printed nothing"),
    (python(r'import sys; sys.stdout.buffer.write(b"\xff")'), "no UTF-8"),
    (python('print("x" * 100_000)'), "printed more than 65,536 bytes"),
    (python("import time; time.sleep(60)"), "took longer than 0.2 s"),
    (python("import os, time; os.close(1); time.sleep(60)"), "took longer than 0.2 s"),
    (
        python("import subprocess, sys; subprocess.Popen([sys.executable, "
               '"-c", "import time; time.sleep(2)"])'),
        "took longer than 0.2 s",
    ),
    ("command:/nowhere/get-key --of me", "/nowhere/get-key cannot be started: No such file"),
    ("command:/", "cannot be started"),
]  # fmt: skip


@both
@pytest.mark.parametrize(("text", "message"), FAILURES)
def test_a_command_that_fails_is_an_error_of_ours(
    ask: Ask, text: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "0.2 s" in message:
        monkeypatch.setattr(references, "SECONDS", 0.2)
    with pytest.raises(SettingsError, match=message) as caught:
        ask(text)
    assert SECRET not in str(caught.value)
    assert "--of" not in str(caught.value)


def test_it_is_asked_once_and_again_after_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counter = tmp_path / "times"
    given = CommandOutput(
        python(f'p = "{counter}"; open(p, "a").write("x"); print(len(open(p).read()))').partition(":")[2]
    )
    assert [given(), given()] == ["1", "1"]
    assert not given.renew()  # it was asked just now: the server means something else
    assert given() == "1"
    monkeypatch.setattr(references, "LASTING", 0.0)
    assert given.renew()
    assert given() == "2"


def test_tasks_ask_once_and_go_on_meanwhile(tmp_path: Path) -> None:
    go, counter = tmp_path / "go", tmp_path / "times"
    given = CommandOutput(
        python(
            f'import os, time; p = "{counter}"; open(p, "a").write("x"); '
            f'[time.sleep(0.01) for _ in range(2000) if not os.path.exists("{go}")]; print("key")'
        ).partition(":")[2]
    )

    async def use() -> str:
        await given.fetch()
        return given()

    async def ask() -> list[str]:
        several = asyncio.gather(*(use() for _ in range(5)))
        while not counter.exists():
            await asyncio.sleep(0.01)
        go.touch()
        return await several

    assert asyncio.run(ask()) == ["key"] * 5
    assert counter.read_text() == "x"


def test_a_task_that_is_cancelled_ends_the_command(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    given = CommandOutput(
        python(
            f'import os, time; open("{pid}.new", "w").write(str(os.getpid())); '
            f'os.rename("{pid}.new", "{pid}"); time.sleep(60)'
        ).partition(":")[2]
    )

    async def ask() -> None:
        task = asyncio.ensure_future(given.fetch())
        while not pid.exists():
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(ask())
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


def test_a_pickle_and_a_repr_hold_the_reference_alone() -> None:
    given = CommandOutput(python(f'print("{SECRET}")').partition(":")[2].replace(SECRET, 's3cr3t-" + "of'))
    assert given() == "s3cr3t-of"
    data = pickle.dumps(given)
    assert b"s3cr3t-of" not in data
    assert pickle.loads(data) == given
    assert pickle.loads(data)() == "s3cr3t-of"
    assert "print" not in repr(given)
    assert len({given, pickle.loads(data)}) == 1


# -- the keyring --------------------------------------------------------------------------------------


class Ring:
    """What the module `keyring` is asked."""

    def __init__(self, found: Any) -> None:
        self.found = found
        self.asked: list[tuple[str, str]] = []

    def get_password(self, service: str, username: str) -> Any:
        self.asked.append((service, username))
        if isinstance(self.found, Exception):
            raise self.found
        return self.found


def test_an_item_of_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    ring = Ring(SECRET)
    monkeypatch.setitem(sys.modules, "keyring", ring)  # type: ignore[arg-type]
    given = KeyringItem("https://shop.example/api/me")
    assert ring.asked == []
    assert [given(), given()] == [SECRET] * 2
    assert ring.asked == [("https://shop.example/api", "me")]


@pytest.mark.parametrize(
    ("ring", "message"),
    [
        (None, r"pip install 'dynaclient\[keyring\]'"),
        (Ring(None), "no such item; `keyring set shop me` makes it"),
        (Ring(RuntimeError(SECRET)), r"the keyring failed \(RuntimeError\)"),
    ],
)
def test_a_keyring_without_it(ring: Any, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", ring)
    with pytest.raises(SettingsError, match=message) as caught:
        KeyringItem("shop/me")()
    assert SECRET not in str(caught.value)


def test_the_package_has_what_is_called() -> None:
    import keyring
    from keyring.backend import KeyringBackend

    class Fake(KeyringBackend):  # type: ignore[misc]
        priority = 1  # type: ignore[assignment]

        def get_password(self, service: str, username: str) -> str:
            return f"{service} {username}"

        def set_password(self, service: str, username: str, password: str) -> None: ...

        def delete_password(self, service: str, username: str) -> None: ...

    before = keyring.get_keyring()
    keyring.set_keyring(Fake())
    try:
        assert KeyringItem("shop/me")() == "shop me"
    finally:
        keyring.set_keyring(before)


def test_a_reference_without_a_way_to_ask_is_none() -> None:
    with pytest.raises(NotImplementedError):
        KeptSecret("x")()
