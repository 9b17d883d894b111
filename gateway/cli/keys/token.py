"""`smsgate keys token` and `mail`: let a caller of the management API in, and a sender of mails."""

from __future__ import annotations

import re

import click

from gateway.doors.tokens import minted, password_in
from gateway.words.token import Scope


def _name(_: click.Context, __: click.Parameter, value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", value):
        raise click.BadParameter("use letters, digits, _ . and -")
    return value


@click.command()
@click.argument("name", callback=_name)
def mail(name: str) -> None:
    """Make a password with which NAME mails texts, and the lines of the configuration that let it in.

    \b
      smsgate keys mail nagios

    The password is shown this once and kept nowhere; the configuration holds a hash of it. To take it back, remove
    the lines and restart.
    """
    whole, hashed = minted(name)
    click.echo(f"user: {name}")
    click.echo(f"password, shown this once: {password_in(whole)}")
    click.echo("for the configuration:")
    click.echo("mail:")
    click.echo("  senders:")
    click.echo(f"    - {{name: {name}, hash: '{hashed}', upstream: NAME, program: NAME}}")


@click.command()
@click.argument("name", callback=_name)
@click.option(
    "--scope",
    "scopes",
    type=click.Choice([scope.value for scope in Scope]),
    multiple=True,
    help="What it opens of the management API; give as many as it needs, and no more.",
)
@click.option("--client", is_flag=True, help="It lets software send through the proxy, and opens nothing else.")
def token(name: str, scopes: tuple[str, ...], client: bool) -> None:
    """Make a token for NAME, and the lines of the configuration that let it in.

    \b
      smsgate keys token web-form --scope consent:write    for the management API
      smsgate keys token crm --client                      for the proxy

    The token is shown this once and kept nowhere; the configuration holds a hash of it. To take it back, remove
    the lines and restart. NAME is in the audit with every call: one token for each system that calls.
    """
    if client == bool(scopes):
        raise click.UsageError("say what it opens: --scope for the management API, or --client for the proxy")
    secret, hashed = minted(name)
    click.echo(f"token, shown this once: {secret}")
    click.echo("for the configuration:")
    if client:
        click.echo(f"clients:\n  - {{name: {name}, hash: '{hashed}'}}")
        return
    click.echo("api:")
    click.echo("  tokens:")
    click.echo(f"    - {{name: {name}, scopes: [{', '.join(map(repr, scopes))}], hash: '{hashed}'}}")
