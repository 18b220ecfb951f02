"""A private Postfix: its own configuration, queue and port, started and stopped here; the system's is left alone."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.notifications.mailserver import papers

POSTFIX = "/usr/sbin/postfix"
MAIN = """\
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
mail_owner = postfix
setgid_group = postdrop
myhostname = localhost
inet_interfaces = loopback-only
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
mydestination =
alias_maps =
alias_database =
maillog_file_prefixes = {home}
maillog_file = {home}/log
message_size_limit = 60000
virtual_mailbox_domains = example.org
virtual_mailbox_base = {home}/mail
virtual_mailbox_maps = inline:{{ amira@example.org=amira/ grey@example.org=grey/ post@example.org=post/ }}
virtual_alias_maps = inline:{{ gone@example.org=left@example.org }}
transport_maps = inline:{{ {{ left@example.org = error:5.1.1 That mailbox is gone }} }}
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
smtpd_recipient_restrictions =
  check_recipient_access inline:{{ {{ grey@example.org = 450 4.2.0 Greylisted, try again }} }},
  reject_unlisted_recipient, permit_mynetworks, reject
smtpd_tls_security_level = may
smtpd_tls_cert_file = {home}/cert.pem
smtpd_tls_key_file = {home}/key.pem
"""


@dataclass(frozen=True)
class Relay:
    """Where it listens, and what it delivered."""

    port: int
    home: Path

    def delivered(self, to: str, seconds: float = 15) -> list[bytes]:
        """The letters in somebody's mailbox; waits for the first."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := list((self.home / "mail" / to / "new").glob("*")):
                return [one.read_bytes() for one in found]
            time.sleep(0.1)
        return []


def lacking() -> str | None:
    """Why no Postfix can be started here, or None."""
    if not Path(POSTFIX).exists():
        return "no Postfix; to run these tests too: apt-get install postfix"
    return None if os.geteuid() == 0 else "Postfix is started by root only"


@contextmanager
def relay(port: int) -> Iterator[Relay]:
    """A Postfix of our own on this port."""
    home = Path(tempfile.mkdtemp(prefix="stadsvraag-postfix-"))
    try:
        _furnish(home, port)
        _postfix(home, "start")
        try:
            yield Relay(port, home)
        finally:
            _postfix(home, "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _furnish(home: Path, port: int) -> None:
    user = pwd.getpwnam("postfix")
    home.chmod(0o755)
    for name in ("queue", "data", "mail", "etc"):
        (home / name).mkdir()
    for name in ("data", "mail"):
        os.chown(home / name, user.pw_uid, user.pw_gid)
    key, certificate = papers()
    (home / "key.pem").write_bytes(key)
    (home / "cert.pem").write_bytes(certificate)
    (home / "etc" / "main.cf").write_text(MAIN.format(home=home, uid=user.pw_uid, gid=user.pw_gid), encoding="utf-8")
    (home / "etc" / "master.cf").write_text("".join(_services(port)), encoding="utf-8")


def _services(port: int) -> Iterator[str]:
    """Those of the distribution, none in a chroot, listening only on our port."""
    for line in Path("/usr/share/postfix/master.cf.dist").read_text(encoding="utf-8").splitlines():
        words = line.split()
        if line[:1].isalpha() and len(words) >= 8:
            words[4] = "n"
            words[0] = f"127.0.0.1:{port}" if words[:2] == ["smtp", "inet"] else words[0]
            yield " ".join(words) + "\n"


def _postfix(home: Path, what: str) -> None:
    done = subprocess.run([POSTFIX, "-c", str(home / "etc"), what], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"postfix {what}: {done.stdout}{done.stderr}{_log(home)}"


def _log(home: Path) -> str:
    return (home / "log").read_text(encoding="utf-8") if (home / "log").exists() else ""
