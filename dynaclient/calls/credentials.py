"""The credentials of a client: which are sent with an operation, and how they come into its request."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dynaclient._support.interrupts import let_through
from dynaclient._support.messages import kind_of, setting_name, verb
from dynaclient.document.model import Parameter, SecurityScheme
from dynaclient.errors import DynaclientError, RequestInvalid, SettingsError, Violation
from dynaclient.wire.env import SecretReference, references_in, resolved
from dynaclient.wire.percent import encode
from dynaclient.wire.request_builder import RequestDraft
from dynaclient.wire.security import Token, choose_schemes, key_place, place, token

if TYPE_CHECKING:
    from dynaclient.transport.auth import Digest
    from dynaclient.transport.deadline import Deadline
    from dynaclient.transport.session import Transport
    from dynaclient.transport.token_source import TokenSource
    from dynaclient.wire.request import Request


Make = Callable[[RequestDraft], "Request"]


class Credentials:
    """What the user gave, by the name of a security scheme.

    Raises SettingsError for a scheme that the document does not have, and for a credential of the wrong form.
    """

    def __init__(self, schemes: Mapping[str, SecurityScheme], given: Mapping[str, Any]) -> None:
        _check(given, schemes)
        self._schemes = schemes
        self._given = {name: credential for name, credential in given.items() if credential != ""}
        self._choices: dict[tuple[tuple[str, ...], ...] | None, tuple[str, ...]] = {}
        self._digests: dict[tuple[str, str, str], Digest] = {}
        self._tokens: dict[str, Token | None] = {}
        self.withheld: Mapping[str, str] = {}
        """Kept back although there is one: scheme -> where it stands, such as the name of a variable."""
        self.why_withheld = ""
        self.forced: tuple[str, ...] | None = None
        """What is sent whatever an operation asks for, for a test."""
        self.stands_in = False
        """Whether these are nobody's: what they would be in the place of is not lost."""

    @cached_property
    def places(self) -> tuple[str, ...]:
        """The names under which keys travel that the document knows of, given or not."""
        return tuple(each.parameter or each.name for each in self._schemes.values() if each.kind == "apiKey")

    @property
    def given(self) -> tuple[str, ...]:
        """The schemes that there is a credential for."""
        return tuple(self._given)

    @property
    def plain(self) -> tuple[str, ...]:
        """The schemes whose credential is held in plain text, not by reference."""
        return tuple(name for name, given in self._given.items() if _is_plain(given))

    def choose(self, security: tuple[tuple[str, ...], ...] | None) -> tuple[str, ...]:
        """The schemes to send with an operation that asks for `security`."""
        if self.forced is not None:
            return self.forced
        found = self._choices.get(security)
        if found is None:
            found = self._choices[security] = choose_schemes(security, self._given)
        return found

    def fill(self, chosen: Sequence[str], parameter: Parameter) -> bool:
        """Whether the key of one of the `chosen` schemes is sent as `parameter`: many documents describe it
        a second time."""
        keys = [key_place(self._schemes[name]) for name in chosen if self._schemes[name].kind == "apiKey"]
        if parameter.location == "header":  # names of headers are the same in any case (RFC 9110, 5.1)
            return parameter.name.lower() in [name.lower() for place, name in keys if place == "header"]
        return (parameter.location, parameter.name) in keys

    def has(self, scheme: str) -> bool:
        """Whether something was given for a scheme."""
        return scheme in self._given

    def extended(self, more: Mapping[str, Any]) -> Credentials:
        """These and `more`, which win."""
        made = Credentials(self._schemes, {**self._given, **more})
        made.withheld = {name: each for name, each in self.withheld.items() if name not in more}
        made.why_withheld = self.why_withheld
        return made

    def withholding(self, places: Mapping[str, str], why: str = "") -> Credentials:
        """These without those of the schemes in `places`, scheme -> where its credential stands.

        `why`: as the user reads it; without it, that only the document names the server.
        """
        made = Credentials(
            self._schemes, {name: each for name, each in self._given.items() if name not in places}
        )
        made.withheld = {**self.withheld, **places}
        made.why_withheld = why or (
            f"only the document names this server; name it yourself with {setting_name('server')}, or give "
            f"{setting_name('credentials')}"
        )
        return made

    def altered(self, which: str) -> Credentials:
        """Others, for a test: `none`; those of the schemes that `which` names, joined by `+`, and no others,
        whatever an operation asks for; `invalid`, or `invalid:` and names of schemes: values that no server
        takes."""
        kind, _, named = which.partition(":")
        if kind == "invalid":
            given = {name: invalid_credential(each) for name, each in self._schemes.items()}
            made = Credentials(self._schemes, given)
            made.forced = tuple(named.split("+")) if named else None
            made.stands_in = True
            return made
        made = Credentials(self._schemes, {} if which == "none" else self._given)
        made.forced = tuple(each for each in which.split("+") if each in made._given)
        return made

    def stand_ins(self) -> Credentials:
        """For each of these one that belongs to nobody: nothing is resolved, made or fetched."""
        made = Credentials(
            self._schemes, {name: invalid_credential(self._schemes[name]) for name in self._given}
        )
        made.withheld, made.why_withheld = self.withheld, self.why_withheld
        made.stands_in = True
        return made

    def unsent(self, security: tuple[tuple[str, ...], ...] | None) -> str:
        """Why a server that asks for credentials got none with an operation that asks for `security`; empty
        where none were given and none are asked for."""
        if kept := self.kept_back(security):
            return kept
        wanted = [" and ".join(each) for each in security or () if each]
        if wanted:
            return f"no credentials were sent, the document asks for {' or '.join(wanted)}"
        if not self._given:
            return ""
        why = "no credentials were sent, the document asks for none here"
        return f"{why}; what it does not mention goes {setting_name('undocumented')}"

    def kept_back(self, security: tuple[tuple[str, ...], ...] | None) -> str:
        """That credentials are not sent although `security` asks for them, and why; else nothing."""
        offered = {**self._given, **self.withheld}
        kept = [name for name in choose_schemes(security, offered) if name in self.withheld]
        if not kept:
            return ""
        places = [*dict.fromkeys(self.withheld[name] for name in kept)]
        return f"{' and '.join(places)} {verb(len(places))} not sent: {self.why_withheld}"

    def check_apart(self, chosen: Sequence[str], draft: RequestDraft) -> None:
        """Raises SettingsError where a token that is to be fetched, or an answer to a challenge, would be
        sent under the name of another credential: before anything is sent for it. Of others that is seen when
        both are there.
        """
        if len(chosen) < 2 or self.stands_in:
            return
        sent: dict[tuple[str, str], str] = {}
        for name in chosen:
            at = place(self._schemes[name])
            if at is None or _is_given(draft, *at) or self._is_callable(name):
                continue
            key = _key_of(*at)
            if key in sent and not self._made_late.isdisjoint((name, sent[key])):
                raise _both(sent[key], name, *at)
            sent.setdefault(key, name)

    def sign(
        self, chosen: Sequence[str], draft: RequestDraft, make: Make, transport: Transport, clock: Deadline
    ) -> tuple[Request, tuple[str, ...]]:
        """The request with the credentials of the `chosen` schemes, and where they stand in it.

        Callables get the request when all else is done, and are asked in the order of the document. A token
        is fetched through `transport`, within the time that the call has left.

        Raises SettingsError where two of them would be sent under one name, and are not the same.
        """
        draft = replace(
            draft, headers=dict(draft.headers), query=list(draft.query), cookies=list(draft.cookies)
        )
        sent: Sent = {}
        for name in chosen:
            if name not in self._made_late:
                self._add(draft, name, self._token(name), sent)
        request = make(draft)
        for name in chosen:
            if name in self._made_late:
                made = self._late(name, request, transport, clock)
                self._add(draft, name, self._token_of(name, made), sent)
                request = make(draft)
        return request, tuple(made.name for _, made in sent.values())

    def references(self, chosen: Sequence[str]) -> list[SecretReference]:
        """What was given for the `chosen` schemes and stands for a secret."""
        return [each for name in chosen for each in references_in(self._given[name])]

    def fetched(self, chosen: Sequence[str]) -> list[TokenSource]:
        """Those of the `chosen` schemes that fetch a token."""
        names = [name for name in chosen if name in self._made_late and not self._is_digest(name)]
        if not names:
            return []
        from dynaclient.transport.token_source import TokenSource  # late: 4 ms

        return [given for name in names if isinstance(given := self._given[name], TokenSource)]

    def challenged(self, chosen: Sequence[str], request: Request, headers: Mapping[str, str]) -> bool:
        """Learn from a 401 what HTTP Digest needs, and that a token has ended before its time; whether the
        request is worth sending again."""
        challenge = headers.get("WWW-Authenticate", "")
        return any(
            self._digest(name).learn(challenge)
            if self._is_digest(name)
            else _renewed(self._given[name], request)
            for name in chosen
        )

    def _late(self, name: str, request: Request, transport: Transport, clock: Deadline) -> Any:
        from dynaclient.transport.token_source import TokenSource  # late: 4 ms

        if self._is_digest(name):
            return self._digest(name).answer(str(request.method), str(request.url))
        given = self._given[name]
        try:
            return given.token(transport, clock) if isinstance(given, TokenSource) else given(request)
        except DynaclientError:
            raise
        except Exception as error:  # its text may hold what it signs with: only its kind is shown
            let_through(error)
            if isinstance(given, TokenSource):
                raise  # of dynaclient: it says itself what went wrong there
            message = f"the callable that makes it raised {type(error).__name__} (the cause of this error)"
            raise _unsendable(name, message) from error

    def _add(self, draft: RequestDraft, name: str, made: Token | None, sent: Sent) -> None:
        """Put the credential of a scheme into the draft, and note it among those that were `sent`."""
        if made is None:
            return
        key = _key_of(made.place, made.name)
        if key not in sent:
            is_given = _is_given(draft, made.place, made.name)
            sent[key] = ("" if is_given else name, made)
            if not is_given:  # what the call itself gives goes first, and alone
                _write(draft, made)
        elif (other := sent[key])[0] and other[1].value != made.value and not self.stands_in:
            raise _both(other[0], name, made.place, made.name)

    def _token(self, name: str) -> Token | None:
        """How what was given for a scheme travels: made once for a text, else for each request."""
        if name in self._tokens:
            return self._tokens[name]
        given = self._given[name]
        made = self._token_of(name, given)
        if all(isinstance(each, str) for each in (given if isinstance(given, tuple) else (given,))):
            self._tokens[name] = made
        return made

    def _token_of(self, name: str, credential: Any) -> Token | None:
        credential = resolved(credential)
        return token(self._schemes[name], credential) if credential not in (None, "") else None

    @cached_property
    def _made_late(self) -> frozenset[str]:
        """The schemes whose credential is made of the finished request."""
        return frozenset(
            name for name, given in self._given.items() if _is_maker(given) or self._is_digest(name)
        )

    def _is_callable(self, name: str) -> bool:
        """Whether a function of the user's makes it, which may give nothing."""
        if name not in self._made_late or self._is_digest(name):
            return False
        from dynaclient.transport.token_source import TokenSource  # late: 4 ms

        return not isinstance(self._given[name], TokenSource)

    def _is_digest(self, name: str) -> bool:
        return self._schemes[name].scheme == "digest" and not _is_maker(self._given[name])

    def _digest(self, name: str) -> Digest:
        from dynaclient.transport.auth import Digest  # late: 4 ms

        pair = resolved(self._given[name])
        user, password = pair if isinstance(pair, tuple) else pair.partition(":")[::2]
        if (name, user, password) not in self._digests:
            self._digests[name, user, password] = Digest(user, password)
        return self._digests[name, user, password]

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_choices": {}, "_digests": {}, "_tokens": {}}

    def __repr__(self) -> str:
        return f"Credentials({', '.join(self._given)})"


def _renewed(given: Any, request: Request) -> bool:
    """Whether what was given for a scheme gives another token from now on than `request` went out with."""
    from dynaclient.transport.token_source import TokenSource  # late: 4 ms

    if isinstance(given, TokenSource):
        return given.renew(request)
    parts = given if isinstance(given, tuple) else (given,)
    renewed = [each.renew() for each in parts if isinstance(each, SecretReference)]
    return any(renewed)


INVALID = "invalid-credential"
"""A key that belongs to nobody."""


def invalid_credential(scheme: SecurityScheme) -> Any:
    """A credential in the form of `scheme` that belongs to nobody."""
    return ("nobody", "invalid") if scheme.scheme in ("basic", "digest") else INVALID


Sent = dict[tuple[str, str], tuple[str, Token]]
"""The credentials of a request by where they stand: the scheme, empty where the call itself gives what stands
there."""


def _key_of(place: str, name: str) -> tuple[str, str]:
    return place, name.lower() if place == "header" else name


def _both(one: str, other: str, place: str, name: str) -> SettingsError:
    option = setting_name("option", "query" if place == "query" else "headers")
    what = {"header": "header", "query": "query parameter", "cookie": "cookie"}[place]
    return SettingsError(
        f"the credentials for {one} and {other} would both be sent as the {what} {name}, which a request has "
        f"once; give what the server expects there with {option}"
    )


def _is_given(draft: RequestDraft, place: str, name: str) -> bool:
    """Whether a request has something by now under the name of a credential."""
    if place == "header":
        return name.lower() in map(str.lower, draft.headers)
    return name in (draft.query_names if place == "query" else draft.cookie_names)


def _write(draft: RequestDraft, made: Token) -> None:
    if made.place == "header":
        draft.headers[made.name] = made.value
    elif made.place == "query":
        draft.query.append(f"{encode(made.name)}={encode(made.value)}")
    elif ";" in made.value or "," in made.value or '"' in made.value:
        message = "a cookie cannot hold `;`, `,` or a quotation mark"
        raise _unsendable(made.name, message)
    else:
        draft.cookies.append(f"{made.name}={made.value}")


def _unsendable(name: str, why: str) -> RequestInvalid:
    return RequestInvalid(f"the credential for {name} cannot be sent", [Violation("security", name, "", why)])


def _check(given: Any, schemes: Collection[str]) -> None:
    if not isinstance(given, Mapping):
        known = ", ".join(f'"{name}": ...' for name in schemes)
        hint = f"; give those you have of {{{known}}}" if known else ""
        raise SettingsError(f"credentials: expected a mapping, got {kind_of(given)}{hint}")
    for name, credential in given.items():
        if name not in schemes:
            known = ", ".join(schemes) or "none"
            message = f"the document has no security scheme {name!r}; it has {known}"
            raise SettingsError(f"{message}; what it does not mention goes {setting_name('undocumented')}")
        pair = isinstance(credential, tuple) and len(credential) == 2 and all(map(_is_text, credential))
        if not (_is_text(credential) or pair or callable(credential)):
            message = "expected a text, a pair of texts, a callable, or Env(...) as credential"
            raise SettingsError(f"{message} for {name}, got {kind_of(credential)}")


def _is_plain(credential: Any) -> bool:
    parts = credential if isinstance(credential, tuple) else (credential,)
    held: bool = getattr(credential, "holds_plain_text", False)  # of a TokenSource
    return held or any(isinstance(each, str) for each in parts)


def _is_text(value: Any) -> bool:
    return isinstance(value, (str, SecretReference))


def _is_maker(credential: Any) -> bool:
    """Whether it makes the credential out of the finished request."""
    return callable(credential) and not isinstance(credential, SecretReference)
