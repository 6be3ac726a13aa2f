"""The same completions through IPython's own completer, and from a kernel, as a notebook asks for them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import dynaclient
from dynaclient import Client

completer = pytest.importorskip("IPython.core.completer", reason="the extra repl is not installed")

NAME = "talon-one-integration"
UPDATE = 'talon.update_customer_session_v2("s", '
COMPLETED = {
    "talon.get_customer_s": "get_customer_session",
    'talon.call("getCustomerS': 'getCustomerSession"',
    "talon.send('getCustomerS": "getCustomerSession'",
    'talon.operations["getCustomerS': 'getCustomerSession"',
    f"{UPDATE}dr": "dry=",
    f"{UPDATE}dry=Fa": "False",
    f'{UPDATE}body={{"customerSession": {{"st': 'state"',
    f'{UPDATE}{{"customerSession": {{"state": "cl': 'closed"',
    f'{UPDATE}{{"customerSession": {{"cartItems": [{{"sk': 'sku"',
    f'{UPDATE}{{\n    "customerSession": {{\n        "st': 'state"',
    f'Client("{NAME}@2026': f'{NAME}@2026-05"',
}
"""What is typed, and what is among the completions."""


@pytest.fixture(scope="module")
def shell() -> Iterator[Any]:
    shells = pytest.importorskip("IPython.core.interactiveshell")
    shell = shells.InteractiveShell(user_ns={"talon": Client(NAME), "Client": Client})
    dynaclient.load_ipython_extension(shell)
    yield shell
    shell.history_manager.end_session()


def completions(shell: Any, code: str, after: str = "") -> list[str]:
    """The code with each completion in it, as a front end would put it there."""
    with completer.provisionalcompleter():
        found = [*shell.Completer.completions(code + after, len(code))]
    return [code[: each.start] + each.text + (code + after)[each.end :] for each in found]


@pytest.mark.sampled(2)
@pytest.mark.parametrize("jedi", [True, False], ids=["jedi", "no jedi"])
@pytest.mark.parametrize("code", COMPLETED)
def test_completions_of_ipython(shell: Any, code: str, jedi: bool) -> None:
    shell.Completer.use_jedi = jedi
    typed = next(
        COMPLETED[code][:size]
        for size in range(len(COMPLETED[code]), 0, -1)
        if code.endswith(COMPLETED[code][:size])
    )
    assert code.removesuffix(typed) + COMPLETED[code] in completions(shell, code)


def test_the_older_way_to_ask_gives_the_same(shell: Any) -> None:
    with pytest.warns(PendingDeprecationWarning):
        typed, found = shell.complete("", 'talon.call("getCustomerS', 24)
    assert (typed, 'getCustomerSession"' in found) == ("getCustomerS", True)


def test_ipython_goes_on_to_complete_what_is_not_ours(shell: Any) -> None:
    assert "print" in completions(shell, "prin")
    shell.user_ns["text"] = "text"
    assert any(each.startswith("text.startswith") for each in completions(shell, "text.startsw"))
    assert "%time" in "".join(completions(shell, "%tim"))


def test_so_it_does_where_a_variable_can_stand(shell: Any) -> None:
    shell.Completer.use_jedi = (
        True  # IPython 8.30 itself has no variables behind a dot in the line without it
    )
    shell.user_ns["dryness"] = 3
    assert {f"{UPDATE}dry=", f"{UPDATE}dryness"} <= {*completions(shell, f"{UPDATE}dry")}
    assert not any("print" in each for each in completions(shell, UPDATE))  # before one is begun, it is short


def test_the_extension_is_loaded_once_and_unloaded(shell: Any) -> None:
    matchers = shell.Completer.custom_matchers
    dynaclient.load_ipython_extension(shell)
    assert len(matchers) == 1
    dynaclient.unload_ipython_extension(shell)
    assert not matchers
    shell.run_line_magic("load_ext", "dynaclient")
    assert len(matchers) == 1


def test_importing_dynaclient_in_ipython_is_enough() -> None:
    """As pyplot hooks itself into the shell that it is imported in."""
    code = (
        "from IPython.terminal.interactiveshell import TerminalInteractiveShell as Shell\n"
        "shell = Shell.instance()\n"
        "shell.run_cell('import dynaclient')\n"
        "print(len(shell.Completer.custom_matchers))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.split()[-1] == "1", done.stderr


def test_without_a_shell_nothing_of_ipython_is_touched() -> None:
    code = "import sys, IPython, dynaclient; print('dynaclient.client' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "False"


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A client of a kernel in a process of its own, in which a client was made, and nothing else was done."""
    managers = pytest.importorskip("jupyter_client.manager", reason="ipykernel is not installed")
    pytest.importorskip("ipykernel", reason="it is not installed")
    manager = managers.KernelManager()
    manager.kernel_spec.argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    manager.start_kernel(cwd=str(Path(__file__).parents[2]))
    client = manager.blocking_client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    reply = client.execute_interactive(
        f"from dynaclient import Client\ntalon = Client({NAME!r})", timeout=60, output_hook=lambda _: None
    )
    assert reply["content"]["status"] == "ok"
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.mark.parametrize("code", COMPLETED)
def test_completions_of_a_kernel(kernel: Any, code: str) -> None:
    content = kernel.complete(code, reply=True, timeout=30)["content"]
    start = content["cursor_start"]
    expected = COMPLETED[code]
    assert expected in content["matches"] or expected.rstrip("\"'") in content["matches"]
    assert expected.startswith(code[start:])
