# ruff: noqa: E501  (lines stand as they are read)
"""Lists in pages: as published APIs have them, in words of our own, against a server on a real socket.

Each style gives all items once, in order, and ends; one that would not end, or would lead elsewhere, ends
with an error that says so.
"""

from __future__ import annotations

import base64
import json
import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from dynaclient import Client, NotFound, PagesError, SettingsError
from tests.conftest import Serve
from tests.servers import RawServer, Recorded, reply
from tests.small import JSON, json_reply, one, param, said

ITEMS = [{"id": f"i{number}", "number": number} for number in range(1, 8)]
SIZE = 3
INTEGER = {"type": "integer"}
LIST = {"type": "array", "items": {"type": "object"}}

Query = dict[str, str]
Answer = tuple[Any, dict[str, str]]


def holding(**properties: Any) -> dict[str, Any]:
    """An object with these properties, as a schema."""
    return {"type": "object", "properties": properties}


def query_of(request: Recorded) -> Query:
    """The query, each name once: a name that is given twice would be a mistake of ours."""
    found = parse_qs(urlsplit(request.target).query, keep_blank_values=True)
    assert all(len(each) == 1 for each in found.values()), request.target
    return {name: each[0] for name, each in found.items()}


def start_of(cursor: str) -> int:
    """Where the page behind the item with this id begins."""
    return int(cursor[1:]) if cursor else 0


def part(at: int) -> list[Any]:
    return ITEMS[at : at + SIZE]


def answering(make: Callable[[Recorded, Query], Answer]) -> Callable[[Recorded], bytes]:
    def answer(request: Recorded) -> bytes:
        data, headers = make(request, query_of(request))
        return reply(200, json.dumps(data).encode(), [*JSON, *headers.items()])

    return answer


# -- styles: what the server answers --------------------------------------------------------------------------


def link_header(request: Recorded, query: Query) -> Answer:
    page = int(query.get("page", 1))
    links = [f'<http://{request.header("Host")}/x?page=1>; rel="first"']
    if page * SIZE < len(ITEMS):
        links.insert(0, f'<http://{request.header("Host")}/x?page={page + 1}&kind=a>; rel="next"')
    return part((page - 1) * SIZE), {"Link": ", ".join(links)}


def relative_link_header(request: Recorded, query: Query) -> Answer:
    at = int(query.get("after", 0))
    links = [f'</x?after=0>; rel=next; anchor="#other", <?after={at + SIZE}>; title="a, b; c"; REL="up next"']
    return part(at), {"Link": links[0]} if at + SIZE < len(ITEMS) else {}


def last_id(request: Recorded, query: Query) -> Answer:
    at = start_of(query.get("starting_after", ""))
    return {"object": "list", "data": part(at), "has_more": at + SIZE < len(ITEMS)}, {}


def nested_cursor(request: Recorded, query: Query) -> Answer:
    at = start_of(query.get("cursor", ""))
    following = f"i{at + SIZE}" if at + SIZE < len(ITEMS) else ""
    return {"ok": True, "channels": part(at), "response_metadata": {"next_cursor": following}}, {}


def page_token(request: Recorded, query: Query) -> Answer:
    at = start_of(query.get("pageToken", ""))
    more = {"nextPageToken": f"i{at + SIZE}"} if at < len(ITEMS) else {}  # one page too many, without items
    return ({"items": part(at)} if part(at) else {}) | more, {}


def cursor_in_body(request: Recorded, query: Query) -> Answer:
    body = json.loads(request.body)
    assert body["filter"] == "open"
    at = start_of(body.get("start_cursor") or "")
    following = f"i{at + SIZE}" if at + SIZE < len(ITEMS) else None
    return {"results": part(at), "next_cursor": following, "has_more": following is not None}, {}


def next_link(request: Recorded, query: Query) -> Answer:
    at = int(query.get("$skiptoken", 0))
    url = f"http://{request.header('Host')}/x?api-version=1&$skiptoken={at + SIZE}"
    return {"value": part(at)} | ({"nextLink": url} if at + SIZE < len(ITEMS) else {}), {}


def odata_link(request: Recorded, query: Query) -> Answer:
    data, _ = next_link(request, query)
    return {"value": data["value"], "@odata.nextLink": data.get("nextLink")}, {}


def hal(request: Recorded, query: Query) -> Answer:
    at = int(query.get("from", 0))
    links = {"self": {"href": request.target}}
    if at + SIZE < len(ITEMS):
        links["next"] = {"href": f"/x?from={at + SIZE}"}
    return {"_embedded": {"orders": part(at)}, "_links": links}, {}


def json_api(request: Recorded, query: Query) -> Answer:
    at = start_of(query.get("page[after]", ""))
    url = f"http://{request.header('Host')}/x?page%5Bafter%5D=i{at + SIZE}&page%5Bsize%5D=3"
    return {"data": part(at), "links": {"next": url if at + SIZE < len(ITEMS) else None}}, {}


def counted_links(request: Recorded, query: Query) -> Answer:
    at = int(query.get("offset", 0))
    url = f"http://{request.header('Host')}/x?limit=3&offset={at + SIZE}" if at + SIZE < len(ITEMS) else None
    return {"count": len(ITEMS), "next": url, "results": part(at)}, {}


def skip_and_more(request: Recorded, query: Query) -> Answer:
    at = int(query["skip"])
    return {"hasMore": at + SIZE < len(ITEMS), "data": part(at)}, {}


def offset_and_total(request: Recorded, query: Query) -> Answer:
    return {"items": part(int(query["offset"])), "total": len(ITEMS)}, {}


def offset_alone(request: Recorded, query: Query) -> Answer:
    assert query["size"] == "100"  # asked for more than the server gives
    return {"hits": {"hits": part(int(query["from"]))}}, {}


def page_and_header(request: Recorded, query: Query) -> Answer:
    return part((int(query["page"]) - 1) * SIZE), {"X-WP-Total": str(len(ITEMS))}


def page_from_zero(request: Recorded, query: Query) -> Answer:
    return {"content": part(int(query["page"]) * SIZE), "sort": []}, {}


def link_object(request: Recorded, query: Query) -> Answer:
    at = int(query.get("offset", 0))
    return {"items": part(at)} | ({"next_offset": at + SIZE} if at + SIZE < len(ITEMS) else {}), {}


def header_cursor(request: Recorded, query: Query) -> Answer:
    at = start_of(request.header("x-continuation") or "")
    return {"docs": part(at)}, {"x-continuation": f"i{at + SIZE}"} if at + SIZE < len(ITEMS) else {}


def bookmark(request: Recorded, query: Query) -> Answer:
    at = start_of(query.get("bookmark", ""))
    return {"rows": part(at), "bookmark": f"i{min(at + SIZE, len(ITEMS))}"}, {}


def keyset(request: Recorded, query: Query) -> Answer:
    return part(int(query.get("id_after", 0))), {}


def empty_between(request: Recorded, query: Query) -> Answer:
    """A page that a filter left empty, with more behind it."""
    at = int(query.get("after") or 0)
    following = f"{at + 1}" if at + 1 < len(ITEMS) else None
    return {"items": ITEMS[at : at + 1] if at != 2 else [], "after": following}, {}


def capped(request: Recorded, query: Query) -> Answer:
    """A server whose pages differ in size."""
    at = int(query["start"])
    return {"items": ITEMS[at : at + 1 + at % 2]}, {}


LINKED = {"200": said(LIST, headers={"Link": {"schema": {"type": "string"}}})}
NEXT_OFFSET = {
    "200": said(
        holding(items=LIST, next_offset=INTEGER),
        links={"nextPage": {"operationId": "op", "parameters": {"offset": "$response.body#/next_offset"}}},
    )
}
OFFSET = {"offset": ["skip", "pageSize"], "more": "/hasMore"}

Style = tuple[
    str, Callable[[Recorded, Query], Answer], dict[str, Any], dict[str, Any], dict[str, Any], list[Any]
]


def style(
    name: str,
    server: Callable[[Recorded, Query], Answer],
    document: dict[str, Any],
    given: dict[str, Any] | None = None,
    **said_: Any,
) -> Any:
    return pytest.param(server, document, given or {}, said_, id=name)


STYLES = [
    style("a documented Link header", link_header, one("get", "/x", answers=LINKED)),
    style("a Link header that nobody documents", link_header, one("get", "/x", answer=LIST)),
    style("a relative link among others", relative_link_header, one("get", "/x", answers=LINKED)),
    style("a Link header, said so", relative_link_header, one("get", "/x"), next="link", items=""),
    style(
        "the id of the last item, and whether there are more",
        last_id,
        one("get", "/x", param("starting_after"), answer=holding(data=LIST, has_more={})),
        cursor=("starting_after", "/data/-1/id"),
        more="/has_more",
    ),
    style(
        "the id of the last item, until a page is empty",
        last_id,
        one("get", "/x", param("starting_after"), answer=holding(data=LIST)),
        cursor=("starting_after", "/data/-1/id"),
    ),
    style(
        "a cursor deep inside that is an empty text at the end",
        nested_cursor,
        one("get", "/x", param("cursor")),
        cursor=("cursor", "/response_metadata/next_cursor"),
        items="/channels",
    ),
    style(
        "a token of a page, and no list where it is empty",
        page_token,
        one("get", "/x", param("pageToken"), answer=holding(items=LIST, nextPageToken={"type": "string"})),
        cursor=("pageToken", "/nextPageToken"),
    ),
    style(
        "a cursor in the body of a POST",
        cursor_in_body,
        one("post", "/x", body={"type": "object"}, answer=holding(results=LIST)),
        {"body": {"filter": "open"}},
        cursor=("/start_cursor", "/next_cursor"),
        more="/has_more",
    ),
    style(
        "the extension x-ms-pageable",
        next_link,
        one("get", "/x", operation={"x-ms-pageable": {"nextLinkName": "nextLink"}}),
    ),
    style("a link in a property with a dot", odata_link, one("get", "/x"), next="/@odata.nextLink", items="/value"),
    style("links of HAL", hal, one("get", "/x"), next="/_links/next", items="/_embedded/orders"),
    style(
        "links of JSON:API", json_api, one("get", "/x", answer=holding(data=LIST, links={})), next="/links/next"
    ),
    style(
        "links beside a count",
        counted_links,
        one("get", "/x", param("limit", schema=INTEGER), answer=holding(count=INTEGER, results=LIST)),
        {"limit": 3},
        next="/next",
        total="/count",
    ),
    style(
        "items to skip, as the document says by x-pagination",
        skip_and_more,
        one(
            "get",
            "/x",
            param("skip", schema=INTEGER),
            param("pageSize", schema=INTEGER),
            answer=holding(hasMore={}, data=LIST),
            operation={"x-pagination": OFFSET},
        ),
        {"page_size": 3},
    ),
    style(
        "an offset, and the total",
        offset_and_total,
        one("get", "/x", param("offset", schema=INTEGER), answer=holding(items=LIST, total=INTEGER)),
        offset="offset",
        total="/total",
    ),
    style(
        "an offset alone, by a server that gives less than it is asked for",
        offset_alone,
        one("get", "/x", param("from", schema=INTEGER), param("size", schema=INTEGER)),
        {"size": 100},
        offset=("from", "size"),
        items="/hits/hits",
    ),
    style(
        "pages by number, and the total in a header",
        page_and_header,
        one("get", "/x", param("page", schema=INTEGER), answer=LIST),
        page="page",
        total="$response.header.X-WP-Total",
    ),
    style(
        "pages by number from 0, as documented",
        page_from_zero,
        one("get", "/x", param("page", schema={**INTEGER, "default": 0})),
        page="page",
        items="/content",
    ),
    style(
        "pages by number from 0, said so; the number is text",
        page_from_zero,
        one("get", "/x", param("page")),
        page=("page", 0),
        items="/content",
    ),
    style("a Link Object", link_object, one("get", "/x", param("offset", schema=INTEGER), answers=NEXT_OFFSET)),
    style(
        "a cursor in headers",
        header_cursor,
        one("get", "/x", param("x-continuation", "header"), answer=holding(docs=LIST)),
        cursor=("x-continuation", "$response.header.x-continuation"),
    ),
    style(
        "a bookmark that stays at the end",
        bookmark,
        one("get", "/x", param("bookmark"), answer=holding(rows=LIST)),
        cursor=("bookmark", "/bookmark"),
    ),
    style(
        "the largest number so far, of a bare list",
        keyset,
        one("get", "/x", param("id_after", schema=INTEGER), answer=LIST),
        cursor=("id_after", "/-1/number"),
    ),
    style(
        "an empty page with more behind it",
        empty_between,
        one("get", "/x", param("after"), answer=holding(items=LIST)),
        cursor=("after", "/after"),
    ),
    style(
        "pages of several sizes",
        capped,
        one("get", "/x", param("start", schema=INTEGER), answer=holding(items=LIST)),
        offset="start",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("make", "document", "given", "said_"), STYLES)
def test_all_items_once_and_in_order(
    serve: Serve, make: Any, document: dict[str, Any], given: dict[str, Any], said_: dict[str, Any]
) -> None:
    server = serve(answering(make))
    expected = [each for each in ITEMS if make is not empty_between or each["id"] != "i3"]
    with Client(document, server=server.url) as api:
        assert list(api.pages("op", **given, **said_)) == expected
        requests = len(server.requests)
        assert (
            len({(each.target, each.body, each.header("x-continuation")) for each in server.requests})
            == requests
        )

        pages = list(api.pages("op", **given, **said_).by_page())
        assert [item for page in pages for item in page] == expected
        assert len(server.requests) == 2 * requests  # nothing is fetched twice, or behind the end
        assert [page.token == "" for page in pages] == [False] * (len(pages) - 1) + [True]

        for stop in (1, SIZE, SIZE + 1):  # from a token, the rest follows
            some = api.pages("op", **given, **said_)
            first = [next(some) for _ in range(stop)]
            assert [*first, *api.pages("op", **given, **said_, start=some.token)] == expected


# -- what would not end, or leads elsewhere -----------------------------------------------------------------


def wrong(*pages: Any, **headers: str) -> Callable[[Recorded], bytes]:
    """Answers with these pages, the last one for all that follow."""
    left = list(pages)

    def answer(request: Recorded) -> bytes:
        data = left.pop(0) if len(left) > 1 else left[0]
        return reply(200, json.dumps(data).encode(), [*JSON, *headers.items()])

    return answer


A, B = [{"id": "a"}], [{"id": "b"}]
CURSOR = {"cursor": ("cursor", "/next")}
WRONG: list[tuple[str, Any, dict[str, Any], int, str]] = [
    # what is wrong, answers, settings, requests that may arrive, what is said
    ("a cursor that stays", [{"items": A, "next": "c"}], CURSOR, 2, "cursor that was there already, 'c'"),
    (
        "cursors in a circle",
        [{"items": A, "next": each} for each in ("c", "d", "e", "c")],
        CURSOR,
        4,
        "the list would not end",
    ),
    ("a link to the same page", [{"items": A, "next": "/x?a=1"}], {"next": "/next"}, 2, "was there already, /x"),
    ("an offset that is not heeded", [{"items": A}], {"offset": "skip"}, 2, "does not heed 'skip'"),
    ("a number that is not heeded", [{"items": A}], {"page": "skip"}, 2, "does not heed 'skip'"),
    (
        "another origin",
        [{"items": A, "next": "https://elsewhere.test/x?key=s3cr3t"}],
        {"next": "/next"},
        1,
        "elsewhere, at https://elsewhere.test/x: no request goes",
    ),
    ("another origin in a relative link", [{"items": A, "next": "//e.test/x"}], {"next": "/next"}, 1, "http://e.test/x"),
    ("another scheme", [{"items": A, "next": "https://127.0.0.1/x"}], {"next": "/next"}, 1, "elsewhere"),
    ("a user in the link", [{"items": A, "next": "http://u:p@{}/x"}], {"next": "/next"}, 1, "elsewhere"),
    ("no URL", [{"items": A, "next": "http://[::1/x"}], {"next": "/next"}, 1, "is not a URL"),
    ("no text", [{"items": A, "next": 5}], {"next": "/next"}, 1, "expected a URL, got 5"),
    (
        "a total that is too high",
        [{"items": A, "total": 3}, {"items": B, "total": 3}, {"items": [], "total": 3}],
        {"offset": "skip", "total": "/total"},
        3,
        "there are 3 items; the pages end after 2",
    ),
    (
        "a total that is too low",
        [{"items": A * 2, "total": 1}],
        {"offset": "skip", "total": "/total"},
        1,
        "there are 1 item; the pages have by now 2",
    ),
    (
        "a total that links do not reach",
        [{"items": A, "total": 3, "next": "/x?p=2"}, {"items": B, "total": 3, "next": None}],
        {"next": "/next", "total": "/total"},
        2,
        "the pages end after 2",
    ),
    ("a total that is none", [{"items": A, "total": "many"}], {"offset": "skip", "total": "/total"}, 1, "a number"),
    (
        "more, and no items",
        [{"items": A, "more": True}, {"items": [], "more": True}],
        {"offset": "skip", "more": "/more"},
        2,
        "says that there is more, and gave no items",
    ),
    ("more, and no cursor", [{"items": A, "more": True}], {**CURSOR, "more": "/more"}, 1, "there is more, and not where"),
    ("a cursor that is no value", [{"items": A, "next": {"a": 1}}], CURSOR, 1, "expected a value at /next"),
    ("no list", [{"items": {"a": 1}}], {"offset": "skip"}, 1, "expected a list at /items"),
]  # fmt: skip
WRONG_DOCUMENT = one(
    "get",
    "/x",
    param("cursor"),
    param("skip", schema=INTEGER),
    answer=holding(items={"type": "array"} | {"x": 1}, total={}, next={}, more={}),
)


@pytest.mark.parametrize(
    ("pages", "said_", "requests", "message"), [each[1:] for each in WRONG], ids=[each[0] for each in WRONG]
)
def test_what_is_wrong_ends_with_an_error(
    serve: Serve, pages: list[Any], said_: dict[str, Any], requests: int, message: str
) -> None:
    server = serve(wrong(*pages))
    with Client(WRONG_DOCUMENT, server=server.url, validate={"response": "off"}) as api:
        walked = api.pages("op", items="/items", **said_)
        with pytest.raises(PagesError, match=message.replace("?", r"\?")) as caught:
            list(walked)
    assert len(server.requests) == requests
    assert "s3cr3t" not in str(caught.value)
    assert caught.value.response is walked.last
    assert pickle.loads(pickle.dumps(caught.value)).token == caught.value.token


def test_no_other_server_hears_of_it(serve: Serve) -> None:
    other = serve(reply(200, b"[]", JSON))
    server = serve(reply(200, b"[1]", [*JSON, ("Link", f'<{other.url}/x>; rel="next"')]))
    with Client(one("get", "/x", answer={"type": "array"}), server=server.url) as api:
        pages = api.pages("op")
        with pytest.raises(PagesError, match="elsewhere"):
            list(pages)
    assert (len(server.requests), other.requests) == (1, [])


def test_an_error_in_the_middle_can_be_gone_on_from(serve: Serve) -> None:
    answers = [answering(offset_and_total)] * 1 + [reply(404, b"{}", JSON)] + [answering(offset_and_total)]
    server = serve(*answers)
    document = one(
        "get",
        "/x",
        param("offset", schema=INTEGER),
        answers={"200": said(holding(items=LIST)), "404": said({})},
    )
    with Client(document, server=server.url) as api:
        pages = api.pages("op", offset="offset", total="/total")
        found = [next(pages) for _ in range(SIZE)]
        with pytest.raises(NotFound, match="the server returned 404 after 3 items"):
            next(pages)
        assert [*found, *api.pages("op", offset="offset", total="/total", start=pages.token)] == ITEMS


# -- nothing is guessed, nothing is doubled -----------------------------------------------------------------

SETTINGS: list[tuple[dict[str, Any], str]] = [
    ({}, r"op: how its pages follow is not documented.*next=\"link\".*cursor=.*offset=.*or page="),
    ({"offset": "skip", "page": "skip"}, "expected one of next, cursor, offset, page, got offset and page"),
    ({"offset": "skpi"}, "op has no parameter 'skpi'; did you mean skip"),
    ({"cursor": "cursor"}, "expected a parameter and the place of its next value"),
    ({"next": "next"}, "expected a JSON Pointer .* got 'next'; did you mean '/next'"),
    ({"page": ("skip", "0")}, "expected the number of the first page, got a string"),
    ({"offset": "skip", "items": "items"}, "did you mean '/items'"),
    ({"offset": "skip", "start": "nonsense"}, "start: expected the token of earlier pages"),
    ({"next": "/nxet"}, "the response has nothing at /nxet, and its schema has only items, total"),
]


@pytest.mark.parametrize(("said_", "message"), SETTINGS)
def test_settings_that_cannot_be_meant(serve: Serve, said_: dict[str, Any], message: str) -> None:
    server = serve(wrong({"items": A}))
    with (
        Client(WRONG_DOCUMENT, server=server.url, validate={"response": "off"}) as api,
        pytest.raises(SettingsError, match=message),
    ):
        list(api.pages("op", **said_))


def test_where_items_are_is_not_guessed(serve: Serve) -> None:
    server = serve(wrong({"a": [1], "b": [2]}))
    with (
        Client(one("get", "/x", param("skip", schema=INTEGER)), server=server.url) as api,
        pytest.raises(SettingsError, match=r'items="/pointer/to/list"; there are lists at /a, /b'),
    ):
        list(api.pages("op", offset="skip"))


def test_a_token_is_of_its_operation_and_leads_to_the_server(serve: Serve) -> None:
    def token(**kept: Any) -> str:
        return base64.urlsafe_b64encode(
            json.dumps({"op": "op", "done": 0, "style": "next", **kept}).encode()
        ).decode()

    server = serve(wrong({"items": A}))
    with Client(WRONG_DOCUMENT, server=server.url) as api:
        for start, message in [
            (token(op="other", target="/x"), "the token is of other by next"),
            (token(style="cursor", value="c"), "the token is of op by cursor"),
            (token(target="//elsewhere.test/x"), "expected the token"),
            (token(target="https://elsewhere.test/x"), "expected the token"),
            (token(done=-1), "expected the token"),
            (token(target="/../admin"), "expected the token"),
            (token(target="/a/%2E%2e/admin?a=1"), "expected the token"),
        ]:
            with pytest.raises(SettingsError, match=message):
                api.pages("op", next="/next", start=start)
    assert server.requests == []


def test_a_key_in_a_link_is_not_doubled_and_in_no_token(serve: Serve) -> None:
    """The server says the key again in its links, as some do."""

    def answer(request: Recorded) -> bytes:
        at = int(query_of(request).get("after", 0))
        assert query_of(request)["key"] == "s3cr3t"
        url = f"http://{request.header('Host')}/v1/x?key=s3cr3t&after={at + SIZE}"
        data = {"items": part(at), "next": url if at + SIZE < len(ITEMS) else None}
        return reply(200, json.dumps(data).encode(), JSON)

    server = serve(answer)
    schemes = {"securitySchemes": {"k": {"type": "apiKey", "in": "query", "name": "key"}}}
    document = one("get", "/x", components=schemes, security=[{"k": []}])
    with Client(document, server=f"{server.url}/v1", credentials={"k": "s3cr3t"}) as api:
        pages = api.pages("op", next="/next", items="/items")
        found = [next(pages) for _ in range(SIZE)]
        kept = base64.urlsafe_b64decode(pages.token + "==").decode()
        assert "/x?after=3" in kept
        assert "s3cr3t" not in kept
        assert [*found, *pages] == ITEMS


@pytest.mark.parametrize(
    "link",
    [
        "/admin",
        "../admin",
        "{url}/v1/../admin",
        "/v1/x/../../admin",
        "/v1/%2e%2E/admin",
        "{url}/v1/a/.%2e/.%2e/admin",
    ],
)
def test_a_link_out_of_the_path_of_the_server_is_refused(link: str, serve: Serve) -> None:
    server = serve(lambda _: json_reply({"items": A, "next": link.format(url=server.url)}))
    with (
        Client(WRONG_DOCUMENT, server=f"{server.url}/v1") as api,
        pytest.raises(PagesError, match="is outside the server's /v1/"),
    ):
        list(api.pages("op", next="/next", items="/items"))


LONE = [
    # link, the target that is asked for, and with a key in the query
    ("/x?", "/x?", "/x?k=s"),
    ("?", "/x?", "/x?k=s"),
    ("{url}/x?", "/x?", "/x?k=s"),
    ("/x?#a", "/x?", "/x?k=s"),
    ("/x??", "/x??", "/x??&k=s"),
    ("/x?k=old", "/x?k=old", "/x?k=s"),
    ("/x", "/x", "/x?k=s"),
    ("/x#?", "/x", "/x?k=s"),
]


@pytest.mark.parametrize(("link", "alone", "with_key"), LONE)
def test_a_lone_question_mark_of_a_link_stays(serve: Serve, link: str, alone: str, with_key: str) -> None:
    """`/x?` and `/x` are two URLs (RFC 3986 section 6.2.3), as they are for redirects."""

    def answer(request: Recorded) -> bytes:
        is_first = len(server.requests) % 2 == 1
        return json_reply(
            {"items": A if is_first else B, "next": link.format(url=server.url) if is_first else None}
        )

    server = serve(answer)
    schemes = {"securitySchemes": {"k": {"type": "apiKey", "in": "query", "name": "k"}}}
    keyed = one("get", "/x", components=schemes, security=[{"k": []}])
    with Client(WRONG_DOCUMENT, server=server.url, validate={"response": "off"}) as api:
        pages = api.pages("op", next="/next", items="/items")
        assert [next(pages)] == A
        assert list(api.pages("op", next="/next", items="/items", start=pages.token)) == B
    with Client(keyed, server=server.url, credentials={"k": "s"}) as api:
        assert list(api.pages("op", next="/next", items="/items")) == A + B
    assert [each.target for each in server.requests] == ["/x", alone, "/x?k=s", with_key]


FILTERED = one(
    "get",
    "/shops/{shopId}/x",
    param("shopId", "path"),
    param("page", schema=INTEGER),
    param("orderState", required=True),
    param("tag", schema={"type": "array", "items": {"type": "string"}}),
    answer={"type": "array", "items": INTEGER},
)


@pytest.mark.parametrize(
    ("arguments", "first", "link"),
    [
        ({"order_state": "open"}, "?orderState=open", "?page=2&orderState=open"),
        ({"orderState": "open", "page": 1}, "?page=1&orderState=open", "?page=2&orderState=open"),
        ({"orderState": "a", "tag": ["b", "c"]}, "?orderState=a&tag=b&tag=c", "?tag=b&tag=c&orderState=a"),
        ({"orderState": "a", "page": 7}, "?page=7&orderState=a", "?orderState=a&cursor=x%2By%3D&empty="),
        ({"orderState": "a", "page": None}, "?orderState=a", "?extra=1&extra=2&extra=3&orderState=a"),
        ({"orderState": "é b"}, "?orderState=%C3%A9%20b", "?orderState=%C3%A9%20b&%C3%BC%5B%5D=1"),
    ],
)
def test_a_link_holds_the_whole_query(arguments: dict[str, Any], first: str, link: str, serve: Serve) -> None:
    """It is asked for as it stands: what the first page was given is not sent beside it again."""
    server = serve(
        reply(200, b"[1]", [*JSON, ("Link", f'<{link}>; rel="next", </x>; rel="first"')]), json_reply([2])
    )
    with Client(FILTERED, server=server.url) as api:
        assert list(api.pages("op", {"shop_id": "s", **arguments})) == [1, 2]
    assert [request.target for request in server.requests] == [f"/shops/s/x{first}", f"/shops/s/x{link}"]


@pytest.mark.parametrize("place", ["link", "token"])
def test_what_no_url_holds_is_encoded(serve: Serve, place: str) -> None:
    odd = "/x y\u00e9?a=1 HTTP/1.1\r\nX-Evil: 1&b=%41"
    pages = [{"items": A, "next": odd}, {"items": B, "next": None}]
    server = serve(wrong(*pages[place == "token" :]))
    with Client(WRONG_DOCUMENT, server=server.url, validate={"response": "off"}) as api:
        kept = {"op": "op", "done": 0, "style": "next", "where": "/next", "target": odd}
        start = base64.urlsafe_b64encode(json.dumps(kept).encode()).decode() if place == "token" else ""
        assert list(api.pages("op", next="/next", items="/items", start=start))[-1:] == B
    lines = {"link": "1 HTTP/1.1X-Evil: 1", "token": "1 HTTP/1.1\r\nX-Evil: 1"}[place]
    assert server.requests[-1].target == f"/x%20y%C3%A9?a={quote(lines, safe='/:')}&b=%41"
    assert server.requests[-1].header("X-Evil") is None


def test_an_offset_that_is_given_is_where_it_begins(serve: Serve) -> None:
    server = serve(answering(offset_and_total))
    document = one("get", "/x", param("offset", schema=INTEGER), answer=holding(items=LIST))
    with Client(document, server=server.url) as api:
        for given in ({"offset": 2}, {"query.offset": 2}):
            assert list(api.pages("op", given, offset="offset", total="/total")) == ITEMS[2:]


def test_a_profile_says_how_pages_follow(serve: Serve, tmp_path: Path) -> None:
    server: RawServer = serve(answering(offset_and_total))
    document = one("get", "/x", param("offset", schema=INTEGER), answer=holding(items=LIST))
    (tmp_path / "api.json").write_text(json.dumps(document))
    settings = tmp_path / "dynaclient.toml"
    settings.write_text(
        '[api.shop]\ndocument = "api.json"\n[api.shop.pages.op]\noffset = "offset"\ntotal = "/total"\n'
    )
    with Client("shop", project=tmp_path, server=server.url) as api:
        assert list(api.pages("op")) == ITEMS
        assert list(pickle.loads(pickle.dumps(api)).pages("op")) == ITEMS
    settings.write_text('[api.shop]\ndocument = "api.json"\n[api.shop.pages.op]\nitems = "/items"\n')
    with pytest.raises(SettingsError, match=r"pages\.op: expected one of next, cursor, offset and page"):
        Client("shop", project=tmp_path, server=server.url)


TALON: Mapping[str, list[str]] = {
    name: [
        each.key
        for each in Client(f"talon-one-integration@{name}").operations.values()
        if {"pageSize", "skip"} <= {parameter.name for parameter in each.parameters}
    ]
    for name in ("2023-04", "2024-06", "2026-05")
}


def test_the_operations_of_talon_one_with_a_page_size_have_their_pages(serve: Serve) -> None:
    assert list(map(len, TALON.values())) == [2, 4, 7]

    def answer(request: Recorded) -> bytes:
        at = int(query_of(request)["skip"])
        data = {"hasMore": at + SIZE < len(ITEMS), "totalResultSize": len(ITEMS), "data": part(at)}
        return reply(200, json.dumps(data).encode(), JSON)

    server = serve(answer)
    ids = {"loyaltyProgramId": 1, "loyaltyCardId": "card", "integrationId": "i", "achievementId": 1}
    for name, keys in TALON.items():
        with Client(f"talon-one-integration@{name}", server=server.url, validate={"response": "off"}) as api:
            for key in keys:
                needed = {each.name for each in api.operations[key].required}
                given = {each: value for each, value in ids.items() if each in needed}
                assert list(api.pages(key, given, page_size=3)) == ITEMS, key
