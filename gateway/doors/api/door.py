"""The management API on the wire: who asks, whether he may, what he sent; then an operation, and its answer.

Servers call it, not browsers: there is no CORS, and no page of another site can read or write anything here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from hashlib import sha256
from http import HTTPStatus

from aiohttp import web
from pydantic import BaseModel, ValidationError

from gateway.desk import Desk, NoDoubt, NoNumber, NoProgram
from gateway.doors.api.openapi import description
from gateway.doors.api.operations import OPERATIONS, Caller, Operation
from gateway.doors.api.problems import Problem, invalid, wrong_field
from gateway.doors.tokens import Tokens, TooManyTries
from gateway.optin import NotAsked
from gateway.own import CannotSay
from gateway.telemetry import log
from gateway.words.errors import StoreAway
from gateway.words.token import Token

BODY_LIMIT = 128 * 1024  # bytes; a wording may have 20,000 characters
KEY_LIMIT = 255  # characters of an Idempotency-Key

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Api:
    """Serves /v1 of the management listener."""

    def __init__(self, desk: Desk, tokens: Sequence[Token], clock: Callable[[], datetime]) -> None:
        self._desk = desk
        self._tokens = Tokens(tokens)
        self._clock = clock

    def app(self) -> web.Application:
        """For a listener that takes no body beyond BODY_LIMIT."""
        app = web.Application(middlewares=[_told_as_problems])
        described = web.json_response(description()).body

        async def describe(_: web.Request) -> web.Response:
            return web.Response(body=described, content_type="application/json")

        app.router.add_get("/openapi.json", describe)
        for operation in OPERATIONS:
            app.router.add_post(operation.path.removeprefix("/v1"), self._handler(operation))
        return app

    def _handler(self, operation: Operation) -> Handler:
        async def handle(request: web.Request) -> web.Response:
            token = await self._token(request, operation)
            status: int = HTTPStatus.INTERNAL_SERVER_ERROR
            try:
                answer = await self._answered(request, operation, token)
                status = operation.status
            except Problem as problem:
                status = problem.document.status
                raise
            finally:
                self._desk.api_used(operation.name, token.name, status)
            return web.json_response(text=answer.model_dump_json(), status=status)

        return handle

    async def _token(self, request: web.Request, operation: Operation) -> Token:
        """Raises Problem: 401, 403, 429."""
        scheme, _, presented = request.headers.get("Authorization", "").partition(" ")
        asks = {"WWW-Authenticate": 'Bearer realm="smsgate"'}
        if scheme.lower() != "bearer" or not presented:
            raise Problem(HTTPStatus.UNAUTHORIZED, "send `Authorization: Bearer TOKEN`", headers=asks)
        try:
            token = await self._tokens.token(presented.strip(), request.remote or "")
        except TooManyTries as error:
            raise Problem(HTTPStatus.TOO_MANY_REQUESTS, str(error), headers={"Retry-After": "60"}) from None
        if token is None:
            self._desk.api_used(operation.name, None, HTTPStatus.UNAUTHORIZED)
            raise Problem(HTTPStatus.UNAUTHORIZED, "this token is not known; `smsgate keys token`", headers=asks)
        if operation.scope not in token.scopes:
            self._desk.api_used(operation.name, token.name, HTTPStatus.FORBIDDEN)
            raise Problem(HTTPStatus.FORBIDDEN, f"this token is not for {operation.scope}; give it that scope")
        return token

    async def _answered(self, request: web.Request, operation: Operation, token: Token) -> BaseModel:
        """Raises Problem."""
        body = await request.read()
        try:
            sent = operation.takes.model_validate_json(body)
            key = await self._key(request, operation, token, sent)
            return await operation.call(self._desk, sent, Caller(token.name, self._clock(), key))
        except ValidationError as error:
            raise invalid(error) from None
        except NoNumber as error:
            raise wrong_field("number", str(error)) from None
        except (NoProgram, NotAsked) as error:
            raise wrong_field("program", str(error)) from None
        except NoDoubt as error:
            raise wrong_field("id", str(error)) from None
        except CannotSay as error:
            raise Problem(HTTPStatus.CONFLICT, str(error)) from None
        except StoreAway as error:
            log.warning("the store is away", why=str(error))
            why = "the store is away; send the same request again, with the same Idempotency-Key"
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, why, headers={"Retry-After": "5"}) from None

    async def _key(self, request: web.Request, operation: Operation, token: Token, sent: BaseModel) -> str:
        """The caller's own, in which nobody else's can be; empty: there is none."""
        given = request.headers.get("Idempotency-Key", "")
        if not given or not operation.changes:
            return ""
        if len(given) > KEY_LIMIT:
            raise Problem(HTTPStatus.BAD_REQUEST, f"an Idempotency-Key has at most {KEY_LIMIT} characters")
        key = f"{token.name}\n{operation.name}\n{given}"
        if not await self._desk.once(key, sha256(sent.model_dump_json().encode()).hexdigest()):
            why = "this Idempotency-Key came with another document before; nothing was done"
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, why)
        return key


@web.middleware
async def _told_as_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Problem as problem:
        return problem.response()
    except web.HTTPRequestEntityTooLarge:
        why = f"a document has at most {BODY_LIMIT} bytes"
        return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, why).response()
    except web.HTTPException as error:
        status = HTTPStatus(error.status)
        allowed = {name: value for name, value in error.headers.items() if name == "Allow"}
        return Problem(status, "`/v1/openapi.json` says what there is", headers=allowed).response()
    except Exception as error:  # noqa: BLE001 - whatever it is, its words may hold a number
        log.error("a request of the API failed", exc_info=error)
        return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "this is our fault; see the log").response()
