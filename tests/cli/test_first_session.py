"""From nothing to a response, as somebody does it at a terminal, with the TAB key: `add`, `call`, `repl`."""

from __future__ import annotations

import importlib.util
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dynaclient.sandbox import Sandbox

pexpect = pytest.importorskip("pexpect", reason="a terminal is played with pexpect, which is for POSIX")
pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")

ESCAPES = re.compile(r"\x1b(\[[0-9;?]*[ -/]*[@-~]|\][^\x07]*\x07|[=>()][0-9A-B]?)")
KEY = "ApiKey-v1 s3cr3t"


class Terminal:
    """A terminal with bash in it, in which `dynaclient` completes; what it shows is read without colours."""

    def __init__(self, folder: Path, columns: int) -> None:
        (folder / "bin").mkdir()
        command = folder / "bin" / "dynaclient"
        command.write_text(f'#!/bin/sh\nexec {sys.executable} -m dynaclient "$@"\n')
        command.chmod(0o755)
        (folder / ".bashrc").write_text("PS1='ready> '; HISTFILE=; eval \"$(dynaclient completion bash)\"\n")
        self.shown = ""
        self.process = pexpect.spawn(
            "bash",
            ["--rcfile", ".bashrc", "-i"],
            cwd=str(folder),
            env={
                "PATH": f"{folder / 'bin'}:/usr/local/bin:/usr/bin:/bin",
                "PYTHONPATH": str(Path(__file__).parents[2]),
                "HOME": str(folder),
                "XDG_CONFIG_HOME": str(folder / "config"),
                "XDG_CACHE_HOME": str(folder / "cache"),
                "IPYTHONDIR": str(folder / "ipython"),
                "PYTHON_HISTORY": str(folder / "history"),
                "PYTHON_BASIC_REPL": "1",
                "PROMPT_TOOLKIT_NO_CPR": "1",
                "PAGER": "cat",
                "SHOP_KEY": KEY,
                "INPUTRC": "/dev/null",
                "TERM": "xterm",
                "LANG": "C.UTF-8",
            },
            dimensions=(200, columns),
            encoding="utf-8",
            timeout=12,
        )
        self.process.delaybeforesend = None
        self.prompt = "ready> "
        self.wait(self.prompt)

    def wait(self, text: str) -> str:
        """Wait until `text` is shown; what came before it."""
        self.process.expect_exact(text)
        self.shown += self.process.before + text
        return ESCAPES.sub("", self.process.before).replace("\r", "")

    def type(self, text: str, completed: str = "") -> None:
        """Type, and press TAB where something is to be completed; wait until that is there."""
        self.process.send(text + ("\t" if completed else ""))
        seen, wanted = "", _solid(completed)
        while wanted not in _solid(seen):
            seen += self.process.read_nonblocking(4096, timeout=12)
        self.shown += seen

    def enter(self, answer: str) -> str:
        """Press the enter key, and give what is shown until `answer` and then the next prompt are."""
        self.process.send("\r")
        return self.wait(answer) + answer + self.wait(self.prompt)


def _solid(text: str) -> str:
    """A line as it was typed, however it is wrapped on the screen."""
    return re.sub(r"[\s⋮]", "", ESCAPES.sub("", text))


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("talon-one-integration") as sandbox:
        yield sandbox


@pytest.fixture(params=[pytest.param(80, marks=pytest.mark.exhaustive), 140])
def terminal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path, request.param)
    yield terminal
    terminal.process.close(force=True)


PROMPTS = {"plain": (" --plain", ">>> ", "ion_v2("), "IPython": ("", "]: ", "ion_v2")}
"""How each is asked for, how it prompts, and what TAB makes of `api.update_customer_sess`."""


def test_a_first_session(terminal: Terminal, sandbox: Sandbox) -> None:
    terminal.type("dynaclient ad", "d ")
    terminal.type("shop talon-one-integration@2026", "-05 ")
    terminal.type(f"--server {sandbox.url} --credential api_key", "_v1=")
    terminal.type("en", "v:")
    terminal.type("SHOP_K", "EY ")
    terminal.enter("shop")

    terminal.type("dynaclient ca", "ll ")
    terminal.type("sho", "p ")
    terminal.type("updateCustomerSess", "ionV2 ")
    terminal.type("customerSess", "ion")
    terminal.type("Id=s-1 customerSession.sta", "te=")
    terminal.type("clo", "sed ")
    terminal.type("--dry", "-run ")
    terminal.enter('{"customerSession":{"state":"closed"}}')

    kinds = [kind for kind in PROMPTS if kind == "plain" or importlib.util.find_spec("IPython")]
    for kind in kinds:
        option, prompt, completed = PROMPTS[kind]
        in_python(terminal, option, prompt, completed)
    assert "s3cr3t" not in terminal.shown


def in_python(terminal: Terminal, option: str, prompt: str, completed: str) -> None:
    """Complete at each depth, read, call, be refused, mend it, look at the response."""
    terminal.prompt = prompt
    terminal.process.send(f"dynaclient repl shop{option}\r")
    assert "Talon.One API: 36 operations" in terminal.wait(prompt)

    terminal.type("help(api.update_customer_sess", completed)
    terminal.process.send("\x15help(api.update_customer_session_v2)")
    terminal.enter("Responses")

    terminal.type("api.update_customer_sess", completed)
    terminal.type("(" if completed[-1] != "(" else "")
    terminal.type('"s-1", dr', "y=")
    terminal.type("Fa", "lse")
    terminal.type(', body={"customerS', 'ession"')
    terminal.type(': {"sta', 'te"')
    terminal.type(': "clo', 'sed"')
    terminal.type(', "cartItems": [{"sk', 'u"')
    terminal.type(': "a", "quan', 'tity"')
    terminal.type(": 0}]}})")
    refused = terminal.enter("the request was not sent")
    assert "body at /customerSession/cartItems/0" in refused
    assert "Traceback" not in refused

    line = 'api.update_customer_session_v2.send("s-1", body={"customerSession": {"state": "closed"}})'
    terminal.process.send(f"answer = {line}")
    terminal.enter("")
    terminal.process.send("print(answer.status, 'and', len(answer.violations), 'violations')")
    terminal.enter("200 and 0 violations")

    terminal.prompt = "ready> "
    terminal.process.send("exit()\r")
    terminal.wait(terminal.prompt)
