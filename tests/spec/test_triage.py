"""The C-SSRS screener and the ASQ: every combination of yes, no and open; and the tier over all."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from overstory.knowledge.load import load_knowledge
from overstory.pathway.triage import TierFinding, TriageError, asq, cssrs_screen, highest_tier

YES, NO, OPEN = True, False, None
CSSRS = ("q1", "q2", "q3", "q4", "q5", "q6", "q6_recent")
ASQ = ("q1", "q2", "q3", "q4", "q5")
RANK = {"none": 0, "low": 1, "moderate": 2, "high": 3}
ASQ_RANK = {"negative": 0, "non-acute-positive": 1, "acute-positive": 2}
NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)
WINDOW = timedelta(days=30)  # row "cross-instrument tier" of the clinical dossiers


def all_forms(questions):
    return [
        dict(zip(questions, each, strict=True))
        for each in product([YES, NO, OPEN], repeat=len(questions))
    ]


def dossier_cssrs(form):
    """The triage as the clinical dossiers write it (Columbia's levels)."""
    said_yes = {name for name, answer in form.items() if answer is YES}
    is_open = {name for name, answer in form.items() if answer is OPEN}
    behaviour_recent = "q6" in said_yes and form["q6_recent"] is not NO
    contradiction = "q6_recent" in said_yes
    if said_yes & {"q4", "q5"} or behaviour_recent or contradiction:
        return "high"
    required = {"q1", "q2", "q6"}
    if form["q2"] in {YES, OPEN}:
        required |= {"q3", "q4", "q5"}
    if is_open & required:
        return None
    if "q3" in said_yes or "q6" in said_yes:
        return "moderate"
    return "low" if said_yes & {"q1", "q2"} else "none"


def dossier_asq(form):
    first_four = [form[name] for name in ("q1", "q2", "q3", "q4")]
    if form["q5"] is YES:
        return "acute-positive"
    if YES in first_four:
        return "non-acute-positive" if form["q5"] is NO else None
    return None if OPEN in first_four else "negative"


def test_every_c_ssrs_form_reads_as_the_dossier_says():
    forms = all_forms(CSSRS)

    wrong = [form for form in forms if cssrs_screen(**form).level != dossier_cssrs(form)]

    assert len(forms) == 3**7
    assert wrong == []


def test_every_asq_form_reads_as_the_dossier_says():
    forms = all_forms(ASQ)

    wrong = [form for form in forms if asq(**form).result != dossier_asq(form)]

    assert len(forms) == 3**5
    assert wrong == []


def is_coherent(form):
    """Whether no question has a yes that, by the others, was not to be asked."""
    if "q6" not in form:
        return form["q5"] is not YES or YES in [form[name] for name in ("q1", "q2", "q3", "q4")]
    not_asked = form["q2"] is NO and YES in [form[name] for name in ("q3", "q4", "q5")]
    return not not_asked and not (form["q6_recent"] is YES and form["q6"] is not YES)


def openings(questions):
    """Every form, each with one answered question opened: a no always, a yes in coherent forms."""
    for form in all_forms(questions):
        for name in [each for each in questions if form[each] is not OPEN]:
            if form[name] is NO or is_coherent(form):
                yield form, {**form, name: OPEN}


def test_an_open_question_never_lowers_a_c_ssrs_level():
    for form, opened in openings(CSSRS):
        before, after = cssrs_screen(**form).level, cssrs_screen(**opened).level

        assert before is None or after is None or RANK[after] >= RANK[before], (form, opened)


def test_an_open_question_never_lowers_an_asq():
    for form, opened in openings(ASQ):
        before, after = asq(**form).result, asq(**opened).result

        assert before is None or after is None or ASQ_RANK[after] >= ASQ_RANK[before], (
            form,
            opened,
        )


def test_a_c_ssrs_without_a_level_names_what_is_open():
    for form in all_forms(CSSRS):
        triage = cssrs_screen(**form)

        assert all(form[name] is OPEN for name in triage.missing)
        assert triage.level is not None or triage.missing


def test_what_is_open_can_only_raise_what_is_certain():
    for form in all_forms(CSSRS):
        triage = cssrs_screen(**form)
        behaviour_without_a_time = form["q6"] is YES and form["q6_recent"] is OPEN
        if behaviour_without_a_time:
            continue
        for answers in product([YES, NO], repeat=len(triage.missing)):
            filled = {**form, **dict(zip(triage.missing, answers, strict=True))}

            after = cssrs_screen(**filled)

            assert RANK[after.at_least] >= RANK[triage.at_least]
            assert triage.level is None or after.level == triage.level


@pytest.mark.parametrize(
    ("answers", "level"),
    [
        ("nn---nn", "none"),
        ("yn---nn", "low"),
        ("yynnnnn", "low"),
        ("yyynnnn", "moderate"),
        ("nn---yn", "moderate"),
        ("yyyynnn", "high"),  # question 4: Columbia says high; some open code says moderate
        ("yynnynn", "high"),
        ("nn---yy", "high"),
        ("nn---y-", "high"),  # behaviour, and nobody asked when
        ("yy---nn", None),
        ("-------", None),
        ("nn---n-", "none"),
        ("---y---", "high"),
        ("n----nn", None),
    ],
)
def test_named_c_ssrs_forms(answers, level):
    said = [{"y": YES, "n": NO, "-": OPEN}[letter] for letter in answers]

    assert cssrs_screen(**dict(zip(CSSRS, said, strict=True))).level == level


def test_c_ssrs_recency_unknown_is_high():
    triage = cssrs_screen(q1=NO, q2=NO, q6=YES)

    assert triage.level == "high"
    assert triage.missing == ("q6_recent",)


def test_behaviour_with_a_time_but_without_question_6_is_high():
    assert cssrs_screen(q1=NO, q2=NO, q6=NO, q6_recent=YES).level == "high"
    assert cssrs_screen(q6_recent=YES).level == "high"


def test_a_method_with_open_questions_is_at_least_moderate():
    triage = cssrs_screen(q1=YES, q2=YES, q3=YES, q6=NO)

    assert (triage.level, triage.at_least) == (None, "moderate")
    assert triage.missing == ("q4", "q5")


def test_since_the_last_contact_behaviour_is_recent():
    since_then = YES

    assert cssrs_screen(q1=NO, q2=NO, q6=since_then, q6_recent=since_then).level == "high"


def test_an_asq_yes_with_question_5_open_is_not_settled():
    triage = asq(q1=YES, q2=NO, q3=NO, q4=NO)

    assert (triage.result, triage.at_least, triage.missing) == (None, "non-acute-positive", ("q5",))


def test_the_c_ssrs_entry_and_the_code_agree():
    entry = next(each for each in load_knowledge().sections["triages"] if each.id == "cssrs-screen")

    for form in all_forms(CSSRS):
        if form["q6_recent"] is YES and form["q6"] is not YES:
            continue  # a form that contradicts itself; the code calls it high, the entry is silent
        holds = {name for name in CSSRS if form[name] is YES}
        if form["q6"] is YES and form["q6_recent"] is NO:
            holds.add("q6_not_recent")
        if form["q6"] is YES and form["q6_recent"] is OPEN:
            holds.add("q6_with_recency_unknown")
        needed = {"q1", "q2", "q6"} | ({"q3", "q4", "q5"} if form["q2"] is not NO else set())
        opened = any(form[name] is OPEN for name in needed)
        holds.add("needed_question_open" if opened else "all_needed_answered_no")

        level = next(each.level for each in entry.levels if holds & set(each.any_of))

        assert (None if level == "unknown" else level) == cssrs_screen(**form).level, form


def test_the_asq_entry_and_the_code_agree():
    entry = next(each for each in load_knowledge().sections["triages"] if each.id == "asq")

    for form in all_forms(ASQ):
        holds = {name for name in ASQ if form[name] is YES}
        first_open = any(form[name] is OPEN for name in ("q1", "q2", "q3", "q4"))
        positive = bool(holds & {"q1", "q2", "q3", "q4"})
        unsettled = form["q5"] is OPEN if positive else first_open
        holds.add("needed_question_open" if unsettled else "all_needed_answered_no")

        result = next(each.level for each in entry.levels if holds & set(each.any_of))

        assert (None if result == "unknown" else result) == asq(**form).result, form


def finding(tier, *, days_ago=0, instrument="C-SSRS", **more):
    return TierFinding(instrument, tier, NOW - timedelta(days=days_ago), **more)


def tier_of(*findings):
    return highest_tier(findings=findings, at=NOW, within=WINDOW)


def test_the_tier_is_the_highest_never_the_mean():
    assert (
        tier_of(finding("none"), finding("high", instrument="ASQ"), finding("low")).tier == "high"
    )


def test_a_finding_of_31_days_ago_no_longer_counts():
    assert tier_of(finding("high", days_ago=31), finding("none")).tier == "none"
    assert tier_of(finding("high", days_ago=30), finding("none")).tier == "high"


def test_without_a_finding_the_tier_is_unknown():
    assert tier_of().tier is None
    assert tier_of(finding("high", days_ago=31)).tier is None


def test_an_open_screen_is_not_a_negative_one():
    answer = tier_of(finding("none"), finding(None, instrument="ASQ"))

    assert answer.tier is None
    assert [each.instrument for each in answer.open] == ["ASQ"]


def test_an_open_screen_does_not_hide_a_positive_one():
    assert tier_of(finding("moderate"), finding(None)).tier == "moderate"


def test_a_newer_negative_screen_does_not_lower_a_tier():
    assert tier_of(finding("high", days_ago=9), finding("none", days_ago=1)).tier == "high"


def test_a_clinician_lowers_a_tier_with_a_reason():
    signed = finding(
        "low", days_ago=2, by_clinician=True, reason="seen today, safety plan in place"
    )

    assert tier_of(finding("high", days_ago=9), signed).tier == "low"
    assert tier_of(finding("high", days_ago=9), signed, finding("moderate")).tier == "moderate"


def test_a_clinician_without_a_reason_lowers_nothing():
    with pytest.raises(TriageError, match="reason"):
        tier_of(finding("high"), finding("low", by_clinician=True))


def test_only_a_clinician_says_imminent():
    with pytest.raises(TriageError, match="only a clinician"):
        tier_of(finding("imminent"))
    assert tier_of(finding("imminent", by_clinician=True, reason="seen")).tier == "imminent"


def test_a_tier_that_does_not_exist_is_refused():
    with pytest.raises(TriageError, match="no tier"):
        tier_of(finding("severe"))


def test_a_finding_from_the_future_is_refused():
    with pytest.raises(TriageError, match="later"):
        tier_of(finding("low", days_ago=-1))
