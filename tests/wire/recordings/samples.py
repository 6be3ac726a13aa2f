"""A recording of two calls of a shop, in the forms that browsers, proxies and test tools write.

Made by hand after what each of them exports: the members that it has beyond HAR, and those that it leaves
out.
"""

from __future__ import annotations

import base64
from typing import Any

from tests.small import document, param, said

ORDER = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "integer"}, "note": {"type": "string"}},
}
NEW = {"type": "object", "properties": {"note": {"type": "string"}}}
SHOP = document(
    {
        "/orders": {
            "get": {
                "operationId": "listOrders",
                "parameters": [param("page", schema={"type": "integer"})],
                "responses": {"200": said({"type": "array", "items": ORDER})},
            },
            "post": {
                "operationId": "makeOrder",
                "requestBody": {"content": {"application/json": {"schema": NEW}}},
                "responses": {"201": said(ORDER)},
            },
        },
        "/orders/{id}": {
            "get": {
                "operationId": "getOrder",
                "parameters": [param("id", "path", {"type": "integer"})],
                "responses": {"200": said(ORDER), "404": said({})},
            }
        },
        "/photo": {
            "get": {
                "operationId": "getPhoto",
                "responses": {"200": {"description": "", "content": {"image/png": {}}}},
            }
        },
    }
)
LIST = '[{"id": 1, "note": "caf\u00e9"}, {"id": 2}]'
PHOTO = b"\x89PNG\r\n\x1a\n\x00\xff"
SENT = '{"note":"new"}'
HOST = "https://shop.example"


def pairs(**fields: str) -> list[dict[str, Any]]:
    return [{"name": name.replace("_", "-"), "value": value} for name, value in fields.items()]


def chrome() -> dict[str, Any]:
    """Chrome's "Save all as HAR": HTTP/2's pseudo fields, `_initiator` and the like, bodies decoded."""
    common = {"_initiator": {"type": "script"}, "_priority": "High", "_resourceType": "fetch", "cache": {}}
    common |= {"connection": "443", "pageref": "page_1", "serverIPAddress": "[64:ff9b::1]"}
    timings = {"blocked": 2.1, "dns": -1, "ssl": -1, "connect": -1, "send": 0.1, "wait": 40.2, "receive": 1.5}
    timings["_blocked_queueing"] = 1.4

    def entry(method: str, path: str, status: int, content: dict[str, Any], sent: str = "") -> dict[str, Any]:
        head = [(":authority", "shop.example"), (":method", method), (":path", path), (":scheme", "https")]
        head += [("accept", "*/*"), ("cookie", "sid=abc"), ("user-agent", "Mozilla/5.0")]
        request: dict[str, Any] = {
            "method": method,
            "url": f"{HOST}{path}",
            "httpVersion": "http/2.0",
            "headers": [{"name": name, "value": value} for name, value in head],
            "queryString": [],
            "cookies": [],
            "headersSize": -1,
            "bodySize": len(sent),
        }
        if sent:
            request["headers"].append({"name": "content-type", "value": "application/json"})
            request["postData"] = {"mimeType": "application/json", "text": sent}
        fields = [
            ("content-type", content["mimeType"]),
            ("content-encoding", "br"),
            ("set-cookie", "a=1\nb=2"),
        ]
        response = {
            "status": status,
            "statusText": "",
            "httpVersion": "http/2.0",
            "headers": [{"name": name, "value": value} for name, value in fields],
            "cookies": [],
            "content": content,
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": -1,
            "_transferSize": 212,
            "_error": None,
        }
        return {
            **common,
            "request": request,
            "response": response,
            "startedDateTime": "2026-01-02T03:04:05.678Z",
            "time": 43.9,
            "timings": timings,
        }

    json_type = "application/json"
    failed = entry("GET", "/orders/9", 0, {"size": 0, "mimeType": "x-unknown"})
    failed["response"]["_error"] = "net::ERR_CONNECTION_RESET"
    page = entry("GET", "/style.css", 200, {"size": 3, "mimeType": "text/css", "text": "a{}"})
    data = entry("GET", "/", 200, {"size": 3, "mimeType": "image/gif"})
    data["request"]["url"] = "data:image/gif;base64,R0lGODlhAQABAAAAACw="
    entries = [
        page,
        data,
        entry("GET", "/orders?page=1", 200, {"size": 40, "mimeType": json_type, "text": LIST}),
        entry("POST", "/orders", 201, {"size": 9, "mimeType": json_type, "text": '{"id": 3}'}, SENT),
        entry(
            "GET",
            "/photo",
            200,
            {
                "size": len(PHOTO),
                "mimeType": "image/png",
                "text": base64.b64encode(PHOTO).decode(),
                "encoding": "base64",
            },
        ),
        entry("GET", "/orders/1", 200, {"size": 9, "mimeType": json_type}),
        failed,
    ]
    page_of = {
        "startedDateTime": "2026-01-02T03:04:05.000Z",
        "id": "page_1",
        "title": HOST,
        "pageTimings": {},
    }
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "WebInspector", "version": "537.36"},
            "pages": [page_of],
            "entries": entries,
        }
    }


def firefox() -> dict[str, Any]:
    """Firefox's "Save All As HAR": comments everywhere, `_securityState`, queries apart."""
    made = chrome()["log"]
    for entry in made["entries"]:
        for name in [each for each in entry if each.startswith("_")]:
            del entry[name]
        entry |= {
            "_securityState": "secure",
            "startedDateTime": "2026-01-02T03:04:05.678+01:00",
            "comment": "",
        }
        entry["request"]["headers"] = pairs(Host="shop.example", Accept="*/*", Cookie="sid=abc")
        entry["request"]["httpVersion"] = entry["response"]["httpVersion"] = "HTTP/2"
        if "postData" in entry["request"]:
            entry["request"]["postData"] |= {"params": [], "comment": ""}
            entry["request"]["headers"] += pairs(Content_Type="application/json")
        if entry["response"]["content"].get("text") is None:
            entry["response"]["content"]["comment"] = "Response bodies are not included."
        entry["response"]["content"].setdefault("comment", None)
    return {
        "log": {
            **made,
            "creator": {"name": "Firefox", "version": "140.0"},
            "browser": {"name": "Firefox", "version": "140.0"},
            "comment": "",
        }
    }


def mitmproxy() -> dict[str, Any]:
    """What mitmproxy's `hardump` writes: no pages, cookies taken apart, empty texts for no body."""
    made = chrome()["log"]
    for entry in made["entries"]:
        for part in (entry, entry["request"], entry["response"]):
            for name in [each for each in part if each.startswith("_") and each != "_error"]:
                del part[name]
        entry["serverIPAddress"] = "192.0.2.1"
        entry["request"]["cookies"] = [{"name": "sid", "value": "abc", "path": "/"}]
        entry["request"]["headersSize"], entry["response"]["headersSize"] = 20, 30
        entry["request"].setdefault("postData", {"mimeType": "", "text": "", "params": []})
        entry["response"].pop("_error", None)
        entry["response"]["content"].setdefault("text", "")
        entry["response"]["content"]["compression"] = 0
    made["entries"] = [each for each in made["entries"] if each["request"]["url"].startswith("https:")]
    return {"log": {**made, "pages": [], "creator": {"name": "mitmproxy", "version": "12.1", "comment": ""}}}


def playwright() -> dict[str, Any]:
    """What Playwright's `recordHar` writes: bodies in base64, and -1 where a time is not known."""
    made = chrome()["log"]
    for entry in made["entries"]:
        entry["_frameref"] = "frame@1"
        entry["_monotonicTime"] = 12.5
        entry["time"] = -1
        content = entry["response"]["content"]
        if content.get("text") is not None and content.get("encoding") is None:
            content["text"] = base64.b64encode(content["text"].encode()).decode()
            content["encoding"] = "base64"
    return {"log": {**made, "creator": {"name": "Playwright", "version": "1.50.0"}}}


FOREIGN = {"Chrome": chrome, "Firefox": firefox, "mitmproxy": mitmproxy, "Playwright": playwright}
