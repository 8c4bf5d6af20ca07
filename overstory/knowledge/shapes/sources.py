"""A document that knowledge rests on."""

from __future__ import annotations

from typing import Literal

from overstory.knowledge.shapes.shared import Shape

SourceKind = Literal[
    "label", "clearance", "trial", "guideline", "regulation", "review", "cohort", "survey",
    "reference", "manufacturer", "payer", "web", "terminology", "site-policy", "recall",
]  # fmt: skip


class Source(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    One entry a document.

    `read_on` is the day it was read, `recheck_by` the last day on which it may be relied on unread;
    both are `YYYY-MM-DD`. `date` is the document's own, as precise as known. A `recall` source stands
    for what nobody has read again yet; a `site-policy` source for what this project proposes itself.
    """

    id: str
    kind: SourceKind
    title: str
    read_on: str
    recheck_by: str
    url: str = ""
    doi: str = ""
    date: str = ""
    jurisdiction: str = ""
    note: str = ""
