"""Names of a document as identifiers of Python."""

from __future__ import annotations

import keyword
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynaclient.document.parameters import snake_case, spelt_otherwise, unique

NAMES = [
    ("getCustomerSession", "get_customer_session"),
    ("customerSessionIDs", "customer_session_ids"),
    ("transactionUUIDs", "transaction_uuids"),
    ("updateCustomerSessionV2", "update_customer_session_v2"),
    ("HTTPServer", "http_server"),
    ("getURL", "get_url"),
    ("getURLs", "get_urls"),
    ("IDs", "ids"),
    ("aB", "a_b"),
    ("ABC", "abc"),
    ("userID2Name", "user_id2_name"),
    ("v2Name", "v2_name"),
    ("X-Rate-Limit", "x_rate_limit"),
    ("filter[name]", "filter_name"),
    ("already_snake", "already_snake"),
    ("__dunder__", "dunder"),
    ("a.b/c d", "a_b_c_d"),
    ("class", "class_"),
    ("None", "none"),
    ("import", "import_"),
    ("2fa", "_2fa"),
    ("", "_"),
    ("---", "_"),
    ("é", "é"),
    ("获取用户", "获取用户"),
    ("Élève.liste", "élève_liste"),
    ("getÜberURL", "get_über_url"),
    ("ÉlèveIDs", "élève_ids"),
    ("получитьПользователя", "получить_пользователя"),
    ("ΣύνολοID", "σύνολο_id"),
    ("ユーザー一覧", "ユーザー一覧"),
    ("사용자/목록", "사용자_목록"),
    ("क्षेत्र सूची", "क्षेत्र_सूची"),
    ("قائمة المستخدمين", "قائمة_المستخدمين"),
    ("Straße-Name", "straße_name"),
    ("col·lecció", "col·lecció"),
    ("２番目", "_2番目"),
    ("ｇｅｔＵｓｅｒ", "get_user"),
    ("ﬁndＡll", "find_all"),
    ("e\u0301te\u0301", "été"),
    ("x²", "x2"),
    ("ｃｌａｓｓ", "class_"),
    ("👍", "_"),
    ("👍like", "like"),
    ("—", "_"),
    ("$filter", "filter"),
    ("repos/get-content", "repos_get_content"),
]


@pytest.mark.parametrize(("name", "due"), NAMES)
def test_snake_case(name: str, due: str) -> None:
    assert snake_case(name) == due


@pytest.mark.parametrize(
    ("declared", "wanted", "due"),
    [
        (["a"], ["a"], {}),
        (["a"], ["A"], {"a": "A"}),
        (["a"], [" a "], {"a": " a "}),
        (["customerId", "b"], ["customer_id", "b"], {"customerId": "customer_id"}),
        (["a", "A"], ["a"], {}),  # the template has its own
        (["a", "A"], [" a"], {}),  # which of the two?
        (["a"], ["A", " a"], {}),
        (["é"], ["日"], {}),
        (["é"], ["e\u0301"], {"é": "e\u0301"}),
        (["👍"], ["—"], {}),  # nothing of either is left in snake_case
        ([], ["a"], {}),
        (["a"], [], {}),
    ],
)
def test_a_name_that_is_spelt_in_another_way(
    declared: list[str], wanted: list[str], due: dict[str, str]
) -> None:
    assert spelt_otherwise(declared, wanted) == due


@given(st.text())
def test_it_is_an_identifier_and_stays(name: str) -> None:
    found = snake_case(name)
    assert found.isidentifier()
    assert not keyword.iskeyword(found)
    assert found == found.lower() == unicodedata.normalize("NFKC", found)  # what Python reads in a program


@given(st.lists(st.text(max_size=3), unique=True))
def test_the_name_that_is_written_so_goes_first(written: list[str]) -> None:
    found = unique(map(snake_case, written), {"call", "a"}, written)
    assert len(set(found)) == len(written)
    for name, attribute in zip(written, found, strict=True):
        assert attribute == name or attribute not in written


@given(st.lists(st.text(max_size=4)), st.sets(st.sampled_from(["a", "call", "_"])))
def test_unique_names_are_unique_and_not_taken(names: list[str], taken: set[str]) -> None:
    found = unique(map(snake_case, names), taken)
    assert len(found) == len(names) == len(set(found))
    assert taken.isdisjoint(found)


def test_in_document_order() -> None:
    assert unique(["get_a", "get_a", "get_a", "call", "b"], {"call"}) == [
        "get_a",
        "get_a_2",
        "get_a_3",
        "call_",
        "b",
    ]
    assert unique(["a", "a_2", "a"]) == ["a", "a_2", "a_3"]
    assert unique(["a", "a", "a_2"]) == ["a", "a_2", "a_2_2"]
