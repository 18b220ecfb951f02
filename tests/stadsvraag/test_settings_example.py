"""The example of the settings names each of them, and nothing else."""

import re
from io import StringIO

from dotenv import dotenv_values
from pydantic import SecretStr

from schemas.settings import Settings
from stadsvraag.embedded import ROOT

TEXT = (ROOT / ".env.example").read_text(encoding="utf-8")
EXAMPLE = {
    name.removeprefix("STADSVRAAG_").lower(): value for name, value in dotenv_values(stream=StringIO(TEXT)).items()
}


def test_every_setting_is_there_with_a_word_of_explanation() -> None:
    assert set(EXAMPLE) == set(Settings.model_fields)
    for paragraph in TEXT.strip().split("\n\n")[1:]:
        assert re.match(r"# .{10}", paragraph), paragraph


def test_the_example_is_valid_once_it_has_a_key() -> None:
    chosen = Settings.model_validate({**EXAMPLE, "secret_key": SecretStr("k" * 24)})
    assert chosen.database_url.startswith("postgresql+asyncpg://")
    assert not chosen.demo
