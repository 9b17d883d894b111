"""`smsgate policy schema`: what an editor needs to complete and check policy files while they are written."""

from __future__ import annotations

import json

import click

from gateway.policy.schema import policy_schema, scenario_schema


@click.command()
@click.option("--scenarios", is_flag=True, help="Of scenario files instead.")
def schema(scenarios: bool) -> None:
    """Print the JSON Schema of policy files, for editors.

    \b
      smsgate policy schema > policies/policy.schema.json
      smsgate policy schema --scenarios > policies/tests/scenario.schema.json

    An editor that speaks yaml-language-server finds it by a file's first line:
    # yaml-language-server: $schema=policy.schema.json
    """
    made = scenario_schema() if scenarios else policy_schema()
    click.echo(json.dumps(made, indent=2, ensure_ascii=False))
