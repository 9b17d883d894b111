"""The API's own description (OpenAPI 3.1), made from what it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from gateway.doors.api.operations import OPERATIONS, Operation
from gateway.doors.api.problems import MEDIA_TYPE, ProblemDocument

VERSION = "1.0"  # of the API: what is added raises the second number, what breaks a caller the first

_REF = "#/components/schemas/{model}"
_PROBLEMS = {
    400: "The body is no JSON document.",
    401: "There is no token, or it is not known.",
    403: "The token has not the scope that this asks for.",
    409: "The upstream that would carry a text of our own can't, as it is configured.",
    413: "The body is too long.",
    422: "Something in the document can't be, and is named; or its Idempotency-Key came with another one before.",
    429: "Too many tokens that are none came from this address.",
    503: "The store is away. Nothing is lost by sending the same request again.",
}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 255},
    "description": "The same key with the same document is done once, however often it is sent within a day.",
}

Mode = Literal["validation", "serialization"]


def description(operations: Sequence[Operation] = OPERATIONS) -> dict[str, Any]:
    """As it is served."""
    sent: list[tuple[type[BaseModel], Mode]] = [(each.takes, "validation") for each in operations]
    told: list[tuple[type[BaseModel], Mode]] = [(each.gives, "serialization") for each in operations]
    refs, schemas = models_json_schema(
        [*dict.fromkeys(sent), *dict.fromkeys(told), (ProblemDocument, "serialization")], ref_template=_REF
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "SMS compliance gateway: management API",
            "version": VERSION,
            "description": "Consents, suppressions, double opt-ins, replies. Numbers are in bodies, never in a URL.",
        },
        "paths": {each.path: {"post": _operation(each, refs)} for each in operations},
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


def _operation(operation: Operation, refs: Any) -> dict[str, Any]:
    gives = {"application/json": {"schema": refs[operation.gives, "serialization"]}}
    problem = {MEDIA_TYPE: {"schema": refs[ProblemDocument, "serialization"]}}
    return {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": f"Its token's scope: `{operation.scope}`.",
        **({"parameters": [_KEY]} if operation.changes else {}),
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": refs[operation.takes, "validation"]}},
        },
        "responses": {
            str(operation.status): {"description": "Done.", "content": gives},
            **{str(status): {"description": said, "content": problem} for status, said in _PROBLEMS.items()},
        },
    }
