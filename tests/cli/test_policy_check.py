"""`smsgate policy check`, `schema` and `print`, as people run them."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from gateway.editions import Editions
from tests.cli.program import smsgate

ROOT = Path(__file__).parents[2]
FEDERAL = 'hours: {from: "08:00", to: "21:00"}'


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    """The shipped policies, for a site to change."""
    folder = tmp_path / "policies"
    shutil.copytree(ROOT / "policies", folder)
    return folder


def change(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_the_shipped_policies_hold_no_error():
    ended = smsgate("policy", "check", ROOT / "policies")
    assert ended.status == 0, ended.out
    assert "0 errors" in ended.out


def test_an_error_is_told_with_its_place_and_status_3(policies):
    change(policies, "us-federal.yaml", "hours: {from", "huors: {from")
    ended = smsgate("policy", "check", policies)
    assert ended.status == 3
    assert f"{policies}/us-federal.yaml:" in ended.out
    assert "error: unknown key `huors`; did you mean `hours`?" in ended.out


def test_of_one_file_only_its_own_remarks_are_told(policies):
    change(policies, "world.yaml", "reviewed: 2026-11-24\n", "")
    change(policies, "us-federal.yaml", "reviewed: 2026-11-24\n", "")
    ended = smsgate("policy", "check", policies / "world.yaml")
    assert "world.yaml:" in ended.out
    assert "us-federal.yaml:" not in ended.out


def test_warnings_count_where_it_is_strict(policies):
    change(policies, "world.yaml", "reviewed: 2026-11-24\n", "")
    assert smsgate("policy", "check", policies).status == 0
    assert smsgate("policy", "check", policies, "--strict").status == 3


def test_github_is_told_in_its_own_words(policies):
    (policies / "site.yaml").write_text("policy: site\ncountry: US\nreviwed: 2026-11-24\nrules: [{id: r, list: a}]\n")
    ended = smsgate("policy", "check", "site.yaml", "--format", "github", cwd=policies)
    assert ended.out == "::error file=site.yaml,line=3,col=1::unknown key `reviwed`; did you mean `reviewed`?\n"


def test_json_has_everything(policies):
    (policies / "site.yaml").write_text("policy: site\ncountry: US\nrules: [{id: r, list: a}]\n")
    told = json.loads(smsgate("policy", "check", policies, "--format", "json").out)
    [review] = [each for each in told["remarks"] if each["code"] == "review"]
    assert review["file"] == f"{policies}/site.yaml"
    assert (review["level"], review["line"], review["column"]) == ("warning", 1, 9)
    assert told["signed"] == "not signed"


def test_the_law_as_it_will_be(policies):
    change(
        policies,
        "us-federal.yaml",
        f"{FEDERAL}\n    cite: 47 CFR",
        f"{FEDERAL}\n    from: 2090-01-01\n    cite: 47 CFR",
    )
    today = smsgate("policy", "check", policies)
    assert "comes into force" not in today.out
    ended = smsgate("policy", "check", policies, "--at", "2090-01-02")
    assert "2090-01-01: us-federal/quiet-hours comes into force" in ended.out
    assert "was to be reviewed by" in ended.out


def test_the_merged_rules_of_a_place_are_told(policies):
    ended = smsgate("policy", "check", policies, "--effective", "--for", "US-FL/marketing")
    assert "US-FL: marketing" in ended.out
    assert f"us-federal/quiet-hours ({policies}/us-federal.yaml:" in ended.out
    assert "US-NY" not in ended.out


def test_a_category_that_there_is_not_is_wrong_usage():
    ended = smsgate("policy", "check", "--effective", "--for", "US/advertising")
    assert ended.status == 2
    assert "write one of marketing, transactional" in ended.err


def test_a_looser_rule_is_told_and_status_3(policies):
    change(policies, "us-federal.yaml", FEDERAL, FEDERAL.replace("21:00", "22:00"))
    ended = smsgate("policy", "check", policies, "--diff", ROOT / "policies")
    assert ended.status == 3
    assert "looser: us-federal/quiet-hours was changed (" in ended.out
    assert "now: Marketing texts: only in the recipient's own hours: Monday to Sunday 08:00-22:00" in ended.out


def test_an_opt_out_that_ends_less_is_told_and_status_3(policies):
    change(policies, "us-carrier.yaml", "confirm: must", "confirm: may")
    ended = smsgate("policy", "check", policies, "--diff", ROOT / "policies")
    assert ended.status == 3
    assert "looser: what an opt-out means in US was changed" in ended.out


def test_a_stricter_rule_is_good(policies):
    change(policies, "us-federal.yaml", FEDERAL, FEDERAL.replace("08:00", "08:30"))
    ended = smsgate("policy", "check", policies, "--diff", ROOT / "policies")
    assert ended.status == 0
    assert "stricter: us-federal/quiet-hours was changed (" in ended.out


def test_a_revision_in_git_can_be_compared_with(policies):
    git = ["git", "-C", str(policies.parent), "-c", "user.name=a", "-c", "user.email=a@example.com"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "as shipped"]):
        subprocess.run([*git, *words], check=True, capture_output=True)
    assert "no rule has changed" in smsgate("policy", "check", policies, "--diff", "HEAD").out
    change(policies, "us-federal.yaml", FEDERAL, FEDERAL.replace("21:00", "22:00"))
    ended = smsgate("policy", "check", policies, "--diff", "HEAD")
    assert ended.status == 3
    assert "looser: us-federal/quiet-hours was changed (" in ended.out


def test_a_set_that_is_kept_can_be_compared_with(site):
    folder = site.folder / "policies"
    kept = {path.name: path.read_bytes() for path in folder.glob("*.yaml")}
    Editions(site.folder / "data" / "policies").keep("0123456789ab", kept)
    change(folder, "us-federal.yaml", FEDERAL, FEDERAL.replace("21:00", "22:00"))
    ended = smsgate("policy", "check", "-c", site.config, "--diff", "0123", "--format", "json")
    assert ended.status == 3
    [looser] = [each for each in json.loads(ended.out)["changes"] if each["rule"] == "us-federal/quiet-hours"]
    assert (looser["how"], looser["verdict"]) == ("changed", "looser")
    assert "US-*/marketing" in looser["where"]
    assert "08:00-22:00" in looser["after"]


@pytest.mark.parametrize("revision", ["nothing-by-that-name", "--output=x", "HEAD:../.."])
def test_what_is_no_revision_could_not_be_done(policies, revision):
    ended = smsgate("policy", "check", policies, f"--diff={revision}")
    assert ended.status == 1
    assert ended.complaint.startswith(f"smsgate: `{revision}` is no folder, no set that is kept")


def test_names_of_the_site_are_looked_up_in_its_configuration(site):
    change(site.folder / "policies", "us-federal.yaml", "for: [debt_collection]", "when: {program: debst}")
    ended = smsgate("policy", "check", "-c", site.config)
    assert ended.status == 3
    assert "error: the configuration has no program `debst`" in ended.out


def test_a_wording_with_an_opt_out_link_is_named_where_the_site_has_no_links(site):
    wording = "Opt out: {{opt_out_link}}"
    policy = f'policy: own\ncountry: US\nrules:\n  - id: i\n    instruct:\n      text:\n        en: ["{wording}"]\n'
    own = site.folder / "policies" / "own.yaml"
    own.write_text(policy.replace("]", ", Reply STOP to opt out]"))
    ended = smsgate("policy", "check", "-c", site.config)
    assert ended.status == 0
    assert f"{own}:7:14: warning: `{wording}` asks for an opt-out link" in ended.out
    own.write_text(policy)
    ended = smsgate("policy", "check", "-c", site.config)
    assert ended.status == 3
    assert f"{own}:7:14: error: `{wording}` asks for an opt-out link" in ended.out
    site.change("upstreams:", "links: {url: 'https://o.example.com'}\nupstreams:")
    assert smsgate("policy", "check", "-c", site.config).status == 0


def test_an_upstream_that_lacks_credentials_is_named_and_nothing_is_wrong(site):
    site.change("dialect: kannel", "dialect: twilio")
    ended = smsgate("policy", "check", "-c", site.config)
    assert ended.status == 0
    assert f"{site.config}:5:13: info: `nobody` has no `credentials`" in ended.out


def test_a_program_that_advertises_on_after_cancel_is_warned_of(site):
    site.change("upstreams:", "programs: [{name: club, replies: {taken: CANCEL}}]\nupstreams:")
    ended = smsgate("policy", "check", "-c", site.config)
    assert ended.status == 0
    assert ":42: warning: `CANCEL` revokes consent whatever its writer means, and `club` advertises on" in ended.out


@pytest.mark.parametrize(
    ("words", "file"),
    [([], "policies/policy.schema.json"), (["--scenarios"], "policies/tests/scenario.schema.json")],
)
def test_the_schema_that_ships_is_the_one_that_is_printed(words, file):
    assert smsgate("policy", "schema", *words).out == (ROOT / file).read_text()


def test_a_signature_holds_until_something_changes(policies):
    assert "not signed" in smsgate("policy", "print", policies).out
    ended = smsgate("policy", "print", policies, "--sign", "Ann Example, counsel")
    assert ended.status == 0
    assert "signed by Ann Example, counsel on " in ended.out
    for command in ("check", "print"):
        assert "signed by Ann Example, counsel on " in smsgate("policy", command, policies).out
    change(policies, "world.yaml", "title:", "# a word\ntitle:")
    for command in ("check", "print"):
        assert "changed since it was signed by Ann Example, counsel on " in smsgate("policy", command, policies).out
    smsgate("policy", "print", policies, "--sign", "Bob Example, owner")
    signoff = (policies / "signoff.yaml").read_text()
    assert signoff.index("Ann Example, counsel") < signoff.index("Bob Example, owner")
    assert "signed by Bob Example, owner" in smsgate("policy", "check", policies).out


def test_nobody_can_not_sign(policies):
    assert smsgate("policy", "print", policies, "--sign", " ").status == 2
    assert not (policies / "signoff.yaml").exists()


def test_html_is_escaped(policies):
    change(policies, "world.yaml", "title: ", "title: <script>alert(1)</script> ")
    page = smsgate("policy", "print", policies, "--format", "html").out
    assert page.startswith("<!doctype html>")
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
