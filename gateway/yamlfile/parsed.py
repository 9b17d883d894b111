"""From a document to a model of it, and from what pydantic says is wrong to what we say: where, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from gateway.yamlfile.document import BadFile, Document, Problem, Way
from gateway.yamlfile.written import Unspoken

SHOWN = 60  # characters of a value that is quoted

Model = TypeVar("Model", bound=BaseModel)

_IN_WORDS = {
    "dict_type": "is no mapping; write `key: value` lines",
    "float_parsing": "is no number",
    "float_type": "is no number",
    "greater_than": "is too small; write more than {gt}",
    "greater_than_equal": "is too small; write {ge} or more",
    "int_from_float": "is no whole number",
    "int_parsing": "is no whole number",
    "int_type": "is no whole number",
    "less_than_equal": "is too large; write {le} or less",
    "list_type": "is no list; write `- item` lines or [item, item]",
    "mapping_type": "is no mapping; write `key: value` lines",
    "model_attributes_type": "is no mapping; write `key: value` lines",
    "model_type": "is no mapping; write `key: value` lines",
    "string_type": "is no text",
    "too_short": "is empty; write at least {min_length}",
    "tuple_type": "is no list; write `- item` lines or [item, item]",
}
_SET = {"enum", "literal_error"}  # a value out of a fixed set


def parsed(document: Document, model: type[Model], value: Any = None, at: Way = ()) -> Model:
    """The document as that model. Raises BadFile with everything that is wrong with it.

    With `value`: what stands in the document at `at`, where it is read apart or has been added to.
    """
    whole = document.value if document.value is not None else {}
    try:
        return model.model_validate(whole if value is None else value)
    except ValidationError as error:
        found = [(document.way((*at, *each["loc"])), each) for each in error.errors()]
        raise BadFile([_problem(document, model, each, at) for each in _telling(found)]) from None


def _telling(found: Sequence[tuple[Way, ErrorDetails]]) -> Iterator[ErrorDetails]:
    """Without those that only follow from another, or are of a form that was plainly not meant."""
    for way, error in found:
        others = [(place, other["type"]) for place, other in found if other is not error]
        beneath = any(place[: len(way)] == way for place, _ in others)
        if error["type"] == "too_short" and beneath:
            continue
        if error["type"] in _SET and isinstance(error["input"], Mapping) and beneath:
            continue
        if error["type"] == "model_type" and any(place == way and kind in _SET for place, kind in others):
            continue
        yield error


def _problem(document: Document, model: type[BaseModel], error: ErrorDetails, at: Way) -> Problem:
    where, name = (*at, *error["loc"]), str(error["loc"][-1]) if error["loc"] else ""
    if error["type"] == "extra_forbidden":
        return document.problem(where, _unknown(name, _known_keys(model, error["loc"][:-1])), at_key=True)
    if error["type"] == "missing":
        return document.problem(where[:-1], f"`{name}` is missing")
    return document.problem(where, _quoted(error, _message(error)))


def _unknown(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=1)
    if near:
        return f"unknown key `{name}`; did you mean `{near[0]}`?"
    return f"unknown key `{name}`; known here: {', '.join(sorted(known))}" if known else f"unknown key `{name}`"


def _message(error: ErrorDetails) -> str:
    """What is wrong, in our words where we have some."""
    context = error.get("ctx", {})
    if error["type"] in _SET:
        allowed = re.findall(r"'([^']+)'", str(context.get("expected", "")))
        near = get_close_matches(str(error["input"]), allowed, n=1)
        return f"is none of {', '.join(allowed)}" + (f"; did you mean `{near[0]}`?" if near else "")
    if error["type"] in _IN_WORDS:
        return _IN_WORDS[error["type"]].format(**context)
    return error["msg"].removeprefix("Value error, ")


def _quoted(error: ErrorDetails, message: str) -> str:
    given, cause = error["input"], error.get("ctx", {}).get("error")
    if isinstance(cause, Unspoken):
        return message
    if not isinstance(given, str | int | float) or len(str(given)) > SHOWN:
        return f"this {message}" if message.startswith("is ") else message
    return f"`{given}`{'' if message.startswith('is ') else ':'} {message}"


def _known_keys(model: type[BaseModel], where: Sequence[str | int]) -> list[str]:
    """The keys that the model takes at that place."""
    found: type[BaseModel] | None = model
    for step in where:
        if isinstance(step, str) and found:
            found = next((_model_in(each.annotation) for key, each in _fields(found) if key == step), found)
    return [key for key, _ in _fields(found)] if found else []


def _fields(model: type[BaseModel]) -> list[tuple[str, Any]]:
    return [(each.alias or name, each) for name, each in model.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that an annotation like `list[Model] | None` holds."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for each in getattr(annotation, "__args__", ()) if (found := _model_in(each))), None)
