"""How else a question may fare: one short story for each ending, and for each way back."""

import pytest

from schemas.steps import MovedOn, NotYours
from tests.cast import Cast, day
from tests.journeys.journey import Journey

UT, SAXION = ("offer to femke", "offer to quinten"), ("offer to ivo", "offer to roos")
COMMITTEE = [f"declined-again to {name}" for name in ("lars", "mona", "niels", "olga", "pieter", "eva")]


async def test_declined_twice_the_steering_group_hears_of_it(journey: Journey, cast: Cast) -> None:
    question = await journey.accepted()
    first = await journey.offers(question, "ut", *UT)
    await journey.then(cast.quinten, "decline", first, "declined to bram")
    second = await journey.offers(question, "saxion", *SAXION)
    await journey.then(cast.ivo, "decline", second, "declined to bram", *COMMITTEE)
    third = await journey.offers(question, "artez", "offer to ursula", "offer to victor")
    await journey.then(cast.ursula, "take_on", third, "taken-on to amira", "taken-on to bram")
    assert (third.ref, await journey.state(question)) == (f"{question.ref}.3", "matching")


async def test_an_offer_nobody_answers_lapses_after_two_reminders(journey: Journey, cast: Cast) -> None:
    question = await journey.accepted()
    offer = await journey.offers(question, "ut", *UT)
    for _ in range(2):
        assert await journey.time_passes(offer, "reminder to femke", "reminder to quinten") == "reminder"
    told = ["lapsed to bram", "lapsed to femke", "lapsed to quinten"]
    assert await journey.time_passes(offer, *told) == "lapse"
    with pytest.raises(MovedOn, match="take_on is not possible while lapsed"):
        await journey.then(cast.femke, "take_on", offer)
    assert await journey.state(question) == "matching"


async def test_a_course_without_students_is_cancelled_and_the_question_offered_again(
    journey: Journey, cast: Cast
) -> None:
    question, attempt = await journey.running()
    told = ("cancelled to amira", "cancelled to bram", "called-off to chen", "called-off to quinten")
    await journey.then(cast.femke, "cancel", attempt, *told)
    assert await journey.state(question) == "matching"
    again = await journey.offers(question, "saxion", *SAXION)
    assert again.ref == f"{question.ref}.2"
    assert (await journey.steps(question))[-3:] == ["cancel", "fall_back", "offer"]


async def test_a_result_that_cannot_be_used_sends_the_question_back(journey: Journey, cast: Cast) -> None:
    question, attempt = await journey.running()
    await journey.then(cast.chen, "deliver", attempt, "delivered to amira", "delivered to hanna")
    await journey.then(cast.amira, "refuse_result", attempt, "not-usable to chen", "not-usable to bram")
    assert (await journey.state(attempt), await journey.state(question)) == ("not_usable", "matching")
    await journey.then(cast.bram, "unmatch", question, "unmatched to amira")
    await journey.then(cast.bram, "reopen", question, "reopened to amira")
    assert await journey.state(question) == "triage"


async def test_an_owner_who_does_not_answer_is_taken_to_accept(journey: Journey, cast: Cast) -> None:
    question, attempt = await journey.running()
    await journey.then(cast.chen, "deliver", attempt, "delivered to amira", "delivered to hanna")
    assert await journey.time_passes(attempt, "reminder to amira") == "reminder"
    assert await journey.time_passes(attempt, "reminder to amira", "reminder to hanna") == "reminder"
    assert await journey.time_passes(attempt, "overdue to bram") == "overdue"
    told = ["presumed-accepted to amira", "presumed-accepted to chen"]  # and that the question is answered
    assert await journey.time_passes(attempt, *told) == "presume_accepted"
    assert await journey.state(question) == "answered"


async def test_a_course_that_overruns_is_asked_and_the_owner_told(journey: Journey, cast: Cast) -> None:
    _, attempt = await journey.running()
    await journey.time_passes(attempt, "midterm to chen", "midterm to amira")
    await journey.time_passes(attempt, "reminder to chen")
    lecturer_and_brokers = ["reminder to chen", "reminder to femke", "reminder to quinten"]
    await journey.time_passes(attempt, *lecturer_and_brokers)
    await journey.time_passes(attempt, "overdue to amira")
    await journey.time_passes(attempt, *lecturer_and_brokers)
    await journey.time_passes(attempt, "overdue to bram", "overdue to amira")
    await journey.then(cast.chen, "deliver", attempt, "delivered to amira", "delivered to hanna")


async def test_redirected_and_handed_back(journey: Journey, cast: Cast) -> None:
    question = await journey.asks(cast.amira, "receipt to amira", "new-question to bram")
    await journey.then(cast.bram, "redirect", question, "redirected to amira", "please-pick-up to daan")
    await journey.then(cast.daan, "hand_back", question, "handed-back to amira", "handed-back to bram")
    assert await journey.state(question) == "screening"
    await journey.then(
        cast.bram, "redirect", question, "redirected to amira", "please-pick-up to fleur", target="own-hr"
    )
    told = ["handed-back to amira", "handed-back to bram"]
    assert await journey.time_passes(question, *told) == "hand_back"
    await journey.then(cast.bram, "redirect", question, "redirected to amira", "please-pick-up to daan")
    await journey.then(cast.daan, "pick_up", question, "picked-up to amira", "picked-up to bram")
    assert not await journey.clock_runs(question)
    assert await journey.state(question) == "redirected"


async def test_two_of_the_same_go_on_as_one(journey: Journey, cast: Cast) -> None:
    theirs = await journey.asks(cast.marloes, "receipt to marloes", "new-question to bram")
    ours = await journey.accepted()
    await journey.offers(ours, "ut", *UT)
    told = ["merged to amira", "merged to marloes", "stopped to femke", "stopped to quinten"]
    await journey.then(cast.bram, "merge", ours, *told, other_question=theirs.ref)
    assert (await journey.state(ours), await journey.state(theirs)) == ("merged", "screening")
    assert (await journey.steps(ours))[-2:] == ["merge", "stop"]
    with pytest.raises(MovedOn):
        await journey.then(cast.bram, "accept", ours)


async def test_withdrawn_while_students_are_at_work(journey: Journey, cast: Cast) -> None:
    question, attempt = await journey.running()
    with pytest.raises(NotYours):
        await journey.then(cast.hanna, "withdraw", question)
    told = [f"withdrawn to {name}" for name in ("amira", "bram", "femke", "quinten", "chen")]
    await journey.then(cast.amira, "withdraw", question, *told)
    assert (await journey.state(question), await journey.state(attempt)) == ("withdrawn", "cancelled")
    with pytest.raises(MovedOn):
        await journey.then(cast.chen, "deliver", attempt)


async def test_on_hold_until_a_day_and_awake_by_itself(journey: Journey, cast: Cast) -> None:
    question = await journey.accepted()
    await journey.then(cast.bram, "hold", question, "held to amira", until=day(60))
    assert await journey.time_passes(question, "still-current to amira") == "still-current"
    assert await journey.time_passes(question, "woken to amira", "woken to bram") == "wake"
    assert await journey.state(question) == "matching"


async def test_no_course_found_and_reopened_a_year_later(journey: Journey, cast: Cast) -> None:
    question = await journey.accepted()
    assert await journey.time_passes(question, "reminder to bram") == "reminder"
    assert await journey.time_passes(question, "overdue to bram", "overdue to eva") == "overdue"
    await journey.then(cast.bram, "unmatch", question, "unmatched to amira")
    journey.clock.shift(365 * 24 * 3600)
    await journey.then(cast.bram, "reopen", question, "reopened to amira")
    for member in cast.committee[:3]:
        await journey.then(member, "vote", question)
    await journey.then(cast.olga, "vote", question, "accepted to amira")
    assert await journey.state(question) == "matching"


async def test_asked_back_and_never_answered(journey: Journey, cast: Cast) -> None:
    question = await journey.asks(cast.amira, "receipt to amira", "new-question to bram")
    await journey.then(cast.bram, "ask_back", question, "please-clarify to amira")
    assert await journey.time_passes(question, "reminder to amira") == "reminder"
    assert await journey.time_passes(question, "parked to amira") == "park"
    assert await journey.time_passes(question, "withdrawn to amira", "withdrawn to bram") == "withdraw"
    text = next(text.text for letter, text in reversed(journey.read) if letter.email == cast.amira.email)
    assert "We kregen lange tijd geen antwoord." in text


async def test_asked_back_and_answered_from_the_car_park(journey: Journey, cast: Cast) -> None:
    question = await journey.asks(cast.amira, "receipt to amira", "new-question to bram")
    await journey.then(cast.bram, "ask_back", question, "please-clarify to amira")
    await journey.time_passes(question, "reminder to amira")
    await journey.time_passes(question, "parked to amira")
    await journey.then(cast.amira, "clarify", question, "clarified to bram")
    assert await journey.state(question) == "screening"


async def test_rejected_by_the_steering_group_and_told_where_to_go_instead(journey: Journey, cast: Cast) -> None:
    question = await journey.asks(cast.amira, "receipt to amira", "new-question to bram")
    told = [f"please-decide to {name}" for name in ("lars", "mona", "niels", "olga", "pieter", "eva")]
    await journey.then(cast.bram, "put_forward", question, *told)
    vote = {"vote": "reject", "reason": "Dit is werk voor een bureau.", "alternative": "Vraag het team Mobiliteit."}
    for member in cast.committee[:3]:
        await journey.then(member, "vote", question, **vote)
    await journey.then(cast.pieter, "vote", question, "rejected to amira", **vote)
    text = journey.read[-1][1].text
    assert "Dit is werk voor een bureau." in text
    assert "Vraag het team Mobiliteit." in text


async def test_an_owner_named_by_somebody_else_says_no(journey: Journey, cast: Cast) -> None:
    question = await journey.asks(
        cast.jonas, "receipt to jonas", "confirm-ownership to amira", "new-question to bram",
        owner=cast.amira,
    )  # fmt: skip
    assert await journey.time_passes(question, "reminder to amira") == "reminder"
    told = ["ownership-refused to jonas", "ownership-refused to bram"]
    await journey.then(cast.amira, "refuse_ownership", question, *told)
    told = ["clarified to bram", "confirm-ownership to marloes"]
    new = {"owner_name": cast.marloes.name, "owner_email": cast.marloes.email}
    await journey.then(cast.jonas, "clarify", question, *told, **new)
    await journey.then(cast.marloes, "confirm_ownership", question)
    assert await journey.state(question) == "screening"
