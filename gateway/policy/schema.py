"""JSON Schema of policy and scenario files, for editors: made from the models that the loader itself uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from gateway.policy.model import KINDS, PolicyWritten, RuleWritten
from gateway.policy.rules.consent import AcceptedWritten, ConsentWritten, accepted
from gateway.policy.rules.forbid import SHORT, ForbidWritten
from gateway.policy.rules.lists import ListWritten
from gateway.policy.scenario import ProgramSaid, ScenarioWritten
from gateway.policy.terms import one_or_many
from gateway.words.facts import ConsentKind
from gateway.yamlfile import Spelled, listed

DRAFT = "http://json-schema.org/draft-07/schema#"  # what editors understand best


def policy_schema() -> dict[str, Any]:
    return {"$schema": DRAFT, **_schema(PolicyWritten)}


def scenario_schema() -> dict[str, Any]:
    """Of a file with one scenario, or a list of them."""
    one = _schema(ScenarioWritten)
    definitions = one.pop("$defs") | {"ScenarioWritten": one}
    reference = {"$ref": "#/$defs/ScenarioWritten"}
    return {"$schema": DRAFT, "anyOf": [{"type": "array", "items": reference}, reference], "$defs": definitions}


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema(schema_generator=_AsWritten)


# Mappings that have a short form, and what that is, given the schema of the long one.
_SHORT: Mapping[type[BaseModel], Callable[[JsonSchemaValue], JsonSchemaValue]] = {
    AcceptedWritten: lambda _: {"enum": list(ConsentKind)},
    ConsentWritten: lambda long: long["properties"]["accept"],
    ForbidWritten: lambda _: {"enum": list(SHORT)},
    ListWritten: lambda long: long["properties"]["any"],
    ProgramSaid: lambda _: {"type": "string"},
}


class _AsWritten(GenerateJsonSchema):
    """What may be written, where the models say only what comes of it."""

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> JsonSchemaValue:
        made = super().function_before_schema(schema)
        function: object = schema["function"]["function"]
        if isinstance(function, Spelled):
            return made | {"pattern": f"^(?:{function.pattern})$"}
        if function in {listed, accepted}:
            return _one_or_many(made)
        if function is one_or_many:
            forms = {form: _one_or_many(several) for form, several in made["patternProperties"].items()}
            return made | {"patternProperties": forms, "additionalProperties": False}
        return made

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        made = super().model_schema(schema)
        if schema["cls"] is RuleWritten:
            return made | {"oneOf": [{"required": [kind]} for kind in KINDS]}
        short = _SHORT.get(schema["cls"])
        return {"anyOf": [short(made), made]} if short else made

    def str_schema(self, schema: core_schema.StringSchema) -> JsonSchemaValue:
        """A number can stand for text: `stop_number: 36111`."""
        return super().str_schema(schema) | {"type": ["string", "number"]}

    def field_title_should_be_set(self, schema: object) -> bool:
        """The key says it already."""
        return False


def _one_or_many(several: JsonSchemaValue) -> JsonSchemaValue:
    return {"anyOf": [several["items"], several]}
