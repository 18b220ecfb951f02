"""How votes become a decision: nothing but the rules, the members and what they voted."""

from collections import Counter
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

ABSTAIN, CONFLICT, REJECT = "abstain", "conflict", "reject"
NO_CHOICE = (ABSTAIN, CONFLICT)


@dataclass(frozen=True, slots=True)
class Voting:
    """A city's rules. `quorum`: the share of the members that must have voted, abstentions included.

    `majority`: `simple` (the most votes; a tie goes the chair's way), `absolute` (more than half of the members) or
    `two_thirds` (of the votes that are no abstention). `veto`: one vote against stands in the way of anything else.
    A member with a conflict of interest is no member for this question.
    """

    quorum: float = 0.5
    majority: str = "simple"
    veto: bool = False

    @classmethod
    def of(cls, rules: Mapping[str, Any]) -> "Voting":
        """From the city's form; what it does not say is as above."""
        return cls(**{name: rules[name] for name in cls.__slots__ if name in rules})

    def outcome(self, votes: Mapping[int, str], members: AbstractSet[int], chair: int | None) -> str | None:
        """What the votes come to when no more are cast; None when the rules find no winner."""
        _, cast = _who_counts(votes, members)
        return None if self.lacks(votes, members, chair) else _leader(cast, chair)

    def lacks(self, votes: Mapping[int, str], members: AbstractSet[int], chair: int | None) -> str | None:
        """Why these votes come to nothing: `votes`, `quorum`, `tie`, `veto` or `majority`; None when they do."""
        counting, cast = _who_counts(votes, members)
        leader = _leader(cast, chair)
        if len(cast) < self.quorum * len(counting):
            return "quorum"
        if leader is None:
            return "tie" if {*cast.values()} - {*NO_CHOICE} else "votes"
        if self.veto and leader != REJECT and REJECT in cast.values():
            return "veto"
        return None if self._carries(leader, cast, counting) else "majority"

    def decided(self, votes: Mapping[int, str], members: AbstractSet[int], chair: int | None) -> str | None:
        """What has won whatever the others still vote: more than half are for it, or everybody has voted."""
        counting, cast = _who_counts(votes, members)
        if len(cast) == len(counting):
            return self.outcome(votes, members, chair)
        leader = _leader(cast, chair)
        if leader is None or len(cast) < self.quorum * len(counting) or (self.veto and leader != REJECT):
            return None
        against = dict.fromkeys(counting - cast.keys(), f"not {leader}")
        most = sum(vote == leader for vote in cast.values()) * 2 > len(counting)
        return leader if most and self._carries(leader, {**cast, **against}, counting) else None

    def _carries(self, leader: str, votes: Mapping[int, str], members: AbstractSet[int]) -> bool:
        given = [vote for vote in votes.values() if vote != ABSTAIN]
        count = given.count(leader)
        if self.veto and leader != REJECT and REJECT in given:
            return False
        needed = {"absolute": count * 2 > len(members), "two_thirds": count * 3 >= len(given) * 2}
        return needed.get(self.majority, True)


def _who_counts(votes: Mapping[int, str], members: AbstractSet[int]) -> tuple[set[int], dict[int, str]]:
    counting = {one for one in members if votes.get(one) != CONFLICT}
    return counting, {one: vote for one, vote in votes.items() if one in counting}


def _leader(votes: Mapping[int, str], chair: int | None) -> str | None:
    counts = Counter(vote for vote in votes.values() if vote != ABSTAIN)
    most = max(counts.values(), default=0)
    leaders = [option for option, count in counts.items() if count == most]
    if len(leaders) == 1:
        return leaders[0]
    return next((option for option in leaders if chair is not None and votes.get(chair) == option), None)
