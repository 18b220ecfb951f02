"""Every test here happens on the same day; what was generated is counted at the end."""

from typing import Any

import pytest
import time_machine


@pytest.fixture(autouse=True)
def same_day(clock: time_machine.Traveller) -> None:
    """TODAY, so that terms of the calendar keep lying ahead."""


def pytest_terminal_summary(terminalreporter: Any) -> None:
    from tests.schemas import test_clock_oracle, test_model, test_replay
    from tests.schemas.test_refusals import counted

    for told, found in (
        ("clock: {days} days × terms judged by a second clock, {terms} ends and {mornings} mornings alike",
         test_clock_oracle.counted),
        (f"replay: {{walks}} lives, {{steps}} steps of {len(test_replay.kinds)} kinds, {{told}} things done "
         "by the clock, {clocks} clocks equal to their replay", test_replay.counted),
        (f"model: {{runs}} lives, {{steps}} steps and {{clock}} things done by the clock of "
         f"{len(test_model.ran)} kinds as the model says, {{refused}} refused", test_model.counted),
    ):  # fmt: skip
        if any(found.values()):
            terminalreporter.write_line(told.format(**found))
    if any(counted.values()):
        told = "process: {closed} step × role × state closed, {refused} tried and refused, {taken} taken"
        terminalreporter.write_line(told.format(**counted))
