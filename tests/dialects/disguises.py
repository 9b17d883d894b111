"""Ways to write a request so that some server reads it as what it was, or as another message, and a guard does not."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from gateway.dialects.heads import FORM
from gateway.words.wire import Request

Disguise = Callable[[Request], Request]

OTHER = "+12025550199"  # a number that no capture has


def _path(change: Callable[[bytes], bytes]) -> Disguise:
    return lambda request: replace(request, target=request.target.replace(request.path, change(request.path), 1))


def _last(change: Callable[[bytes], bytes]) -> Disguise:
    """Of the path's last segment, where there is one."""

    def changed(path: bytes) -> bytes:
        before, slash, last = path.rstrip(b"/").rpartition(b"/")
        if not last:
            return path
        return before + slash + change(last) + path[len(path.rstrip(b"/")) :]

    return _path(changed)


def _escaped(times: int) -> Disguise:
    sign = b"%" + b"25" * (times - 1)
    return _last(lambda last: sign + b"%02X" % last[0] + last[1:])


PATHS: Mapping[str, Disguise] = {
    "lower case": _path(bytes.lower),
    "upper case": _path(bytes.upper),
    "the other case": _path(bytes.swapcase),
    "an escaped letter": _escaped(1),
    "escaped twice": _escaped(2),
    "escaped three times": _escaped(3),
    "an escaped slash": _path(lambda path: b"%2F".join(path.rsplit(b"/", 1)) if path.count(b"/") > 1 else path),
    "a doubled slash": _last(lambda last: b"/" + last),
    "a doubled slash in front": _path(lambda path: b"/" + path),
    "a slash at the end": _path(lambda path: path + b"/"),
    "slashes at the end": _path(lambda path: path + b"///"),
    "a dot segment": _last(lambda last: b"./" + last),
    "a dot segment at the end": _path(lambda path: path.rstrip(b"/") + b"/."),
    "a double dot segment": _last(lambda last: b"x/../" + last),
    "an escaped double dot segment": _last(lambda last: b"x/%2e%2E/" + last),
    "a double dot segment at the end": _path(lambda path: path.rstrip(b"/") + b"/x/.."),
    "parameters": _path(lambda path: path + b";a=b"),
    "parameters in the middle": _last(lambda last: b"x;a=b/../" + last),
    "parameters behind dots": _path(lambda path: path.rstrip(b"/") + b"/x/..;/"),
    "an escaped backslash": _path(lambda path: b"%5C".join(path.rsplit(b"/", 1)) if path.count(b"/") > 1 else path),
    "a blank at the end": _path(lambda path: path + b"%20"),
    "a NUL at the end": _path(lambda path: path + b"%00"),
    "a tab inside": _last(lambda last: last[:2] + b"%09" + last[2:]),
    "an escaped question mark": _path(lambda path: path + b"%3Fa=b"),
    "a fragment": _path(lambda path: path + b"%23a"),
}


def _method(method: bytes) -> Disguise:
    return lambda request: replace(request, method=method)


def _headed(name: bytes, value: bytes) -> Disguise:
    """With this field, and no other of its name."""

    def disguised(request: Request) -> Request:
        others = tuple(pair for pair in request.headers if pair[0].lower() != name.lower())
        return replace(request, headers=(*others, (name, value)))

    return disguised


def _both(first: Disguise, second: Disguise) -> Disguise:
    return lambda request: second(first(request))


def _queried(more: bytes) -> Disguise:
    return lambda request: replace(request, target=request.target + (b"&" if request.query else b"?") + more)


METHODS: Mapping[str, Disguise] = {
    "PUT": _method(b"PUT"),
    "a method in lower case": _method(b"post"),
    "a method of nobody's": _method(b"SEND"),
    "GET with a POST in a header": _both(_method(b"GET"), _headed(b"X-HTTP-Method-Override", b"POST")),
    "HEAD with a POST in a header": _both(_method(b"HEAD"), _headed(b"x-method-override", b"POST")),
    "DELETE with a POST in a header": _both(_method(b"DELETE"), _headed(b"X-HTTP-Method", b"POST")),
    "a method in the query": _queried(b"_method=PUT"),
    "GET with a POST in the query": _both(_method(b"GET"), _queried(b"_method=POST")),
    "GET with a POST in the query, escaped": _both(_method(b"GET"), _queried(b"%5Fmethod=POST")),
}


def _body(change: Callable[[bytes], bytes]) -> Disguise:
    return lambda request: replace(request, body=change(request.body))


def _deflated(body: bytes) -> bytes:
    return zlib.compress(body)[2:-4]


COMPRESSED: Mapping[str, Disguise] = {
    "gzip": _both(_body(gzip.compress), _headed(b"Content-Encoding", b"gzip")),
    "gzip, in capitals": _both(_body(gzip.compress), _headed(b"CONTENT-ENCODING", b"GZIP")),
    "deflate": _both(_body(zlib.compress), _headed(b"Content-Encoding", b"deflate")),
    "deflate without a head": _both(_body(_deflated), _headed(b"Content-Encoding", b"deflate")),
    "said to be gzip": _headed(b"Content-Encoding", b"gzip"),
    "gzip, and not said": _body(gzip.compress),
}
TYPES: Mapping[str, Disguise] = {
    "no content type": lambda request: replace(
        request, headers=tuple(pair for pair in request.headers if pair[0].lower() != b"content-type")
    ),
    "two content types": lambda request: replace(
        request, headers=(*request.headers, (b"Content-Type", b"text/plain"), (b"content-type", b"text/html"))
    ),
    "said to be a form": _headed(b"Content-Type", FORM.encode()),
    "said to be JSON": _headed(b"Content-Type", b"application/json"),
    "said to be text": _headed(b"Content-Type", b"text/plain"),
    "said to be parts": _headed(b"Content-Type", b"multipart/form-data; boundary=x"),
    "UTF-16, as it says": _both(
        _body(lambda body: body.decode("latin-1").encode("utf-16")),
        _headed(b"Content-Type", b"application/json; charset=utf-16"),
    ),
    "two charsets": _headed(b"Content-Type", b"application/json; charset=utf-8; charset=utf-7"),
    "UTF-7": _headed(b"Content-Type", b"application/x-www-form-urlencoded; charset=utf-7"),
    "a byte order mark": _body(lambda body: b"\xef\xbb\xbf" + body),
    "a byte order mark of UTF-16": _body(lambda body: b"\xff\xfe" + body),
}
TRAILING: Mapping[str, Disguise] = {
    "another object": _body(lambda body: body + body),
    "a NUL": _body(lambda body: body + b"\0"),
    "a letter": _body(lambda body: body + b"x"),
    "a comma": _body(lambda body: body + b","),
}


class Pairs(list[tuple[str, Any]]):
    """A JSON object as it is written: a key may stand there twice."""


def without_each(request: Request) -> Iterator[tuple[str, Request, list[Request]]]:
    """Each field of a body: its name, the request without it, and those where it stands twice and says two things."""
    kind = (request.header(b"content-type") or b"").lower()
    if kind.startswith(b"application/json"):
        yield from _members(request)
    elif kind.startswith(FORM.encode()):
        yield from _parts(request)


def _parts(request: Request) -> Iterator[tuple[str, Request, list[Request]]]:
    parts = request.body.split(b"&")
    for place, part in enumerate(parts):
        name, left = part.partition(b"=")[0], [*parts[:place], *parts[place + 1 :]]
        other = name + b"=" + OTHER.replace("+", "%2B").encode()
        twice = [[other, *parts], [*parts, other], [*parts, name.swapcase() + b"=" + OTHER.encode()]]
        doubled = [replace(request, body=b"&".join(each)) for each in twice]
        yield name.decode(), replace(request, body=b"&".join(left)), doubled


def _members(request: Request) -> Iterator[tuple[str, Request, list[Request]]]:
    root = json.loads(request.body, object_pairs_hook=Pairs)
    for pairs in list(_objects(root)):
        for place, (name, value) in enumerate(list(pairs)):
            pairs.pop(place)
            without = replace(request, body=_dumped(root))
            pairs.insert(place, (name, value))
            doubled = []
            for at, spelled in ((0, name), (len(pairs), name), (len(pairs), name.swapcase())):
                pairs.insert(at, (spelled, _otherwise(value)))
                doubled.append(replace(request, body=_dumped(root)))
                pairs.pop(at)
            yield name, without, doubled


def _otherwise(value: Any) -> Any:
    if isinstance(value, Pairs):
        return Pairs((name, _otherwise(each)) for name, each in value)
    return [_otherwise(each) for each in value] if isinstance(value, list) else OTHER


def _objects(value: Any) -> Iterator[Pairs]:
    if isinstance(value, Pairs):
        yield value
        for _, inner in value:
            yield from _objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _objects(inner)


def _dumped(value: Any) -> bytes:
    if isinstance(value, Pairs):
        return b"{" + b", ".join(json.dumps(name).encode() + b": " + _dumped(each) for name, each in value) + b"}"
    if isinstance(value, list):
        return b"[" + b", ".join(map(_dumped, value)) + b"]"
    return json.dumps(value).encode()
