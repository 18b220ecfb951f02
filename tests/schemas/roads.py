"""The shortest way to each step of both machines, by hand: what must have happened before it can be taken."""

BEGUN = "submit confirm_ownership"
MATCHING = f"{BEGUN} accept"
OFFERED = f"{MATCHING} offer"
PLACING = f"{OFFERED} take_on"
AGREEING = f"{PLACING} place"
SCHEDULED = f"{AGREEING} agree:owner agree:lecturer"
RUNNING = f"{SCHEDULED} start"
DELIVERED = f"{RUNNING} deliver"
COMPLETED = f"{DELIVERED} accept_result"
HELD = f"{BEGUN} hold"
CLOSED = f"{BEGUN} {{}} reopen vote vote vote vote"
# `clock:step`: nobody does anything until the clock takes it. `step:at`: on the trajectory.
ROADS = (
    "clock:discard",
    "discard",
    f"{BEGUN} change_owner confirm_ownership change_deputy",
    "submit refuse_ownership clarify confirm_ownership",
    f"{BEGUN} ask_back clarify put_forward ask_back clock:park clarify",
    f"{BEGUN} ask_back clock:park clock:withdraw reopen",
    f"{BEGUN} put_forward vote vote clock:close_vote",
    f"{BEGUN} prefer correct_contact put_forward vote decide_in_meeting",
    f"{OFFERED} correct_contact:at",
    CLOSED.format("reject"),
    CLOSED.format("merge"),
    CLOSED.format("withdraw"),
    f"{BEGUN} redirect pick_up hand_back redirect clock:hand_back",
    f"{MATCHING} unmatch reopen reject",
    f"{HELD} clock:still-current still_current clock:wake",
    f"{HELD} postpone clock:still-current withdraw",
    f"{HELD} wake suspend resume suspend clock:resume extend",
    f"{MATCHING} split parts_answered clock:close",
    f"{BEGUN} new_rules adopt",
    f"{OFFERED} decline offer new_rules adopt",
    f"{OFFERED} clock:reminder clock:lapse",
    f"{OFFERED} retract ask_around decline clock:reminder clock:lapse retract",
    f"{OFFERED} ask_around take_on place",
    f"{OFFERED} suspend:at resume:at extend:at suspend:at clock:resume withdraw",
    f"{PLACING} cancel choose_way",
    f"{RUNNING} cancel choose_way unmatch",
    f"{SCHEDULED} clock:start clock:midterm report_midterm change_lecturer deliver",
    f"{RUNNING} deliver ask_revision deliver refuse_result choose_way",
    f"{DELIVERED} change_student_contact clock:presume_accepted",
    f"{COMPLETED} clear:owner clear:lecturer clock:impact report_impact close reopen",
    f"{COMPLETED} embargo clear:lecturer clear:privacy clock:publish",
)
