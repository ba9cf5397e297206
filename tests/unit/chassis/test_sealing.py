import hmac
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.sealing import Key, Ring, Sealer, State
from chassis.sealing.ring import change

OLD = b"\x07" * 32
SEALER = Sealer(Ring.of(OLD))
ADDED = SEALER.ring.with_another()
PROMOTED = ADDED.with_newest_current()
REMOVED = PROMOTED.without_retired()
# What a release from before keys had ids left behind: the nonce, then the ciphertext.
CIPHER_OF_BEFORE = AESGCM(hmac.digest(OLD, b"seal", "sha256"))
OF_BEFORE = bytes(range(12)) + CIPHER_OF_BEFORE.encrypt(bytes(range(12)), b"a", None)


@pytest.mark.parametrize("ring", [SEALER.ring, ADDED, PROMOTED, REMOVED, Ring.new()])
def test_what_is_sealed_opens_and_never_looks_the_same(ring: Ring) -> None:
    sealer = Sealer(ring)
    sealed = sealer.seal("示例·甲一")
    assert sealer.open(sealed) == "示例·甲一"
    assert sealer.seal("示例·甲一") != sealed
    assert "示例·甲一".encode() not in sealed
    assert sealed.startswith(sealer.prefix())


@pytest.mark.parametrize("length", [0, 5, 11, 12, 20])
@pytest.mark.parametrize("ring", [SEALER.ring, PROMOTED])
def test_what_was_cut_or_sealed_by_another_key_does_not_open(ring: Ring, length: int) -> None:
    sealer = Sealer(ring)
    sealed = sealer.seal("示例·甲一")
    other = Sealer(Ring.of(b"\x08" * 32))
    for broken in (sealed[:length], other.seal("示例·甲一"), sealed[:-1] + bytes([sealed[-1] ^ 1])):
        with pytest.raises(ValueError, match="not sealed with this key"):
            sealer.open(broken)


def test_the_id_of_the_key_is_authenticated() -> None:
    same = Ring((Key(1, State.CURRENT, OLD),))
    sealed = Sealer(same).seal("a")
    renamed = Sealer(Ring((Key(2, State.CURRENT, OLD),)))
    with pytest.raises(ValueError, match="not sealed with this key"):
        renamed.open(renamed.prefix() + sealed[5:])


def test_a_lookup_is_the_same_for_the_same_text_under_the_same_key_only() -> None:
    assert SEALER.lookup("a") == SEALER.lookup("a") != SEALER.lookup("b")
    assert Sealer(Ring.of(b"\x08" * 32)).lookup("a") != SEALER.lookup("a")


def test_each_step_of_a_rotation_reads_what_the_step_before_and_after_it_write() -> None:
    before, added, promoted, removed = (Sealer(ring) for ring in (SEALER.ring, ADDED, PROMOTED, REMOVED))
    for one, other in ((before, added), (added, before), (added, promoted), (promoted, added), (promoted, removed), (removed, promoted)):
        assert other.open(one.seal("a")) == "a"
        assert one.lookup("a") in other.lookups("a")
    with pytest.raises(ValueError, match="not sealed with this key"):
        removed.open(before.seal("a"))


def test_what_was_sealed_before_keys_had_ids_opens_under_the_oldest_key() -> None:
    for ring in (SEALER.ring, ADDED, PROMOTED):
        assert Sealer(ring).open(OF_BEFORE) == "a"


def test_a_nonce_of_before_may_begin_like_the_id_of_a_key() -> None:
    nonce = Sealer(PROMOTED).prefix() + bytes(7)
    assert Sealer(PROMOTED).open(nonce + CIPHER_OF_BEFORE.encrypt(nonce, b"a", None)) == "a"


def test_a_step_taken_already_is_not_taken_again() -> None:
    assert ADDED.with_another() == ADDED
    assert PROMOTED.with_newest_current() == PROMOTED
    assert REMOVED.without_retired() == REMOVED
    assert [key.id for key in REMOVED.with_another().keys] == [1, 2]


@pytest.mark.parametrize("ring", [SEALER.ring, ADDED, PROMOTED, REMOVED])
def test_a_ring_is_read_as_it_was_written(ring: Ring) -> None:
    assert Ring.parsed(ring.text()) == ring
    assert Ring.parsed(ring.text()).version == ring.version
    assert OLD.hex() not in repr(ring)


HEX = "07" * 32


@pytest.mark.parametrize(
    "content",
    [
        "",
        "07",
        "zz" * 32,
        "07" * 33,
        "tongban-keys 1",
        f"tongban-keys 2\n1 current {HEX}",
        f"tongban-keys 1\n1 current {HEX[:-2]}",
        f"tongban-keys 1\n1 added {HEX}",
        f"tongban-keys 2\n1 current {HEX}\n2 current {'08' * 32}",
        f"tongban-keys 2\n1 current {HEX}\n2 retired {'08' * 32}",
        f"tongban-keys 2\n2 current {HEX}\n1 added {'08' * 32}",
        f"tongban-keys 2\n1 current {HEX}\n1 added {'08' * 32}",
        f"tongban-keys 2\n1 current {HEX}\n2 added {HEX}",
        f"tongban-keys 1\n4294967296 current {HEX}",
        f"1 current {HEX}",
    ],
)
def test_a_file_that_is_no_ring_is_refused_by_name_and_without_its_content(content: str, tmp_path: Path) -> None:
    file = tmp_path / "data.key"
    file.write_text(content)
    with pytest.raises(ValueError, match=r"data\.key") as refused:
        Sealer.from_file(file)
    assert HEX[:20] not in str(refused.value)


def test_a_ring_is_changed_whole_and_stays_its_owners(tmp_path: Path) -> None:
    file = tmp_path / "data.key"
    file.write_text(f"{HEX}\n")
    file.chmod(0o600)
    (tmp_path / "data.key.part").write_text("somebody was killed here")
    before = file.stat()
    after = change(file, Ring.with_another)
    assert Ring.read(file) == after
    assert (file.stat().st_mode, file.stat().st_ino != before.st_ino) == (before.st_mode, True)
    unchanged = file.stat().st_mtime_ns
    assert change(file, Ring.with_another) == after
    assert file.stat().st_mtime_ns == unchanged


class Followed:
    """A sealer of a file, which looks at it at every use."""

    def __init__(self, file: Path) -> None:
        self.file = file
        file.write_text(HEX)
        self.sealer = Sealer.from_file(file)

    def put(self, text: str) -> None:
        part = self.file.with_name("part")
        part.write_text(text)
        part.replace(self.file)
        self.sealer._look_at = 0.0


@pytest.fixture
def followed(tmp_path: Path) -> Followed:
    return Followed(tmp_path / "data.key")


def test_a_process_follows_its_file(followed: Followed) -> None:
    old = followed.sealer.seal("a")
    ring = change(followed.file, Ring.with_another)
    ring = change(followed.file, Ring.with_newest_current)
    assert followed.sealer.ring == ring
    assert followed.sealer.seal("a").startswith(b"\x01\x00\x00\x00\x01")
    assert followed.sealer.open(old) == "a"


def test_what_somebody_ahead_of_us_sealed_opens_at_once(followed: Followed) -> None:
    assert followed.sealer.open(SEALER.seal("a")) == "a"
    followed.sealer._look_at = float("inf")
    change(followed.file, Ring.with_another)
    ahead = Sealer(change(followed.file, Ring.with_newest_current))
    assert followed.sealer.open(ahead.seal("b")) == "b"


@pytest.mark.parametrize(
    "text", ["", "tongban-keys 2\n", "08" * 32, f"tongban-keys 1\n5 current {'08' * 32}\n", f"tongban-keys 1\n0 current {'08' * 32}\n"]
)
def test_a_broken_or_foreign_file_leaves_the_keys_in_use(followed: Followed, text: str) -> None:
    sealed = followed.sealer.seal("a")
    followed.put(text)
    assert followed.sealer.open(sealed) == "a"
    assert followed.sealer.ring == SEALER.ring
    followed.put(ADDED.text())
    assert followed.sealer.ring == ADDED


def test_a_file_that_is_gone_leaves_the_keys_in_use(followed: Followed) -> None:
    sealed = followed.sealer.seal("a")
    followed.file.unlink()
    followed.sealer._look_at = 0.0
    assert followed.sealer.open(sealed) == "a"


def test_a_message_to_ourselves_comes_back_whole_or_not_at_all() -> None:
    message = SEALER.seal_message({"state": "示例"})
    assert SEALER.open_message(message) == {"state": "示例"}
    for broken in ("", "zz", message[:-2]):
        with pytest.raises(ValueError, match=r".*"):
            SEALER.open_message(broken)
