"""The files for operators cannot be started here; what they name is there all the same: commands, settings, files."""

import re
import shutil
import subprocess
from collections.abc import Iterable
from typing import Any

import pytest
import typer
import yaml
from typer._click.exceptions import UsageError

from schemas.settings import Settings
from tests.databases import ROOT
from tests.deploy.said import DEPLOY, UNITS, Said, commands, compose, directives, names

COMPOSE_ONLY = {"STADSVRAAG_HOST"}  # what the compose file's own .env says, to the proxy
COMMANDS = list(commands())
SECTIONS = {"Unit", "Service", "Timer", "Install"}


def label(said: Said) -> str:
    return f"{said.where}: {' '.join(said.what)}"


def ours(words: list[str]) -> None:
    """Raises click's own error when there is no such command, option or argument."""
    from stadsvraag.__main__ import app

    command: Any = typer.main.get_command(app)
    with command.make_context("stadsvraag", list(words), resilient_parsing=False) as context:
        rest = [*context._protected_args, *context.args]
        while rest:
            name, command, rest = command.resolve_command(context, rest)
            context = command.make_context(name, rest, parent=context)
            rest = [*getattr(context, "_protected_args", []), *context.args] if hasattr(command, "commands") else []


@pytest.mark.parametrize("said", [one for one in COMMANDS if one.what[0] == "stadsvraag"], ids=label)
def test_every_command_of_ours_is_there(said: Said, tmp_path: Any) -> None:
    (tmp_path / "a.backup").touch()
    stand_ins = {"%i": "8001", "FILE": str(tmp_path / "a.backup"), "cities/yours": "cities/twente"}
    ours([stand_ins.get(word, word) for word in said.what[1:]])


def test_a_command_that_is_not_there_is_noticed() -> None:
    for words in (["nothing"], ["web", "--prot", "8000"], ["city", "unload"]):
        with pytest.raises(UsageError):
            ours(words)


@pytest.mark.parametrize("said", [one for one in COMMANDS if one.what[0] == "prefect"], ids=label)
def test_every_command_of_prefect_is_there(said: Said) -> None:
    from prefect.cli._app import _app as app

    words = ["4201" if word == "%i" else word for word in said.what[1:] if word != "--no-prompt"]  # of the session
    _, bound, unused, _ = app.parse_known_args(words)
    assert unused == []
    assert bound.signature


def test_every_setting_is_one() -> None:
    from prefect.settings import Settings as PrefectSettings
    from prefect.settings.legacy import _get_settings_fields
    from prefect_redis.client import RedisMessagingSettings

    redis = {f"PREFECT_REDIS_MESSAGING_{name.upper()}" for name in RedisMessagingSettings.model_fields}
    known = {f"STADSVRAAG_{name.upper()}" for name in Settings.model_fields} | COMPOSE_ONLY | redis
    known |= set(map(str, _get_settings_fields(PrefectSettings))) | {"PREFECT_AUTH"}
    unknown = [said for said in names() if said.what not in known]
    assert unknown == []


def test_units_say_where_and_as_whom() -> None:
    for unit in UNITS:
        found = directives(unit)
        assert {section for section, _, _ in found} <= SECTIONS
        if unit.suffix == ".service":
            values = {name: value for _, name, value in found}
            assert values["User"] == "stadsvraag", unit.name
            assert values["NoNewPrivileges"] == "yes", unit.name
            assert values["WorkingDirectory"] == "/opt/stadsvraag", unit.name
            assert "EnvironmentFile" in values, unit.name


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_understands_them(unit: Any) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd-analyze")
    said = subprocess.run(["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True).stderr
    ours = [line for line in said.splitlines() if "stadsvraag" in line or "prefect" in line]
    faults = [line for line in ours if "is not executable" not in line and "not found" not in line]
    assert faults == []


def test_services_depend_on_services_and_every_volume_is_named() -> None:
    read = compose()
    services = read["services"]
    for name, service in services.items():
        assert set(service.get("depends_on", {})) <= set(services), name
        assert "image" in service
        assert not service["image"].endswith(":latest")
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert source in read["volumes"] or (DEPLOY / source).exists(), volume
    secrets = re.findall(r"(?:SECRET_KEY|PASSWORD|AUTH_STRING|TOKEN): (?!\$\{)(\S+)", yaml.safe_dump(services))
    assert secrets == []


def test_the_image_holds_every_room_and_runs_as_nobody_in_particular() -> None:
    lines = (DEPLOY / "Containerfile").read_text(encoding="utf-8").splitlines()
    copied = {word.rstrip("/") for line in lines if line.startswith("COPY ") for word in line.split()[1:-1]}
    assert all((ROOT / name).exists() for name in copied)
    assert copied >= {"schemas", "matching", "notifications", "flows", "intake", "stadsvraag", "cities", "prefect.yaml"}
    assert [line for line in lines if line.startswith("USER ")] == ["USER stadsvraag"]
    [base] = [line.split()[1] for line in lines if line.startswith("FROM ")]
    assert re.fullmatch(r"\S+:\d[\w.-]+", base)


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_the_proxy_hides_the_figures_and_believes_nobody(name: str) -> None:
    text = (DEPLOY / name).read_text(encoding="utf-8")
    assert text.count("{") == text.count("}")
    assert "/metrics" in text
    assert "$proxy_add_x_forwarded_for;" not in text
    assert _lines(text, "Forwarded")


def _lines(text: str, word: str) -> Iterable[str]:
    return [line for line in text.splitlines() if word in line and not line.strip().startswith("#")]
