"""What a dose is once it is worked out: infusion, injection, sprays, by mouth; and what was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from overstory.pathway.dosing_weights import Basis


class DoseError(ValueError):
    """A dose that cannot be worked out or is not the protocol's; the message says what would be."""


@dataclass(frozen=True, slots=True)
class Wish:
    """
    What the prescriber chose; None leaves what the protocol says.

    `mg` is a dose in mg where the protocol leaves it open, or one below the dose by weight.
    """

    mg_per_kg: Decimal | None = None
    mg: Decimal | None = None
    basis: Basis | None = None
    minutes: Decimal | None = None
    total_ml: Decimal | None = None
    product: str | None = None

    def __post_init__(self) -> None:
        for name in ("mg_per_kg", "mg", "minutes", "total_ml"):
            number = getattr(self, name)
            if number is not None and not (number.is_finite() and number > 0):
                raise DoseError(f"{name} is a finite number above zero, not {number}")


@dataclass(frozen=True, slots=True)
class Amounts:
    """
    How a dose by weight came about, in mg: by weight, then never above the cap, then rounded down.

    `mg` is what is drawn up; `rounding_percent` is how much rounding took away. `capped` tells that
    the cap made it lower; `asks` are the decisions that somebody has to record.
    """

    mg: Decimal
    before_rounding_mg: Decimal
    by_weight_mg: Decimal | None
    mg_per_kg: Decimal | None
    basis: Basis | None
    dosing_kg: Decimal | None
    cap_mg: Decimal
    capped: bool
    rounding_percent: Decimal
    asks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Infusion:
    """
    An infusion: what to draw up, what to dilute it to, how fast to run it.

    Volumes in mL; rates in mL/h, mg/h and µg/kg/min of the dosing weight, each rounded down.
    """

    amounts: Amounts
    product: str
    stock_ml: Decimal
    diluent_ml: Decimal
    total_ml: Decimal
    strength_mg_per_ml: Decimal
    minutes: Decimal
    rate_ml_per_h: Decimal
    rate_mg_per_h: Decimal
    rate_mcg_per_kg_per_min: Decimal | None
    line_ml: tuple[Decimal, Decimal]


@dataclass(frozen=True, slots=True)
class Injection:
    """An injection into the muscle or under the skin: the volume in mL at each site."""

    amounts: Amounts
    product: str
    route: str
    site_ml: tuple[Decimal, ...]

    @property
    def volume_ml(self) -> Decimal:
        """The whole volume, in mL."""
        return sum(self.site_ml, Decimal(0))


@dataclass(frozen=True, slots=True)
class UnderTongue:
    """A dose under the tongue: mg only, for no product of known strength is on record."""

    amounts: Amounts


@dataclass(frozen=True, slots=True)
class Sprays:
    """
    Devices of the nasal spray, and the minutes after the first at which each is given.

    The watch starts with the first device: `watch_until_minutes` after it at the earliest.
    """

    mg: Decimal
    cap_mg: Decimal
    product: str
    devices: int
    at_minutes: tuple[Decimal, ...]
    watch_until_minutes: Decimal
    steps: tuple[str, ...]
    asks: tuple[str, ...] = ()


WorkedOut = Infusion | Injection | UnderTongue | Sprays
"""Every form that a dose may take."""
