"""Published models of drug levels in blood, for teaching: volumes, flows and rates. Never for a dose."""

from __future__ import annotations

from typing import Any

from overstory.knowledge.shapes.shared import Cites, Shape, Status


class Rates(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Rates in 1/min between the central compartment and the others; without a third it has two."""

    out: float
    to_second: float
    from_second: float
    to_third: float | None = None
    from_third: float | None = None


class Volumes(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Volumes in L for a person of the reference weight."""

    central: float
    second: float
    third: float


class Flows(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Clearance (`out`) and flows to the other compartments in L/h, for the reference weight."""

    out: float
    second: float
    third: float


class KineticModel(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    A mammillary model of racemic ketamine given into a vein, in one of two ways of writing it.

    Either `central_l_per_kg` with `rates_per_min`; or `volumes_l` and `flows_l_per_h` of a person of
    `reference_kg`, the volumes in proportion to weight, the flows to weight to the power of
    `flow_exponent`.
    """

    id: str
    name: str
    says: str
    source: Cites
    status: Status
    central_l_per_kg: float | None = None
    rates_per_min: Rates | None = None
    reference_kg: float | None = None
    volumes_l: Volumes | None = None
    flows_l_per_h: Flows | None = None
    flow_exponent: float | None = None


class NasalVolumes(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Volumes in L of the two peripheral compartments and of the liver."""

    second: float
    third: float
    liver: float


class NasalFlows(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Flows in L/h between the central compartment, the two others, and the liver."""

    second: float
    third: float
    liver: float


class LiverLoss(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the liver takes out, in 1/h: to the metabolite, and elsewhere."""

    elsewhere: float
    to_metabolite: float


class NasalGroup(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """People whose parameters differ by a factor."""

    id: str
    says: str
    loss_elsewhere_factor: float = 1
    nasal_share_factor: float = 1


class NasalModel(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    A model of esketamine after the nasal spray; volumes in L, flows in L/h, rates in 1/h.

    Of each device of `device_mg` a share is taken up in the nose (`nasal_share`, for each later device
    `later_device_factor` of it); the rest is swallowed over `swallowed_over_h`, and `gut_share` of that
    comes through. The flow to the liver falls with each year above `liver_flow_falls_from_years`.
    """

    id: str
    name: str
    says: str
    source: Cites
    status: Status
    device_mg: float
    central_l: float
    volumes_l: NasalVolumes
    flows_l_per_h: NasalFlows
    liver_flow_falls_l_per_h_per_year: float
    liver_flow_falls_from_years: float
    liver_loss_per_h: LiverLoss
    nasal_uptake_per_h: float
    nasal_share: float
    later_device_factor: float
    swallowed_over_h: float
    swallowed_uptake_per_h: float
    gut_share: float
    groups: list[NasalGroup]
    least_age_years: float


class LevelWords(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Words that stand beside a picture of a drug level, in English and Spanish."""

    id: str
    en: str
    es: str


KINETICS_SECTIONS: dict[str, Any] = {
    "kinetic_models": list[KineticModel],
    "nasal_models": list[NasalModel],
    "level_words": list[LevelWords],
}
"""The top-level keys of the files of drug levels."""
