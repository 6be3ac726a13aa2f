"""Secrets by reference, as a profile writes them: `env:VARIABLE`, `keyring:SERVICE/USERNAME`, `command:...`.

A reference is resolved when a call needs it. What a keyring or a command gave is kept by the reference for as
long as the process lives, and is in no pickle.
"""

from __future__ import annotations

import os
import shlex
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

from dynaclient.errors import SettingsError
from dynaclient.profiles.keyring_store import keyring_text
from dynaclient.wire.env import Env, SecretReference

SECONDS = 60.0
"""How long a command may take: it may ask somebody for a pass phrase."""
LONGEST = 64 * 1024
"""Bytes that it may print."""
LASTING = 30.0
"""Seconds for which what it gave is not asked for again, whatever a server says of it."""


class KeptSecret(SecretReference):
    """A reference to what takes its time: it is asked once, and again after a server refused what it gave."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._forget()

    def _forget(self) -> None:
        self._kept = ""
        self._since = 0.0
        self._asking = threading.Lock()
        self._tasks: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()
        """The lock of the tasks of each event loop."""

    def __call__(self, request: Any = None) -> str:
        """The secret. Raises SettingsError where it cannot be had."""
        with self._asking:
            if not self._kept:
                self._kept, self._since = self._ask(), time.monotonic()
            return self._kept

    def renew(self) -> bool:
        """Forget what was given, unless that was just now; whether it was forgotten."""
        with self._asking:
            old = bool(self._kept) and time.monotonic() - self._since >= LASTING
            if old:
                self._kept = ""
            return old

    def _ask(self) -> str:
        raise NotImplementedError

    def __getstate__(self) -> dict[str, Any]:
        return {"text": self.text}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.text = state["text"]
        self._forget()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({shown_reference(self)!r})"

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and isinstance(other, KeptSecret) and other.text == self.text

    def __hash__(self) -> int:
        return hash((type(self), self.text))


class KeyringItem(KeptSecret):
    """The password that the system's keyring has for `SERVICE/USERNAME`; needs the extra `keyring`."""

    def __init__(self, text: str) -> None:
        service, _, username = text.rpartition("/")
        if not service or not username:
            raise SettingsError("expected keyring:SERVICE/USERNAME")
        super().__init__(text)

    def _ask(self) -> str:
        service, _, username = self.text.rpartition("/")
        found = keyring_text(service, username, f"keyring:{self.text}")
        if not found:
            raise SettingsError(
                f"keyring:{self.text}: there is no such item; `keyring set {service} {username}` makes it"
            )
        return found


class CommandOutput(KeptSecret):
    """What a command prints, without the white space around it. It is started without a shell."""

    def __init__(self, text: str) -> None:
        try:
            words = shlex.split(text)
        except ValueError:  # a quotation mark that does not end
            words = []
        if not words:
            raise SettingsError("expected command:PROGRAM ARGUMENTS, quoted as in a shell")
        if os.path.dirname(words[0]) and not os.path.isabs(words[0]):
            raise SettingsError(
                "command: expected a program of PATH or its absolute path: a folder that you happen to be in "
                "is not to say what is run"
            )
        super().__init__(text)

    def _ask(self) -> str:
        words = shlex.split(self.text)
        return _text(_output(words, _shown(words)), _shown(words))

    async def fetch(self) -> None:
        """Run the command where there is nothing yet; the event loop goes on meanwhile."""
        import asyncio  # late: 40 ms

        lock = self._tasks.setdefault(asyncio.get_running_loop(), asyncio.Lock())
        async with lock:
            if self._kept:
                return
            words = shlex.split(self.text)
            found = _text(await _awaited_output(words, _shown(words)), _shown(words))
            with self._asking:
                self._kept, self._since = found, time.monotonic()


def _shown(words: list[str]) -> str:
    return f"command:{words[0]}"


def _text(printed: bytes, shown: str) -> str:
    try:
        text = printed.decode().strip()
    except UnicodeDecodeError:
        raise SettingsError(f"{shown} printed what is no UTF-8") from None
    if not text:
        raise SettingsError(f"{shown} printed nothing")
    return text


def _output(words: list[str], shown: str) -> bytes:
    """What a command prints, within SECONDS and LONGEST. Its standard error is that of the process."""
    import subprocess  # late: 8 ms

    try:
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    except (OSError, ValueError) as error:
        raise _unstartable(shown, error) from None
    printed: list[bytes] = []

    def read() -> None:
        assert process.stdout is not None
        with process.stdout as stream:
            printed.append(stream.read(LONGEST + 1))

    reader = threading.Thread(target=read, daemon=True)  # what it started may hold the pipe open
    reader.start()
    code: int | None = None
    try:
        reader.join(SECONDS)
        if printed and len(printed[0]) <= LONGEST:
            with suppress(subprocess.TimeoutExpired):
                code = process.wait(SECONDS)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    return _printed(printed[0] if printed else b"", code, shown)


async def _awaited_output(words: list[str], shown: str) -> bytes:
    """As `_output`, and raises the same; a task that is cancelled kills the command."""
    import asyncio  # late: 40 ms
    from asyncio.subprocess import DEVNULL, PIPE  # late: 40 ms

    try:
        process = await asyncio.create_subprocess_exec(*words, stdin=DEVNULL, stdout=PIPE)
    except (OSError, ValueError) as error:
        raise _unstartable(shown, error) from None
    printed, code = b"", None

    async def read() -> None:
        nonlocal printed, code
        assert process.stdout is not None
        while len(printed) <= LONGEST and (piece := await process.stdout.read(LONGEST)):
            printed += piece
        if len(printed) <= LONGEST:
            code = await process.wait()

    try:
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(read(), SECONDS)
    finally:
        if process.returncode is None:
            process.kill()
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(process.wait(), 1)
        process._transport.close()  # type: ignore[attr-defined]  # what it started may hold the pipe open
    return _printed(printed, code, shown)


def _unstartable(shown: str, error: Exception) -> SettingsError:
    """What is said of a command that cannot be started; the text of the error may name arguments."""
    reason = error.strerror if isinstance(error, OSError) else "it cannot be a program"
    return SettingsError(f"{shown} cannot be started: {reason}")


def _printed(printed: bytes, code: int | None, shown: str) -> bytes:
    """What was printed. Raises SettingsError; `code` is None where it was not waited for any longer."""
    if len(printed) > LONGEST:
        raise SettingsError(f"{shown} printed more than {LONGEST:,} bytes")
    if code is None:
        raise SettingsError(f"{shown} took longer than {SECONDS:g} s")
    if code:
        raise SettingsError(f"{shown} failed (exit code {code}); what it said is on standard error")
    return printed


_KINDS: dict[str, Callable[[str], str | SecretReference]] = {
    "env": Env,
    "keyring": KeyringItem,
    "command": CommandOutput,
    "plain": str,
}
FORMS = "env:VARIABLE, keyring:SERVICE/USERNAME or command:PROGRAM ARGUMENTS"
LOGIN = "login:"
"""In front of what `dynaclient login` keeps in the keyring, by profile and security scheme."""
PLAIN = "plain:"
"""In front of a secret that stands in a profile as it is."""


def read_reference(text: str) -> str | SecretReference | None:
    """What a text of a profile stands for; None where it is none of FORMS, and not marked as plain text.

    Raises SettingsError for one that has the form and cannot be.
    """
    kind, mark, rest = text.partition(":")
    make = _KINDS.get(kind) if mark else None
    return make(rest) if make else None


def shown_reference(given: Any) -> str:
    """A credential of a profile as it may be shown: arguments of a command and plain text may be secrets."""
    if isinstance(given, Env):
        return f"env:{given.name}"
    if isinstance(given, KeyringItem):
        return f"keyring:{given.text}"
    if isinstance(given, CommandOutput):
        words = shlex.split(given.text)
        return f"command:{words[0]}{' ...' if words[1:] else ''}"
    if isinstance(given, tuple):
        return ", ".join(map(shown_reference, given))
    return "plain:***"
