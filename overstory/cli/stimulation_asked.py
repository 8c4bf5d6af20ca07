"""What the commands of stimulation share: how a method is named, what is refused, where numbers stand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from overstory.cli.input import bad_input_ends
from overstory.cli.wording import STATUS_WORDS
from overstory.exchange.records import InputError
from overstory.knowledge.shapes.shared import Cites, Status, cites
from overstory.pathway.protocols import NoProtocolError
from overstory.pathway.stimulation.hunting import HuntingError
from overstory.pathway.stimulation.labels import LabelError
from overstory.pathway.stimulation.rossini import RelativeFrequencyError
from overstory.pathway.stimulation.scalp import ScalpError
from overstory.pathway.stimulation.sessions import SessionError
from overstory.pathway.stimulation.thresholds import ThresholdError

REFUSED = 3
COILS = ("figure-8", "H1", "H4", "H7", "D-B80")
MUSCLES = ("hand", "leg", "toe")

method_option = click.option(
    "--method", type=click.Choice(["emg", "visual"]), required=True,
    help="How the threshold is measured; the two are never mixed.",
)  # fmt: skip


@contextmanager
def refusals() -> Iterator[None]:
    """End with exit status 2 and the message where a value makes no sense."""
    with bad_input_ends():
        try:
            yield
        except (
            HuntingError, RelativeFrequencyError, ScalpError, SessionError, ThresholdError, LabelError,
            NoProtocolError,
        ) as error:  # fmt: skip
            raise InputError(str(error)) from None


def cited_text(cited: Cites, status: Status) -> str:
    """Return the sources of a number in one line, with their standing."""
    said = "; ".join(f"{cite.id} {cite.at}".strip() for cite in cites(cited))
    power = STATUS_WORDS[status]
    return f"[{said}]{f' · {power}' if power else ''}"
