"""`dynaclient repl`: Python with a client as `api`."""

from __future__ import annotations

import contextlib
import pprint
import sys
from argparse import Namespace
from code import InteractiveConsole
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from dynaclient._support import messages as surface
from dynaclient._support.messages import pluralize
from dynaclient._support.prompt_text import lines_of_user, refusal_text
from dynaclient._support.prose import column_count, padded
from dynaclient.cli.config import client_of, client_to_read, read_modes, tell_withheld
from dynaclient.cli.options.parser import near
from dynaclient.client import Client
from dynaclient.completion.ipython import add_matcher
from dynaclient.document.operations import OperationBuilder
from dynaclient.errors import DynaclientError
from dynaclient.explore.prompt import names_for


def repl(options: Namespace) -> int:
    """Open the prompt, and come back when it is left."""
    with _client(options) as client:
        names = {"api": client, "Client": Client, **names_for(client)}
        text = banner(client)
        tell_withheld(client, client.operations.values())
        with surface.speaking_of(surface.PYTHON):
            if options.plain or not _ipython(names, text):
                _plain(names, text)
    return 0


@contextlib.contextmanager
def _client(options: Namespace) -> Iterator[Client]:
    if not options.sandbox:
        with client_of(options) as client:
            yield client
        return
    from dynaclient.sandbox import Sandbox  # late: 69 ms

    document = client_to_read(options).document
    with (
        Sandbox(document) as sandbox,
        Client(
            document,
            server=sandbox.url,
            credentials=stand_ins(document),
            validate=read_modes(options.validate or ()),
        ) as client,
    ):
        yield client


def stand_ins(document: Any) -> dict[str, str]:
    """A credential for every scheme of a document, which only a sandbox takes."""
    return dict.fromkeys(OperationBuilder(document).security_schemes(), "sandbox:sandbox")


def banner(client: Client) -> str:
    """What greets: the document, the server, and how to go on."""
    info = client.document.root.get("info")
    title = (info.text("title") if info else "") or client.document.name
    first = next((client.operations[key] for key in client.operations), None)
    name = first.attribute if first else "operation"
    server = client.server or "no server; give --server URL"
    hints = {
        "api.<TAB>, show()": "the operations",
        'find("words")': "those that words mean",
        f"show(api.{name})": "parameters, body, responses",
        f"api.{name}(...)": "call it",
        f"api.{name}.send(...)": "status, headers, data",
    }
    width = max(map(column_count, hints))
    lines = [f"{title}: {pluralize(len(client.operations), 'operation')} at {server}"]
    return "\n".join([*lines, *(f"  {padded(hint, width)}  {words}" for hint, words in hints.items())])


TOLD = (DynaclientError, KeyboardInterrupt)
"""What is shown without its traceback, which leads through the inside of the client, and of its libraries."""


def _keep(error: BaseException) -> None:
    """Leave the error where Python leaves what no one caught, for `sys.last_exc` and `pdb.pm()`."""
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, error.__traceback__
    vars(sys)["last_exc"] = error  # Python has it since 3.12


def _ipython(names: dict[str, Any], text: str) -> bool:
    """IPython's prompt, with the user's own settings; False where it is not installed."""
    try:
        ipython: Any = import_module("IPython.terminal.ipapp")
    except ImportError:
        return False
    app = ipython.TerminalIPythonApp.instance(user_ns=names)
    app.display_banner = False
    app.initialize(argv=[])
    app.shell.set_custom_exc((*TOLD, AttributeError), _tell)
    completer = app.shell.Completer
    completer.use_jedi = False  # jedi does not ask __dir__ of what has __getattr__

    def look_behind() -> None:  # nor does IPython by itself; to set this takes it 15 ms
        completer.policy_overrides = {
            "allowed_getattr_external": {("dynaclient",)},
            "allowed_getitem_external": {("dynaclient",)},
        }

    add_matcher(app.shell, look_behind)
    print(text + "\n")
    app.start()
    return True


def _tell(shell: Any, kind: Any, error: BaseException, trace: Any, tb_offset: int | None = None) -> None:
    if isinstance(error, TOLD):
        print("\n".join([refusal_text(error), *lines_of_user(error)]), file=sys.stderr)
        _keep(error)
        if isinstance(error, DynaclientError):
            shell.displayhook.update_user_ns(error)
    else:
        _suggest(error)
        shell.showtraceback((kind, error, trace), tb_offset=tb_offset)


def _suggest(error: BaseException | None) -> None:
    """Add what may be meant to an error over a misspelt attribute of an object of dynaclient.

    IPython shows no suggestion of Python's, nor does the standard prompt before 3.12.
    """
    name, owner = getattr(error, "name", None), type(getattr(error, "obj", None))
    if isinstance(error, AttributeError) and name and owner.__module__.partition(".")[0] == "dynaclient":
        known = [each for each in dir(error.obj) if not each.startswith("_")]
        error.args, error.name = (f"{error}{near(name, known)}",), None


def _plain(names: dict[str, Any], text: str) -> None:
    """The standard prompt, with tab where the platform has readline."""
    console = _Console(names)
    with contextlib.suppress(ImportError):
        import readline  # optional

        from dynaclient.completion.prompt_readline import PromptCompleter  # late: 4 ms

        readline.set_completer(PromptCompleter(names, lambda: console.buffer).complete)
        readline.parse_and_bind(
            "bind ^I rl_complete" if "libedit" in (readline.__doc__ or "") else "tab: complete"
        )
    hook, sys.displayhook = sys.displayhook, _display(names)
    try:
        console.interact(text, exitmsg="")
    finally:
        sys.displayhook = hook


class _Console(InteractiveConsole):
    """The standard prompt; errors of dynaclient and interrupts are shown without a traceback."""

    def showtraceback(self) -> None:
        """Show what was raised."""
        error = sys.exc_info()[1]
        if isinstance(error, TOLD):
            self.write(refusal_text(error) + "\n")
            _keep(error)
            if isinstance(error, DynaclientError):
                self.locals["_"] = error
        else:
            _suggest(error)
            super().showtraceback()


class _Printer:
    """What `_repr_pretty_` writes to."""

    @staticmethod
    def text(said: str) -> None:
        """Print it."""
        print(said)


def _display(names: dict[str, Any]) -> Any:
    """A displayhook that lays out what is large, as IPython does."""

    def display(value: Any) -> None:
        if value is not None:
            names["_"] = value
            shown = getattr(type(value), "_repr_pretty_", None)
            if shown is not None:
                shown(value, _Printer(), False)
            else:
                print(pprint.pformat(value, sort_dicts=False))

    return display
