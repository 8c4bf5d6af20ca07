"""What every reader of a resource needs: the codes, the clock, and the rest of the document."""

from __future__ import annotations

from dataclasses import dataclass

from overstory.engine.facts import Vocabulary
from overstory.exchange.fhir.codebook import Codebook
from overstory.exchange.fhir.gathering import Clock
from overstory.exchange.fhir.moments import Moment, read_moment
from overstory.exchange.fhir.references import Addresses
from overstory.exchange.fhir.shapes import Period


@dataclass(frozen=True)
class Desk:
    """The codes, the clock, the vocabulary and the addresses of one reading."""

    book: Codebook
    clock: Clock
    vocabulary: Vocabulary
    addresses: Addresses

    def moment(self, text: str | None) -> Moment | None:
        """
        Return the moment that a text says, or None where there is none.

        :raises MomentError: if it is no date of FHIR.
        """
        return read_moment(text, zone=self.clock.at.tzinfo) if text else None

    def start(self, period: Period | None) -> Moment | None:
        """Return when a period began."""
        return self.moment(period.start) if period else None

    def is_over(self, period: Period | None) -> bool:
        """Return whether a period ended before the moment asked about."""
        end = self.moment(period.end) if period else None
        return end is not None and end.latest < self.clock.at
