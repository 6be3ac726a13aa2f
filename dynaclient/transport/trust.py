"""Whom a client trusts and who it says it is: `verify`, `cert` and `proxies`, and what TLS is set up with.

requests takes paths, and knows no pass phrase. Where there is one, or an `ssl.SSLContext`, its adapter is
given a context. `ssl` is imported with the first request that needs it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, TypeAlias

from dynaclient._support.messages import kind_of, setting_name, short_repr
from dynaclient.errors import SettingsError
from dynaclient.wire.env import SecretReference, resolved

if TYPE_CHECKING:
    import ssl

Path: TypeAlias = "str | PathLike[str]"
Verify: TypeAlias = "bool | Path | ssl.SSLContext"
Cert: TypeAlias = "Path | tuple[Path, Path | None] | tuple[Path, Path | None, str | SecretReference | None]"
"""A certificate, alone with its key in one file, or with the file of the key, and the key's pass phrase."""


def is_context(value: Any) -> bool:
    """Whether it is an `ssl.SSLContext`, which nobody has who has not imported `ssl`."""
    module = sys.modules.get("ssl")
    return module is not None and isinstance(value, module.SSLContext)


def checked_trust(verify: Any, cert: Any) -> None:
    """What can be `verify` and `cert`. Raises SettingsError, which shows no pass phrase."""
    if not (isinstance(verify, (bool, str, PathLike, type(None))) or is_context(verify)):
        expected = "True, False or the path of a CA bundle, or an ssl.SSLContext"
        raise SettingsError(f"verify: expected {expected}, got {kind_of(verify)}")
    parts = cert if isinstance(cert, tuple) else (cert,)
    paths, phrase = parts[:2], parts[2:]
    if not (
        len(phrase) <= 1
        and all(isinstance(each, (str, PathLike, type(None))) for each in paths)
        and all(isinstance(each, (str, SecretReference, type(None))) for each in phrase)
    ):
        pair = "a pair of the paths of it and its key, or these and the pass phrase of the key"
        raise SettingsError(f"cert: expected the path of a certificate, {pair}")
    if is_context(verify) and any(parts):
        how = "load the certificate into it (load_cert_chain), or give paths"
        raise SettingsError(f"cert cannot be beside a verify that is an ssl.SSLContext: {how}")


def checked_proxies(value: Any) -> dict[str, str] | None:
    """Proxies by scheme, or by scheme and host, as requests takes them. Raises SettingsError."""
    if value is not None and not isinstance(value, Mapping):
        raise SettingsError(f"proxies: expected a mapping, got {kind_of(value)}")
    found = dict(value or {})
    for name, url in found.items():
        if not isinstance(name, str) or not isinstance(url, (str, type(None))):
            raise SettingsError(
                f"proxies[{short_repr(name)}]: expected the URL of a proxy, got {kind_of(url)}"
            )
    return found or None


def usable_path(name: str, path: Any) -> None:
    """Raises SettingsError for what OpenSSL would wait for, or never come to the end of."""
    if not isinstance(path, (str, os.PathLike)):
        return
    from dynaclient.document.files import kind, why  # late: 1 ms

    told = f"{setting_name(name)}: {short_repr(os.fsdecode(path))}"
    try:
        found = kind(path)
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        raise SettingsError(f"{told} cannot be read: {why(error)}") from None
    if found not in ("", "a folder" if name == "verify" else ""):
        raise SettingsError(f"{told} is {found}, not a file")


class Trust:
    """What the requests of one client set up TLS with. A context is made once: connections are kept by it."""

    def __init__(self) -> None:
        self._contexts: dict[Any, ssl.SSLContext] = {}
        self._usable: set[Any] = set()

    def of(self, verify: Any, cert: Any, is_certified: bool) -> tuple[Any, Any]:
        """`verify` and `cert` as an adapter takes them, for a request that a certificate may go along with.

        Raises SettingsError for a certificate or key that cannot be used.
        """
        checked_trust(verify, cert)
        if is_context(verify):
            return verify if is_certified else self._kept(("bare", verify), lambda: _bare(verify)), None
        if not cert or not is_certified:
            return verify, None
        certificate, key, phrase = _parts(cert)
        if phrase:
            asked = (verify, certificate, key, phrase)
            return self._kept(asked, lambda: _context(verify, certificate, key, phrase)), None
        if (certificate, key) not in self._usable and all(
            map(os.path.exists, filter(None, (certificate, key)))
        ):
            import ssl  # late: 7 ms

            _load(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), certificate, key, "")
            self._usable.add((certificate, key))
        return verify, (certificate, key) if key else certificate

    def _kept(self, key: Any, make: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
        if key not in self._contexts:
            self._contexts[key] = make()
        return self._contexts[key]


def _parts(cert: Any) -> tuple[str, str | None, str]:
    """The paths of the certificate and of its key, and the pass phrase."""
    parts = (*resolved(cert), None, None) if isinstance(cert, tuple) else (cert, None, None)
    return os.fspath(parts[0]), os.fspath(parts[1]) if parts[1] else None, parts[2] or ""


def tls_context(verify: Any, cert: Any) -> ssl.SSLContext:
    """What an adapter of requests would set up for its `verify` and `cert`. Raises SettingsError."""
    if is_context(verify):
        return verify  # type: ignore[no-any-return]
    certificate, key, phrase = _parts(cert) if cert else ("", None, "")
    return _context(verify, certificate, key, phrase)


def _context(verify: Any, certificate: str, key: str | None, phrase: str) -> ssl.SSLContext:
    """What requests would set up for `verify`, with the certificate where there is one."""
    import ssl  # late: 7 ms

    from certifi import where  # late: 1 ms
    from urllib3.util.ssl_ import create_urllib3_context  # late: 65 ms

    context = create_urllib3_context(cert_reqs=ssl.CERT_NONE if verify is False else ssl.CERT_REQUIRED)
    if verify is not False:
        bundle = where() if verify in (True, None, "") else os.fspath(verify)
        try:
            context.load_verify_locations(**{"capath" if os.path.isdir(bundle) else "cafile": bundle})
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise SettingsError(
                f"{setting_name('verify')}: {short_repr(bundle)} cannot be used: {why}"
            ) from None
    if certificate:
        _load(context, certificate, key, phrase)
    return context


def _load(context: ssl.SSLContext, certificate: str, key: str | None, phrase: str) -> None:
    """Raises SettingsError. The phrase is given when it is asked for: OpenSSL would ask at the terminal."""
    import ssl  # late: 7 ms

    asked = []

    def answer() -> str:
        asked.append(True)
        return phrase

    try:
        context.load_cert_chain(certificate, key, answer)
    except (OSError, ValueError) as error:
        if asked and not phrase:
            why = "the key is encrypted; give its pass phrase as well: (certificate, key, pass phrase)"
        elif asked:
            why = "the key cannot be opened with this pass phrase"
        elif isinstance(error, ssl.SSLError):
            belongs = error.reason == "KEY_VALUES_MISMATCH"
            why = (
                "the key is not that of the certificate"
                if belongs
                else "no certificate with its key is there"
            )
        else:
            why = f"it cannot be read: {getattr(error, 'strerror', None) or type(error).__name__}"
        where = short_repr(certificate) + (f" with {short_repr(key)}" if key else "")
        raise SettingsError(f"{setting_name('cert')}: {where}: {why}") from None


def _bare(context: ssl.SSLContext) -> ssl.SSLContext:
    """A context that trusts as `context` does, and shows no certificate: nobody can ask whether it has one.

    Authorities that it was not given as a file or data cannot be seen either: then those of requests hold.
    """
    import ssl  # late: 7 ms

    from certifi import where  # late: 1 ms

    bare = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    bare.check_hostname = context.check_hostname
    bare.verify_mode = context.verify_mode
    bare.verify_flags = context.verify_flags
    bare.options = context.options
    bare.minimum_version, bare.maximum_version = context.minimum_version, context.maximum_version
    known = b"".join(context.get_ca_certs(binary_form=True))
    bare.load_verify_locations(**({"cadata": known} if known else {"cafile": where()}))
    return bare


def take_contexts(adapter: Any) -> None:
    """Let an adapter of requests take an `ssl.SSLContext` as `verify`; connections are kept by context."""
    if not hasattr(adapter, "build_connection_pool_key_attributes") or "cert_verify" in vars(adapter):
        return
    attributes, check = adapter.build_connection_pool_key_attributes, adapter.cert_verify

    def build(request: Any, verify: Any, cert: Any = None) -> Any:
        if not is_context(verify):
            return attributes(request, verify, cert)
        host, _ = attributes(request, True, None)
        return host, {"ssl_context": verify}

    def verified(conn: Any, url: str, verify: Any, cert: Any) -> None:
        if not is_context(verify):
            check(conn, url, verify, cert)

    adapter.build_connection_pool_key_attributes, adapter.cert_verify = build, verified
