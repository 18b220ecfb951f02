"""The whole process: two tables. Pages, flows, letters, the API, the drawing and the tests read them; nothing else knows.

A state: who it waits for, what the clock does there (`wd` = working days; a city may change the terms).
A step: from → to, by whom, what it needs (`?` = optional), which letters go to whom, what the process does next.
`schemas/rules.py` says what each column means; `when`, `asks_when` and `skip` name guards of `schemas/guards.py`.
"""

from schemas.rules import BACK, NEW, Due, Machine, Role, State, Step, Tell, go, stay

SUB, OWN, DEP, COO, COM, CHA = (
    Role.SUBMITTER, Role.OWNER, Role.DEPUTY, Role.COORDINATOR, Role.COMMITTEE, Role.CHAIR,
)  # fmt: skip
BRO, LEC, STU, PAR, PRI, CLK, PRO, DEC, ADM = (
    Role.BROKER, Role.LECTURER, Role.STUDENT, Role.PARTNER, Role.PRIVACY, Role.CLOCK, Role.PROCESS, Role.DECISION, Role.ADMIN,
)  # fmt: skip
TOLD_EARLIER, FOLLOWS, FOL, LEAD, MAN = Role.OLD_OWNER, Role.OTHER_OWNER, Role.FOLLOWER, Role.LEAD, Role.MANAGER
OPEN = "submitted screening unclear parked triage matching underway on_hold answered"
ENDS = "rejected redirected merged withdrawn unmatched closed"
CLOCKED = "submitted screening unclear parked triage matching"  # where a clock can be stopped
TIMED = "offered placing agreeing running delivered"


def tell(letter: str, *to: Role, when: str | None = None) -> Tell:
    return Tell(letter, to, when)


def remind(at: str, *to: Role, when: str | None = None) -> Due:
    return Due(at, tell=Tell("reminder", to), when=when)


def warn(at: str, *to: Role, again: bool = False, when: str | None = None, flag: str = "") -> Due:
    return Due(at, tell=Tell("overdue", to), again=again, when=when, flag=flag)


# fmt: off
QUESTION = Machine("question", states={
    "draft":      State((SUB,), (Due("30 d", tell=tell("draft-reminder", SUB)), Due("90 d", take="discard"))),
    "submitted":  State((OWN,), (remind("5 wd", OWN), warn("10 wd", COO)), (tell("confirm-ownership", OWN),),
                        skip=("owner_confirmed", "screening"), stops=True, asks="confirm_ownership refuse_ownership"),
    "screening":  State((COO,), (remind("5 wd", COO), warn("10 wd", CHA)), asks="put_forward ask_back"),
    "unclear":    State((OWN, SUB), (remind("5 wd", OWN, SUB), Due("10 wd", take="park")), stops=True, asks="clarify"),
    "parked":     State((OWN, SUB), (Due("12 m", take="withdraw"),), stops=True, asks="clarify"),
    "triage":     State((COM, CHA, COO), (warn("15 wd", CHA), Due("15 wd", take="close_vote", when="default_decides")), asks="vote"),
    "matching":   State((COO,), (remind("20 wd", COO), warn("40 wd", COO, CHA, again=True)), asks="offer",
                        asks_when="nothing_on_offer"),
    "underway":   State((BRO, LEC)),
    "on_hold":    State((OWN, CLK), (Due("until - 4 w", tell=tell("still-current", OWN)), Due("until", take="wake")),
                        stops=True, asks="still_current postpone withdraw", asks_when="answer_due"),
    "answered":   State((OWN,), (*(Due(m, tell=tell("impact", OWN)) for m in ("6 m", "12 m")),
                                 Due("36 m", tell=tell("impact", OWN)), Due("37 m", take="close")), asks="report_impact",
                        asks_when="answer_due", whole="gather"),
    "rejected":   State(end=True, whole="gather"),
    "redirected": State((PAR,), (Due("6 w", take="hand_back", when="not_picked_up"),), end=True, asks="pick_up hand_back",
                        asks_when="not_picked_up", whole="gather"),
    "merged":     State(end=True, whole="gather"),
    "withdrawn":  State(end=True, whole="gather"),
    "unmatched":  State(end=True, whole="gather"),
    "closed":     State(end=True, whole="gather"),
    "discarded":  State(end=True),
}, steps={
    "submit":      Step(go("draft", "submitted"), (SUB,), tell=(tell("receipt", SUB, OWN), tell("new-question", COO))),
    "discard":     Step(go("draft", "discarded"), (SUB, CLK)),
    "confirm_ownership": Step(go("submitted", "screening") | stay("screening triage matching underway on_hold"), (OWN,),
                        when="owner_unconfirmed"),
    "refuse_ownership": Step(go("submitted", "unclear"), (OWN,), "note", (tell("ownership-refused", SUB, COO),)),
    "ask_back":    Step(go("screening triage", "unclear"), (COO,), "note", (tell("please-clarify", OWN, SUB),)),
    "clarify":     Step(go("unclear parked", "submitted"), (OWN, SUB), "answer owner_name? owner_email?",
                        (tell("clarified", COO),)),
    "park":        Step(go("unclear", "parked"), (CLK,), tell=(tell("parked", OWN, SUB),)),
    "put_forward": Step(go("screening", "triage"), (COO,), "scores advice route? target? explanation?",
                        (tell("please-decide", COM, CHA),)),
    "vote":        Step(stay("triage"), (COM, CHA), "vote reason? alternative? route? target? until?", then="decide",
                        secret=True),
    "decide_in_meeting": Step(stay("triage"), (CHA, COO), "meeting ballots reason? alternative? route? target? until?",
                        then="decide", page="/meetings", secret=True),
    "close_vote":  Step(stay("triage"), (CLK,), when="default_decides", then="decide"),
    "accept":      Step(go("screening triage", "matching"), (COO, DEC), "route reason?", (tell("accepted", OWN, SUB, FOL),), mandate=True),
    "reject":      Step(go("screening triage matching", "rejected"), (COO, DEC), "reason alternative",
                        (tell("rejected", OWN, SUB, FOL),), trajectories="stop", mandate=True),
    "redirect":    Step(go("screening triage matching", "redirected"), (COO, DEC), "target reason",
                        (tell("redirected", OWN, FOL), tell("please-pick-up", PAR)), trajectories="stop", mandate=True),
    "pick_up":     Step(stay("redirected"), (PAR,), "note?", (tell("picked-up", OWN, COO),), when="not_picked_up"),
    "hand_back":   Step(go("redirected", "screening"), (PAR, CLK), "reason", (tell("handed-back", OWN, COO),)),
    "merge":       Step(go("screening triage matching", "merged"), (COO,), "other_question reason?",
                        (tell("merged", OWN, FOLLOWS, FOL),), trajectories="stop", mandate=True),
    "split":       Step(stay("triage matching"), (COO,), "parts lead", (tell("split", OWN, BRO, LEAD),), mandate=True),
    "prefer":      Step(stay("screening triage matching"), (COO,), "offering instead_of? reason"),
    "ask_around":  Step(stay("matching underway"), (COO,), "candidates order others? by_itself? answer_days? message?",
                        plan="begin", page="offers"),
    "hold":        Step(go("screening triage matching", "on_hold"), (COO, DEC), "until reason", (tell("held", OWN, COO, FOL),), mandate=True),
    "still_current": Step(stay("on_hold"), (OWN, DEP), "note?", when="answer_due"),
    "postpone":    Step(stay("on_hold"), (OWN, DEP, COO), "until reason?", (tell("held", OWN, COO, FOL),), clock="renew"),
    "wake":        Step(go("on_hold", BACK), (CLK, COO), tell=(tell("woken", OWN, COO),), then="begin"),
    "change_owner": Step(stay(OPEN), (OWN, DEP, COO, ADM), "owner_name owner_email reason?",
                        (tell("owner-changed", TOLD_EARLIER, LEC), tell("confirm-ownership", OWN))),
    "change_deputy": Step(stay(OPEN), (OWN, DEP, COO, ADM), "deputy_name deputy_email reason?", (tell("deputy-changed", DEP, OWN),)),
    "correct_contact": Step(stay(OPEN + " redirected"), (OWN, SUB, DEP, PAR), "contact_name contact_email note?",
                        (tell("contact-corrected", COO),)),
    "withdraw":    Step(go(OPEN, "withdrawn"), (OWN, CLK), "reason", (tell("withdrawn", OWN, SUB, COO, BRO, LEC, FOL),),
                        trajectories="stop"),
    "begin":       Step(go("matching", "underway"), (PRO,), when="trajectory_agreed"),
    "fall_back":   Step(go("underway", "matching"), (PRO,), when="no_trajectory_left"),
    "conclude":    Step(go("matching underway on_hold", "answered"), (PRO,), tell=(tell("answered", OWN, SUB, FOL),)),
    "gather":      Step(go("screening triage matching underway on_hold", "answered"), (PRO,), when="parts_answered",
                        tell=(tell("answered", OWN, SUB, FOL),)),
    "report_impact": Step(stay("answered"), (OWN,), "used how"),
    "close":       Step(go("answered", "closed"), (CLK, COO), "reason?", (tell("closed", OWN, FOL),)),
    "unmatch":     Step(go("matching", "unmatched"), (COO,), "reason", (tell("unmatched", OWN, SUB, FOL),), trajectories="stop"),
    "reopen":      Step(go(ENDS, "triage"), (COO,), "reason", (tell("reopened", OWN, FOL),)),
    "suspend":     Step(stay(CLOCKED), (COO,), "resume_on reason", (tell("suspended", OWN, SUB),), when="clock_runs",
                        clock="suspend"),
    "resume":      Step(stay(CLOCKED), (COO, CLK), tell=(tell("resumed", OWN, SUB),), when="clock_stopped", clock="resume"),
    "extend":      Step(stay(CLOCKED), (COO,), "working_days reason", (tell("extended", OWN, SUB),), when="clock_runs",
                        clock="extend"),
    "adopt":       Step(stay(OPEN), (COO, ADM), when="older_version", clock="renew", trajectories="adopt"),
    "remind":      Step(stay(OPEN + " draft"), (CLK,)),
})

TRAJECTORY = Machine("trajectory", states={
    "offered":    State((BRO,), (remind("5 wd", BRO), remind("10 wd", BRO), Due("15 wd", take="lapse")), asks="take_on decline"),
    "placing":    State((BRO,), (remind("10 wd", BRO), warn("20 wd", COO)), asks="place"),
    "agreeing":   State((OWN, LEC), (remind("5 wd", OWN, LEC), warn("10 wd", COO)), (tell("agreement", OWN, LEC),), asks="agree"),
    "scheduled":  State((LEC,), (Due("start", take="start"),), asks="start"),
    "running":    State((LEC,), (Due("midway", tell=tell("midterm", LEC, OWN)), Due("midway + 5 wd", tell=tell("reminder", LEC),
                        when="no_midterm_yet"), remind("end + 5 wd", LEC, BRO), warn("end + 5 wd", OWN),
                        remind("end + 15 wd", LEC, BRO), warn("end + 1 m", COO, OWN, flag="stalled")), asks="report_midterm deliver"),
    "delivered":  State((OWN,), (remind("5 wd", OWN), remind("10 wd", OWN, DEP), warn("15 wd", MAN, COO),
                        Due("20 wd", take="presume_accepted")), asks="accept_result ask_revision"),
    "completed":  State((OWN, LEC, PRI), (remind("10 wd", OWN, LEC, PRI, when="clearance_awaited"),
                        warn("20 wd", COO, when="clearance_awaited"), Due("embargo", take="publish", when="cleared_by_all")),
                        (tell("please-clear", PRI, when="personal_data"),), end=True, asks="clear", asks_when="may_be_published",
                        only={PRI: "personal_data"}),
    "declined":   State(end=True),
    "lapsed":     State(end=True),
    "cancelled":  State(end=True),
    "not_usable": State(end=True),
    "retracted":  State(end=True),
}, steps={
    "offer":       Step(go(NEW, "offered"), (COO, PRO), "institution offering? message? relay_from? answer_by?",
                        (tell("offer", BRO),), when="takes_offers", clock="answer"),
    "take_on":     Step(go("offered", "placing"), (BRO,), "note?", (tell("taken-on", OWN, COO),), plan="settle"),
    "decline":     Step(go("offered", "declined"), (BRO,), "reason", (tell("declined", COO),
                        tell("declined-again", COM, CHA, when="declined_before")), question="fall_back", plan="next"),
    "lapse":       Step(go("offered", "lapsed"), (CLK,), tell=(tell("lapsed", COO, BRO),), question="fall_back", plan="next"),
    "retract":     Step(go("offered", "retracted"), (COO, PRO), "reason?", (tell("retracted", BRO),), question="fall_back"),
    "place":       Step(go("placing", "agreeing"), (BRO, LEC), "offering term lecturer_name lecturer_email overbook?",
                        (tell("placed", LEC, OWN, SUB),)),
    "agree":       Step(go("agreeing", "scheduled"), (OWN, LEC), "scope product contacts ip confidentiality privacy costs publishing",
                        (tell("agreed", OWN, LEC, BRO),), each=True, done_by="agreed_by", four_eyes="agree", question="begin"),
    "start":       Step(go("scheduled", "running"), (LEC, CLK), "students_expected?", (tell("kick-off", OWN, LEC),)),
    "report_midterm": Step(stay("running"), (LEC, OWN), "progress note?", (tell("at-risk", COO, OWN, when="at_risk"),),
                        done_by="midterm"),
    "cancel":      Step(go("placing agreeing scheduled running", "cancelled"), (BRO, LEC, COO), "cause reason",
                        (tell("cancelled", OWN, COO), tell("called-off", LEC, BRO)), question="fall_back"),
    "correct_contact": Step(stay(TIMED + " scheduled completed"), (BRO, LEC, STU, OWN, DEP), "contact_name contact_email note?",
                        (tell("contact-corrected", COO),)),
    "stop":        Step(go("offered placing agreeing scheduled running delivered", "cancelled"), (PRO,),
                        tell=(tell("stopped", BRO, LEC, when="not_withdrawn"),)),
    "choose_way":  Step(stay("cancelled not_usable"), (OWN, DEP), "way note?", (tell("way-preferred", COO),), when="looked_for_again"),
    "change_lecturer": Step(stay("agreeing scheduled running delivered completed"), (LEC, BRO, COO, ADM),
                        "lecturer_name lecturer_email reason?", (tell("lecturer-changed", LEC, OWN, BRO),)),
    "change_student_contact": Step(stay("delivered completed"), (LEC, BRO, COO, ADM), "student_name student_email reason?"),
    "deliver":     Step(go("running", "delivered"), (LEC,), "summary links? students_mbo? students_hbo? students_wo? hours? ec? "
                        "student_name? student_email?", (tell("delivered", OWN, DEP),)),
    "accept_result": Step(go("delivered", "completed"), (OWN, DEP), "intended_use useful contact_good again",
                        (tell("result-accepted", LEC, STU, COO),), four_eyes="deliver", question="conclude"),
    "ask_revision": Step(go("delivered", "running"), (OWN, DEP), "note", (tell("revision-asked", LEC, COO),)),
    "refuse_result": Step(go("delivered", "not_usable"), (OWN, DEP), "note", (tell("not-usable", LEC, COO),), four_eyes="deliver", question="fall_back"),
    "presume_accepted": Step(go("delivered", "completed"), (CLK,), tell=(tell("presumed-accepted", OWN, LEC),), question="conclude"),
    "clear":       Step(stay("completed"), (OWN, LEC, STU, PRI), "clearance embargo_until?", when="may_be_published", then="publish",
                        done_by="clearances", four_eyes="clear", clock="renew"),
    "publish":     Step(stay("completed"), (PRO, CLK), tell=(tell("published", OWN, LEC, STU, FOL),), when="embargo_over"),
    "suspend":     Step(stay(TIMED), (COO,), "resume_on reason", (tell("suspended", OWN, BRO, LEC),), when="clock_runs",
                        clock="suspend"),
    "resume":      Step(stay(TIMED), (COO, CLK), tell=(tell("resumed", OWN, BRO, LEC),), when="clock_stopped", clock="resume"),
    "extend":      Step(stay(TIMED), (COO,), "working_days reason", (tell("extended", OWN, BRO, LEC),), when="clock_runs",
                        clock="extend"),
    "adopt":       Step(stay(TIMED + " scheduled"), (PRO,), when="older_version", clock="renew"),
    "remind":      Step(stay("offered placing agreeing scheduled running delivered completed"), (CLK,)),
})
# fmt: on

MACHINES = {machine.name: machine for machine in (QUESTION, TRAJECTORY)}
