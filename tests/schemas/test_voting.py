"""The rules of a vote, judged by a second way of reckoning and by every way in which a vote may still end."""

from collections.abc import Iterator, Mapping
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from schemas.voting import Voting

OPTIONS = ("accept", "reject", "hold", "abstain", "conflict")
RULES = [
    Voting(quorum, majority, veto)
    for quorum in (0.0, 0.5, 0.66, 1.0)
    for majority in ("simple", "absolute", "two_thirds")
    for veto in (False, True)
]


def outcome(rules: Voting, votes: Mapping[int, str], members: int, chair: int | None) -> str | None:
    """What a finished vote comes to, reckoned in another way than the code: option by option, rule by rule."""
    seats = [one for one in range(members) if votes.get(one) != "conflict"]
    cast = [votes[one] for one in seats if one in votes]
    if len(cast) < rules.quorum * len(seats):
        return None
    choices = [vote for vote in cast if vote != "abstain"]
    for option in sorted(set(choices)):
        rivals = [choices.count(one) for one in set(choices) - {option}]
        mine, best = choices.count(option), max(rivals, default=0)
        leads = mine > best or (mine == best and chair in seats and votes.get(chair) == option)
        enough = {
            "simple": True, "absolute": mine > len(seats) / 2, "two_thirds": mine / len(choices) >= 2 / 3,
        }[rules.majority]  # fmt: skip
        stopped = rules.veto and option != "reject" and "reject" in choices
        if leads:
            return option if enough and not stopped else None
    return None


def ways_to_end(votes: Mapping[int, str], members: int) -> Iterator[dict[int, str]]:
    """Every way in which the others may still vote."""
    silent = [member for member in range(members) if member not in votes]
    for rest in product(OPTIONS, repeat=len(silent)):
        yield {**votes, **dict(zip(silent, rest, strict=True))}


@given(st.data(), st.integers(1, 5), st.sampled_from(RULES))
def test_what_is_decided_no_further_vote_could_change(data: st.DataObject, members: int, rules: Voting) -> None:
    voters = data.draw(st.sets(st.integers(0, members - 1)), "voters")
    votes = {voter: data.draw(st.sampled_from(OPTIONS), f"vote of {voter}") for voter in sorted(voters)}
    chair = data.draw(st.none() | st.integers(0, members - 1), "chair")
    everybody = set(range(members))
    assert rules.outcome(votes, everybody, chair) == outcome(rules, votes, members, chair)
    decided = rules.decided(votes, everybody, chair)
    if decided:
        assert {outcome(rules, end, members, chair) for end in ways_to_end(votes, members)} == {decided}
    if len(votes) == members:
        assert decided == outcome(rules, votes, members, chair)


def test_each_rule_makes_a_difference() -> None:
    four = {0, 1, 2, 3}
    two, split = {0: "accept", 1: "accept"}, {0: "accept", 1: "accept", 2: "reject"}
    assert Voting(quorum=0.5).outcome(two, four, None) == "accept"
    assert Voting(quorum=0.75).outcome(two, four, None) is None
    assert Voting(majority="absolute").outcome(split, four, None) is None
    assert Voting(majority="two_thirds").outcome(split, four, None) == "accept"
    assert Voting(majority="two_thirds").outcome(split | {3: "reject"}, four, 0) is None
    assert Voting(veto=True).outcome(split, four, None) is None
    assert Voting().outcome(split | {3: "reject"}, four, 0) == "accept"
    assert Voting(majority="absolute").outcome({0: "accept", 1: "accept", 2: "conflict"}, {0, 1, 2}, None) == "accept"


def test_a_veto_waits_for_everybody() -> None:
    rules, votes = Voting(veto=True), dict.fromkeys(range(4), "accept")
    assert rules.decided(votes, {0, 1, 2, 3, 4}, None) is None
    assert rules.decided(votes | {4: "abstain"}, {0, 1, 2, 3, 4}, None) == "accept"
    assert rules.decided(dict.fromkeys(range(3), "reject"), {0, 1, 2, 3, 4}, None) == "reject"
