"""Stories of a choice: what matters, how sure someone is, what they chose with whom, what they signed."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from overstory.clinic.care import choosing_actions as choosing
from overstory.clinic.care import consenting_actions as consenting
from overstory.clinic.care.adopted import in_force
from overstory.clinic.care.choosing_rows import Choice
from overstory.clinic.care.consenting import shown_text
from overstory.clinic.demo.cast import RELATIONS
from overstory.clinic.demo.world import World
from overstory.clinic.people.models import Person
from overstory.knowledge.load import load_knowledge
from overstory.pathway.sure import QUESTIONS

TALKED = {
    "tms": "Wants to keep driving to work; every working day is possible before noon.",
    "esketamine": "Wants something that may help soon; a sister drives home.",
    "ketamine-iv": "Two sprays of the insurer's list are too far away; can pay for six infusions.",
    "ketamine-then-tms": "Would like help soon and something without a drug to keep it.",
    "usual-care": "Therapy began last month; wants to see how far it leads.",
    "not-yet": "A new medicine was started three weeks ago; first wants to see what it does.",
}
ASKED = (
    "What happens if I miss a day?",
    "Can I go on with my tablets?",
    "What will it cost me in the end?",
)
SAID_BACK = {
    "tms": "Pulses on my head, each working day for weeks. A seizure is rare. I may stop.",
    "esketamine": "A spray twice a week. I may feel far away for an hour or two and do not drive.",
    "ketamine-iv": "A drip of forty minutes. My blood pressure may rise. Somebody takes me home.",
    "ketamine-then-tms": "First the medicine, then the pulses. Little is known of both together.",
}
CAPACITY = "Told the reasons for and against in their own words, and kept to the choice."


def chooses(
    world: World, what: str, person: Person, option: str, *, at: datetime, again: date | None = None
) -> Choice:
    """Keep what matters to someone, the SURE test before and after, a question, and what they chose."""
    random, force = world.random("choice", what), in_force(world.clinic)
    doctor, nurse = (world.at_site(each, site=person.site) for each in ("psychiatrist", "nurse"))
    knowledge = load_knowledge()

    def said(part: str, minutes: int) -> choosing.Saying:
        giver = choosing.Giver(staff=nurse)
        return choosing.Saying(world.key(part, what), giver, at + timedelta(minutes=minutes))

    unsure = {each: random.random() < 0.5 for each in QUESTIONS}
    sure = dict.fromkeys(QUESTIONS, True)
    choosing.take_sure(person=person, said=said("before", 0), moment="before", answers=unsure,
                       knowledge=knowledge)  # fmt: skip
    matters = {each.id: random.randint(0, 5) for each in knowledge.sections["choice_values"]}
    choosing.say_values(
        person=person, said=said("values", 6), importance=matters, knowledge=knowledge
    )
    choosing.ask(person=person, said=said("question", 9), words=random.choice(ASKED))
    choosing.take_sure(person=person, said=said("after", 20), moment="after", answers=sure,
                       knowledge=knowledge)  # fmt: skip
    near = world.cast_of(what).next()
    chosen = choosing.Chosen(
        key=world.key("choice", what),
        option=option,
        is_wish=False,
        present=((near.name, random.choice(RELATIONS)),),
        staff_present=(nurse,),
        discussed=TALKED[option],
        look_again_on=again,
        seen_at=at,
    )
    return choosing.record_choice(
        person=person, chosen=chosen, force=force, by=doctor, at=at + timedelta(minutes=25)
    )


def consents(
    world: World, what: str, person: Person, treatments: tuple[str, ...], *, at: datetime
) -> None:
    """Sign the consent of each treatment, in the person's language."""
    force, doctor = in_force(world.clinic), world.at_site("psychiatrist", site=person.site)
    for number, treatment in enumerate(treatments):
        text = shown_text(
            person=person, treatment=treatment, language=person.language, knowledge=force.knowledge
        )
        if text is None:
            continue
        routes = text.document.routes
        signing = consenting.Signing(
            key=world.key("consent", what, treatment),
            treatment=treatment,
            route="IV" if "IV" in routes else routes[0],
            language=person.language,
            sha256=text.sha256,
            typed_name=person.legal_name,
            signer="self",
            how_read="read",
            has_capacity=True,
            capacity_words=CAPACITY,
            teach_back=SAID_BACK[treatment],
            dose_today=False,
            copy_given=True,
        )
        moment = at + timedelta(minutes=8 * number)
        consenting.sign(person=person, signing=signing, force=force, by=doctor, at=moment)
