"""Doses that are refused because the protocol, the person or the record lacks something."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from overstory.knowledge.load import load_knowledge
from overstory.pathway.dosing import dose_of, mg_by_each_weight
from overstory.pathway.dosing_limits import DoseNumberError, dose_limits
from overstory.pathway.dosing_orders import (
    OrderRefusedError,
    Reason,
    Recipient,
    Weighing,
    order,
    provisional_dose,
)
from overstory.pathway.dosing_steps import Given
from overstory.pathway.dosing_values import DoseError, Wish
from overstory.pathway.dosing_weights import Basis, body_weights
from overstory.pathway.protocols import protocol_named

KNOWLEDGE = load_knowledge()
LIMITS = dose_limits(KNOWLEDGE)
AT = datetime(2026, 11, 23, 15, tzinfo=UTC)
VIAL = "ketamine-50-mg-per-ml"
BODY = body_weights(
    weight_kg=Decimal(70), height_cm=Decimal(175), sex_at_birth="female", limits=LIMITS
)
PERSON = Recipient(
    weighed=Weighing(Decimal(70), AT), height_cm=Decimal(175), sex_at_birth="female", age_years=40
)


def protocol(protocol_id="P-IV-STD", **dose):
    """A protocol with parts of its dose changed."""
    found = protocol_named(protocol_id=protocol_id, knowledge=KNOWLEDGE)
    changed = msgspec.structs.replace(found.dose, **dose)
    return msgspec.structs.replace(found, dose=changed)


def dose(changed, body=BODY, **wish):
    return dose_of(protocol=changed, wish=Wish(**wish), weights=body, knowledge=KNOWLEDGE)


def reasons(work, **changes):
    asked = {
        "protocol": protocol_named(protocol_id="P-IV-STD", knowledge=KNOWLEDGE),
        "wish": Wish(product=VIAL),
        "recipient": PERSON,
        "at": AT,
        "knowledge": KNOWLEDGE,
    }
    with pytest.raises(OrderRefusedError) as refused:
        work(**{**asked, **changes})
    return [each.why for each in refused.value.refusals]


@pytest.mark.parametrize(
    ("lacking", "says"),
    [
        ({"cap": None}, "no cap in mg"),
        ({"weights": None}, "names no weights"),
        ({"over_minutes": None}, "no push here"),
    ],
)
def test_no_dose_is_worked_out_of_a_protocol_that_lacks(lacking, says):
    with pytest.raises(DoseError, match=says):
        dose(protocol(**lacking), product=VIAL)


def test_a_full_dose_lasts_forty_minutes_whatever_its_protocol_says():
    # Section 5, guards: at least 40 minutes from 0.5 mg/kg on.
    short = protocol(over_minutes=30)

    assert dose(short, product=VIAL, minutes=Decimal(40)).minutes == 40
    with pytest.raises(DoseError, match="at least 40"):
        dose(short, product=VIAL)


def test_a_dose_by_weight_needs_the_weight():
    with pytest.raises(DoseError, match="needs the weight"):
        dose(protocol(), body=None, product=VIAL)


@pytest.mark.parametrize("mg_per_kg", [None, Decimal("0.74"), Decimal("1.6")])
def test_a_dose_that_the_prescriber_sets_by_weight_is_within_the_range(mg_per_kg):
    # §2.2: IM 0.75 to 1.5 mg/kg.
    with pytest.raises(DoseError, match=r"the prescriber sets|between 0\.75 and 1\.5"):
        dose(protocol("KAP-IM-HIGH"), mg_per_kg=mg_per_kg, product=VIAL)


def test_a_prescriber_may_order_less_than_the_dose_by_weight():
    found = dose(protocol(), mg=Decimal(30), product=VIAL)

    assert (found.amounts.mg, found.amounts.by_weight_mg) == (30, 35)


def test_a_chosen_dose_above_the_cap_is_refused_and_not_lowered():
    cap = msgspec.structs.replace(protocol("KAP-SL-LOW").dose.cap, mg=80)

    with pytest.raises(DoseError, match="above the cap of 80 mg"):
        dose(protocol("KAP-SL-LOW", cap=cap), mg=Decimal(100))


def test_the_mg_by_each_weight_are_of_doses_by_weight():
    with pytest.raises(DoseError, match="no dose by weight"):
        mg_by_each_weight(
            protocol=protocol("KAP-SL-LOW"), wish=Wish(), weights=BODY, knowledge=KNOWLEDGE
        )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"mg": [70], "first_mg": 70}, "no whole number of devices"),
        ({"first_mg": None}, "name the dose: 56, 84 mg"),
        ({"cap": None}, "above the cap"),
    ],
)
def test_a_spray_that_cannot_be_given_is_refused(change, says):
    with pytest.raises(DoseError, match=says):
        dose(protocol("P-ESK-US-TRD", **change))


@pytest.mark.parametrize(
    ("change", "says"), [({"products": []}, "no nasal device"), ({"visit": ""}, "no watch")]
)
def test_a_spray_without_device_or_watch_is_refused(change, says):
    found = msgspec.structs.replace(protocol("P-ESK-US-TRD"), **change)

    with pytest.raises(DoseError, match=says):
        dose(found)


def test_one_device_asks_what_becomes_of_the_rest_of_the_kit():
    # Section 2.1: kits of 2 and 3.
    assert "Kits have 2 and 3" in dose(protocol("P-ESK-EU-65-PLUS")).asks[0]


def test_numbers_that_no_dose_can_be_worked_out_from_are_refused():
    def with_numbers(change):
        numbers = tuple(change(each) for each in KNOWLEDGE.sections["dosing_numbers"])
        changed = {**KNOWLEDGE.sections, "dosing_numbers": tuple(n for n in numbers if n)}
        return replace(KNOWLEDGE, sections=changed)

    zero = with_numbers(
        lambda each: msgspec.structs.replace(each, value=0) if each.id == "dose-step-mg" else each
    )
    gone = with_numbers(lambda each: None if each.id == "dose-step-mg" else each)

    with pytest.raises(DoseNumberError, match="dose_step_mg in dosing_numbers are not above zero"):
        dose_limits(zero)
    with pytest.raises(DoseNumberError, match="no dose_step_mg"):
        dose_limits(gone)


# Orders and calculations.


def test_a_height_that_is_none_is_a_reason_against_an_order_and_a_calculation():
    who = Recipient(weighed=Weighing(Decimal(70), AT), height_cm=Decimal(0), age_years=40)

    assert Reason.WEIGHT_RANGE in reasons(order, recipient=who)
    assert reasons(provisional_dose, recipient=who) == [Reason.WEIGHT_RANGE]


def test_a_dose_on_record_from_after_the_order_is_a_reason():
    late = (Given(AT + timedelta(hours=1), Decimal(35), Decimal("0.5")),)
    who = Recipient(
        weighed=Weighing(Decimal(70), AT), height_cm=Decimal(175), age_years=40, given=late
    )

    assert reasons(order, recipient=who) == [Reason.TOO_SOON]


def test_a_wish_outside_the_protocol_is_a_reason():
    assert reasons(order, wish=Wish()) == [Reason.DOSE]
    assert reasons(order, wish=Wish(product=VIAL, minutes=Decimal(20))) == [Reason.DOSE]


def test_a_calculation_without_a_weight_is_refused():
    assert reasons(provisional_dose, recipient=Recipient(age_years=40)) == [Reason.WEIGHT_UNKNOWN]


def test_a_calculation_offers_the_adjusted_weight_and_takes_an_old_one():
    # Example C, from 50 mg/mL: 51.5 mg.
    who = Recipient(weighed=Weighing(Decimal(148), AT - timedelta(days=400)), height_cm=Decimal(178),
                    sex_at_birth="male", age_years=40)  # fmt: skip

    found = provisional_dose(
        protocol=protocol(), wish=Wish(product=VIAL), recipient=who, at=AT, knowledge=KNOWLEDGE
    )

    assert found.dose.amounts.basis is Basis.ADJUSTED
    assert found.dose.amounts.mg == Decimal("51.5")
