"""`smsgate keys`: the secrets of the site."""

from __future__ import annotations

import click

from gateway.cli.keys.retire import retire
from gateway.cli.keys.ring import create, rotate
from gateway.cli.keys.show import show
from gateway.cli.keys.token import mail, token


@click.group()
def keys() -> None:
    """The site's keys, tokens of the management API, and passwords of senders of mails.

    \b
      smsgate keys show
      smsgate keys rotate --use sealing
      smsgate keys retire s1
    """


for command in (create, rotate, show, retire, token, mail):
    keys.add_command(command)
