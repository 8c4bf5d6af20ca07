"""Names, addresses and numbers that are nobody's: plainly invented, and the same for the same seed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random

FIRST = {
    "female": (
        "Amrit", "Beata", "Calla", "Dagny", "Eluned", "Farah", "Greta", "Hana", "Imke", "Junia",
        "Kalinda", "Liesl", "Mireya", "Nadia", "Oriel", "Paloma", "Rosalba", "Sunniva", "Tamsin",
        "Ula", "Verity", "Wanda", "Xiomara", "Yuki", "Zofia", "Abeni", "Bronagh", "Chiara",
        "Delphine", "Esme", "Fumiko", "Hester", "Inaya", "Jocasta", "Katalin", "Luz",
    ),
    "male": (
        "Anselm", "Boaz", "Caspian", "Dimitri", "Emeka", "Florian", "Gideon", "Hiro", "Ignacio",
        "Jarek", "Kofi", "Leif", "Mateo", "Nikhil", "Osman", "Piers", "Ruben", "Soren", "Tariq",
        "Ulrich", "Viggo", "Wilmer", "Xavi", "Yannick", "Zoltan", "Arvid", "Bastian", "Cormac",
        "Dario", "Eskil", "Fergus", "Haruki", "Ilan", "Joaquim", "Kwame", "Lorenz",
    ),
}  # fmt: skip
LAST = (
    "Aldermoss", "Birchwater", "Cloudberry", "Dunlark", "Elderbrook", "Fennimarsh", "Goldplover",
    "Hazelthorpe", "Inglebeck", "Juniperfield", "Kestrelby", "Larchmoor", "Mossgrove", "Nettlewood",
    "Oakharrow", "Pinefallow", "Quillfeather", "Reedwhistle", "Sedgewren", "Thistlecombe",
    "Umberleaf", "Valebracken", "Willowmere", "Yarrowfell", "Ashpebble", "Brambleford", "Cobblefen",
    "Dewhollow", "Emberlin", "Foxglint", "Gullhaven", "Heronsby", "Ivydale", "Kelpstone",
    "Lindenrow", "Marshlight", "Northwillow", "Otterbank", "Pebblecroft", "Rowanstead",
)  # fmt: skip
RELATIONS = ("sister", "brother", "partner", "mother", "friend")


@dataclass(frozen=True, slots=True)
class Figure:
    """Someone who does not exist."""

    first: str
    last: str
    sex: str
    phone: str
    email: str

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"


class Cast:
    """Gives out people, no name twice until every last name was used."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._last: list[str] = []
        self._first: dict[str, list[str]] = {"female": [], "male": []}
        self._number = 9

    def next(self, sex: str = "", first: str = "") -> Figure:
        """Return the next figure; without a sex, of either, and with a first name that is given."""
        sex = sex if sex in FIRST else self._random.choice(("female", "male"))
        if not self._last:
            self._last = self._random.sample(LAST, len(LAST))
        if not self._first[sex]:
            self._first[sex] = self._random.sample(FIRST[sex], len(FIRST[sex]))
        first, last = first or self._first[sex].pop(), self._last.pop()
        return Figure(first, last, sex, self.phone(), f"{first}.{last}@example.org".lower())

    def phone(self) -> str:
        """Return a telephone number that is kept free for stories."""
        self._number = (self._number + 1) % 100
        return f"+1 555 01{self._number:02d}"

    def born(self, age: int, on: date) -> date:
        """Return a birth date that makes someone this old on a day."""
        month, day = self._random.randint(1, 12), self._random.randint(1, 28)
        had = (month, day) <= (on.month, on.day)
        return date(on.year - age - (0 if had else 1), month, day)
