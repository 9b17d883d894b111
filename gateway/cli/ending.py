"""How a command ends: 0 good, 1 could not be done, 2 wrong usage (click's own), 3 the answer is no."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from gateway.words.errors import GatewayError
from gateway.yamlfile import BadFile

COULD_NOT, NO = 1, 3


@contextmanager
def one_clear_line() -> Iterator[None]:
    """What goes wrong inside is told to the operator and becomes an exit status, never a stack trace."""
    try:
        yield
    except BadFile as error:
        click.echo(str(error), err=True)
        sys.exit(NO)
    except (GatewayError, OSError) as error:
        click.echo(f"smsgate: {error}", err=True)
        sys.exit(COULD_NOT)
