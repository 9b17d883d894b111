"""What the models of all our files have in common."""

from __future__ import annotations

import re

from pydantic import BaseModel, BeforeValidator, ConfigDict


class Written(BaseModel):
    """Unknown keys are errors: a misspelt one would be silently without effect. A number can stand for text."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, coerce_numbers_to_str=True)


class Unspoken(ValueError):
    """What is wrong with a value that may be a secret: it is never quoted."""


def listed(value: object) -> object:
    """One is as good as a list of one."""
    return value if isinstance(value, list) else [value]


def spelled(pattern: str, complaint: str) -> BeforeValidator:
    """A text of that form, else the complaint: `is no country; write it as US`."""
    form = re.compile(pattern)

    def check(value: object) -> str:
        if not form.fullmatch(str(value)):
            raise ValueError(complaint)
        return str(value)

    return BeforeValidator(check)
