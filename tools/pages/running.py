"""Run the blocks of a page in order, as a reader would, and compare what they print with what stands there.

Console blocks run in a temporary copy of docs/examples: `dynaclient` in this process, all else in a shell.
`&` at the end of a command lets it run until the page ends, `$ echo $?` gives the exit code of the command
before, and a command without printed output must succeed. Lines below `dynaclient repl` that begin with
`>>>` are typed there. Python blocks share one set of names; those that are a file are run by a command.
`pycon` blocks are compared as doctest does it, and `...` stands for anything. Ports are replaced by free
ones, and the server of the examples is started for a page that does not start it.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from pages.blocks import EXAMPLES, ROOT, Block, Command, commands, read
from pages.terminal import PROMPTS, terminal

PORTS = ("8000", "8080")
TALON = "https://acme.europe-west1.talon.one"
SECONDS = 30
USERS = ("DYNACLIENT_CREDENTIAL", "XDG_")
"""What the names of variables begin with that hold something of the user's own, or say where it is."""


@dataclass(frozen=True)
class Difference:
    """Lines of a page that are not what was printed."""

    first: int
    expected: tuple[str, ...]
    printed: tuple[str, ...]

    @property
    def shortened(self) -> bool:
        """Whether a person has left something out."""
        return any("..." in line and line not in self.printed for line in self.expected)

    def __str__(self) -> str:
        return "\n".join([*(f"- {line}" for line in self.expected), *(f"+ {line}" for line in self.printed)])


def run(page: Path, folder: Path) -> list[Difference]:
    """Run a page in `folder`."""
    blocks = [block for block in read(page) if block.noted("no-run") is None]
    with contextlib.ExitStack() as stack:
        reader = Reader(page, folder, stack)
        text = "".join(block.text for block in blocks)
        if TALON in text:
            reader.replaced[TALON] = _talon(stack)
        if "bakery.yaml" in text and "bakery.py &" not in text:
            reader.start("python bakery.py --port 8000", reader.folder / "docs" / "examples")
        return [each for block in blocks for each in reader.read(block)]


class Reader:
    """Somebody who tries a page from its first block to its last."""

    def __init__(self, page: Path, folder: Path, stack: contextlib.ExitStack) -> None:
        self.folder = folder
        self.replaced = dict(zip(PORTS, _free_ports(), strict=False))
        self.code = 0
        self._stack = stack
        self._names: dict[str, Any] = {}
        shutil.copytree(EXAMPLES, folder / "docs" / "examples", ignore=shutil.ignore_patterns("__pycache__"))
        self.environment = stack.enter_context(_environment(folder))
        for path in (folder / "docs" / "examples").iterdir():
            if path.suffix in (".yaml", ".py"):
                path.write_text(self.replace(path.read_text(encoding="utf-8")), encoding="utf-8")
        self.at = folder if page.parent == ROOT else folder / "docs" / "examples"
        stack.callback(os.chdir, Path.cwd())
        os.chdir(self.at)

    def replace(self, text: str) -> str:
        """`text` with the ports and servers of this run."""
        for name, value in self.replaced.items():
            text = re.sub(rf"(?<!\d){re.escape(name)}(?!\d)", value, text)
        return text

    def shown(self, text: str) -> tuple[str, ...]:
        """The lines of what was printed, with ports and servers as the page has them."""
        for name, value in self.replaced.items():
            text = text.replace(value, name)
        text = text.replace(str(self.folder), "/home/you/dynaclient")
        return tuple(line.rstrip() for line in text.rstrip().splitlines())

    def read(self, block: Block) -> list[Difference]:
        """Run a block."""
        if block.language == "console":
            return [each for command in commands(block) for each in self._command(command)]
        if block.language == "pycon":
            return self._doctest(block)
        if block.language == "python":
            self._python(block)
        return []  # what has another language is to be read

    # -- Python -------------------------------------------------------------------------------------------

    def _python(self, block: Block) -> None:
        if (file := block.noted("file")) is not None:
            assert block.text == (ROOT / file).read_text(encoding="utf-8"), f"{file} is not what stands there"
            return
        code = compile("\n" * block.first + self.replace(block.text), str(block.page), "exec")
        with contextlib.redirect_stdout(io.StringIO()):
            exec(code, self._names)

    def _doctest(self, block: Block) -> list[Difference]:
        found = []
        for example in doctest.DocTestParser().get_examples(self.replace(block.text)):
            first = block.first + example.lineno + example.source.count("\n")
            expected = tuple(self.shown(example.want))
            printed = self.shown(self._example(example.source))
            found += _compared(first, expected, printed)
        return found

    def _example(self, source: str) -> str:
        with contextlib.redirect_stdout(io.StringIO()) as out:
            try:
                exec(compile(source, "<page>", "single"), self._names)
            except Exception as error:
                raised = type(error)
                place = "" if raised.__module__ == "builtins" else f"{raised.__module__}."
                print(f"Traceback (most recent call last):\n  ...\n{place}{raised.__qualname__}: {error}")
        return out.getvalue()

    # -- commands -----------------------------------------------------------------------------------------

    def _command(self, command: Command) -> list[Difference]:
        words = self.replace(command.words)
        if words.startswith("cd "):
            self.at = (self.at / words[3:]).resolve()
            os.chdir(self.at)
            return []
        if words.endswith("&"):
            self.start(words.removesuffix("&"), self.at)
            return []
        typed = self.typed(command)
        text = self._typed(words, typed) if typed else self._run(words)
        if not command.output and not typed:
            assert self.code == 0, f"$ {words}\n{text}"
            return []
        return _compared(command.first, command.output, self.shown(text))

    def typed(self, command: Command) -> list[str]:
        """What a block types at the prompt that a command opens."""
        lines = [line[4:] for line in command.output if line.startswith(PROMPTS)]
        return [self.replace(line) for line in lines if line]

    def _typed(self, words: str, typed: list[str]) -> str:
        environment = {**self.environment, "TERM": "dumb", "PYTHON_BASIC_REPL": "1"}
        return terminal(words, typed, self.at, environment).rstrip().removesuffix("\n>>>")

    def _run(self, words: str) -> str:
        if words == "echo $?":
            return str(self.code)
        if words.startswith("dynaclient ") and not re.search(r"[|<>;&$`]|\s#", words):
            return self._here(shlex.split(words.replace("\\\n", " "))[1:])
        ran = subprocess.run(
            ["bash", "-c", words], cwd=self.at, env=self.environment, text=True, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self.code = ran.returncode
        return ran.stdout

    def _here(self, words: list[str]) -> str:
        printed = io.BytesIO()
        out = io.TextIOWrapper(printed, encoding="utf-8", write_through=True)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            self.code = import_module("dynaclient.__main__").main(words)
        return printed.getvalue().decode()

    def start(self, words: str, folder: Path) -> None:
        """Start a command that runs until the page ends, and wait until one of the ports is listened to."""
        words = self.replace(words)
        port = next((each for each in self.replaced.values() if each in words), self.replaced["8000"])
        process = subprocess.Popen(
            ["bash", "-c", f"exec {words}"], cwd=folder, env=self.environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._stack.callback(process.wait)
        self._stack.callback(process.send_signal, signal.SIGTERM)
        _await(int(port), process)


def _compared(first: int, expected: tuple[str, ...], printed: tuple[str, ...]) -> list[Difference]:
    while expected and not expected[-1]:
        expected = expected[:-1]
    want, got = ("".join(f"{line.rstrip()}\n" for line in lines) for lines in (expected, printed))
    same = doctest.OutputChecker().check_output(want, got, doctest.ELLIPSIS)
    return [] if same else [Difference(first, expected, printed)]


@contextlib.contextmanager
def _environment(folder: Path) -> Iterator[dict[str, str]]:
    """The environment of every block: nothing of the user's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(USERS)}
    ours = {
        "COLUMNS": "100",
        "HOME": str(folder),
        "PATH": os.pathsep.join(
            (str(_programs(folder)), str(Path(sys.executable).parent), kept.get("PATH", ""))
        ),
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "DYNACLIENT_CACHE": kept.get("DYNACLIENT_CACHE", str(folder / "cache")),
    }
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update({**kept, **ours})
    try:
        yield dict(os.environ)
    finally:
        os.environ.clear()
        os.environ.update(before)


def _programs(folder: Path) -> Path:
    """A folder that holds `dynaclient`, that of this checkout, whatever is installed."""
    program = folder / "bin" / "dynaclient"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m dynaclient "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return program.parent


def _free_ports() -> Iterator[str]:
    """Free ports of four digits, so that columns stay as wide as they are with the ports of the page."""
    start = 2000 + os.getpid() * 37 % 6000
    for port in range(start, start + 1999):
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue  # it is taken
        yield str(port)


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    raise AssertionError(f"{process.args!r} does not listen at port {port}")


def _talon(stack: contextlib.ExitStack) -> str:
    from dynaclient.sandbox import Sandbox

    return stack.enter_context(Sandbox("talon-one-integration")).url
