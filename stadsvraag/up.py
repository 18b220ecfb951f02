"""`stadsvraag up`: everything in one command, on one machine, with all that is kept under one directory."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

from stadsvraag.embedded import ROOT, compose, environment
from stadsvraag.lifeline import tied
from stadsvraag.ports import PortTaken, need, ports
from stadsvraag.supervisor import AlreadyRunning, Supervisor, only_one, say

PATIENCE = 180.0  # seconds; a first start on a slow machine


def up(port: int, data: Path, no_browser: bool) -> None:
    """Becomes the supervisor: a new program in this process, without what the command line had to import."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", __name__, str(port), str(data.resolve()), str(int(no_browser))])  # noqa: S606


def main(port: int, data: Path, no_browser: bool) -> int:
    """Starts everything and stays until told to stop. The exit code: 1 when it cannot start."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        with only_one(data):
            need(port)
            return _run(data, port, no_browser)
    except (AlreadyRunning, PortTaken, PermissionError, NotADirectoryError, FileExistsError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - the reason, to whoever typed the command
        return 1
    except KeyboardInterrupt:
        return 130


def _run(data: Path, port: int, no_browser: bool) -> int:
    chosen = ports(data, port)
    env = environment(data, chosen, secret_key(data))
    say(f"Stadsvraag is starting on {data}")
    if not _prepare(env):
        return 1
    supervisor = Supervisor(compose(data, chosen, env), data / "log")
    late = supervisor.wait_ready(PATIENCE)
    if late and not supervisor.stopping:
        say(f"Not ready yet: {', '.join(late)}. What they say is in {data / 'log'}; they are tried again and again.")
    elif not supervisor.stopping:
        _welcome(env, no_browser)
    return supervisor.watch()


def secret_key(data: Path) -> str:
    """The key of this installation, made at the first start; only its owner may read it."""
    file = data / "secret_key"
    if not file.exists():
        draft = file.with_suffix(".new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            handle.write(secrets.token_urlsafe(48))
            handle.flush()
            os.fsync(handle.fileno())
        draft.replace(file)
    return file.read_text(encoding="ascii").strip()


def _prepare(env: dict[str, str]) -> bool:
    # In a process of its own: what it has to import would stay in the memory of this one.
    command = [sys.executable, "-m", "stadsvraag.prepare"]
    ended = subprocess.run(command, env=env, cwd=ROOT, preexec_fn=tied(), check=False)  # noqa: S603 - our own command
    if ended.returncode:
        say("The database could not be made ready; the lines above say why. Nothing has been started.")
    return ended.returncode == 0


def _welcome(env: dict[str, str], no_browser: bool) -> None:
    base = env["STADSVRAAG_BASE_URL"]
    say(f"""
Stadsvraag is ready: {base}
  sign in as           {base}/demo/people
  read the mail        {base}/demo/mailbox
  Prefect's own pages  {env["STADSVRAAG_PREFECT_UI_URL"]}
Everything is kept in {env["STADSVRAAG_DATA_DIR"]}. Ctrl-C stops it; the same command goes on where it was.""")
    screen = sys.platform == "darwin" or "DISPLAY" in env or "WAYLAND_DISPLAY" in env
    if screen and not no_browser:
        import webbrowser

        webbrowser.open(base)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] == "1"))
