"""A file is read as people mean it, and everything wrong with it is told at once, with its place."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import Annotated, Literal

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BeforeValidator, Field

from gateway.yamlfile import BadFile, Document, Unspoken, Written, listed, parsed, spelled
from gateway.yamlfile.nodes import nodes


def _hidden(value: object) -> str:
    if not str(value).startswith("ref:"):
        raise Unspoken("a secret does not stand here")
    return str(value)


class Span(Written):
    days: int = Field(ge=1)


class Line(Written):
    hours: str = ""
    text: str = ""
    mode: Literal["on", "off"] = "on"
    span: Literal["all"] | Span = "all"
    since: date | None = None
    secret: Annotated[str, BeforeValidator(_hidden)] = "ref:x"
    senders: Annotated[tuple[str, ...], BeforeValidator(listed)] = ()


class Sheet(Written):
    name: Annotated[str, spelled(r"[a-z]+", "is no name; use a-z")]
    lines: tuple[Line, ...] = Field(default=(), min_length=1)


def value_of(text: str) -> object:
    return Document.read(text.encode(), "f.yaml").value


def problems_of(text: str | bytes) -> list[str]:
    with pytest.raises(BadFile) as bad:
        parsed(Document.read(text if isinstance(text, bytes) else text.encode(), "f.yaml"), Sheet)
    return str(bad.value).splitlines()


@pytest.mark.parametrize(
    ("situation", "written", "meant"),
    [
        ("Norway is a country and no false", "NO", "NO"),
        ("eight o'clock is no number in base sixty", "8:00", "8:00"),
        ("nor is a time with its zero", "08:00", "08:00"),
        ("an eight with a zero is no broken octal", "08", "08"),
        ("off is a word", "off", "off"),
        ("and so is yes", "yes", "yes"),
        ("a day stays as it is written", "2026-11-24", "2026-11-24"),
        ("a phone number keeps its plus", "+18335550100", "+18335550100"),
        ("quotes make text of anything", '"12"', "12"),
        ("a number is a number", "12", 12),
        ("below zero too", "-3", -3),
        ("and with a fraction", "2.5", 2.5),
        ("an underscore is not in numbers", "1_000", "1_000"),
        ("nor is infinity", ".inf", ".inf"),
        ("true is the one true", "true", True),
        ("null is nothing", "null", None),
        ("and so is nothing", "", None),
    ],
)
def test_a_scalar_means_what_people_mean(situation, written, meant):
    found = value_of(f"a: {written}\n")
    assert found == {"a": meant}
    assert type(found["a"]) is type(meant)


def test_the_byte_order_mark_of_a_windows_editor_is_passed_over():
    assert Document.read(b"\xef\xbb\xbfname: x\n", "f").value == {"name": "x"}


def test_numbers_may_stand_where_text_is_meant():
    sheet = parsed(Document.read(b"name: x\nlines: [{senders: [12345, +18335550100], text: 42}]\n", "f"), Sheet)
    assert sheet.lines[0].senders == ("12345", "+18335550100")
    assert sheet.lines[0].text == "42"


@pytest.mark.parametrize(
    ("situation", "text", "problems"),
    [
        (
            "a misspelt key is shown at the key, with the nearest",
            "name: x\nlines:\n  - huors: 08:00\n",
            ["f.yaml:3:5: unknown key `huors`; did you mean `hours`?"],
        ),
        (
            "a key like no other comes with those that there are",
            "name: x\nzzz: 1\nlines: [{}]\n",
            ["f.yaml:2:1: unknown key `zzz`; known here: lines, name"],
        ),
        ("what is missing is said of what lacks it", "lines:\n  - {}\n", ["f.yaml:1:1: `name` is missing"]),
        (
            "a word out of a set comes with the set and the nearest",
            "name: x\nlines: [{mode: of}]\n",
            ["f.yaml:2:16: `of` is none of on, off; did you mean `off`?"],
        ),
        ("a form has its own complaint", "name: X1\nlines: [{}]\n", ["f.yaml:1:7: `X1` is no name; use a-z"]),
        (
            "an empty list is no list of nothing",
            "name: x\nlines: []\n",
            ["f.yaml:2:8: this is empty; write at least 1"],
        ),
        (
            "a list is not a word",
            "name: x\nlines: 7\n",
            ["f.yaml:2:8: `7` is no list; write `- item` lines or [item, item]"],
        ),
        ("a file of a list is no mapping", "- x\n", ["f.yaml:1:1: this is no mapping; write `key: value` lines"]),
        (
            "of two forms, the one that was meant is complained of",
            "name: x\nlines:\n  - span: {days: 0}\n  - span: some\n",
            ["f.yaml:3:18: `0` is too small; write 1 or more", "f.yaml:4:11: `some` is none of all"],
        ),
        (
            "a secret is never quoted",
            "name: x\nlines: [{secret: hunter2}]\n",
            ["f.yaml:2:18: a secret does not stand here"],
        ),
        (
            "all problems come at once, in the order of the file",
            "name: x\nlines:\n  - {text: a, mode: up}\n  - {txt: b}\nmore: 1\n",
            [
                "f.yaml:3:21: `up` is none of on, off",
                "f.yaml:4:6: unknown key `txt`; did you mean `text`?",
                "f.yaml:5:1: unknown key `more`; known here: lines, name",
            ],
        ),
        ("the same key twice", "name: x\nname: y\n", ["f.yaml:2:1: `name` is given twice; keep one"]),
        ("a tab", "name:\n\tx: 1\n", ["f.yaml:2:1: is a tab; YAML is indented with spaces"]),
        ("no YAML", "a: b: c\n", ["f.yaml:1:5: this is no YAML: mapping values are not allowed here"]),
        ("two documents", "name: x\n---\nname: y\n", ["f.yaml:2:1: this is no YAML: but found another document"]),
        (
            "Latin-1",
            "name: x\ntext: caf\xe9\n".encode("latin-1"),
            ["f.yaml:2:10: is not UTF-8 here; save the file as UTF-8"],
        ),
        ("a control character", "name: x\n\ny: \x00", ["f.yaml:3:4: is a character that no text has"]),
        ("a key that is a list", "? [a]\n: 1\n", ["f.yaml:1:3: a key must be a word"]),
        ("an anchor that holds itself", "name: &a [*a]\n", ["f.yaml:1:1: is nested too deeply"]),
        ("brackets without end", "[" * 1200, ["f.yaml:1:1: is nested too deeply"]),
        ("nothing at all", "", ["f.yaml:1:1: `name` is missing"]),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(situation, text, problems):
    assert problems_of(text) == problems


def test_a_few_lines_of_anchors_do_not_unfold_into_gigabytes():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 8)}]" for n in range(1, 12)]
    assert "more than 50000 values" in problems_of("\n".join(lines))[0]


def test_a_file_too_large_to_be_meant_is_not_read():
    assert problems_of(b"#" * (1 << 21)) == ["f.yaml:1:1: is larger than 1024 KiB; split it"]


def test_a_file_that_is_not_there_is_told_by_its_name(tmp_path):
    with pytest.raises(BadFile, match=r"none\.yaml:1:1: can't be read: No such file"):
        Document.load(tmp_path / "none.yaml")


def test_a_part_that_is_read_apart_has_its_places_in_the_file():
    document = Document.read(b"name: x\nlines:\n  - text: a\n    mode: up\n", "f.yaml")
    with pytest.raises(BadFile) as bad:
        parsed(document, Line, document.value["lines"][0] | {"text": "added"}, ("lines", 0))
    assert str(bad.value) == "f.yaml:4:11: `up` is none of on, off"


@given(st.binary(max_size=200))
def test_no_bytes_do_anything_but_be_read_or_refused(raw):
    with suppress(BadFile):
        Document.read(raw, "f")


words = st.from_regex(r"[a-dg-z][a-z ]{0,8}[a-z]", fullmatch=True).filter(lambda word: word not in {"true", "null"})
leaves = words | st.integers(-9999, 9999)
trees = st.recursive(
    leaves, lambda leaf: st.lists(leaf, max_size=3) | st.dictionaries(words, leaf, max_size=3), max_leaves=6
)


@settings(max_examples=60)
@given(st.dictionaries(words, trees, max_size=4))
def test_what_was_written_is_what_is_read(tree):
    document = Document.read(yaml.safe_dump(tree, width=10_000).encode(), "f")
    assert document.value == tree or (not tree and document.value == {})
    assert len(document.keys) <= len(document.values)


# What YAML is made of, and what its parsers have read differently before.
marks = st.sampled_from(
    [
        *" \n\t:-?[]{},#'\"|>&*!%@`~\\\ufeff\x85\u2028é😀",
        *(": ", "- ", "? ", " #", "\n  ", "\n---\n", "...", "|-\n", "<<", "\r\n"),
    ]
)


@given(st.lists(marks | words, max_size=12).map("".join))
def test_every_text_is_the_same_values_to_both_parsers_of_yaml(text):
    try:
        expected = yaml.compose(text, yaml.SafeLoader)
    except yaml.YAMLError:
        with pytest.raises(yaml.YAMLError):
            nodes(text)
    else:
        assert _values(nodes(text)) == _values(expected)


def _values(node: yaml.Node | None) -> object:
    if isinstance(node, yaml.ScalarNode):
        return node.value, bool(node.style)
    if isinstance(node, yaml.CollectionNode):
        return type(node), [[*map(_values, each)] if isinstance(each, tuple) else _values(each) for each in node.value]
    return node
