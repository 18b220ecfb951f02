"""What a runner imports, imported ahead of time, with the settings that Prefect reads then."""

import os

from flows.runner import QUIETLY

os.environ.update(QUIETLY)

import flows.rounds  # noqa: F401
