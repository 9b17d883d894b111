"""`--help` is enough to use the program."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from gateway.cli import main
from tests.cli.program import smsgate
from tests.nursery import ROOT


def _commands(group: click.Group, *before: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        yield (*before, name), command
        if isinstance(command, click.Group):
            yield from _commands(command, *before, name)


COMMANDS = dict(_commands(main))
LOADS = """
import sys
from importlib import import_module
for command in sys.argv[1:]:
    for name in [name for name in sys.modules if name.partition(".")[0] == "gateway"]:
        del sys.modules[name]
    import_module(f"gateway.cli.{command}")
"""


def test_the_program_names_its_commands_and_what_its_exit_statuses_mean():
    told = smsgate("--help")
    assert told.status == 0
    assert {name for name, *_ in COMMANDS} <= set(told.out.split())
    assert "0 good, 1 could not be done, 2 wrong usage" in told.out


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_says_what_it_is_for_and_what_each_option_means(words):
    command = COMMANDS[words]
    with click.Context(command, info_name=" ".join(("smsgate", *words))) as context:
        told = command.get_help(context)
    assert told.startswith(f"Usage: smsgate {' '.join(words)}")
    assert command.help
    for option in command.params:
        assert not isinstance(option, click.Option) or option.opts[0] in told


def test_each_command_loads_with_nothing_loaded_before():
    names = sorted({name for name, *_ in COMMANDS})
    done = subprocess.run([sys.executable, "-c", LOADS, *names], capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_version_is_told():
    assert smsgate("--version").out.startswith("smsgate, version ")


@pytest.mark.parametrize(
    ("situation", "words"),
    [
        ("an unknown option", ["serve", "--wrokers", "2"]),
        ("an unknown command", ["server"]),
        ("no folder named", ["init"]),
        ("no number named", ["suppress", "add"]),
        ("a kind that is none", ["suppress", "add", "+12125550100", "--kind", "dislike"]),
        ("too many workers", ["serve", "--workers", "1000"]),
    ],
)
def test_wrong_usage_is_told_with_the_way_to_help_and_status_2(situation, words):
    ended = smsgate(*words)
    assert ended.status == 2
    assert "--help" in ended.err
    assert "Traceback" not in ended.err
