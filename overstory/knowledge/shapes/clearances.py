"""A clearance of a TMS device: what it is for, under which number, from which day."""

from __future__ import annotations

from typing import Literal

from overstory.knowledge.shapes.shared import Cites, Jurisdiction, Shape, Status


class Stated(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A number or a date as one source states it, with the standing of that source."""

    value: str
    source: Cites
    status: Status


class Clearance(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    One clearance of a TMS device by a regulator. A device is cleared, never approved.

    `indications` has the short names of the indications that it covers, `wording` what it says it
    is for, in our words; `source` and `status` are of that wording. `number` is the regulator's
    and `date` the day of clearance as precise as known, each with its own standing; either may be
    missing. `pathway` tells whether the device was the first of its kind (de-novo).
    """

    id: str
    device: str
    indications: list[str]
    wording: str
    source: Cites
    status: Status
    jurisdiction: Jurisdiction = "US"
    pathway: Literal["510k", "de-novo"] = "510k"
    number: Stated | None = None
    date: Stated | None = None
    regulation: str = ""
    product_code: str = ""
    youngest_years: float | None = None
    oldest_years: float | None = None
    note: str = ""
