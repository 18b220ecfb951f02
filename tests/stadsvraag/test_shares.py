"""How the lives of played questions go: every way exists, shares are whole, most are happy, a seed repeats itself."""

from random import Random

import yaml

from stadsvraag import endings
from stadsvraag.shares import ENDINGS, SHARES, shares

HAPPY = {"completed", "revised", "elsewhere", "cancelled", "reopened", "handed_back", "held", "clarified"}


def test_every_way_is_shared_out_and_has_its_reason() -> None:
    read = yaml.safe_load(SHARES.read_text(encoding="utf-8"))
    assert endings.live
    assert set(read["shares"]) == set(ENDINGS)
    assert sum(shares().values()) == 100
    assert all(len(row["why"]) > 20 for row in read["shares"].values())
    assert not set(read["by_the_clock"]) & set(ENDINGS)


def test_most_lives_lead_to_a_result() -> None:
    assert sum(share for name, share in shares().items() if name in HAPPY) > 70


def test_a_seed_repeats_itself() -> None:
    found = shares()
    drawn = [[Random(seed * 1_000_003 + n).choices([*found], [*found.values()])[0] for n in range(50)]
             for seed in (1, 1, 2)]  # fmt: skip
    assert drawn[0] == drawn[1] != drawn[2]
