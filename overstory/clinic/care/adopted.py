"""Which knowledge is in force in a clinic: what its medical director adopted, with its site policy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from overstory.clinic.care.models import Adoption
from overstory.clinic.people.models import Clinic
from overstory.exchange.policy_file import read_policy_file
from overstory.exchange.records import InputError
from overstory.knowledge.load import Knowledge, load_knowledge
from overstory.pathway.policy import PolicyError, with_policy

POLICY_NAME = "site policy"
MOST_POLICIES = 64
HELD = "_in_force"


class PolicyTextError(ValueError):
    """A site policy text that cannot be used; the message says where and what would be right."""


@dataclass(frozen=True)
class Adopted:
    """
    What a clinic adopted last.

    `knowledge` is the running release with the site's policy. `problem` says what stands against
    using it as adopted: another release runs now, or the policy does not fit it.
    """

    adoption: Adoption
    knowledge: Knowledge
    problem: str = ""

    @property
    def is_running(self) -> bool:
        """Whether what runs is what was adopted."""
        return not self.problem


@dataclass(frozen=True)
class InForce:
    """The knowledge that pages are worked out with, and what was adopted, if anything was."""

    knowledge: Knowledge
    adopted: Adopted | None

    @property
    def may_sign(self) -> bool:
        """Whether plans may be signed: what runs is what was adopted."""
        return self.adopted is not None and self.adopted.is_running


def adopted(clinic: Clinic) -> Adopted | None:
    """Return what the clinic adopted last, with the knowledge that follows; none before the first."""
    adoption: Adoption | None = (
        clinic.adoptions.select_related("by").defer("entries").order_by("-at").first()
    )
    if adoption is None:
        return None
    running = load_knowledge()
    try:
        knowledge = policed(adoption.policy)
    except PolicyTextError as error:
        return Adopted(adoption, running, f"The adopted site policy does not fit: {error}")
    if adoption.sha256 != running.sha256:
        return Adopted(
            adoption,
            knowledge,
            f"Release {adoption.version} ({adoption.sha256[:12]}) was adopted, and release "
            f"{running.version} ({running.sha256[:12]}) runs.",
        )
    return Adopted(adoption, knowledge)


def in_force(clinic: Clinic) -> InForce:
    """
    Return the knowledge for a clinic's pages: the adopted one, else the release as it is shipped.

    It is read once for each reading of the clinic's row, so once a page.
    """
    held: InForce | None = clinic.__dict__.get(HELD)
    if held is None:
        found = adopted(clinic)
        held = InForce(found.knowledge if found else load_knowledge(), found)
        clinic.__dict__[HELD] = held
    return held


def policed(policy: str) -> Knowledge:
    """
    Return the running release with a site policy, read once in a process.

    :raises PolicyTextError: if the text cannot be read or changes what is not a site's to change.
    """
    return _policed(policy, load_knowledge().sha256)


def digest(text: str) -> str:
    """Return the SHA-256 of a text."""
    return sha256(text.encode()).hexdigest()


@lru_cache(maxsize=MOST_POLICIES)
def _policed(policy: str, release: str) -> Knowledge:
    del release
    if not policy.strip():
        return load_knowledge()
    try:
        return with_policy(load_knowledge(), read_policy_file(policy, name=POLICY_NAME))
    except (InputError, PolicyError) as error:
        raise PolicyTextError(str(error)) from None
