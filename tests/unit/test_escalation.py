"""Who must act on an alert, by when: the ladder of the clinical dossiers with the clock moved."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from overstory.knowledge.load import load_knowledge
from overstory.pathway.escalation import EscalationError, escalate
from overstory.pathway.escalation_values import Act, AlertState, Duty, Member, OpenHours

LADDER = load_knowledge().sections["escalation"]
NEW_YORK = ZoneInfo("America/New_York")
WEEK = {day: (time(8), time(18)) for day in range(5)}
HOURS = {"north": OpenHours(NEW_YORK, WEEK, frozenset({date(2026, 11, 26)}))}
"""Open Monday to Friday, 8 to 18; 26 November 2026 is Thanksgiving."""
LONG = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 12, 31, tzinfo=UTC))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).astimezone(UTC)


TWO_AT_NIGHT = local("2026-11-24T02:00")
MONDAY_TEN = local("2026-11-23T10:00")


def member(name, *roles, on_call=0, shift="", leave=None, span=LONG):
    duties = []
    if on_call:
        duties.append(Duty("on-call", *span, rung=on_call))
    if shift:
        duties.append(Duty("shift", *span, site=shift))
    if leave:
        duties.append(Duty("leave", *leave))
    return Member(name, name.title(), frozenset(roles), tuple(duties))


def alert(tier="high", at=TWO_AT_NIGHT, acts=(), **more):
    known = {
        "id": "a",
        "kind": "cssrs",
        "site": "north",
        "tier": tier,
        "on_site": False,
        "any_hour": True,
        "raised_at": at,
    }
    return AlertState(**{**known, **more}, acts=tuple(acts))


DANA = member("dana", "psychiatrist", on_call=1)
OMAR = member("omar", "psychiatrist", on_call=2)
DIRECTOR = member("mei", "medical-director")
MANAGER = member("lou", "manager")
NURSE = member("kai", "nurse")
ROSTER = (DANA, OMAR, DIRECTOR, MANAGER, NURSE)


def due(held, now, roster=ROSTER, what=None):
    found = [
        each
        for each in escalate(alerts=[held], roster=roster, hours=HOURS, now=now, ladder=LADDER)
        if each.alert == "a" and what in {None, each.what}
    ]
    assert found
    return found[0]


def minutes(count):
    return timedelta(minutes=count)


def test_at_two_at_night_the_first_on_call_is_named_with_half_an_hour():
    found = due(alert(), TWO_AT_NIGHT)

    assert (found.what, found.who, found.nobody) == ("answer", ("dana",), False)
    # high, remote: by phone in 30 minutes, 3 tries (escalation ladder of the clinical dossiers)
    assert found.by == TWO_AT_NIGHT + minutes(30)
    assert found.tries_needed == 3
    assert found.next_at == TWO_AT_NIGHT + minutes(10)


def test_on_site_a_high_tier_has_a_quarter_of_an_hour():
    found = due(alert(on_site=True), TWO_AT_NIGHT)

    # high, on site: 15 minutes (escalation ladder of the clinical dossiers)
    assert found.by == TWO_AT_NIGHT + minutes(15)
    assert found.next_at == TWO_AT_NIGHT + minutes(5)


def test_an_alert_that_nobody_acknowledges_climbs_until_everyone_is_called():
    held = alert()

    assert due(held, TWO_AT_NIGHT + minutes(9)).who == ("dana",)
    second = due(held, TWO_AT_NIGHT + minutes(10))
    assert (second.who, second.step, second.everyone) == (("dana", "omar"), 2, False)
    last = due(held, TWO_AT_NIGHT + minutes(20))
    assert (last.everyone, last.emergency) == (True, True)
    assert last.who == ("dana", "omar", "mei", "lou")
    assert due(held, TWO_AT_NIGHT + timedelta(days=3)).everyone


def test_one_on_call_alone_is_followed_by_everyone():
    found = due(alert(), TWO_AT_NIGHT + minutes(10), roster=(DANA, DIRECTOR, NURSE))

    assert found.everyone
    assert found.who == ("dana", "mei")


def test_an_acknowledgement_stops_the_climb_until_the_deadline_is_over():
    held = alert(acts=[Act("acknowledged", TWO_AT_NIGHT + minutes(2), by="omar")])

    before = due(held, TWO_AT_NIGHT + minutes(29))
    after = due(held, TWO_AT_NIGHT + minutes(31))

    assert (before.what, before.who, before.overdue) == ("assess", ("omar",), False)
    assert (after.who, after.overdue, after.step) == (("omar", "dana"), True, 2)
    assert due(held, TWO_AT_NIGHT + minutes(45)).everyone


def test_three_calls_that_fail_bring_the_emergency_words():
    tries = [
        Act("contact-tried", TWO_AT_NIGHT + minutes(n), by="dana", outcome="no-answer")
        for n in (5, 10, 15)
    ]

    assert not due(alert(acts=tries[:2]), TWO_AT_NIGHT + minutes(16)).emergency
    assert due(alert(acts=tries), TWO_AT_NIGHT + minutes(16)).emergency


def test_imminent_is_now_and_says_the_emergency_number_at_once():
    on_shift = member("ida", "tms-technician", shift="north")

    found = due(alert("imminent", MONDAY_TEN, on_site=True), MONDAY_TEN, roster=(*ROSTER, on_shift))

    assert found.by == MONDAY_TEN
    assert found.emergency
    # the nearest staff, whatever their role, then the psychiatrist on call
    assert found.who == ("ida", "dana")
    # emergency department in 15 minutes if not safe (escalation ladder of the clinical dossiers)
    assert found.transfer_by == MONDAY_TEN + minutes(15)


def test_moderate_has_four_hours():
    found = due(alert("moderate"), TWO_AT_NIGHT)

    assert found.by == TWO_AT_NIGHT + timedelta(hours=4)


def test_low_has_until_the_close_of_the_next_business_day_over_a_holiday_and_a_weekend():
    wednesday = local("2026-11-25T17:00")
    friday = local("2026-11-27T12:00")

    # Thursday 26 November is closed, so the next business day is Friday
    assert due(alert("low", wednesday, any_hour=False), wednesday).by == local("2026-11-27T18:00")
    assert due(alert("low", friday, any_hour=False), friday).by == local("2026-11-30T18:00")


def test_an_item_9_that_may_wait_has_two_business_hours_while_the_site_is_open():
    held = alert("unscreened", MONDAY_TEN, kind="item-9", any_hour=False)

    found = due(held, MONDAY_TEN)

    # 2 business hours (escalation ladder of the clinical dossiers)
    assert (found.by, found.who) == (MONDAY_TEN + timedelta(hours=2), ("kai",))


def test_before_opening_the_two_hours_begin_when_the_site_opens():
    six = local("2026-11-23T06:00")

    found = due(alert("unscreened", six, kind="item-9", any_hour=False), six)

    assert (found.by, found.who) == (local("2026-11-23T10:00"), ("kai",))


def test_an_item_9_of_one_on_a_sunday_morning_is_screened_on_that_sunday_by_who_is_on_call():
    sunday = local("2026-11-22T05:00")
    held = alert("unscreened", sunday, kind="item-9", any_hour=False)

    found = due(held, sunday)

    # every positive: the C-SSRS on the same day (measures 2.5 of the clinical dossiers)
    assert found.by == local("2026-11-23T00:00")
    assert (found.who, found.nobody) == (("dana",), False)
    # not acknowledged: the next after 30 minutes (escalation ladder of the clinical dossiers)
    assert due(held, sunday + minutes(30)).who == ("dana", "omar")
    assert due(held, local("2026-11-23T00:01")).overdue


def test_on_a_sunday_without_anyone_on_call_that_is_said_aloud():
    sunday = local("2026-11-22T05:00")
    held = alert("unscreened", sunday, kind="item-9", any_hour=False)

    found = due(held, sunday, roster=(DIRECTOR, MANAGER, NURSE))

    assert (found.nobody, found.emergency, found.who) == (True, True, ("mei", "lou"))


def test_what_is_left_at_closing_time_goes_to_who_is_on_call_and_is_due_that_day():
    friday = local("2026-11-27T17:50")
    held = alert("unscreened", friday, kind="item-9", any_hour=False)

    assert due(held, friday).by == local("2026-11-28T00:00")
    assert due(held, friday).who == ("kai",)
    assert due(held, friday).next_at == local("2026-11-27T18:00")
    assert due(held, local("2026-11-27T18:00")).who == ("kai", "dana")
    assert due(held, local("2026-11-27T18:30")).who == ("kai", "dana", "omar")


def test_an_item_9_taken_in_hand_and_left_undone_calls_those_on_call_after_midnight():
    sunday = local("2026-11-22T05:00")
    taken = [Act("acknowledged", sunday + minutes(5), by="omar")]
    held = alert("unscreened", sunday, taken, kind="item-9", any_hour=False)

    assert due(held, local("2026-11-22T23:59")).who == ("omar",)
    assert due(held, local("2026-11-23T00:01")).who == ("omar", "dana")


def test_an_item_9_of_three_goes_to_who_is_on_call_on_a_saturday_night():
    saturday = local("2026-11-28T20:00")
    late = local("2026-11-28T23:00")

    found = due(alert("unscreened", saturday, kind="item-9"), saturday)

    assert found.who == ("dana",)
    assert found.by == saturday + timedelta(hours=2)
    # the same day, so never later than a lower answer at the same moment
    assert due(alert("unscreened", late, kind="item-9"), late).by == local("2026-11-29T00:00")


def test_moderate_is_assessed_on_the_same_day():
    late = local("2026-11-23T21:00")

    # same day, within 4 hours (escalation ladder of the clinical dossiers)
    assert due(alert("moderate", late), late).by == local("2026-11-24T00:00")


@pytest.mark.parametrize(
    ("raised", "ends"),
    [
        # the day on which clocks go back ends at midnight EST, the one on which they go on in EDT
        ("2026-11-01T05:00:00+00:00", "2026-11-02T05:00:00+00:00"),
        ("2027-03-14T06:00:00+00:00", "2027-03-15T04:00:00+00:00"),
    ],
)
def test_the_same_day_ends_at_midnight_where_the_site_is_also_when_clocks_change(raised, ends):
    at = datetime.fromisoformat(raised)
    held = alert("unscreened", at, kind="item-9", any_hour=False)

    assert due(held, at).by == datetime.fromisoformat(ends)


def test_an_item_9_on_site_is_for_the_nurse_there_at_once():
    nurse = member("kai", "nurse", shift="north")
    held = alert("unscreened", MONDAY_TEN, on_site=True, kind="item-9", any_hour=False)

    found = due(held, MONDAY_TEN, roster=(DANA, nurse))

    assert (found.who, found.by) == (("kai",), MONDAY_TEN)


def test_a_tier_that_is_no_tier_counts_as_not_screened():
    found = due(alert("fine?"), TWO_AT_NIGHT)

    assert (found.tier, found.rung) == ("unscreened", "ladder.item-9-unscreened")


def test_with_nobody_on_call_the_director_and_the_manager_are_told_aloud():
    found = escalate(
        alerts=[alert()],
        roster=(DIRECTOR, MANAGER, NURSE),
        hours=HOURS,
        now=TWO_AT_NIGHT,
        ladder=LADDER,
    )

    assert [(each.what, each.nobody, each.who) for each in found] == [
        ("answer", True, ("mei", "lou")),
        ("nobody", True, ("mei", "lou")),
    ]
    assert found[0].emergency


def test_an_empty_roster_is_loud_too():
    found = due(alert(), TWO_AT_NIGHT, roster=())

    assert (found.who, found.nobody, found.emergency) == ((), True, True)


def test_leave_beats_the_on_call_list():
    away = member(
        "dana",
        "psychiatrist",
        on_call=1,
        leave=(TWO_AT_NIGHT - minutes(60), TWO_AT_NIGHT + minutes(5)),
    )
    roster = (away, OMAR, DIRECTOR)

    assert due(alert(), TWO_AT_NIGHT, roster=roster).who == ("omar",)
    # back from leave, the first rung is named beside the one who was called
    assert due(alert(), TWO_AT_NIGHT + minutes(6), roster=roster).who == ("omar", "dana")


def test_a_call_list_that_changes_hands_names_the_new_one_too():
    change = TWO_AT_NIGHT + minutes(5)
    night = member("dana", "psychiatrist", on_call=1, span=(LONG[0], change))
    day = member("omar", "psychiatrist", on_call=1, span=(change, LONG[1]))

    found = due(alert(), TWO_AT_NIGHT + minutes(6), roster=(night, day, DIRECTOR))

    assert found.who == ("dana", "omar")


def test_a_handover_must_be_acknowledged_by_who_takes_it():
    acts = [
        Act("acknowledged", TWO_AT_NIGHT + minutes(1), by="dana"),
        Act("handed-over", TWO_AT_NIGHT + minutes(5), by="dana", to="kai"),
    ]

    assert due(alert(acts=acts), TWO_AT_NIGHT + minutes(6)).who == ("kai",)
    assert due(alert(acts=acts), TWO_AT_NIGHT + minutes(15)).who == ("kai", "dana", "omar")
    taken = [*acts, Act("acknowledged", TWO_AT_NIGHT + minutes(7), by="kai")]
    assert due(alert(acts=taken), TWO_AT_NIGHT + minutes(16)).who == ("kai",)


def test_a_higher_tier_must_be_acknowledged_anew_and_never_gets_more_time():
    acts = [
        Act("acknowledged", TWO_AT_NIGHT + minutes(1), by="kai"),
        Act("raised-tier", TWO_AT_NIGHT + timedelta(hours=3, minutes=50), tier="high"),
    ]

    found = due(alert("moderate", acts=acts), TWO_AT_NIGHT + timedelta(hours=3, minutes=51))

    assert (found.what, found.tier, found.who) == ("answer", "high", ("dana",))
    assert found.by == TWO_AT_NIGHT + timedelta(hours=4)


def test_a_screen_that_finds_high_goes_on_to_the_psychiatrist():
    acts = [
        Act("acknowledged", MONDAY_TEN, by="kai"),
        Act("screened", MONDAY_TEN + minutes(20), by="kai", tier="high"),
    ]

    found = due(alert("unscreened", MONDAY_TEN, acts), MONDAY_TEN + minutes(21))

    assert (found.what, found.tier, found.who) == ("answer", "high", ("dana",))
    assert found.by == MONDAY_TEN + minutes(50)


def test_a_screen_never_lowers_a_tier():
    acts = [Act("screened", MONDAY_TEN, by="kai", tier="low")]

    assert due(alert("high", MONDAY_TEN, acts), MONDAY_TEN).tier == "high"


def test_only_a_lowering_lowers():
    assessed = alert(acts=[Act("assessed", MONDAY_TEN, by="dana", tier="low")], at=MONDAY_TEN)
    lowered = alert(acts=[Act("lowered", MONDAY_TEN, by="dana", tier="low")], at=MONDAY_TEN)

    assert due(assessed, MONDAY_TEN).tier == "high"
    assert due(lowered, MONDAY_TEN).tier == "low"


def test_after_48_hours_open_the_medical_director_is_told():
    held = alert(acts=[Act("assessed", TWO_AT_NIGHT, by="dana", tier="high")])

    before = escalate(
        alerts=[held],
        roster=ROSTER,
        hours=HOURS,
        now=TWO_AT_NIGHT + timedelta(hours=47),
        ladder=LADDER,
    )
    after = due(held, TWO_AT_NIGHT + timedelta(hours=48), what="unclosed")

    assert "unclosed" not in {each.what for each in before}
    assert (after.who, after.overdue) == (("mei",), True)


def test_contacts_are_due_24_and_72_hours_after_the_assessment_closed_or_not():
    assessed = Act("assessed", TWO_AT_NIGHT, by="dana", tier="high")
    closed = Act("closed", TWO_AT_NIGHT + minutes(30), by="dana", outcome="safety-plan")
    reached = Act("followed-up", TWO_AT_NIGHT + timedelta(hours=20), by="dana", outcome="reached")
    missed = Act("followed-up", TWO_AT_NIGHT + timedelta(hours=10), by="dana", outcome="no-answer")
    end = TWO_AT_NIGHT + minutes(30)

    first = due(alert(acts=[assessed, closed, missed], closed_at=end), TWO_AT_NIGHT + minutes(40))
    second = due(
        alert(acts=[assessed, closed, reached], closed_at=end), TWO_AT_NIGHT + timedelta(hours=21)
    )
    late = due(alert(acts=[assessed, closed], closed_at=end), TWO_AT_NIGHT + timedelta(hours=25))

    # follow-up in 24 hours, then in 72 (escalation ladder of the clinical dossiers)
    assert (first.what, first.by) == ("follow-up", TWO_AT_NIGHT + timedelta(hours=24))
    assert second.by == TWO_AT_NIGHT + timedelta(hours=72)
    assert (late.overdue, late.who) == (True, ("dana", "mei"))


def test_handed_to_emergency_services_without_an_assessment_it_is_followed_up_all_the_same():
    closed = Act("closed", TWO_AT_NIGHT + minutes(30), by="dana", outcome="emergency")
    held = alert("imminent", acts=[closed], closed_at=closed.at)

    found = due(held, TWO_AT_NIGHT + minutes(40))

    assert (found.what, found.by) == ("follow-up", closed.at + timedelta(hours=24))


def test_a_mistake_has_no_contacts():
    closed = Act("closed", TWO_AT_NIGHT, by="dana", outcome="mistaken")

    found = escalate(
        alerts=[alert(acts=[closed], closed_at=closed.at)],
        roster=ROSTER, hours=HOURS, now=TWO_AT_NIGHT, ladder=LADDER,
    )  # fmt: skip

    assert found == ()


def test_moderate_has_a_contact_in_72_hours_and_an_appointment_in_7_days():
    acts = [
        Act("assessed", TWO_AT_NIGHT, by="dana", tier="moderate"),
        Act("closed", TWO_AT_NIGHT, by="dana", outcome="safety-plan"),
        Act("followed-up", TWO_AT_NIGHT + timedelta(hours=70), by="dana", outcome="reached"),
    ]

    found = due(
        alert("moderate", acts=acts, closed_at=TWO_AT_NIGHT), TWO_AT_NIGHT + timedelta(hours=71)
    )

    assert (found.what, found.by) == ("appointment", TWO_AT_NIGHT + timedelta(days=7))


@pytest.mark.parametrize(
    ("night", "later"),
    [
        # clocks go back on 1 November 2026 at 2:00: 1:50 EDT + 30 minutes is 1:20 EST
        ("2026-11-01T05:50:00+00:00", "2026-11-01T06:20:00+00:00"),
        # clocks go forward on 14 March 2027 at 2:00: 1:50 EST + 30 minutes is 3:20 EDT
        ("2027-03-14T06:50:00+00:00", "2027-03-14T07:20:00+00:00"),
    ],
)
def test_half_an_hour_is_half_an_hour_on_both_nights_on_which_clocks_change(night, later):
    at = datetime.fromisoformat(night)

    assert due(alert(at=at), at).by == datetime.fromisoformat(later)


def test_business_hours_over_a_change_of_clocks_are_of_the_day_after():
    friday = local("2026-10-30T17:00")

    # 9:00 EST on Monday, after a Friday in EDT
    assert HOURS["north"].after(friday, 120) == datetime(2026, 11, 2, 14, 0, tzinfo=UTC)


def test_a_deadline_crosses_midnight():
    late = local("2026-11-23T23:50")

    assert due(alert(at=late), late).by == local("2026-11-24T00:20")


def test_the_most_urgent_stand_first_and_then_the_earliest():
    alerts = [
        alert("low", MONDAY_TEN - timedelta(days=9), id="old"),
        alert("moderate", MONDAY_TEN, id="mid"),
        alert("high", MONDAY_TEN, id="top"),
    ]

    found = escalate(alerts=alerts, roster=ROSTER, hours=HOURS, now=MONDAY_TEN, ladder=LADDER)

    assert [e.alert for e in found if e.what == "answer"] == ["top", "old", "mid"]


def test_a_site_without_hours_is_watched_by_the_clock():
    held = alert("unscreened", MONDAY_TEN, site="south", any_hour=False)

    assert due(held, MONDAY_TEN).by == MONDAY_TEN + timedelta(hours=2)


def test_a_site_that_never_opens_is_watched_by_the_clock():
    shut = OpenHours(NEW_YORK, {})

    assert shut.after(MONDAY_TEN, 120) == MONDAY_TEN + timedelta(hours=2)
    assert shut.minutes_between(MONDAY_TEN, MONDAY_TEN + timedelta(hours=2)) == 120
    assert shut.close_after(MONDAY_TEN, 1) == MONDAY_TEN + timedelta(days=1)


def test_a_ladder_without_a_rung_is_refused():
    with pytest.raises(EscalationError, match="high"):
        escalate(alerts=[alert()], roster=ROSTER, hours=HOURS, now=TWO_AT_NIGHT, ladder=LADDER[2:])


def test_what_is_raised_again_after_an_assessment_has_its_own_time():
    two, low, eight = (local(f"2026-11-23T{each}") for each in ("14:00", "14:40", "20:00"))
    acts = [
        Act("assessed", low, by="dana", tier="low"),
        Act("raised-tier", eight, tier="high", any_hour=True),
    ]
    held = alert("unscreened", two, acts=acts)

    # the first deadline was met; the ladder gives a high tier 30 minutes off the site
    assert not due(held, eight + minutes(1)).overdue
    assert due(held, eight + minutes(1)).by == eight + minutes(30)
    assert due(held, eight + minutes(31)).overdue


def test_what_is_raised_before_an_assessment_keeps_its_first_time():
    raised = Act("raised-tier", TWO_AT_NIGHT + minutes(20), tier="imminent", any_hour=True)
    held = alert("high", acts=[raised])

    assert due(held, TWO_AT_NIGHT + minutes(21)).by <= TWO_AT_NIGHT + minutes(30)
