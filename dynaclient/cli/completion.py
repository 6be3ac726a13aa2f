"""`dynaclient completion SHELL`, and what a shell asks at TAB: by argcomplete, from the indexes of documents.

A shell asks by running `dynaclient` with the line in its environment. Then nothing is printed but what could
stand at the cursor, no client is made, nothing is fetched, no command is run, and no keyring is read.

Names come from documents, and documents from anybody. What holds a control character, or would be read as an
option, is not offered; all else reaches the line so that the shell reads it as that one word, whatever it
holds.
"""

from __future__ import annotations

import os
import re
from argparse import Action, Namespace
from collections.abc import Callable, Iterable, Iterator, Mapping

from argcomplete.completers import SuppressCompleter
from argcomplete.finders import CompletionFinder

from dynaclient.cli.arguments import build_parser
from dynaclient.cli.options.parser import Parser
from dynaclient.cli.options.testing import FORMATS
from dynaclient.completion.document_names import document_names, index_of_document, index_of_operation
from dynaclient.completion.operation_index import Offer, OperationIndex

METHODS = ("GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE")

MAX_ABOUT = 60
"""Characters of what a shell shows beside a name."""

TO_SHELL = 8
"""The descriptor that a shell reads from."""

SCRIPTS = {
    "bash": r"""# dynaclient: completion for bash
_dynaclient_complete() {
    local IFS=$'\013' glob=1
    case $- in *f*) glob= ;; esac
    set -f
    COMPREPLY=($(COMP_LINE="$COMP_LINE" COMP_POINT="$COMP_POINT" _ARGCOMPLETE=1 _ARGCOMPLETE_SHELL=bash \
        _ARGCOMPLETE_IFS="$IFS" _ARGCOMPLETE_COMP_WORDBREAKS="$COMP_WORDBREAKS" \
        "$1" 8>&1 9>/dev/null 1>/dev/null 2>/dev/null </dev/null)) || COMPREPLY=()
    [ -z "$glob" ] || set +f
    case "${COMPREPLY-}" in *[=/@.:]) compopt -o nospace 2>/dev/null ;; esac
}
complete -F _dynaclient_complete dynaclient
""",
    "zsh": r"""#compdef dynaclient
# dynaclient: completion for zsh
_dynaclient() {
    local line="${(j: :)words[1,CURRENT-1]} $QIPREFIX$PREFIX" command="${(Q)words[1]}" each
    local -a found open whole
    found=("${(@ps:\013:)$(COMP_LINE="$line" COMP_POINT="${#line}" _ARGCOMPLETE=1 _ARGCOMPLETE_SHELL=zsh \
        _ARGCOMPLETE_IFS=$'\013' "${command/#\~\//$HOME/}" \
        8>&1 9>/dev/null 1>/dev/null 2>/dev/null </dev/null)}")
    if [[ $PREFIX == \~/* ]]; then compset -P '\~/'; found=("${(@)found#\~/}"); fi
    for each in "${found[@]}"; do
        if [[ $each =~ '^(\\.|[^\\:])*([=/@.]|\\:):' ]]; then open+=("$each")
        elif [[ -n $each ]]; then whole+=("$each"); fi
    done
    (( $#open )) && _describe dynaclient open -S ''
    (( $#whole )) && _describe dynaclient whole
    (( $#open + $#whole ))
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _dynaclient "$@"; else compdef _dynaclient dynaclient; fi
""",
    "fish": r"""# dynaclient: completion for fish
function __dynaclient_complete
    set -lx _ARGCOMPLETE 1
    set -lx _ARGCOMPLETE_SHELL fish
    set -lx _ARGCOMPLETE_IFS \n
    set -lx _ARGCOMPLETE_DFS \t
    set -lx COMP_LINE (commandline -cp)
    set -lx COMP_POINT (string length -- "$COMP_LINE")
    dynaclient 8>&1 9>/dev/null 1>/dev/null 2>/dev/null </dev/null
end
complete -c dynaclient -f -a '(__dynaclient_complete)'
""",
}
"""What each shell needs, to ask."""


def completion(options: Namespace) -> int:
    """Print what goes into the settings of a shell."""
    print(SCRIPTS[options.shell], end="")
    return 0


def answer_shell() -> int:
    """What could stand at the cursor, for the shell that asks; 1, and nothing, where something is wrong."""
    try:
        parser = build_parser()
        _attach(parser)
        with open(os.environ.get("_ARGCOMPLETE_STDOUT_FILENAME") or TO_SHELL, "w", encoding="utf-8") as out:
            _Finder()(
                parser,
                always_complete_options=False,
                exit_method=_leave,
                output_stream=out,
                default_completer=SuppressCompleter(),
            )
    except _Answered as done:
        return done.code
    except Exception:  # at TAB nobody reads on
        return 1
    return 1


class _Answered(BaseException):
    """The shell has its answer."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def _leave(code: int) -> None:
    raise _Answered(code)


def _attach(parser: Parser) -> None:
    """Give each argument of each command what completes it."""
    commands: Mapping[str, Parser] = parser.get_default("commands")
    for name, command in commands.items():
        for action in command._actions:
            made = COMPLETERS.get(f"{name}.{action.dest}") or COMPLETERS.get(action.dest)
            if made and action.choices is None and action.nargs != 0:
                vars(action)["completer"] = _Completer(made)


class _Completer:
    """What argcomplete calls: gives each text with what is shown beside it."""

    def __init__(self, offers: Offering) -> None:
        self._offers = offers

    def __call__(self, prefix: str, action: Action, parser: Parser, parsed_args: Namespace) -> dict[str, str]:
        found = self._offers(prefix, parsed_args)
        return {each.text: _beside(each) for each in found if _is_offered(each.text, action)}


def _is_offered(text: str, action: Action) -> bool:
    """Not what nobody sees; nor what would be read as an option: an operation called `--server=https://...`."""
    option = "--" if action.option_strings else "-"
    return bool(text) and text.isprintable() and not text.startswith(option)


def _beside(offer: Offer) -> str:
    text = offer.about or offer.kind
    shown = "".join(each if each.isprintable() else " " for each in text)
    return shown if len(shown) <= MAX_ABOUT else f"{shown[: MAX_ABOUT - 3]}..."


class _Finder(CompletionFinder):
    """argcomplete's, with words quoted so that each shell reads back what was offered."""

    def _init_debug_stream(self) -> None:
        """Open no stream for it."""

    def _get_completions(
        self, comp_words: list[str], cword_prefix: str, cword_prequote: str, last_wordbreak_pos: int | None
    ) -> list[str]:
        self._typed = cword_prefix
        commands = self._parser.get_default("commands") if self._parser else ()
        if len(comp_words) > 1 and comp_words[1] not in commands:
            return []
        ask: Callable[..., list[str]] = super()._get_completions
        return ask(comp_words, cword_prefix, cword_prequote, last_wordbreak_pos)

    def quote_completions(
        self, completions: list[str], cword_prequote: str, last_wordbreak_pos: int | None
    ) -> list[str]:
        """The words as the shell takes them."""
        shell = os.environ.get("_ARGCOMPLETE_SHELL", "")
        made = []
        for each in completions:
            about = self._display_completions.get(each) or ""
            text = each
            at_home = each.startswith("~/") and self._typed.startswith("~/")
            if shell == "zsh":  # it quotes by itself; a colon ends the word
                text = re.sub(r"([\\:])", r"\\\1", each)
                about = about.replace("\\", "\\\\")
            elif shell == "bash" and cword_prequote == '"' and "!" in each:
                continue  # the history of bash would read it, and nothing within double quotes prevents that
            elif shell == "bash" and at_home and not cword_prequote:
                text = "~" + _for_bash(each[1:], "", None)
            elif shell == "bash":
                text = _for_bash(each, cword_prequote, last_wordbreak_pos)
            elif shell == "fish" and each.startswith("~") and not at_home:
                continue  # it would be read as the home of somebody
            self._display_completions[text] = about
            made.append(text)
        return made


def _for_bash(text: str, quote: str, wordbreak: int | None) -> str:
    """`text` as it stands behind the quote that was begun; else what is behind the last word break."""
    if quote == "'":
        return text.replace("'", "'\\''")
    if quote:
        return re.sub(r'([\\"$`])', r"\\\1", text)
    if wordbreak is not None:
        text = text[wordbreak + (text[wordbreak : wordbreak + 1] != "@") :]  # readline keeps an @ in the word
    return re.sub(r"([^\w./=@%+,:-])", r"\\\1", text)


# -- what completes what -----------------------------------------------------------------------------

Offering = Callable[[str, Namespace], Iterable[Offer]]


def _documents(prefix: str, options: Namespace) -> Iterator[Offer]:
    yield from document_names(".")
    yield from _files(prefix, options)


def _sources(prefix: str, options: Namespace) -> Iterator[Offer]:
    """What a document is taken from, for a name of its own: not another name."""
    yield from (each for each in document_names() if each.about == "vendored")
    yield from _files(prefix, options)


def _apis(prefix: str, options: Namespace) -> Iterator[Offer]:
    return (each for each in document_names() if each.about != "vendored")


def _operations(prefix: str, options: Namespace) -> Iterator[Offer]:
    """Operations by key; by `METHOD /path` too once something is typed."""
    index = index_of_document(options.document)
    for key, location, summary in index.operations if index else ():
        yield Offer(key, "operation", summary or location)
        if prefix and location != key:
            method, _, path = location.partition(" ")
            shown = f"{method.lower()} {path}" if prefix[0].islower() and " " in prefix else location
            yield Offer(shown, "operation", summary or key)


def _patterns(prefix: str, options: Namespace) -> Iterator[Offer]:
    yield from _operations(prefix, options)
    yield from _tags(prefix, options)


def _tags(prefix: str, options: Namespace) -> Iterator[Offer]:
    index = index_of_document(options.document)
    return (Offer(each, "tag") for each in (index.tags if index else ()))


def _servers(prefix: str, options: Namespace) -> Iterator[Offer]:
    index = index_of_document(options.document)
    return (Offer(each, "server") for each in (index.servers if index else ()))


def _credentials(prefix: str, options: Namespace) -> Iterator[Offer]:
    index = index_of_document(options.document)
    return (Offer(f"{each}=", "security scheme") for each in (index.schemes if index else ()))


def _schemes(prefix: str, options: Namespace) -> Iterator[Offer]:
    index = index_of_document(options.name)
    return (Offer(each, "security scheme") for each in (index.schemes if index else ()))


def _secret_references(prefix: str, options: Namespace) -> Iterator[Offer]:
    """`env:VARIABLE`, and the other kinds of references."""
    if prefix.startswith("env:"):
        yield from (Offer(f"env:{name}", "variable") for name in os.environ)
    else:
        yield from (Offer(f"{kind}:", "reference") for kind in ("env", "keyring", "command"))


def _references(prefix: str, options: Namespace) -> Iterator[Offer]:
    """`SCHEME=env:VARIABLE`, and the other kinds of references to a secret."""
    for each in _credentials(prefix, options):
        if not prefix.startswith(each.text):
            yield each
            continue
        if prefix.startswith(f"{each.text}env:"):
            yield from (Offer(f"{each.text}env:{name}", "variable") for name in os.environ)
        else:
            yield from (Offer(f"{each.text}{kind}:", "reference") for kind in ("env", "keyring", "command"))


def _operation(options: Namespace) -> OperationIndex | None:
    return index_of_operation(options.document, options.operation)


def _parts(prefix: str, options: Namespace) -> Iterable[Offer]:
    index = _operation(options)
    return index.parts(prefix) if index else ()


def _parameters(prefix: str, options: Namespace) -> Iterator[Offer]:
    """`NAME=` for each parameter, and behind that its values."""
    index = _operation(options)
    names = [each.name for each in index.parameters] if index else []
    for each in index.parameters if index else ():
        name = each.name if names.count(each.name) == 1 else each.key
        if prefix.startswith(f"{name}=") and index:
            yield from _values(index, f"{name}=", index.at(index.roots(each.key), ()))
        else:
            yield Offer(f"{name}=", "parameter, required" if each.required else "parameter", each.about)


def _fields(prefix: str, options: Namespace) -> Iterator[Offer]:
    """`NAME=` for each property of the body, and behind that its values, or a file."""
    index = _operation(options)
    if index is None:
        return
    for each in index.keys(index.bodies):
        head = f"{each.text}="
        if not prefix.startswith(head):
            yield each._replace(text=head)
        elif prefix.startswith(f"{head}@"):
            yield from _files_behind(f"{head}@", prefix)
        else:
            yield from _values(index, head, index.at(index.bodies, [each.text]))


def _values(index: OperationIndex, head: str, places: Iterable[int]) -> Iterator[Offer]:
    """Values of a schema, or of the items of an array, as they are typed."""
    places = [*places]
    for value in index.values([*places, *index.at(places, [0])]):
        if value is not None:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            yield Offer(head + text, "value")


def _assignments(prefix: str, options: Namespace) -> Iterator[Offer]:
    """`NAME=VALUE` for a parameter, or for what lies at a path in the body; or the file of the body."""
    if prefix.startswith("@"):
        yield from _files_behind("@", prefix)
        return
    yield from _parameters(prefix, options)
    index = _operation(options)
    if index is None:
        return
    path, mark, _ = prefix.partition("=")
    steps = [int(each) if inside and each.isdecimal() else each for each, inside in _steps(path)]
    if mark:
        yield from _values(index, f"{path}=", index.at(index.bodies, steps))
        return
    head = path[: len(path) - len(str(steps.pop()))] if steps and not path.endswith((".", "]")) else path
    places = index.at(index.bodies, steps)
    for each in index.keys(places):
        inside = index.at(places, [each.text])
        items = index.at(inside, [0])
        if not head or (head.endswith(".") and _is_name(each.text)):
            end = "." if index.keys(inside) else "[0]." if index.keys(items) else "="
            yield each._replace(text=f"{head}{each.text}{end}")


_STEP = re.compile(r"\.?([^.\[\]=]+)|\[([^\]=]*)\]")


def _steps(path: str) -> list[tuple[str, bool]]:
    """The steps of a path, and whether each stands in brackets."""
    return [(found[1] or found[2] or "0", found[1] is None) for found in _STEP.finditer(path)]


def _is_name(text: str) -> bool:
    return not set(".[]=") & {*text}


def _bodies(prefix: str, options: Namespace) -> Iterator[Offer]:
    return (
        _files_behind("@", prefix)
        if prefix.startswith("@")
        else iter([Offer("@", "a file"), Offer("-", "standard input")])
    )


def _given(prefix: str, options: Namespace) -> Iterator[Offer]:
    index = index_of_document(options.document)
    names = {
        name: None
        for _, location, _ in (index.operations if index else ())
        for name in _IN_PATH.findall(location)
    }
    return (Offer(f"{each}=", "path parameter") for each in names)


_IN_PATH = re.compile(r"{([^{}]+)}")


def _reports(prefix: str, options: Namespace) -> Iterator[Offer]:
    for each in FORMATS:
        if prefix.startswith(f"{each}="):
            yield from _files_behind(f"{each}=", prefix)
        else:
            yield Offer(f"{each}=", "format")


def _checks(prefix: str, options: Namespace) -> Iterator[Offer]:
    from dynaclient.contract.checks import CHECKS  # late: 60 ms

    *earlier, _ = prefix.split(",")
    for name in CHECKS:
        yield Offer(",".join([*earlier, name]), "check")
        yield Offer(",".join([*earlier, f"-{name}"]), "all but this")


def _methods(prefix: str, options: Namespace) -> Iterator[Offer]:
    index = index_of_document(options.document)
    *earlier, _ = prefix.split(",")
    known = dict.fromkeys(
        location.partition(" ")[0] for _, location, _ in (index.operations if index else ())
    )
    for method in known:
        if method not in (*earlier, "GET", "HEAD"):  # these are always allowed
            yield Offer(",".join([*earlier, method]), "method")


def _modes(prefix: str, options: Namespace) -> Iterator[Offer]:
    for mode in ("strict", "warn", "off"):
        yield Offer(mode)
        for direction in ("request", "response", "undeclared"):
            yield Offer(f"{direction}={mode}")


def _phases(prefix: str, options: Namespace) -> Iterator[Offer]:
    return map(Offer, ("coverage", "stateful", "random"))


def _expressions(prefix: str, options: Namespace) -> Iterator[Offer]:
    """Runtime expressions: the parts of a success, by the document."""
    yield from map(Offer, ("$statusCode", "$url", "$method", "$response.body", "$response.header."))
    index = _operation(options)
    for status, places in index.responses.items() if index else ():
        if index and status.startswith("2"):
            for each in index.keys(places, only="read"):
                token = each.text.replace("~", "~0").replace("/", "~1")
                yield Offer(f"$response.body#/{token}", each.kind, each.about)


def _files(prefix: str, options: Namespace) -> Iterator[Offer]:
    return _files_behind("", prefix)


def _files_behind(head: str, prefix: str) -> Iterator[Offer]:
    """The files that a path begins to name; a folder ends with a slash."""
    folder, slash, name = prefix[len(head) :].rpartition("/")
    try:
        path = folder + slash if head else os.path.expanduser(folder + slash)
        entries = sorted(os.scandir(path or "."), key=lambda each: each.name)
    except (OSError, ValueError):
        return
    for entry in entries:
        if entry.name.startswith(name) and (name or not entry.name.startswith(".")):
            end = "/" if entry.is_dir() else ""
            yield Offer(f"{head}{folder}{slash}{entry.name}{end}", "folder" if end else "file")


COMPLETERS: Mapping[str, Offering] = {
    "document": _documents,
    "operation": _operations,
    "part": _parts,
    "new": _documents,
    "add.document": _sources,
    "vendor.document": _sources,
    "remove.name": _apis,
    "login.name": _apis,
    "logout.name": _apis,
    "scheme": _schemes,
    "client_secret": _secret_references,
    "update.name": _apis,
    "topic": lambda _, options: map(Offer, options.commands),
    "call.given": _assignments,
    "parameter": _parameters,
    "field": _fields,
    "body": _bodies,
    "credential": _credentials,
    "add.credential": _references,
    "method": lambda _, options: map(Offer, METHODS),
    "server": _servers,
    "validate": _modes,
    "print": _expressions,
    "ops.pattern": _patterns,
    "only": _operations,
    "skip": _operations,
    "allow": _methods,
    "tags": _tags,
    "phases": _phases,
    "checks": _checks,
    "test.given": _given,
    "report": _reports,
    "replay": _files,
    "recording": _files,
    "replay.given": _documents,
    "check": _documents,
    **dict.fromkeys(
        ("ref_folder", "overlay", "write_overlay", "verify", "calls", "folder", "stubs.output"), _files
    ),
}
"""By the name of an argument, or of a command and its argument."""
