"""A proof as files: to read, for machines, and with the hashes to check both."""

from __future__ import annotations

import os
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

import orjson
from jinja2 import Environment, PackageLoader

from gateway.proof.gathered import Proof, events, text_of
from gateway.words.errors import GatewayError
from gateway.words.facts import Consent
from gateway.words.ledger import counting_at

PAGE, DATA, SUMS = "proof.html", "proof.json", "SHA256SUMS"

_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_INDENT_2


class IsThere(GatewayError):
    """Something of that name is there already, and is never written over."""


def write(proof: Proof, folder: Path) -> list[Path]:
    """The files, which only their owner may read. Raises IsThere, OSError."""
    written = {PAGE: page(proof).encode(), DATA: data(proof)}
    sums = "".join(f"{sha256(content).hexdigest()}  {name}\n" for name, content in written.items())
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in (*written, SUMS):
        if (folder / name).exists():
            raise IsThere(f"{folder / name} is there already, nothing was written; name another folder")
    return [_kept(folder / name, content) for name, content in {**written, SUMS: sums.encode()}.items()]


def data(proof: Proof) -> bytes:
    """Everything. `record` holds each line as it was recorded, byte for byte, beside what is sealed in it."""
    told = {
        "number": proof.number,
        "made": proof.made,
        "counting": counting_at(proof.made, proof.entries),
        "ledger": proof.entries,
        "suppressions": proof.suppressions,
        "record": [asdict(line) for line in proof.lines],
        "chains": proof.chains,
    }
    return orjson.dumps(told, option=_OPTIONS)


def page(proof: Proof) -> str:
    environment = Environment(loader=PackageLoader("gateway.proof", ""), autoescape=True, trim_blocks=True)
    return environment.get_template(PAGE).render(
        proof=proof,
        counting=counting_at(proof.made, proof.entries),
        events=list(events(proof)),
        is_consent=lambda what: isinstance(what, Consent),
        text_of=lambda sent: text_of(proof, sent),
    )


def _kept(path: Path, content: bytes) -> Path:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    return path
