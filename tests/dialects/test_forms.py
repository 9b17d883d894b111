from __future__ import annotations

from urllib.parse import parse_qs, unquote_to_bytes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.dialects.forms import MOST_PAIRS, Form, decoded, with_value
from gateway.words.errors import Unreadable


@pytest.mark.parametrize(
    ("style", "raw", "text", "changed"),
    [
        ("a plus for a space", b"To=1&Body=a+b", "a b, c é", b"To=1&Body=a+b%2C+c+%C3%A9"),
        ("%20 for a space", b"Body=a%20b&To=1", "a b c", b"Body=a%20b%20c&To=1"),
        ("style from another field", b"From=A%20B&Body=a", "a c", b"From=A%20B&Body=a%20c"),
        ("hex digits in lower case", b"Body=a%2c+b&To=1", "a, b/", b"Body=a%2c+b%2f&To=1"),
        ("marks left bare stay bare", b"Body=don't!(*)", "don't!(*) go", b"Body=don't!(*)+go"),
        ("a text before the old one", b"Body=a%2Cb", "AD a,b", b"Body=AD+a%2Cb"),
        ("another text altogether", b"Body=a%2Cb&x", "z,", b"Body=z%2C&x"),
        ("a field that was not there", b"To=1", "x y", b"To=1&Body=x+y"),
        ("the only field", b"", "x", b"Body=x"),
        ("empty pairs and bare names stay", b"&&flag&Body=&", "x", b"&&flag&Body=x&"),
        ("no other field that ends alike", b"MyBody=1&Body=a", "ab", b"MyBody=1&Body=ab"),
        ("a raw equals sign in the value", b"Body=a=b", "a=b=c", b"Body=a=b%3Dc"),
    ],
)
def test_a_changed_value_is_spelled_as_the_client_spells(style, raw, text, changed):
    assert with_value(raw, b"Body", text.encode()) == changed


@pytest.mark.parametrize(
    ("situation", "raw", "why"),
    [
        ("a percent sign alone", b"Body=50%", "hex digits"),
        ("a percent sign before other letters", b"Body=50%zz", "hex digits"),
        ("a half escape", b"Body=%4", "hex digits"),
        ("a broken escape in another field", b"x=%&Body=a", "hex digits"),
        ("twice", b"Body=a&Body=b", "twice"),
        ("twice, once escaped", b"Body=a&%42ody=b", "twice"),
        ("twice, once in brackets", b"Body=a&Body[]=b", "twice"),
        ("in another case", b"body=a", "another way"),
        ("escaped", b"%42ody=a", "another way"),
        ("with a blank", b"+Body=a", "another way"),
        ("without its equals sign", b"Body", "another way"),
        ("not UTF-8", b"Body=%E9", "UTF-8"),
        ("an overlong escape of a slash", b"Body=%C0%AF", "UTF-8"),
        ("too many fields", b"&" * MOST_PAIRS, "more than"),
    ],
)
def test_a_field_that_could_be_read_in_two_ways_is_refused(situation, raw, why):
    with pytest.raises(Unreadable, match=why):
        Form.read(raw).text_of(b"Body")


def test_a_field_behind_a_semicolon_is_seen():
    form = Form.read(b"Note=a;b=c;%54o=1")
    assert form.hiding(frozenset({b"to"})) == "to"
    assert form.holding(frozenset({b"to"})) == "to"
    assert form.hiding(frozenset({b"body"})) == ""


forms = st.lists(
    st.tuples(st.sampled_from([b"a", b"To", b"x%20y", b""]), st.sampled_from([b"", b"+", b"%C3%A9", b"=", b"z"]))
)


@given(pairs=forms, old=st.text(), new=st.text())
@settings(max_examples=200)
def test_only_the_changed_value_differs_and_it_reads_back(pairs, old, new):
    raw = b"&".join(name + b"=" + value for name, value in pairs)
    raw = with_value(raw, b"Body", old.encode("utf-8", "ignore"))
    changed = with_value(raw, b"Body", new.encode("utf-8", "ignore"))
    assert Form.read(changed).text_of(b"Body") == new.encode("utf-8", "ignore").decode()
    before, after = raw.split(b"&"), changed.split(b"&")
    assert [part for part in before if not part.startswith(b"Body=")] == [
        part for part in after if not part.startswith(b"Body=")
    ]


@given(raw=st.binary())
@settings(max_examples=200)
def test_any_bytes_are_a_form_or_unreadable(raw):
    try:
        form = Form.read(raw)
    except Unreadable:
        return
    assert b"&".join(form.parts) == raw


@given(value=st.binary())
@settings(max_examples=200)
def test_values_decode_as_everybody_decodes_them(value):
    raw = b"".join(b"%%%02X" % byte if byte % 3 else bytes([byte]).replace(b"%", b"%25") for byte in value)
    assert decoded(raw) == unquote_to_bytes(raw.replace(b"+", b" "))


@given(text=st.text(st.characters(exclude_categories=["Cs"])))
@settings(max_examples=100)
def test_what_we_write_the_standard_library_reads(text):
    raw = with_value(b"To=1", b"Body", text.encode())
    assert parse_qs(raw.decode(), keep_blank_values=True, strict_parsing=True)["Body"] == [text]
