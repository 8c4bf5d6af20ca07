"""Doses as they are worked out: the worked examples of the clinical dossiers, caps, rounding, vials."""

from decimal import Decimal

import pytest

from overstory.knowledge.load import load_knowledge
from overstory.pathway.dosing import check_vial, dose_of
from overstory.pathway.dosing_limits import dose_limits, exact, plain, round_down
from overstory.pathway.dosing_values import DoseError, Wish
from overstory.pathway.dosing_weights import Basis, WeightError, body_weights
from overstory.pathway.protocols import protocol_named

KNOWLEDGE = load_knowledge()
LIMITS = dose_limits(KNOWLEDGE)


def weights(kg, height_cm=None, sex="female"):
    height = None if height_cm is None else Decimal(height_cm)
    return body_weights(weight_kg=Decimal(kg), height_cm=height, sex_at_birth=sex, limits=LIMITS)


def dose(protocol_id, body=None, **wish):
    protocol = protocol_named(protocol_id=protocol_id, knowledge=KNOWLEDGE)
    return dose_of(protocol=protocol, wish=Wish(**wish), weights=body, knowledge=KNOWLEDGE)


def shown(decimal):
    return plain(decimal)


# Ketamine §5, worked examples A to C and ESK.


def test_example_a_seventy_kilograms():
    found = dose("P-IV-STD", weights("70", "175"), product="ketamine-50-mg-per-ml")

    assert shown(found.amounts.mg) == "35"
    assert (shown(found.stock_ml), shown(found.diluent_ml)) == ("0.7", "49.3")
    assert shown(found.strength_mg_per_ml) == "0.7"
    assert (shown(found.rate_ml_per_h), shown(found.rate_mg_per_h)) == ("75", "52.5")
    assert shown(found.rate_mcg_per_kg_per_min) == "12.5"
    assert found.amounts.asks == ()


def test_example_b_rounds_down_and_says_how_much_it_took_away():
    body = weights("61.3", "163")

    found = dose("P-IV-STD", body, product="ketamine-10-mg-per-ml", total_ml=Decimal(100))

    assert round(body.bmi, 1) == Decimal("23.1")
    assert shown(found.amounts.before_rounding_mg) == "30.65"
    assert shown(found.amounts.mg) == "30.5"
    assert round(found.amounts.rounding_percent, 1) == Decimal("0.5")
    assert (shown(found.stock_ml), shown(found.diluent_ml)) == ("3.05", "96.95")
    assert shown(found.strength_mg_per_ml) == "0.305"
    assert (shown(found.rate_ml_per_h), shown(found.rate_mg_per_h)) == ("150", "45.75")


def test_example_c_shows_all_three_weights():
    body = weights("148", "178", "male")

    assert round(body.bmi, 1) == Decimal("46.7")
    assert round(body.ideal_kg, 1) == Decimal("73.2")
    assert round(body.adjusted_kg, 1) == Decimal("103.1")
    assert (body.offered, body.must_choose) == (Basis.ADJUSTED, True)


@pytest.mark.parametrize(
    ("basis", "before", "mg", "stock", "diluent", "flagged"),
    [
        # 74 mg is above the flag of 60; adjusted 51.6 gives 51 from 100 mg/mL; ideal 36.6.
        (Basis.TOTAL, "74", "74", "0.74", "49.26", True),
        (Basis.ADJUSTED, "51.6", "51", "0.51", "49.49", False),
        (Basis.IDEAL, "36.6", "36", "0.36", "49.64", False),
    ],
)
def test_example_c_by_each_weight(basis, before, mg, stock, diluent, flagged):
    found = dose(
        "P-IV-STD", weights("148", "178", "male"), product="ketamine-100-mg-per-ml", basis=basis
    )

    assert plain(round(found.amounts.before_rounding_mg, 1)) == before
    assert shown(found.amounts.mg) == mg
    assert (shown(found.stock_ml), shown(found.diluent_ml)) == (stock, diluent)
    assert shown(found.rate_ml_per_h) == "75"
    assert bool(found.amounts.asks) is flagged


def test_example_c_by_adjusted_weight_is_one_percent_below():
    found = dose("P-IV-STD", weights("148", "178", "male"), product="ketamine-100-mg-per-ml")

    assert found.amounts.basis is Basis.ADJUSTED
    assert round(found.amounts.rounding_percent, 1) == Decimal("1.1")
    assert shown(found.strength_mg_per_ml) == "1.02"
    assert round(found.amounts.mg / Decimal(148), 3) == Decimal("0.345")


def test_example_esketamine_three_devices_at_0_5_and_10_minutes():
    found = dose("P-ESK-US-TRD", mg=Decimal(84))

    assert found.devices == 3
    assert found.at_minutes == (0, 5, 10)
    assert found.watch_until_minutes == 120  # from the first device, not from the last


@pytest.mark.parametrize(("protocol_id", "mg"), [("P-ESK-US-TRD", 56), ("P-ESK-US-MDSI", 84),
                                                  ("P-ESK-EU-65-PLUS", 28)])  # fmt: skip
def test_the_first_dose_of_esketamine_is_the_protocols(protocol_id, mg):
    # Ketamine §2.1, day 1.
    assert dose(protocol_id).mg == mg


# Caps.


def test_a_second_person_looks_at_a_dose_above_sixty_milligrams():
    # Section 5, guards: flag above 60 mg; 120 kg is 60 mg, 121 kg is 60.5 mg.
    def asks(kg):
        body = weights(kg, "205", "male")
        return dose(
            "P-IV-STD", body, product="ketamine-50-mg-per-ml", basis=Basis.TOTAL
        ).amounts.asks

    assert asks("120") == ()
    assert asks("121") == ("More than 60 mg: a second person looks at the dose.",)


def test_the_cap_lowers_a_dose_and_says_so():
    # Section 5, guards: 80 mg a session.
    found = dose(
        "P-IV-STD",
        weights("170", "190", "male"),
        product="ketamine-50-mg-per-ml",
        basis=Basis.TOTAL,
    )

    assert found.amounts.by_weight_mg == 85
    assert found.amounts.mg == 80
    assert found.amounts.capped
    assert any("lowered to 80 mg" in each for each in found.amounts.asks)


@pytest.mark.parametrize(
    ("kwargs", "says"),
    [
        ({"mg_per_kg": Decimal("0.6")}, "it has 0.5"),
        ({"mg": Decimal(36)}, "above the dose by weight"),
        ({"mg": Decimal(0)}, "above zero"),
        ({"mg": Decimal("NaN")}, "finite"),
        ({"minutes": Decimal("Infinity")}, "finite"),
        ({"total_ml": Decimal(-50)}, "above zero"),
        ({"minutes": Decimal(30)}, "at least 40"),
        ({"product": "spravato-28-mg"}, "is no product of P-IV-STD"),
        ({"product": None}, "name the vial"),
        ({"total_ml": Decimal("0.5")}, "need a larger volume"),
        ({"total_ml": Decimal("100.1")}, "more than 100 mL"),
        ({"total_ml": Decimal("1E+30")}, "more than 100 mL"),
        # 50 mL in a thousand minutes is 3 mL/h; in 31000 it is 0.097 mL/h, which no pump of 0.1 mL/h has.
        ({"minutes": Decimal(31000)}, "too slow for a pump"),
        ({"minutes": Decimal("1E+30")}, "too slow for a pump"),
    ],
)
def test_a_wish_outside_the_protocol_is_refused_with_what_is_allowed(kwargs, says):
    wish = {"product": "ketamine-50-mg-per-ml", **kwargs}

    with pytest.raises(DoseError, match=says):
        dose("P-IV-STD", weights("70", "175"), **wish)


def test_a_chosen_dose_above_the_cap_is_refused_though_the_dose_by_weight_is_higher_still():
    # 170 kg: 85 mg by weight, cap 80 mg. What the prescriber chose is never changed, only refused.
    body = weights("170", "190", "male")
    wish = {"product": "ketamine-50-mg-per-ml", "basis": Basis.TOTAL}

    with pytest.raises(DoseError, match="82 mg is above the cap of 80 mg"):
        dose("P-IV-STD", body, mg=Decimal(82), **wish)
    assert dose("P-IV-STD", body, mg=Decimal(80), **wish).amounts.mg == 80


def test_a_bag_of_a_hundred_millilitres_is_the_largest_infusion():
    found = dose(
        "P-IV-STD", weights("70", "175"), product="ketamine-50-mg-per-ml", total_ml=Decimal(100)
    )

    assert (shown(found.total_ml), shown(found.rate_ml_per_h)) == ("100", "150")


def test_a_pump_rate_loses_at_most_two_percent_by_its_rounding():
    # 50 mL in 1470 minutes: 2.04 mL/h runs at 2.0, 2 % less; in 1430 minutes 2.098 would run at 2.0.
    body, vial = weights("70", "175"), "ketamine-50-mg-per-ml"

    assert shown(dose("P-IV-STD", body, product=vial, minutes=Decimal(1470)).rate_ml_per_h) == "2"
    with pytest.raises(DoseError, match="too slow for a pump"):
        dose("P-IV-STD", body, product=vial, minutes=Decimal(1430))


def test_a_titrated_dose_is_one_of_the_steps():
    # P-IV-TITR: 0.5, 0.6, 0.75, 1.0 mg/kg.
    found = dose("P-IV-TITR", weights("70", "175"), mg_per_kg=Decimal("0.75"),
                 product="ketamine-50-mg-per-ml")  # fmt: skip

    assert shown(found.amounts.mg) == "52.5"
    with pytest.raises(DoseError, match=r"it has 0.5, 0.6, 0.75, 1$"):
        dose("P-IV-TITR", weights("70", "175"), mg_per_kg=Decimal("1.1"),
             product="ketamine-50-mg-per-ml")  # fmt: skip


def test_a_weight_in_pounds_is_outside_the_range_of_the_protocol():
    # Section 5: 30 to 200 kg.
    with pytest.raises(DoseError, match=r"outside the 30 to 200 kg"):
        dose("P-IV-STD", weights("201", "175"), product="ketamine-50-mg-per-ml")
    with pytest.raises(DoseError, match=r"outside the 30 to 200 kg"):
        dose("P-IV-STD", weights("29.9", "175"), product="ketamine-50-mg-per-ml")


def test_rounding_that_takes_away_more_than_two_percent_is_refused():
    # 49.9 kg: 24.95 mg; from 100 mg/mL 0.24 mL would be 24 mg, 3.8 % less.
    with pytest.raises(DoseError, match="weaker vial"):
        dose("P-IV-STD", weights("49.9", "160"), product="ketamine-100-mg-per-ml")

    found = dose("P-IV-STD", weights("49.9", "160"), product="ketamine-50-mg-per-ml")

    assert shown(found.amounts.mg) == "24.5"


def test_the_strongest_vial_is_diluted_with_at_least_its_own_volume():
    # Ketamine §5: at least an equal volume.
    body, vial = weights("148", "178", "male"), "ketamine-100-mg-per-ml"

    enough = dose("P-IV-STD", body, product=vial, basis=Basis.TOTAL, total_ml=Decimal("1.48"))

    assert enough.diluent_ml == enough.stock_ml
    with pytest.raises(DoseError, match="larger volume"):
        dose("P-IV-STD", body, product=vial, basis=Basis.TOTAL, total_ml=Decimal("1.47"))


def test_a_longer_infusion_never_runs_faster_than_it_should():
    found = dose("P-IV-STD", weights("70", "175"), product="ketamine-50-mg-per-ml",
                 minutes=Decimal(45))  # fmt: skip

    assert shown(found.rate_ml_per_h) == "66.6"  # 50 mL in 45 minutes is 66.67 mL/h
    assert shown(found.rate_mg_per_h) == "46.66"


def test_another_vial_than_the_one_reckoned_with_stops_the_dose():
    vial = next(e for e in KNOWLEDGE.sections["products"] if e.id == "ketamine-50-mg-per-ml")

    check_vial(product=vial, scanned_mg_per_ml=Decimal(50))
    with pytest.raises(DoseError, match="100 mg/mL; the dose was worked out for 50"):
        check_vial(product=vial, scanned_mg_per_ml=Decimal(100))


# Other routes.


def test_under_the_skin_from_the_strongest_vial():
    # P-SC, EV-KADS: 100 mg/mL; 0.5 mg/kg at 70 kg.
    found = dose("P-SC", weights("70", "175"))

    assert (found.route, found.product) == ("SC", "ketamine-100-mg-per-ml")
    assert shown(found.volume_ml) == "0.35"
    assert found.site_ml == (Decimal("0.35"),)


def test_a_large_volume_into_muscle_is_split():
    # Section 5: more than 4 mL a site is split; KAP-IM-LOW at 50 mg from 10 mg/mL is 5 mL.
    found = dose("KAP-IM-LOW", mg=Decimal(50), product="ketamine-10-mg-per-ml")

    assert shown(found.volume_ml) == "5"
    assert [plain(each) for each in found.site_ml] == ["2.5", "2.5"]


def test_four_millilitres_into_muscle_stay_in_one_place():
    # Section 5: more than 4 mL a site is split; 40 mg from 10 mg/mL is 4 mL.
    found = dose("KAP-IM-LOW", mg=Decimal(40), product="ketamine-10-mg-per-ml")

    assert found.site_ml == (Decimal(4),)


def test_the_prescriber_sets_the_dose_under_the_tongue_within_the_range():
    # §2.2: SL 50 to 150 mg.
    assert dose("KAP-SL-LOW", mg=Decimal(100)).amounts.mg == 100
    with pytest.raises(DoseError, match="the prescriber sets"):
        dose("KAP-SL-LOW")
    for mg in ("49", "151"):
        with pytest.raises(DoseError, match="50 to 150 mg"):
            dose("KAP-SL-LOW", mg=Decimal(mg))


def test_a_high_dose_into_muscle_ends_at_the_greatest_dose_by_weight():
    # KAP-IM-HIGH reports up to 1.5 mg/kg; the guard of section 5 is 1.0.
    with pytest.raises(DoseError, match=r"not between 0\.1 and 1 mg/kg"):
        dose("KAP-IM-HIGH", weights("70", "175"), mg_per_kg=Decimal("1.5"),
             product="ketamine-50-mg-per-ml")  # fmt: skip


def test_the_structure_of_assisted_psychotherapy_has_no_dose():
    with pytest.raises(DoseError, match="the prescriber sets each"):
        dose("KAP-STRUCTURE", mg=Decimal(50))


@pytest.mark.parametrize("mg", ["70", "42", "112"])
def test_esketamine_is_only_given_in_the_doses_of_its_protocol(mg):
    with pytest.raises(DoseError, match=r"it has 56, 84 mg"):
        dose("P-ESK-US-TRD", mg=Decimal(mg))


def test_esketamine_does_not_go_by_weight():
    with pytest.raises(DoseError, match="not by weight"):
        dose("P-ESK-US-TRD", weights("70"), mg_per_kg=Decimal(1))


# Weights.


def test_below_a_body_mass_index_of_thirty_the_total_weight_is_offered():
    # 86.6 kg at 170 cm is 29.97; 86.7 kg is exactly 30.
    assert weights("86.6", "170").offered is Basis.TOTAL
    assert not weights("86.6", "170").must_choose
    assert weights("86.7", "170").offered is Basis.ADJUSTED
    assert weights("86.7", "170").must_choose


def test_without_a_height_the_prescriber_must_choose_and_total_is_all_there_is():
    body = weights("70")

    assert body.must_choose
    with pytest.raises(WeightError, match="height is unknown"):
        body.kg(Basis.IDEAL)


@pytest.mark.parametrize(("sex", "ideal"), [("female", "45.5"), ("male", "50")])
def test_the_ideal_weight_begins_at_sixty_inches(sex, ideal):
    # Devine: 60 inches are 152.4 cm.
    assert weights("70", "152.4", sex).ideal_kg == Decimal(ideal)
    assert weights("70", "152.3", sex).ideal_kg is None


@pytest.mark.parametrize(("height", "sex", "says"), [("150", "female", "begins at a height of 152.4 cm"),
                                                      ("170", "intersex", "neither"),
                                                      ("170", None, "neither")])  # fmt: skip
def test_an_ideal_weight_that_the_formula_has_not_is_none_with_the_reason(height, sex, says):
    body = weights("70", height, sex)

    assert body.ideal_kg is None
    assert says in body.why_none


def test_an_ideal_weight_above_the_real_one_is_refused_for_it_would_raise_the_dose():
    # Woman of 180 cm: 45.5 + 2.3 · 10.87 = 70.5 kg ideal; she weighs 50.
    with pytest.raises(WeightError, match="would be higher"):
        weights("50", "180").kg(Basis.IDEAL)
    with pytest.raises(WeightError, match="would be higher"):
        weights("50", "180").kg(Basis.ADJUSTED)


@pytest.mark.parametrize(
    "number", ["nan", "inf", "-inf", "seventy", float("nan"), "7_0", "\uff17\uff10", "0x46", ""]
)
def test_a_number_that_is_none_is_refused(number):
    with pytest.raises(ValueError, match="number"):
        exact(number)


def test_rounding_down_never_goes_up():
    assert round_down(Decimal("30.65"), step=Decimal("0.5")) == Decimal("30.5")
    assert round_down(Decimal("0.4999"), step=Decimal("0.5")) == 0
    assert round_down(Decimal("51.0"), step=Decimal("0.5")) == 51


def test_no_dose_is_worked_out_from_drug_levels():
    from pathlib import Path

    import overstory.pathway

    home = Path(overstory.pathway.__file__).parent
    using = [path.name for path in home.glob("dosing*.py") if "kinetics" in path.read_text("utf-8")]

    assert using == []
