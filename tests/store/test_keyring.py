"""Keys that change: when each counts, what is refused, and the file that holds them."""

from __future__ import annotations

import os
import stat
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.store import key_source, keyring
from gateway.store.keyring import USES, BadKeys, KeyRing
from gateway.store.vault import OVERLAP, Vault
from gateway.words.keys import KeysByCommand, KeysInEnv

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
LEAD = timedelta(minutes=5)
SECOND = timedelta(seconds=1)
RING = KeyRing.fresh()
TURNED = RING.rotated(USES, NOON, LEAD)


@pytest.mark.parametrize(
    ("situation", "since", "hashing", "abreast"),
    [
        ("it is known, and nobody writes with it alone", timedelta(0), ["h1", "h2"], ["h1", "h2"]),
        ("a second before", LEAD - SECOND, ["h1", "h2"], ["h1", "h2"]),
        ("from its instant on", LEAD, ["h2", "h1"], ["h2", "h1"]),
        ("while others may be behind", LEAD + OVERLAP - SECOND, ["h2", "h1"], ["h2", "h1"]),
        ("when all have turned", LEAD + OVERLAP, ["h2", "h1"], ["h2"]),
    ],
)
def test_a_key_takes_over_at_its_instant_and_all_are_always_looked_up(situation, since, hashing, abreast):
    now = [NOON.timestamp()]
    vault = Vault(TURNED, lambda: now[0])
    vault.hashes("+12125550101")
    now[0] = (NOON + since).timestamp()  # the same vault: it turns by itself
    assert [one.key for one in vault.hashes("+12125550101")] == hashing
    assert [one.key for one in vault.abreast("+12125550101")] == abreast
    current = hashing[0][1:]
    assert vault.seal(b"x", b"")[1:3] == f"s{current}".encode()
    assert vault.sign(b"x").startswith(f"g{current}:")
    assert vault.signed(b"x", Vault(RING).sign(b"x"))


def test_what_a_new_key_writes_is_read_by_whoever_has_the_file_and_goes_by_the_old_key_still():
    ahead, behind = (Vault(TURNED, lambda at=at: (NOON + at).timestamp()) for at in (LEAD, LEAD - SECOND))
    assert behind.open(ahead.seal(b"STOP", b"ann"), b"ann") == b"STOP"
    assert set(behind.hashes("+12125550101")) == set(ahead.hashes("+12125550101"))


def test_the_file_says_all_of_it(tmp_path: Path):
    path = tmp_path / "keys.yaml"
    key_source.created(path, keyring.written(TURNED))
    read = keyring.load(path)
    assert read.begins == TURNED.begins == dict.fromkeys(("h2", "s2", "g2"), NOON + LEAD)
    assert read.uses == TURNED.uses
    assert not read.unlike(TURNED, NOON)
    assert keyring.written(read) == path.read_text()


@pytest.mark.parametrize(
    ("situation", "change", "says"),
    [
        ("two rotations at once", lambda: TURNED.rotated(["hashing"], NOON, LEAD), "h2 takes over at 2026-11-24T12:05"),
        ("a current key goes", lambda: RING.without("h1", NOON), "h1 is the current hashing key"),
        ("a key goes that still counts", lambda: TURNED.without("s1", NOON), "s1 is the current sealing key"),
        ("a key goes that is to come", lambda: TURNED.without("g2", NOON), "g2 is the current signing key, or becomes"),
        ("a key that is none", lambda: RING.without("h9", NOON), "there is no key h9"),
    ],
)
def test_what_would_leave_somebody_without_a_key_is_refused(situation, change, says):
    with pytest.raises(BadKeys, match=says):
        change()


def test_a_key_goes_when_another_has_taken_over_and_its_id_is_never_given_again():
    after = TURNED.without("h1", NOON + LEAD)
    assert after.current("hashing", NOON + LEAD) == "h2"
    assert set(after.hash_keys) == {"h2"}
    assert "h3" in after.rotated(["hashing"], NOON + 2 * LEAD, LEAD).hash_keys


@pytest.mark.parametrize(
    ("situation", "other", "why"),
    [
        ("another site's", KeyRing.fresh(), "is another one than it was"),
        ("without the current one", replace(RING, seal_keys={"s7": b"7" * 32}, sealing="s7"), "s1 is missing"),
        ("with one more", TURNED, ""),
    ],
)
def test_a_running_gateway_goes_on_with_its_own_keys_and_more_only(situation, other, why):
    assert why in RING.unlike(other, NOON)
    assert bool(RING.unlike(other, NOON)) == bool(why)


def test_a_rotation_that_can_not_be_written_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch):
    path = tmp_path / "keys.yaml"
    keyring.create(path)
    before = path.read_bytes()
    (tmp_path / ".keys.yaml.new").write_text("of one that was killed")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        with pytest.raises(BadKeys, match="No space left"):
            keyring.rewrite(path, lambda ring: ring.rotated(USES, NOON, LEAD))
    assert path.read_bytes() == before
    keyring.rewrite(path, lambda ring: ring.rotated(USES, NOON, LEAD))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(each.name for each in tmp_path.iterdir()) == ["keys.yaml"]


def test_of_changes_at_the_same_time_none_is_lost(tmp_path: Path):
    path = tmp_path / "keys.yaml"
    keyring.create(path)
    begins = [
        threading.Thread(target=keyring.rewrite, args=(path, lambda ring, use=use: ring.rotated([use], NOON, LEAD)))
        for use in USES
    ]
    for each in begins:
        each.start()
    for each in begins:
        each.join()
    assert set(keyring.load(path).begins) == {"h2", "s2", "g2"}


def test_keys_come_from_the_environment_or_a_command_as_from_a_file(monkeypatch):
    text = keyring.written(TURNED)
    monkeypatch.setenv("SMSGATE_KEYS", text)
    printing = KeysByCommand((sys.executable, "-c", "import os; print(os.environ['SMSGATE_KEYS'])"))
    for source in (KeysInEnv("SMSGATE_KEYS"), printing):
        assert keyring.load(source).hash_keys == TURNED.hash_keys


@pytest.mark.parametrize(
    ("situation", "source", "says"),
    [
        ("no such variable", KeysInEnv("NO_SUCH_KEYS"), "$NO_SUCH_KEYS: the environment variable is not set"),
        ("no such program", KeysByCommand(("no-such-vault", "secret")), "it can't be run"),
        ("a program that fails", KeysByCommand((sys.executable, "-c", "print('secret'); exit(4)")), "status 4"),
        ("one that prints no keys", KeysByCommand((sys.executable, "-c", "print('secret')")), "must have"),
        ("one that never ends", KeysByCommand((sys.executable, "-c", "input() or 1 # secret")), "status 1"),
        ("one that takes too long", KeysByCommand((sys.executable, "-c", "while True: 'secret'")), "did not end"),
    ],
)
def test_keys_that_can_not_be_had_are_one_line_that_quotes_nothing(situation, source, says, monkeypatch):
    monkeypatch.setattr(key_source, "PATIENCE", 0.3 if "too long" in situation else 10.0)
    with pytest.raises(BadKeys) as bad:
        keyring.load(source)
    assert says in str(bad.value)
    assert "\n" not in str(bad.value)
    assert "secret" not in str(bad.value)
