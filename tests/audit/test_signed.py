"""A signed record: who has no key can neither rewrite it nor cut it short, and a head that was noted down holds it."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.audit.chain import Link, chained
from gateway.audit.files import Files, file_name, files_of, read_head
from gateway.audit.signed import Head
from gateway.audit.verify import Verified, verify
from gateway.store.keyring import KeyRing
from gateway.store.vault import Vault
from tests.audit.things import NOW, note

VAULT, OTHER = Vault(KeyRing.fresh()), Vault(KeyRing.fresh())
LINES, FILE = 24, 8
EDITS = int(os.environ.get("EDITS", "400"))


def recorded(folder: Path, vault: Vault = VAULT, lines: int = LINES) -> Path:
    """A chain of three files, each but the last of them finished and signed."""
    files, last = Files(folder, vault), Link()
    files.open()
    for start in range(0, lines, FILE):
        batch = []
        for n in range(start, min(start + FILE, lines)):
            line, last = chained(note(n), last, vault)
            batch.append(line)
        files.write(file_name("w1", NOW.date(), start + 1), b"".join(batch), last)
    files.close()
    return folder


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return recorded(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "audit"))


def checked(folder: Path, **published: Head) -> Verified:
    return verify(folder, VAULT, VAULT, published)


def head_of(folder: Path) -> Head:
    head = read_head(folder, "w1")
    assert head
    return head


def test_a_whole_record_is_whole_and_its_head_and_finished_files_are_signed(folder: Path) -> None:
    assert checked(folder, w1=head_of(folder)) == Verified(LINES, 1, ())
    assert len(list(folder.glob("*.sig"))) == 2
    assert VAULT.signed(head_of(folder).covered("w1"), head_of(folder).signature)
    assert not VAULT.signed(head_of(folder).covered("w2"), head_of(folder).signature)


def test_a_chain_that_somebody_made_without_the_keys_is_found(tmp_path: Path) -> None:
    [broken] = verify(recorded(tmp_path, OTHER), checker=VAULT).breaks
    assert "signature is none of a key of ours" in broken.why


def test_cutting_off_the_end_takes_a_signature(folder: Path) -> None:
    """The lines are removed and the head is put back to what it would have been."""
    last = files_of(folder, "w1")[-1]
    kept = last.read_bytes().splitlines(keepends=True)[:3]
    last.write_bytes(b"".join(kept))
    hash_ = kept[-1].split(b'"hash":"')[1][:64].decode()
    (folder / "w1.head").write_text(Head(FILE * 2 + 3, hash_).written())
    [broken] = checked(folder).breaks
    assert "the head is not signed" in broken.why


def test_a_record_that_was_put_back_to_an_earlier_state_is_found_by_the_head_that_was_noted(
    whole: Path, tmp_path: Path
) -> None:
    earlier = recorded(tmp_path / "earlier", lines=FILE * 2)
    assert checked(earlier).breaks == ()
    [broken] = checked(earlier, w1=head_of(whole)).breaks
    assert "missing after this line" in broken.why


def test_a_record_that_was_written_anew_with_the_keys_is_found_by_the_head_that_was_noted(
    whole: Path, tmp_path: Path
) -> None:
    anew = recorded(tmp_path / "anew")  # seals are random: no two records are alike
    assert checked(anew).breaks == ()
    [broken] = checked(anew, w1=head_of(whole)).breaks
    assert "written anew" in broken.why


def test_a_chain_that_is_gone_altogether_is_found_by_the_head_that_was_noted(whole: Path, tmp_path: Path) -> None:
    [broken] = checked(tmp_path, w1=head_of(whole)).breaks
    assert f"lines up to {LINES}" in broken.why


def test_a_head_from_before_there_was_a_key_is_signed_by_the_next_process(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.open()
    line, last = chained(note(1), Link(), VAULT)
    files.write(file_name("w1", NOW.date(), 1), line, last)
    files.close()
    assert checked(tmp_path).breaks != ()
    after = Files(tmp_path, VAULT)
    after.open()
    after.close()
    assert checked(tmp_path) == Verified(1, 1, ())


def test_a_process_goes_on_in_the_file_of_the_one_before_and_signs_it_whole(tmp_path: Path) -> None:
    last = Link()
    for start in range(0, 6, 2):
        files = Files(tmp_path, VAULT)
        files.open()
        for n in range(start, start + 2):
            line, last = chained(note(n), last, VAULT)
            files.write(file_name("w1", NOW.date(), 1 if n < 5 else 6), line, last)
        files.close()
    assert len(list(tmp_path.glob("*.sig"))) == 1
    assert checked(tmp_path) == Verified(6, 1, ())


def _flipped(data: bytes, rng: random.Random) -> bytes:
    place = rng.randrange(len(data))
    return data[:place] + bytes([data[place] ^ (1 << rng.randrange(8))]) + data[place + 1 :]


def _without_a_line(data: bytes, rng: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    del lines[rng.randrange(len(lines))]
    return b"".join(lines)


def _swapped(data: bytes, rng: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    one, other = rng.sample(range(len(lines)), 2)
    lines[one], lines[other] = lines[other], lines[one]
    return b"".join(lines)


def _doubled(data: bytes, rng: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    place = rng.randrange(len(lines))
    return b"".join([*lines[: place + 1], lines[place], *lines[place + 1 :]])


def _cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data))]


def _added(data: bytes, rng: random.Random) -> bytes:
    line, _ = chained(note(rng.randrange(99)), Link(rng.randrange(LINES)), OTHER)
    place = rng.choice([0, *(i + 1 for i, each in enumerate(data) if each == ord(b"\n"))])
    return data[:place] + line + data[place:]


EDITED: list[Callable[[bytes, random.Random], bytes]] = [_flipped, _without_a_line, _swapped, _doubled, _cut, _added]


def edited(folder: Path, foreign: Path, rng: random.Random) -> str:
    """One edit of a line, of a whole file, or of a head or signature. What it was, for people."""
    path = rng.choice(sorted(folder.glob("*.jsonl")))
    kind = rng.randrange(10)
    if kind == 0:
        path.unlink()
        return f"{path.name} removed"
    if kind == 1:
        other = rng.choice(sorted(foreign.glob("*.jsonl")))
        path.write_bytes(other.read_bytes())
        return f"{path.name} replaced"
    if kind == 2:
        path = rng.choice([folder / "w1.head", *sorted(folder.glob("*.sig"))])
    data = path.read_bytes()
    change = _flipped if path.suffix != ".jsonl" else rng.choice(EDITED)
    path.write_bytes(change(data, rng))
    return f"{path.name}: {change.__name__}"


@pytest.mark.parametrize("seed", range(4))
def test_every_random_edit_is_found(whole: Path, tmp_path: Path, seed: int) -> None:
    """Ten thousand by `EDITS=10000 pytest tests/audit/test_signed.py`."""
    rng, foreign = random.Random(seed), recorded(tmp_path / "foreign")
    contents = {path.name: path.read_bytes() for path in whole.iterdir()}
    folder = Path(shutil.copytree(whole, tmp_path / "audit"))
    head = head_of(whole)
    for n in range(EDITS // 4):
        what = edited(folder, foreign, rng)
        is_new = any(
            not (folder / name).exists() or (folder / name).read_bytes() != contents[name] for name in contents
        )
        assert (checked(folder, w1=head).breaks != ()) == is_new, f"seed {seed}, edit {n}: {what}"
        for name, data in contents.items():
            (folder / name).write_bytes(data)
