"""What the nursery loads before it forks: the gateways that tests run, and every command."""

import gc

import pytest
from click import Context
from holidays import countries

from gateway.cli import main
from gateway.replies.likeness import weights_read
from gateway.replies.spoken import spoken
from gateway.store import redis
from tests.front import served
from tests.torture import served as tortured

with Context(main) as context:
    COMMANDS = [main.get_command(context, name) for name in main.list_commands(context)]

# A process also loads what runs the test's own: pytest.
__all__ = ["COMMANDS", "countries", "pytest", "redis", "served", "tortured"]

spoken()  # each gateway reads all phrases and weights once, before its first reply or with it
weights_read()
gc.freeze()  # no process needs to look through it again
