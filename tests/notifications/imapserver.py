"""A private Dovecot: its own configuration, mail and ports, started and stopped here; the system's is left alone."""

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

from imapclient import IMAPClient  # type: ignore[import-untyped]

from tests.notifications.mailserver import papers

DOVECOT = "/usr/sbin/dovecot"
USER, SECRET = "post", "geheim/met@tekens"
CONFIG = """\
protocols = imap
listen = 127.0.0.1
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
ssl = yes
ssl_cert = <{home}/cert.pem
ssl_key = <{home}/key.pem
disable_plaintext_auth = no
mail_location = maildir:{home}/mail
first_valid_uid = 1
passdb {{
  driver = passwd-file
  args = {home}/passwd
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/home
}}
default_internal_user = {user}
default_login_user = {user}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {tls}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass(frozen=True)
class ImapServer:
    """Where it listens."""

    plain: int
    tls: int

    @contextmanager
    def opened(self) -> Iterator[IMAPClient]:
        with IMAPClient("127.0.0.1", self.plain, ssl=False) as line:
            line.login(USER, SECRET)
            yield line

    def put(self, raw: bytes, *flags: bytes) -> None:
        """A message in the inbox."""
        with self.opened() as line:
            line.append("INBOX", raw, flags=flags)

    def folders(self) -> dict[str, list[tuple[bytes, ...]]]:
        """The flags of the messages in each folder."""
        found: dict[str, list[tuple[bytes, ...]]] = {}
        with self.opened() as line:
            for _, _, name in line.list_folders():
                line.select_folder(name, readonly=True)
                found[name] = [tuple(one) for one in line.get_flags(line.search()).values()]
        return found


def lacking() -> str | None:
    """Why no Dovecot can be started here, or None."""
    if not Path(DOVECOT).exists():
        return "no Dovecot; to run these tests too: apt-get install dovecot-imapd"
    return None if os.geteuid() == 0 else "Dovecot is started by root only"


@contextmanager
def imap_server(plain: int, tls: int) -> Iterator[ImapServer]:
    """A Dovecot of our own on these ports."""
    home = Path(tempfile.mkdtemp(prefix="stadsvraag-dovecot-"))
    process = None
    try:
        _furnish(home, plain, tls)
        process = subprocess.Popen([DOVECOT, "-F", "-c", str(home / "dovecot.conf")])
        server = ImapServer(plain, tls)
        _wait(server, home)
        yield server
    finally:
        if process:
            process.terminate()
            process.wait(20)
        shutil.rmtree(home, ignore_errors=True)


def _furnish(home: Path, plain: int, tls: int) -> None:
    user = pwd.getpwnam("mail")
    home.chmod(0o755)
    for name in ("mail", "home", "state"):
        (home / name).mkdir()
        os.chown(home / name, user.pw_uid, user.pw_gid)
    key, certificate = papers()
    (home / "key.pem").write_bytes(key)
    (home / "cert.pem").write_bytes(certificate)
    (home / "passwd").write_text(f"{USER}:{{PLAIN}}{SECRET}\n", encoding="utf-8")
    written = CONFIG.format(home=home, uid=user.pw_uid, gid=user.pw_gid, user="mail", plain=plain, tls=tls)
    (home / "dovecot.conf").write_text(written, encoding="utf-8")


def _wait(server: ImapServer, home: Path) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            with server.opened():
                return
        except Exception:
            time.sleep(0.2)
    log = (home / "log").read_text(encoding="utf-8") if (home / "log").exists() else ""
    raise AssertionError(f"Dovecot does not answer: {log}")
