"""What the environment says, read as requests reads it: requests is the referee."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from requests.utils import get_netrc_auth, select_proxy

from dynaclient.transport.environment import ca_bundle, netrc_user, proxy_for

HOSTS = ["127.0.0.1", "10.1.2.3", "a.example", "b.a.example", "example", "aexample", "[::1]"]
ENTRIES = [
    "*", "", "127.0.0.1", "10.0.0.0/8", "10.1.2.3/32", "10.0.0.0/0", "10.0.0.0/40", "a.example", ".a.example",
    " example ", "b.a.example:8080", ".0.0.1", "10.1.2.3:8080", "A.EXAMPLE", "::1", "localhost",
]  # fmt: skip
PROXIES = ["http://p:1", "p:2", None]


def asked(url: str, proxies: dict[str, str | None] | None) -> str | None:
    """The proxy that requests takes."""
    merged = requests.Session().merge_environment_settings(url, dict(proxies or {}), None, None, None)  # type: ignore[arg-type]
    return select_proxy(url, merged["proxies"])


@pytest.mark.skipif(
    tuple(map(int, requests.__version__.split(".")[:2])) < (2, 34),
    reason="before 2.34 requests takes the end of a name for a host of no_proxy: example also for aexample",
)
@given(
    st.builds(
        "{}://{}{}/x".format,
        st.sampled_from(["http", "https"]),
        st.sampled_from(HOSTS),
        st.sampled_from(["", ":8080"]),
    ),
    st.dictionaries(
        st.sampled_from(["HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"]),
        st.sampled_from(["http://e:1", "e:2", ""]),
    ),
    st.none() | st.lists(st.sampled_from(ENTRIES), max_size=3).map(",".join),
    st.none()
    | st.dictionaries(
        st.sampled_from(["http", "https", "all", "http://a.example", "all://127.0.0.1"]),
        st.sampled_from(PROXIES),
    ),
    st.none() | st.lists(st.sampled_from(ENTRIES), max_size=3).map(",".join),
)
def test_the_proxy_is_that_of_requests(
    url: str,
    environment: dict[str, str],
    no_proxy: str | None,
    proxies: dict[str, str | None] | None,
    given_no_proxy: str | None,
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            patch.delenv(name, raising=False)
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.delenv("no_proxy", raising=False)
        patch.delenv("NO_PROXY", raising=False)
        if no_proxy is not None:
            patch.setenv("NO_PROXY", no_proxy)
        if proxies is not None and given_no_proxy is not None:
            proxies["no_proxy"] = given_no_proxy
        assert proxy_for(url, proxies) == asked(url, proxies)


@pytest.mark.parametrize(
    "names", [(), ("REQUESTS_CA_BUNDLE",), ("CURL_CA_BUNDLE",), ("CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE")]
)
def test_the_bundle_is_that_of_requests(names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", "/of/openssl.pem")
    for name in names:
        monkeypatch.setenv(name, f"/of/{name}.pem")
    merged = requests.Session().merge_environment_settings("https://h/", {}, None, None, None)
    assert ca_bundle() == (None if merged["verify"] is True else merged["verify"])


@pytest.mark.parametrize(
    "text",
    [
        "machine h.example login me password s3cret",
        "machine h.example account me password s3cret",
        "default login any password other",
        "machine other.example login me password s3cret",
        "machine h.example login me",
        "machine \x00 nothing like it",
        "",
    ],
)
@pytest.mark.parametrize("url", ["http://h.example:81/x", "http://me@h.example/"])
def test_the_netrc_is_that_of_requests(
    text: str, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "netrc"
    path.write_text(text)
    monkeypatch.setenv("NETRC", str(path))
    assert netrc_user(url) == get_netrc_auth(url)
    assert netrc_user("http:///x") is None  # no host, and no default for it
    monkeypatch.setenv("NETRC", str(tmp_path / "none"))
    assert netrc_user(url) is None
