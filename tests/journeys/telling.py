"""What people in the journeys do that takes many pages: ask for care, answer a questionnaire, a board."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from playwright.sync_api import Locator, expect

from tests.journeys.visiting import Visitor, path_of_link

SITE = "/en/at/larkspur-harbor/"
YES = frozenset({"agrees-to-questions", "has_escort_home", "can_attend_daily",
                 "takes_oral_antidepressant", "any"})  # fmt: skip
NUMBERS = {
    "current_episode_weeks": "40", "weekdays_available": "5", "travel_minutes_one_way": "30",
    "weight_kg": "80", "height_cm": "175",
}  # fmt: skip
TRIED = (("sertraline", "200", "12"), ("venlafaxine", "225", "10"))
STATED = {
    "can_consent": "true", "has_major_depression": "true", "weight_kg": "80", "height_cm": "175",
    "systolic_bp": "122", "diastolic_bp": "78", "heart_rate": "70", "respiratory_rate": "14",
    "spo2": "98", "ymrs_total": "1", "dast10_total": "0", "cssrs_risk": "none",
    "hepatic_impairment": "none", "depression_severity": "severe",
}  # fmt: skip
"""What staff state of someone in fair health with depression; anything else is a no."""


@dataclass(frozen=True)
class Someone:
    """Who asks for care in a journey."""

    name: str
    born: str = "1982-03-09"
    phone: str = "+1 212 555 0177"

    @property
    def birth(self) -> dict[str, str]:
        year, month, day = self.born.split("-")
        return {"year": year, "month": str(int(month)), "day": str(int(day))}


def asks_for_care(visitor: Visitor, who: Someone) -> None:
    """Ask for care on the site's public page."""
    visitor.go(f"{SITE}ask/")
    visitor.looks()
    visitor.tell(name=who.name, birth_date=who.born, phone=who.phone, prefers="phone",
                 speak="en", reason="depression")  # fmt: skip
    visitor.click("Send")
    visitor.reads("Thank you. We have it.")


def books_a_visit(visitor: Visitor, who: Someone) -> None:
    """Book an evaluation visit at once from the public page."""
    visitor.go(SITE)
    visitor.looks()
    visitor.follow("Book an evaluation visit")
    visitor.looks()
    visitor.press(visitor.page.locator(".visit-times a").nth(2))
    visitor.tell(mode="here", name=who.name, birth_date=who.born, phone=who.phone,
                 prefers="phone", speak="en", reason="depression")  # fmt: skip
    visitor.looks()
    visitor.press(visitor.page.locator("main form button").last)
    expect(visitor.page.locator("main h1")).to_contain_text("booked")
    visitor.looks()


def registers(desk: Visitor, who: Someone) -> str:
    """Find the request in the queue, take it, register the person; return their address."""
    desk.go("/requests/")
    desk.looks()
    desk.follow(who.name)
    desk.looks()
    desk.click("I take it")
    desk.press(desk.page.locator('form[action$="/register/"] button').last)
    desk.looks()
    if desk.path.endswith("/register/"):  # beside someone who may be the same
        desk.press(desk.page.locator('form[action$="/register/"] button').last)
        desk.looks()
    assert desk.path.startswith("/people/"), desk.path
    return "/".join(desk.path.split("/")[:3]) + "/"


def makes_a_link(nurse: Visitor, person: str, pack: str) -> str:
    """Begin a questionnaire and read its link from the page that shows it once."""
    nurse.go(f"{person}questionnaires/")
    nurse.looks()
    nurse.tell(pack=pack, way="show")
    nurse.click("Begin")
    nurse.looks()
    return path_of_link(nurse.page.content())


def opens(phone: Visitor, link: str, who: Someone) -> None:
    """Open a link on a phone with the birth date."""
    phone.go(link)
    phone.looks()
    phone.tell(**who.birth)
    phone.press(phone.page.locator("main form button.button-big"))


def after_a_rest(phone: Visitor, who: Someone) -> None:
    """Give the birth date again, as a link asks that was left alone for a while."""
    assert "/again/" in phone.path
    phone.looks()
    phone.tell(**who.birth)
    phone.press(phone.page.locator("main form button.button-big"))


def answers(phone: Visitor, known: Mapping[str, str] | None = None, level: str = "2") -> int:
    """Answer question after question until the list of answers; each kind of page is looked at once."""
    seen: set[str] = set()
    count = 0
    while "/page/" in phone.path:
        key = phone.path.split("/")[-2]
        kind = _answer(phone, key, known or {}, level)
        if kind not in seen:
            phone.looks()
            seen.add(kind)
        button = "button.button-quiet[name=more]" if kind == "trial-last" else "button.button-big"
        phone.press(phone.page.locator(f"main form {button}").first)
        count += 1
    return count


def _answer(phone: Visitor, key: str, known: Mapping[str, str], level: str) -> str:
    name, page = key.partition(".")[2], phone.page
    if page.locator("#q-medicine").count():
        return _trial(phone, int(name))
    boxes = page.locator("main input[type=checkbox]")
    if page.locator("main textarea").count():
        page.locator("main textarea").fill("sertraline 100 mg" if boxes.count() else "Nothing.")
        return "text"
    if boxes.count():
        page.locator("main input[type=checkbox][value=none]").check()
        return "many"
    if page.locator("main input[type=radio]").count():
        wanted = known.get(name) or known.get(key) or ("yes" if name in YES else _usual(key, level))
        radio = page.locator(f'main input[type=radio][value="{wanted}"]')
        (radio if radio.count() else page.locator("main input[type=radio]").first).check()
        return "scale" if key.startswith(("phq9", "gad7")) else "choice"
    page.locator("#q-answer").fill(NUMBERS[name])
    if page.locator("#q-unit").count():
        page.locator("#q-unit").select_option("weeks")
    return "number"


def _usual(key: str, level: str) -> str:
    if key == "phq9.9" or key.startswith("audit_c"):
        return "0"
    return level if key.startswith(("phq9", "gad7")) else "no"


def _trial(phone: Visitor, number: int) -> str:
    medicine, dose, weeks = TRIED[number - 1]
    phone.tell(medicine=medicine, dose_mg=dose, weeks=weeks, episode="current",
               outcome="no-response")  # fmt: skip
    return "trial-last" if number == len(TRIED) else "trial"


def hands_in(phone: Visitor) -> None:
    """Look the answers through and hand them in."""
    phone.looks()
    phone.press(phone.page.locator("main form button.button-big").last)
    phone.reads("Thank you")
    phone.looks()


def states_what_is_missing(nurse: Visitor, known: Mapping[str, str] | None = None) -> int:
    """Answer on the board, in place, one question after another until none is left."""
    stated, count = STATED | dict(known or {}), 0
    while nurse.page.locator(".care-questions form.care-answer").count():
        form = nurse.page.locator(".care-questions form.care-answer").first
        name = (form.get_attribute("action") or "").split("/")[-3]
        if form.locator("button[name=answer]").count():
            nurse.press(form.locator(f'button[value="{stated.get(name, "false")}"]'))
        else:
            _put_into(form.locator("[name=answer]"), stated[name])
            nurse.press(form.get_by_role("button", name="Save"))
        count += 1
        assert count < 80, f"the board asks on and on: {name}"
    return count


def _put_into(field: Locator, value: str) -> None:
    kind = field.first.evaluate("each => each.type")
    if kind == "radio":
        field.and_(field.page.locator(f'[value="{value}"]')).check()
    elif kind.startswith("select"):
        field.select_option(value)
    else:
        field.fill(value)


def verdict_of(reader: Visitor, treatment: str) -> str:
    """Read a verdict from the table of the five options."""
    row = reader.page.locator(".care-options tbody tr", has_text=treatment).first
    return row.locator("td").first.inner_text().strip()
