"""A round of a question as a small model: votes in some order, the clock and a coordinator in between."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random

from schemas.voting import Voting
from tests.schemas.test_voting import outcome

CHOICES = ("accept", "accept", "accept", "reject", "reject", "hold", "abstain", "conflict")
RULES = [(majority, veto, quorum) for majority in ("simple", "absolute", "two_thirds") for veto in (False, True)
         for quorum in (0.0, 0.5, 0.75, 1.0)]  # fmt: skip


@dataclass
class Round:
    """`events`: a member and a vote; `("close", "")` is the clock, `("alone", step)` the coordinator."""

    members: int
    rules: Voting
    default: str
    chair: int | None
    events: list[tuple[int | str, str]] = field(default_factory=list)

    @classmethod
    def drawn(cls, dice: Random, number: int, members: int | None = None) -> "Round":
        """Every rule in turn; who votes what, in which order, and what comes in between, by lot."""
        majority, veto, quorum = RULES[number % len(RULES)]
        count = members or 2 + number % 8
        one = cls(count, Voting(quorum, majority, veto), dice.choice(("none", "accept", "reject")),
                  dice.choice((None, 0, count - 1)))  # fmt: skip
        voters = dice.sample(range(count), dice.randint(0, count))
        one.events = [(voter, dice.choice(CHOICES)) for voter in voters]
        one.events += [(voter, dice.choice(CHOICES)) for voter in voters if dice.random() < 0.2]  # a changed mind
        if dice.random() < 0.4:
            one.events.append(("close", ""))
        if dice.random() < 0.3:
            one.events.append(("alone", dice.choice(("accept", "reject", "hold"))))
        dice.shuffle(one.events)
        return one

    def certain(self, votes: Mapping[int, str]) -> str | None:
        """What has won by a majority that the others cannot undo, or by the last vote: reckoned from the far end.

        Whoever is silent votes against the leader in every way, or has an interest and does not count; if it stands
        in all those ends, it stands.
        """
        silent = [one for one in range(self.members) if one not in votes]
        if not silent:
            return outcome(self.rules, votes, self.members, self.chair)
        ends = {outcome(self.rules, {**votes, **dict.fromkeys(silent, other)}, self.members, self.chair)
                for other in ("accept", "reject", "hold", "redirect", "abstain", "conflict")}  # fmt: skip
        return ends.pop() if len(ends) == 1 else None

    def closed(self, votes: Mapping[int, str]) -> str | None:
        """What comes of it when the clock closes the vote."""
        won = outcome(self.rules, votes, self.members, self.chair)
        return won or (None if self.default == "none" else self.default)


def played(one: Round) -> Iterator[tuple[str, str | None]]:
    """Each event, applied by the program's own rules, with the decision that came of it; none follows a decision."""
    votes: dict[int, str] = {}
    everybody = set(range(one.members))
    for who, what in one.events:
        if who == "alone":
            decision: str | None = what
        elif who == "close":
            decision = one.rules.outcome(votes, everybody, one.chair)
            decision = decision or (None if one.default == "none" else one.default)
            assert decision == one.closed(votes), one
        else:
            votes[int(who)] = what
            decision = one.rules.decided(votes, everybody, one.chair)
            if decision:  # nothing that the others could still vote would have changed it
                assert one.certain(votes) == decision, (one, votes)
            elif len(votes) == one.members:
                assert outcome(one.rules, votes, one.members, one.chair) is None, (one, votes)
        yield str(who), decision
        if decision:
            return
