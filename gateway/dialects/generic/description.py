"""How an operator describes an in-house gateway in YAML: where recipient, sender, text and answer stand."""

from __future__ import annotations

import json
import re
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from gateway.words.decision import Reason

Where = Annotated[str, StringConstraints(pattern=r"^[^.\[\]\s]+(\[\])?(\.[^.\[\]\s]+(\[\])?)*$")]
Scalar = bool | int | str

_SAMPLE = {"{code}": "code", "{message}": 'a "message"', "{to}": "+12025550100"}


def _must_be_json(template: str) -> None:
    for mark, value in _SAMPLE.items():
        template = template.replace(mark, json.dumps(value)[1:-1])
    try:
        json.loads(template)
    except ValueError:
        why = 'this is not JSON once filled in; put the marks in quotes: {"code": "{code}"}'
        raise ValueError(why) from None


def _listed(value: object) -> object:
    return value if isinstance(value, list) else [value]


class Described(BaseModel):
    """Unknown keys are errors: a misspelt one would be silently without effect."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class SendShape(Described):
    """Which requests send. `*` in the path stands for one segment: `/accounts/*/messages`."""

    method: Literal["GET", "POST", "PUT"] = "POST"
    path: str = Field(pattern=r"^/[^?#\s]*$")
    body: Literal["form", "json", "query"] = "json"

    @model_validator(mode="after")
    def _has_a_body(self) -> Self:
        if self.method == "GET" and self.body != "query":
            raise ValueError(f"a GET has no body; write `body: query`, or `method: POST` for a {self.body}")
        return self


class FieldPlaces(Described):
    """Where a message's parts stand: a field's name, or in JSON a path such as `messages[].to`."""

    to: Where
    text: Where
    sender: Where | None = Field(default=None, alias="from")
    separator: str | None = Field(default=None, min_length=1)  # between recipients in one value: `,` or a space


class UnicodeFlag(Described):
    """A field that must say when a text needs UCS-2; it is set where a new text leaves the GSM alphabet."""

    field: Where
    unicode: Scalar


class Success(Described):
    """What an accepted send is answered with: a status, and where that is not enough a field of the body."""

    status: Annotated[list[int], BeforeValidator(_listed)] = [200, 201, 202]
    field: Where | None = None
    value: Annotated[list[Scalar], BeforeValidator(_listed)] = []

    @model_validator(mode="after")
    def _field_and_value(self) -> Self:
        if bool(self.field) != bool(self.value):
            raise ValueError("`field` and `value` belong together; give both or none")
        return self


class Template(Described):
    """A text in which `{code}` and `{message}` are replaced, escaped for its content type."""

    type: str = Field(default="application/json", pattern=r"^[\w.+-]+/[\w.+-]+(;.*)?$")
    body: str = '{"error": {"code": "{code}", "message": "{message}"}}'

    @property
    def is_json(self) -> bool:
        return re.search(r"\bjson\b", self.type) is not None

    @property
    def is_markup(self) -> bool:
        return re.search(r"\b(xml|html)\b", self.type) is not None

    @model_validator(mode="after")
    def _is_what_it_says(self) -> Self:
        if self.is_json:
            _must_be_json(self.body)
        return self


class Refusal(Template):
    """The answer to a refused request. `code` is what `{code}` stands for; by default the reason's own name."""

    status: int = Field(default=400, ge=400, le=599)
    code: str | None = None


class Results(Described):
    """Where an answer has one entry a message, and what a refused one's entry is; `{to}` is its recipient."""

    at: Where
    refused: str

    @model_validator(mode="after")
    def _is_one_list_of_json(self) -> Self:
        if not self.at.endswith("[]") or self.at.count("[]") > 1:
            raise ValueError("name one list, by `[]` at its end: `messages[]`")
        _must_be_json(self.refused)
        return self


class GenericDescription(Described):
    """A carrier in YAML. `errors` has a refusal for each reason, and `default` for all others.

    The reasons are those of `Reason`: suppressed, bad_number, bad_request, no_consent, hours, cap, list, content,
    sender, template, try_again.
    """

    name: str
    numbers: Literal["international", "with-plus"] = "international"  # how digits without a plus are understood
    send: SendShape
    fields: FieldPlaces
    encoding: UnicodeFlag | None = None
    success: Success = Success()
    errors: dict[Reason | Literal["default"], Refusal] = {}
    results: Results | None = None

    @model_validator(mode="after")
    def _places_fit(self) -> Self:
        fields = self.fields
        places = {"to": fields.to, "text": fields.text, "from": fields.sender, "encoding": self.flag_place}
        for name, place in places.items():
            if self.send.body != "json" and ("." in (place or "") or "[" in (place or "")):
                raise ValueError(f"a {self.send.body} has names only; write `{name}` without dots and brackets")
            if _lists(fields.to)[: len(_lists(place))] != _lists(place):
                raise ValueError(f"`{name}` must stand in a list in which `to` stands too, or in none")
        return self

    @property
    def flag_place(self) -> str | None:
        return self.encoding.field if self.encoding else None

    def refusal(self, reason: Reason) -> Refusal:
        """What a refusal for this reason looks like. Only "try again" is a 503 unless the operator says otherwise."""
        if given := self.errors.get(reason) or self.errors.get("default"):
            return given
        return Refusal(status=503 if reason is Reason.TRY_AGAIN else 400)


def _lists(place: str | None) -> list[str]:
    """The lists on the way to a place, outermost first: `a[].b[].c` stands in `a[]` and `a[].b[]`."""
    return [place[: match.end()] for match in re.finditer(r"\[\]", place)] if place else []
