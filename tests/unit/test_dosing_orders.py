"""Orders of the session day: given with all that holds, or refused with every reason."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from overstory.exchange.policy_file import read_policy_file
from overstory.knowledge.load import load_knowledge
from overstory.pathway.dosing_orders import OrderRefusedError, Reason, Recipient, Weighing, order
from overstory.pathway.dosing_steps import Given, next_doses
from overstory.pathway.dosing_values import DoseError, Wish
from overstory.pathway.dosing_weights import Basis, WeightError
from overstory.pathway.policy import with_policy
from overstory.pathway.protocols import protocol_named

KNOWLEDGE = load_knowledge()
AT = datetime(2026, 11, 23, 15, tzinfo=UTC)
VIAL = "ketamine-50-mg-per-ml"
HEAD = 'clinic: A clinic\nadopted_by: its medical director\nadopted_on: "2026-11-22"\n'


def weighed(kg, days_ago=0):
    return Weighing(Decimal(kg), AT - timedelta(days=days_ago))


def recipient(**changes):
    told = {
        "weighed": weighed("70"),
        "weighed_before": weighed("71", 30),
        "height_cm": Decimal(175),
        "sex_at_birth": "female",
        "age_years": 44,
    }
    return Recipient(**{**told, **changes})


def ordered(protocol_id="P-IV-STD", who=None, knowledge=KNOWLEDGE, jurisdiction=None, **wish):
    if protocol_id.startswith("P-IV") or protocol_id == "P-IM":
        wish = {"product": VIAL, **wish}
    return order(
        protocol=protocol_named(protocol_id=protocol_id, knowledge=knowledge),
        wish=Wish(**wish),
        recipient=who or recipient(),
        at=AT,
        knowledge=knowledge,
        jurisdiction=jurisdiction,
    )


def reasons(*args, **kwargs):
    with pytest.raises(OrderRefusedError) as refused:
        ordered(*args, **kwargs)
    return [each.why for each in refused.value.refusals]


def site(text):
    return with_policy(KNOWLEDGE, read_policy_file(HEAD + text, name="site.yaml"))


def test_an_order_of_the_day():
    found = ordered()

    assert found.dose.amounts.mg == 35
    assert found.weights.total_kg == 70


# Site policy, dosing_numbers: 30 days, 15 %, 30 to 200 kg.


def test_a_weight_of_thirty_days_is_used_and_one_day_more_is_refused():
    assert ordered(who=recipient(weighed=weighed("70", 30), weighed_before=None))
    old = recipient(weighed=weighed("70", 31), weighed_before=weighed("71", 60))
    assert reasons(who=old) == [Reason.WEIGHT_OLD]


def test_an_unknown_weight_is_refused():
    assert reasons(who=recipient(weighed=None)) == [Reason.WEIGHT_UNKNOWN]


@pytest.mark.parametrize(
    ("kg", "ok"), [("30", True), ("29.9", False), ("200", True), ("200.1", False)]
)
def test_a_weight_out_of_range_is_refused(kg, ok):
    who = recipient(weighed=weighed(kg), weighed_before=None, height_cm=Decimal(175))

    if ok:
        assert ordered(who=who, basis=Basis.TOTAL)
    else:
        assert Reason.WEIGHT_RANGE in reasons(who=who, basis=Basis.TOTAL)


@pytest.mark.parametrize(
    ("kg", "ok"), [("80.5", True), ("80.6", False), ("59.5", True), ("59.4", False)]
)
def test_a_weight_more_than_fifteen_percent_off_the_last_is_refused(kg, ok):
    # 15 % of 70 kg is 10.5 kg.
    who = recipient(weighed=weighed(kg), weighed_before=weighed("70", 20))

    if ok:
        assert ordered(who=who)
    else:
        assert reasons(who=who) == [Reason.WEIGHT_CHANGED]


def test_pounds_typed_as_kilograms_are_told_as_such():
    # 70 kg are 154 lb; the height makes it a body mass index of 50, so the weight is to be chosen too.
    with pytest.raises(OrderRefusedError, match="pounds typed as kilograms"):
        ordered(who=recipient(weighed=weighed("154"), weighed_before=weighed("70", 10)))


def test_a_first_weight_is_used_with_a_note():
    found = ordered(who=recipient(weighed_before=None))

    assert any("no earlier weight" in each for each in found.notes)


def test_a_weight_before_that_is_later_than_the_weight_is_refused():
    assert reasons(who=recipient(weighed=weighed("70", 10), weighed_before=weighed("70", 9))) == [
        Reason.WEIGHT_BEFORE_LATER
    ]
    assert ordered(who=recipient(weighed=weighed("70", 10), weighed_before=weighed("70", 10)))


def test_a_weight_is_used_to_the_minute_of_the_thirtieth_day():
    last = AT - timedelta(days=30)

    assert ordered(who=recipient(weighed=Weighing(Decimal(70), last), weighed_before=None))
    who = recipient(weighed=Weighing(Decimal(70), last - timedelta(minutes=1)), weighed_before=None)
    assert reasons(who=who) == [Reason.WEIGHT_OLD]


def test_a_weight_from_after_the_order_is_refused():
    assert reasons(who=recipient(weighed=weighed("70", -1))) == [Reason.WEIGHT_LATER]


def test_with_a_body_mass_index_of_thirty_the_prescriber_names_the_weight():
    who = recipient(weighed=weighed("148"), weighed_before=weighed("150", 20), height_cm=Decimal(178),
                    sex_at_birth="male")  # fmt: skip

    assert reasons(who=who) == [Reason.CHOICE]
    assert ordered(who=who, basis=Basis.ADJUSTED).dose.amounts.mg == Decimal("51.5")


def test_without_a_height_the_prescriber_names_the_weight():
    assert reasons(who=recipient(height_cm=None)) == [Reason.CHOICE]
    assert ordered(who=recipient(height_cm=None), basis=Basis.TOTAL).dose.amounts.mg == 35


def test_every_reason_is_told_at_once():
    who = recipient(weighed=weighed("154", 31), weighed_before=weighed("70", 60),
                    given=(Given(AT - timedelta(hours=10), Decimal(35), Decimal("0.5")),))  # fmt: skip

    found = reasons("P-IV-TITR", who=who, mg_per_kg=Decimal(1))

    assert set(found) == {
        Reason.WEIGHT_OLD, Reason.WEIGHT_CHANGED, Reason.CHOICE, Reason.TOO_SOON, Reason.STEP,
    }  # fmt: skip


# Recalled numbers never dose.


@pytest.mark.parametrize("protocol_id", ["P-IV-MAINT", "P-IM", "KAP-SL-LOW", "KAP-IM-LOW"])
def test_a_recalled_protocol_is_not_ordered_without_a_site_policy(protocol_id):
    assert Reason.PROTOCOL in reasons(protocol_id, mg=None if "P-I" in protocol_id else Decimal(50))


def test_a_recalled_protocol_is_ordered_once_a_site_adopted_its_dose():
    knowledge = site(
        "protocols:\n  P-IM: {reason: Our anesthetist looked at it., adopts: [schedule, dose]}\n"
    )

    found = ordered("P-IM", knowledge=knowledge)

    assert found.dose.amounts.mg == 35
    assert (found.dose.route, found.dose.volume_ml) == ("IM", Decimal("0.7"))
    assert any("UNVERIFIED: dose is only recalled" in each for each in found.notes)


@pytest.mark.parametrize(("protocol_id", "says"), [("KAP-STRUCTURE", "the prescriber sets each dose"),
                                                    ("NS_10HZ_STD", "it has no dose")])  # fmt: skip
def test_a_protocol_without_a_dose_says_why(protocol_id, says):
    with pytest.raises(OrderRefusedError, match=says):
        ordered(protocol_id)


def test_a_protocol_that_is_never_planned_is_never_ordered():
    assert Reason.PROTOCOL in reasons("P-PO")


def test_a_protocol_of_elsewhere_is_not_ordered():
    assert Reason.PROTOCOL in reasons("P-ESK-US-TRD", jurisdiction="EU")
    assert ordered("P-ESK-US-TRD", jurisdiction="US").dose.mg == 56


def test_the_start_for_older_people_is_not_for_younger_ones_or_an_unknown_age():
    assert reasons("P-ESK-EU-65-PLUS", who=recipient(age_years=64)) == [Reason.AGE]
    assert reasons("P-ESK-EU-65-PLUS", who=recipient(age_years=None)) == [Reason.AGE]
    assert ordered("P-ESK-EU-65-PLUS", who=recipient(age_years=65)).dose.mg == 28


def test_esketamine_needs_no_weight():
    assert ordered("P-ESK-US-TRD", who=recipient(weighed=None)).weights is None


# Titration and time between doses.


def given(*doses, responded=None, every_days=3):
    first = AT - timedelta(days=every_days * len(doses))
    return tuple(
        Given(first + timedelta(days=every_days * n), Decimal(each), None, responded)
        for n, each in enumerate(doses)
    )


def by_kg(*doses, responded):
    first = AT - timedelta(days=3 * len(doses))
    return tuple(
        Given(first + timedelta(days=3 * n), Decimal(70) * Decimal(each), Decimal(each), responded)
        for n, each in enumerate(doses)
    )


def test_the_first_esketamine_dose_is_fixed():
    assert reasons("P-ESK-US-TRD", mg=Decimal(84)) == [Reason.STEP]


def test_esketamine_changes_by_one_device_at_most():
    # Section 2.1: 28 mg only.
    who = recipient(given=given(28))

    assert ordered("P-ESK-EU-65-PLUS", who=recipient(age_years=70, given=given(28)), mg=Decimal(56))
    assert reasons(
        "P-ESK-EU-65-PLUS", who=recipient(age_years=70, given=given(28)), mg=Decimal(84)
    ) == [Reason.STEP]
    assert who.given[0].mg == 28


def test_esketamine_is_never_given_twice_on_a_day_nor_within_48_hours():
    # Section 2.1: site policy 48 hours.
    def after(hours):
        return recipient(given=(Given(AT - timedelta(hours=hours), Decimal(56)),))

    assert reasons("P-ESK-US-TRD", who=after(6), mg=Decimal(56)) == [Reason.TOO_SOON]
    assert reasons("P-ESK-US-TRD", who=after(47), mg=Decimal(56)) == [Reason.TOO_SOON]
    assert ordered("P-ESK-US-TRD", who=after(48), mg=Decimal(84)).dose.devices == 3


TITRATION = protocol_named(protocol_id="P-IV-TITR", knowledge=KNOWLEDGE).dose


@pytest.mark.parametrize(
    ("doses", "responded", "allowed"),
    [
        # P-IV-TITR: one step a session, after two or three sessions without response.
        ((), None, ["0.5"]),
        (("0.5",), False, ["0.5"]),
        (("0.5", "0.5"), False, ["0.5", "0.6"]),
        (("0.5", "0.5"), None, ["0.5"]),
        (("0.5", "0.5"), True, ["0.5"]),
        (("0.5", "0.5", "0.6"), False, ["0.5", "0.6", "0.75"]),
        (("0.5", "0.5", "0.6", "0.75", "1.0"), False, ["0.5", "0.6", "0.75", "1.0"]),
    ],
)
def test_titration_goes_one_step_after_sessions_known_to_have_had_no_response(
    doses, responded, allowed
):
    found = next_doses(dose=TITRATION, given=by_kg(*doses, responded=responded))

    assert list(found) == [Decimal(each) for each in allowed]


@pytest.mark.parametrize("doses", [("0.3",), ("0.5", "0.3"), ("0.3", "0.3", "0.3")])
def test_after_a_dose_below_the_first_step_the_first_step_is_next(doses):
    # 0.3 mg/kg is no step of P-IV-TITR: it opens no other step, least of all the last.
    who = recipient(given=by_kg(*doses, responded=False))

    assert next_doses(dose=TITRATION, given=who.given) == (Decimal("0.5"),)
    assert reasons("P-IV-TITR", who=who, mg_per_kg=Decimal("1.0")) == [Reason.STEP]


@pytest.mark.parametrize("per_kg", ["1.1", "5", "35"])
def test_after_a_dose_above_the_last_step_the_first_step_is_next(per_kg):
    # P-IV-TITR ends at 1.0 mg/kg: 5 for 0.5 is a slip of the pen, and no way to the last step.
    who = recipient(given=(Given(AT - timedelta(days=3), Decimal(35), Decimal(per_kg)),))

    assert next_doses(dose=TITRATION, given=who.given) == (Decimal("0.5"),)
    assert reasons("P-IV-TITR", who=who, mg_per_kg=Decimal("1.0")) == [Reason.STEP]


@pytest.mark.parametrize("mg", ["140", "560", "0.56"])
def test_after_a_dose_that_esketamine_has_not_the_first_one_is_next(mg):
    # P-ESK-US-TRD: 56 mg first; such a dose on record is a slip, and no way to 84 mg.
    who = recipient(given=given(mg))

    assert reasons("P-ESK-US-TRD", who=who, mg=Decimal(84)) == [Reason.STEP]
    assert ordered("P-ESK-US-TRD", who=who, mg=Decimal(56)).dose.mg == 56


@pytest.mark.parametrize(
    "numbers", [("0", None), ("-56", None), ("NaN", None), ("35", "0"), ("35", "-1")]
)
def test_a_dose_on_record_that_is_none_is_refused(numbers):
    mg, per_kg = (None if each is None else Decimal(each) for each in numbers)

    with pytest.raises(DoseError, match="finite number above zero"):
        Given(AT, mg, per_kg)


def test_a_dose_on_record_has_a_time_with_a_zone():
    with pytest.raises(DoseError, match="zone"):
        Given(datetime(2026, 11, 20), Decimal(56))  # noqa: DTZ001  # what is tested


def test_a_step_is_ordered_when_its_time_has_come():
    who = recipient(given=by_kg("0.5", "0.5", responded=False))

    assert ordered("P-IV-TITR", who=who, mg_per_kg=Decimal("0.6")).dose.amounts.mg == 42
    assert reasons("P-IV-TITR", who=who, mg_per_kg=Decimal("0.75")) == [Reason.STEP]


def test_the_mg_by_each_weight_stand_beside_each_other():
    # Ketamine §5, example C before the syringe: 74, 51.5 and 36.5 mg.
    who = recipient(weighed=weighed("148"), weighed_before=weighed("150", 20), height_cm=Decimal(178),
                    sex_at_birth="male")  # fmt: skip

    found = ordered(who=who, basis=Basis.IDEAL).mg_by_weight

    assert [str(found[each].normalize()) for each in Basis] == ["74", "51.5", "36.5"]


def test_a_weight_that_cannot_be_worked_out_says_why_beside_the_others():
    found = ordered(who=recipient(height_cm=None), basis=Basis.TOTAL).mg_by_weight

    assert found[Basis.TOTAL] == 35
    assert "height is unknown" in found[Basis.IDEAL]


@pytest.mark.parametrize("kg", ["0", "-70", "NaN", "Infinity"])
def test_a_weight_that_is_none_is_refused(kg):
    with pytest.raises(WeightError, match="above zero"):
        Weighing(Decimal(kg), AT)


def test_a_weight_without_a_zone_is_refused():
    with pytest.raises(WeightError, match="zone"):
        Weighing(Decimal(70), datetime(2026, 11, 23))  # noqa: DTZ001  # what is tested


def test_maintenance_keeps_the_dose_of_the_infusions_once_a_site_enables_it():
    knowledge = site("protocols:\n  P-IV-MAINT: {reason: We go on with it., adopts: [schedule]}\n")

    found = ordered("P-IV-MAINT", knowledge=knowledge)

    assert found.dose.amounts.mg == 35
    assert found.dose.minutes == 40
