"""How long finding similar questions takes while somebody types: `python bench/similar.py [FILE]` prints p50 and p95.

The questions are made of sentences of the example city's (or FILE's, as `questions-open.yaml`), shuffled, so that they
share as much as real ones. What is asked is what somebody has typed so far: a title and a part of the situation.
"""

import random
import re
import sys
import time
from pathlib import Path
from statistics import quantiles

import yaml

sys.path.insert(0, str(Path(__file__).parents[1]))

from matching.offerings import QuestionText
from matching.similar import Earlier

EXAMPLE = Path(__file__).parents[1] / "cities" / "twente" / "questions.yaml"
SIZES = (1_000, 10_000)


def invented(file: Path, many: int, seed: int = 5) -> list[QuestionText]:
    """So many questions out of the sentences of real ones."""
    rows = yaml.safe_load(file.read_text(encoding="utf-8"))["questions"]
    texts = [" ".join(str(row.get(name, "")) for name in ("situation", "wanted", "use", "question")) for row in rows]
    sentences = [one for text in texts for one in re.split(r"(?<=[.?!])\s+", text) if one]
    draw = random.Random(seed)
    return [
        QuestionText(f"{draw.choice(rows)['title']} {draw.randrange(999)}", " ".join(draw.sample(sentences, 6)))
        for _ in range(many)
    ]


def typed(questions: list[QuestionText], many: int = 200, seed: int = 6) -> list[QuestionText]:
    """What somebody has typed so far of other questions."""
    draw = random.Random(seed)
    return [QuestionText(one.title, one.situation[: draw.randrange(500)]) for one in draw.sample(questions, many)]


def main(file: Path) -> None:
    print("| questions | learnt at | a changed question | p50 | p95 |\n|---|---|---|---|---|")
    for size in SIZES:
        known, questions = Earlier(), invented(file, size)
        begun = time.perf_counter()
        for n, one in enumerate(questions):
            known.learn(str(n), one)
        learnt = (time.perf_counter() - begun) / size * 1000
        begun = time.perf_counter()
        known.learn("0", questions[1])
        changed = (time.perf_counter() - begun) * 1000
        took = []
        for one in typed(invented(file, 500, seed=7)):
            begun = time.perf_counter()
            known.like(one)
            took.append((time.perf_counter() - begun) * 1000)
        cuts = quantiles(took, n=20)
        print(f"| {size:,} | {learnt:.2f} ms each | {changed:.1f} ms | {cuts[9]:.0f} ms | {cuts[18]:.0f} ms |")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else EXAMPLE)
