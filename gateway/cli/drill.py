"""`smsgate drill`: is a STOP honoured today, on the real path?"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click

from gateway.cli.at_desk import CONFIG
from gateway.cli.ending import NO
from gateway.config import Config
from gateway.drill import Drill, Step
from gateway.opening import DRILLED, desk
from gateway.store.base import utc_now


@click.command()
@CONFIG
def drill(path: Path) -> None:
    """Send a STOP from the site's own test number, and prove that the next send to it is refused.

    \b
      smsgate drill -c my-site/gateway.yaml

    The gateway must be running on this machine. The STOP is signed as the carrier signs, the send is made as your
    software makes it, both are looked up in the audit, and START takes the STOP back. Exit status 3 where anything was
    not as it should be. `smsgate_drill_passed_timestamp_seconds` tells when it last was.
    """
    config = Config.load(path)
    steps = asyncio.run(_drilled(config))
    if not all(step.good for step in steps):
        sys.exit(NO)
    (config.data_dir / DRILLED).write_text(str(int(utc_now().timestamp())))


async def _drilled(config: Config) -> list[Step]:
    steps = []
    async with desk(config) as it:
        async for step in Drill(config, it, utc_now).steps():
            click.echo(f"{'good' if step.good else 'BAD ':4}  {step.seconds:6.3f} s  {step.name}: {step.what}")
            steps.append(step)
    return steps
