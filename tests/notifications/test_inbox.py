"""The setting that names the box, and a maildir as mail servers fill it."""

import os
from pathlib import Path

import pytest

from notifications.inbox import FOLDERS, Maildir
from notifications.inboxes import inbox_of
from notifications.sorting import LARGEST


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for name in FOLDERS:
        (tmp_path / name).mkdir()
    return tmp_path


def test_oldest_first_bounded_and_kept_until_done(maildir: Path) -> None:
    for n in range(5):
        (maildir / "new" / f"{9 - n}.stad").write_bytes(b"%d" % n)
        os.utime(maildir / "new" / f"{9 - n}.stad", (n, n))
    (maildir / "new" / ".half").write_bytes(b"not a message")
    (maildir / "new" / "8.stad").write_bytes(b"x" * (LARGEST + 5))
    os.utime(maildir / "new" / "8.stad", (1, 1))
    box = inbox_of(str(maildir))
    taken = box.take(2, [])
    assert [(one.key, len(one.raw), one.size) for one in taken] == [("9.stad", 1, 1), ("8.stad", LARGEST, LARGEST + 5)]
    assert [one.key for one in box.take(9, ["9.stad", "8.stad"])] == ["7.stad", "6.stad", "5.stad"]
    box.done(["9.stad", "8.stad", "gone"])
    assert sorted(one.name for one in (maildir / "cur").iterdir()) == ["8.stad:2,S", "9.stad:2,S"]
    assert box.waiting()


def test_a_link_out_of_the_box_is_not_followed(maildir: Path) -> None:
    (maildir / "new" / "1.stad").symlink_to("/etc/hostname")
    assert not Maildir(maildir).waiting()
    assert Maildir(maildir).take(9, []) == []


def test_what_is_no_maildir_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="is no maildir: it has no new, cur, tmp"):
        Maildir(tmp_path / "elders").waiting()


@pytest.mark.parametrize(
    "wrong",
    ["imaps://mail.example.org", "http://a:b@example.org", "imaps://a:geheim@example.org:poort/", "imaps://a:geheim@x?y=1",
     "imaps://a:geheim@x/Klaar?done=Klaar", "imaps://a:geheim@x?done"],
)  # fmt: skip
def test_a_wrong_setting_is_refused_without_its_secret(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"inbox|folder") as told:
        inbox_of(wrong)
    assert "geheim" not in str(told.value)
