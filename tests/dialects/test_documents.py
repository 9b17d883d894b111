from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.dialects.documents import DEEPEST, MOST_VALUES, Document, Node
from gateway.words.errors import Unreadable


def member(node: Node, *keys: str | int) -> Node:
    for key in keys:
        node = node.value[key]  # type: ignore[index,call-overload]
    return node


def changed(body: bytes, value: str, *keys: str | int) -> bytes:
    document = Document.read(body)
    return document.with_changes([document.changed(member(document.root, *keys), value)])


@pytest.mark.parametrize(
    ("style", "body", "value", "after"),
    [
        ("escapes", rb'{"text": "caf\u00e9", "x": 1.50}', "café – ok", rb'{"text": "caf\u00e9 \u2013 ok", "x": 1.50}'),
        ("raw UTF-8", '{"text":"café"}'.encode(), "café – ok", '{"text":"café – ok"}'.encode()),
        ("surrogate pairs", rb'{"text": "\ud83d\udc4b"}', "👋👋", rb'{"text": "\ud83d\udc4b\ud83d\udc4b"}'),
        ("escaped slashes", rb'{"u": "http:\/\/a", "text": "b"}', "b/c", rb'{"u": "http:\/\/a", "text": "b\/c"}'),
        ("odd spaces and numbers", b'\n{ "n" : 1e2 ,"text":"a" }\t', "ab", b'\n{ "n" : 1e2 ,"text":"ab" }\t'),
        ("escapes of the old text stay", rb'{"text": "\u0041\/"}', "A/b", rb'{"text": "\u0041\/b"}'),
        ("another text altogether", b'{"text": "a"}', 'q"', rb'{"text": "q\""}'),
    ],
)
def test_only_the_string_changes_and_it_is_spelled_as_the_client_spells(style, body, value, after):
    assert changed(body, value, "text") == after


@pytest.mark.parametrize(
    ("situation", "body"),
    [
        ("nothing", b""),
        ("more after its end", b'{"a": 1} x'),
        ("two documents", b"{}{}"),
        ("a key given twice", b'{"to": "1", "to": "2"}'),
        ("a key given twice, once escaped", rb'{"to": "1", "t\u006f": "2"}'),
        ("a trailing comma", b'{"a": 1,}'),
        ("a trailing comma in an array", b"[1,]"),
        ("single quotes", b"{'a': 1}"),
        ("a comment", b'{"a": 1 /* x */}'),
        ("NaN", b'{"a": NaN}'),
        ("a leading zero", b'{"a": 01}'),
        ("a line end in a string", b'{"a": "x\ny"}'),
        ("a bad escape", rb'{"a": "\x41"}'),
        ("half of a surrogate pair", rb'{"a": "\ud83d"}'),
        ("a byte order mark", b'\xef\xbb\xbf{"a": 1}'),
        ("not UTF-8", b'{"a": "\xe9"}'),
        ("UTF-16", '{"a": 1}'.encode("utf-16")),
        ("cut short", b'{"a": [1, 2'),
        ("too deep", b"[" * (DEEPEST + 2) + b"]" * (DEEPEST + 2)),
        ("too many values", b"[" + b"1," * (MOST_VALUES + 1) + b"1]"),
    ],
)
def test_what_is_not_strict_json_is_refused(situation, body):
    with pytest.raises(Unreadable):
        Document.read(body)


@pytest.mark.parametrize(
    ("gone", "after"),
    [
        ({0}, b'{"to": ["b",  "c" ], "x": 1}'),
        ({1}, b'{"to": [ "a",  "c" ], "x": 1}'),
        ({2}, b'{"to": [ "a", "b" ], "x": 1}'),
        ({0, 1}, b'{"to": ["c" ], "x": 1}'),
        ({1, 2}, b'{"to": [ "a" ], "x": 1}'),
        ({0, 2}, b'{"to": ["b" ], "x": 1}'),
    ],
)
def test_elements_are_taken_out_with_their_commas(gone, after):
    document = Document.read(b'{"to": [ "a", "b",  "c" ], "x": 1}')
    left = document.with_changes(document.without(member(document.root, "to"), gone))
    assert json.loads(left) == json.loads(after)
    assert left.replace(b" ", b"") == after.replace(b" ", b"")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(others=st.dictionaries(st.text(), values, max_size=4), old=st.text(), new=st.text(), raw=st.booleans())
@settings(max_examples=200)
def test_every_other_value_survives_and_the_text_reads_back(others, old, new, raw):
    new = new.encode("utf-8", "ignore").decode()
    try:
        body = json.dumps(others | {"text": old}, ensure_ascii=not raw).encode()
        after = changed(body, new, "text")
    except (UnicodeEncodeError, Unreadable):
        return
    assert json.loads(after) == others | {"text": new}


@given(body=st.binary() | st.text().map(str.encode) | st.text(alphabet='{}[]":,\\u0123 \n').map(str.encode))
@settings(max_examples=300)
def test_any_bytes_are_json_as_the_standard_library_reads_it_or_unreadable(body):
    try:
        document = Document.read(body)
    except Unreadable:
        return
    assert document.with_changes([]) == body
    json.loads(body)
