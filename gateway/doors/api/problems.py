"""What went wrong, as a problem document (RFC 9457): which field, why, and what to do. It repeats nothing sent."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from aiohttp import web
from pydantic import BaseModel, ValidationError

MEDIA_TYPE = "application/problem+json"


class Field(BaseModel):
    """One thing wrong with the request's document."""

    pointer: str  # where (RFC 6901)
    detail: str


class ProblemDocument(BaseModel):
    """RFC 9457. `type` is about:blank: the status says which kind it is."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: tuple[Field, ...] = ()


class Problem(Exception):
    """Ends a request. Only the API's door catches it."""

    def __init__(
        self, status: HTTPStatus, detail: str, errors: Sequence[Field] = (), headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.document = ProblemDocument(title=status.phrase, status=status, detail=detail, errors=tuple(errors))
        self.headers = headers or {}

    def response(self) -> web.Response:
        told = self.document.model_dump_json(exclude_defaults=not self.document.errors)
        return web.Response(text=told, status=self.document.status, content_type=MEDIA_TYPE, headers=self.headers)


def invalid(error: ValidationError) -> Problem:
    """All that is wrong with a document."""
    wrong = [Field(pointer=_pointer(one["loc"]), detail=one["msg"]) for one in error.errors(include_input=False)]
    if wrong[0].pointer == "#" and "JSON" in wrong[0].detail:
        return Problem(HTTPStatus.BAD_REQUEST, "the body is no JSON document")
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "the document is not as it should be; nothing was done", wrong)


def wrong_field(name: str, detail: str) -> Problem:
    """One field says what can't be."""
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, [Field(pointer=f"#/{name}", detail=detail)])


def _pointer(where: Sequence[str | int]) -> str:
    return "#" + "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in where)
