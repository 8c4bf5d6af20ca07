"""The published set: the same for the same key, everyone has a legal column, its plans are what they say."""

from __future__ import annotations

import pytest

from benchmarks.timetable import known
from benchmarks.timetable.generator import LOADS, MIX, SEEDS, SIZES, Key, instance_of, keys
from benchmarks.timetable.rolling import simulate
from overstory.exchange.timetable_json import instance_json
from overstory.pathway.timetable.bound import lower_bound
from overstory.pathway.timetable.planning import desk_of
from overstory.pathway.timetable.ruin import cost_of


def test_the_set_is_four_sizes_two_loads_and_five_seeds():
    assert (SIZES, LOADS, SEEDS) == ((20, 60, 200, 600), (0.75, 0.92), (0, 1, 2, 3, 4))
    assert len(list(keys())) == 40


def test_the_mix_is_that_of_the_issue():
    tms = sum(share for kind, share in MIX.items() if kind.startswith("tms-"))

    assert {kind: MIX[kind] for kind in ("esketamine", "iv", "snt", "combined", "kap")} == {
        "esketamine": 0.28, "iv": 0.16, "snt": 0.04, "combined": 0.08, "kap": 0.10,
    }  # fmt: skip
    assert tms == pytest.approx(0.34)


def test_an_instance_is_the_same_each_time_and_differs_by_seed():
    one, again, other = (instance_of(Key(20, 0.92, seed)) for seed in (0, 0, 1))

    assert instance_json(one) == instance_json(again)
    assert instance_json(one) != instance_json(other)


def test_two_hundred_courses_are_about_four_thousand_sessions():
    instance = instance_of(Key(200, 0.92, 0))

    assert len(instance.courses) == 200
    assert 3800 <= sum(each.sessions for each in instance.courses) <= 4000


@pytest.mark.parametrize("load", LOADS)
def test_everyone_has_a_legal_column(load):
    desk = desk_of(instance_of(Key(60, load, 2)))

    assert all(len(stage.legal) for each in desk.choices for stage in each.stages)


@pytest.mark.parametrize("name", ["20-0.75-0", "20-0.92-3", "60-0.75-1", "60-0.92-4", "200-0.92-0"])
def test_a_published_plan_fits_and_costs_what_it_says_and_no_less_than_its_bound(name):
    size, load, seed = name.split("-")
    key = Key(int(size), float(load), int(seed))
    entry = known.read()[name]
    desk = desk_of(instance_of(key))

    plan = known.plan_of(entry, desk, key)

    assert cost_of(desk.choices, plan) == entry["cost"] >= entry["bound"]


def test_every_instance_of_the_set_has_a_published_plan():
    assert set(known.read()) == {key.name for key in keys()}


def test_a_published_plan_that_was_changed_is_refused():
    key = Key(20, 0.75, 0)
    entry = known.read()[key.name]

    with pytest.raises(known.KnownPlanError):
        known.plan_of(entry | {"cost": entry["cost"] - 1}, desk_of(instance_of(key)), key)


def test_a_bound_found_anew_is_below_the_published_plan():
    key = Key(20, 0.92, 1)
    entry = known.read()[key.name]
    desk = desk_of(instance_of(key))

    bound = lower_bound(desk, plan=known.plan_of(entry, desk, key), rounds=40)

    assert bound.cost <= entry["cost"]


def test_a_timetable_that_is_kept_up_has_fewer_late_starts_than_first_fit():
    simple, ours = simulate(Key(60, 0.92, 0))

    assert ours.late <= simple.late
    assert ours.cost < simple.cost
    assert ours.moves_per_patient <= 0.5
