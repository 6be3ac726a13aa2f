"""A call as a command of another program: curl, HTTPie, Python with this library. Secrets are variables."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Collection, Mapping
from pprint import pformat
from typing import TYPE_CHECKING, Any, NamedTuple

from dynaclient._support.missing import MISSING
from dynaclient._support.secret_names import reads_secret
from dynaclient.document.servers import without_user
from dynaclient.errors import SettingsError
from dynaclient.explore.curl import (
    basic_schemes,
    body_sent,
    curl_command,
    file_sent,
    hidden_as_variable,
    marked_request,
    named_headers,
    shown_url,
    text_in_a_word,
)
from dynaclient.explore.shell import variable, word, writing_command

if TYPE_CHECKING:
    from dynaclient.calls.arguments import Call
    from dynaclient.calls.executor import BaseExecutor

_SPECIAL = ":;=@"
"""What HTTPie reads a backslash before as that character alone."""


def httpie_command(executor: BaseExecutor, call: Call, method: str = "") -> str:
    """The line of HTTPie that sends what `call` sends.

    Raises what preparing the call raises, and SettingsError for a header or body that it has no words for.
    """
    signed = marked_request(executor, call, method)
    request = signed.request
    users = [*basic_schemes(executor, signed)]
    path = file_sent(request)
    content = b"" if path else body_sent(request)
    text = text_in_a_word(content)
    piped = writing_command(content) + " | " if text is None else ""
    words = ["http"] if piped or path else ["http", "--ignore-stdin"]
    for name, scheme in users:
        words += [f"-A {scheme}"] * (scheme != "basic") + [f'-a "${variable(name)}"']
    url = shown_url(signed, hidden_as_variable)
    words += ["--path-as-is"] if re.search(r"/\.{1,2}(/|$|\?)", url) else []
    words += [f"--raw {word(text)}"] if text else []
    words += [shlex.quote(str(request.method)), word(url)]
    named = dict(named_headers(signed, hidden_as_variable, bool(users)))
    words += [_httpie_header(name, value) for name, value in ({"Accept": "*/*"} | named).items()]
    words += ["Content-Type:"] if request.body and "Content-Type" not in request.headers else []
    words += [f"< {word(path)}"] if path else []
    return piped + " ".join(words)


def _httpie_header(name: str, value: str) -> str:
    """`Name:value`; `Name;` without a value."""
    if re.search(rf"\\[{_SPECIAL}]", value):
        raise SettingsError(f"HTTPie has no words for the value of {name}; curl has")
    begins = re.match(r"[=@]", value)
    return word(f"{name}:{chr(92) if begins else ''}{value}" if value else f"{name};")


class Known(NamedTuple):
    """What the name of an API stands for already, so that it is not written again."""

    server: str | None = None
    credentials: Collection[str] = ()
    project: str | None = None
    """The folder whose file says what the name means; None where the user's own does."""


def python_code(executor: BaseExecutor, call: Call, document: str, known: Known | None = None) -> str:
    """The lines of Python that make the call with a client of their own."""
    known = known or Known()
    url = executor.server.url
    settings = [repr(document)]
    settings += [f"project={known.project!r}"] if known.project is not None else []
    settings += [f"server={without_user(url)!r}"] if url and url != known.server else []
    sent = [each for each in executor.schemes_sent(call.operation) if each not in known.credentials]
    if sent:
        pairs = ", ".join(f'{name!r}: os.environ["{variable(name)}"]' for name in sent)
        settings.append(f"credentials={{{pairs}}}")
    arguments = executor.compiled(call.operation.key).names.bind(
        call.positionals, call.mapping, call.names, call.body
    )
    by_name = executor.compiled(call.operation.key).names.by_name
    values = {
        each.name if len(by_name[each.name]) == 1 else each.key: value
        for each, value in arguments.values.items()
    }
    given = [repr(call.operation.key)]
    given += [_mapping(values)] if values else []
    given += [f"body={_value(arguments.body)}"] if arguments.body is not MISSING else []
    options = {name: each for name, each in (call.options or {}).items() if each}
    given += [f"options={_options(options)}"] if options else []
    written = " ".join([*settings, *given])
    lines = [f"import {name}" for name in ("decimal", "os") if f"{name}." in written]
    lines += [
        *[""] * bool(lines),
        "from dynaclient import Client",
        "",
        f"client = Client({', '.join(settings)})",
    ]
    return "\n".join([*lines, f"print(client.call({', '.join(given)}))"])


def _mapping(values: Mapping[str, Any]) -> str:
    return "{" + ", ".join(f"{name!r}: {_secret_or(name, value)}" for name, value in values.items()) + "}"


def _options(options: Mapping[str, Any]) -> str:
    """Options; the values of their headers and queries, which may be secrets, come from the environment."""
    texts = []
    for name, value in options.items():
        hidden = isinstance(value, Mapping)
        inside = (
            "{" + ", ".join(f"{each!r}: {_environment(each)}" for each in value) + "}"
            if hidden
            else repr(value)
        )
        texts.append(f"{name!r}: {inside}")
    return "{" + ", ".join(texts) + "}"


def _secret_or(name: str, value: Any) -> str:
    return _environment(name) if reads_secret(name) else _value(value)


def _environment(name: str) -> str:
    return f'os.environ["{re.sub(r"[^A-Z0-9]", "_", name.upper(), flags=re.ASCII)}"]'


def _value(value: Any) -> str:
    text = pformat(value, width=96, sort_dicts=False, compact=True)
    if text.startswith(("PosixPath", "WindowsPath")):
        return f"open({str(value)!r}, 'rb')"
    return text


COMMANDS: Mapping[str, Callable[[BaseExecutor, Call, str], str]] = {
    "curl": curl_command,
    "httpie": httpie_command,
}
"""What writes a call for a shell, by the name of the program: of the executor, the call, another method."""
