"""Hashes, seals, and the keys file."""

from __future__ import annotations

import hashlib
import hmac
import stat
from pathlib import Path

import pytest

from gateway.store.keyring import BadKeys, KeyRing
from gateway.store.vault import Unopened, Vault
from gateway.words.errors import GatewayError

OLD = KeyRing("h1", "s1", {"h1": b"1" * 32}, {"s1": b"2" * 32})
NEW = KeyRing("h2", "s2", {"h1": b"1" * 32, "h2": b"3" * 32}, {"s1": b"2" * 32, "s2": b"4" * 32})


def test_a_hash_is_hmac_sha_256_cut_to_16_bytes():
    [(key, digest)] = Vault(OLD).hashes("+12125550101")
    assert key == "h1"
    assert digest == hmac.digest(b"1" * 32, b"+12125550101", hashlib.sha256)[:16]


def test_after_a_rotation_the_new_hash_comes_first_and_the_old_one_is_still_given():
    new, old = Vault(NEW).hashes("+12125550101")
    assert new.key == "h2"
    assert [old] == Vault(OLD).hashes("+12125550101")


def test_a_seal_opens_in_its_context_only():
    vault = Vault(OLD)
    sealed = vault.seal(b"STOP", b"ann")
    assert vault.open(sealed, b"ann") == b"STOP"
    assert vault.seal(b"STOP", b"ann") != sealed, "no two seals are alike"
    with pytest.raises(Unopened, match="moved"):
        vault.open(sealed, b"bob")


def test_what_an_older_key_sealed_still_opens():
    assert Vault(NEW).open(Vault(OLD).seal(b"STOP", b""), b"") == b"STOP"


@pytest.mark.parametrize(
    ("situation", "spoil"),
    [
        ("nothing", lambda sealed: b""),
        ("cut short", lambda sealed: sealed[:10]),
        ("one bit changed", lambda sealed: sealed[:-1] + bytes([sealed[-1] ^ 1])),
        ("another key's id", lambda sealed: sealed.replace(b"s1", b"s9")),
        ("a length beyond its end", lambda sealed: b"\xff" + sealed[1:]),
    ],
)
def test_a_spoilt_seal_is_an_error_that_says_what_to_do(situation, spoil):
    vault = Vault(OLD)
    with pytest.raises(Unopened):
        vault.open(spoil(vault.seal(b"STOP", b"ann")), b"ann")


def test_new_keys_are_for_their_owner_only_and_load_again(tmp_path: Path):
    path = tmp_path / "keys.yaml"
    made = Vault.create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Vault.load(path).open(made.seal(b"x", b""), b"") == b"x"
    assert Vault.load(path).hashes("+12125550101") == made.hashes("+12125550101")


def test_keys_are_never_written_over(tmp_path: Path):
    path = tmp_path / "keys.yaml"
    Vault.create(path)
    before = path.read_bytes()
    with pytest.raises(BadKeys, match="is there already"):
        Vault.create(path)
    assert path.read_bytes() == before


def test_a_ring_does_not_show_its_keys():
    assert "1111" not in repr(OLD)


KEY = "A" * 43 + "="
GOOD = f"hashing: h1\nsealing: s1\nkeys:\n  h1: {{use: hashing, key: {KEY}}}\n  s1: {{use: sealing, key: {KEY}}}\n"


def test_the_file_of_these_rows_is_good(tmp_path: Path):
    _written(tmp_path, GOOD)
    Vault.load(tmp_path / "keys.yaml")


@pytest.mark.parametrize(
    ("situation", "text", "says"),
    [
        ("an empty file", "", "must have"),
        ("a list", "- h1", "must have"),
        ("no YAML", "keys: [", "no YAML"),
        ("no current hashing key", GOOD.replace("hashing: h1", ""), "`hashing` must name"),
        ("a current key of the other use", GOOD.replace("sealing: s1", "sealing: h1"), "`sealing` must name"),
        ("an unknown use", GOOD.replace("use: sealing", "use: stamping"), "key s1: `use`"),
        ("an id that no store key can hold", GOOD.replace("s1:", "'{s1}':"), "1 to 8"),
        ("a short key", GOOD.replace(KEY, "AAAA", 1), "key h1: `key` must be 32 bytes"),
        ("a key that is no base64", GOOD.replace(KEY, "secret!", 1), "key h1: `key` must be 32 bytes"),
        ("a key that is no text", GOOD.replace(KEY, "12345", 1), "key h1: `key` must be 32 bytes"),
    ],
)
def test_a_bad_keys_file_is_one_clear_line_that_quotes_no_key(tmp_path: Path, situation, text, says):
    _written(tmp_path, text)
    with pytest.raises(BadKeys) as bad:
        Vault.load(tmp_path / "keys.yaml")
    assert isinstance(bad.value, GatewayError)
    assert "keys.yaml" in str(bad.value)
    assert says in str(bad.value)
    assert "\n" not in str(bad.value)
    assert KEY not in str(bad.value)
    assert "secret" not in str(bad.value)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o602])
def test_keys_that_others_may_use_are_not_taken(tmp_path: Path, mode: int):
    path = tmp_path / "keys.yaml"
    Vault.create(path)
    path.chmod(mode)
    with pytest.raises(BadKeys, match="chmod 600"):
        Vault.load(path)


def test_no_keys_file_says_how_to_make_one(tmp_path: Path):
    with pytest.raises(BadKeys, match="smsgate init"):
        Vault.load(tmp_path / "keys.yaml")


def _written(folder: Path, text: str) -> None:
    path = folder / "keys.yaml"
    path.write_text(text)
    path.chmod(0o600)
