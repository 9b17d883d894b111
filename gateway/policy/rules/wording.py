"""Wordings that a policy adds to texts, with what the program fills in: `{brand}: `, `STOP au {stop_number}`.

`{{opt_out_link}}` becomes a link that is as long as the recipient's own: whose it is, is put in when the text is ruled.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from gateway.words.link import sample_of
from gateway.words.program import Program

LINK = "opt_out_link"

_BLANKS: Mapping[str, Callable[[Program], str]] = {
    "brand": lambda program: program.brand,
    "contact": lambda program: program.contact,
    "stop_number": lambda program: program.stop_number,
    LINK: lambda program: sample_of(program.links) if program.links else "",
}
_NAMES = "|".join(_BLANKS)
_BLANK = re.compile(rf"\{{\{{({_NAMES})\}}\}}|\{{({_NAMES})\}}")  # in one pair of braces or two


def filled(variants: tuple[str, ...], program: Program) -> tuple[str, ...]:
    """Those wordings that this program can fill in; the very same where there is nothing to fill in."""
    if not any("{" in variant for variant in variants):
        return variants
    return tuple(done for variant in variants if (done := _filled(variant, program)))


def blanks_in(variant: str) -> list[str]:
    """What a wording asks for, by name."""
    return [twice or once for twice, once in _BLANK.findall(variant)]


def missing(variants: tuple[str, ...], program: Program) -> list[str]:
    """What these wordings ask for and the program hasn't got, by name."""
    asked = dict.fromkeys(name for variant in variants for name in blanks_in(variant))
    return [name for name in asked if not _BLANKS[name](program)]


def _filled(variant: str, program: Program) -> str:
    """Empty where the program hasn't got what the wording asks for."""
    if missing((variant,), program):
        return ""
    return _BLANK.sub(lambda blank: _BLANKS[blank[1] or blank[2]](program), variant)
