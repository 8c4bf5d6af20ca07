"""Crisis lines can be touched on a phone: to call, to text, to open; nothing else becomes a link."""

from __future__ import annotations

import pytest

from overstory.clinic.ui.reaching import reachable


@pytest.mark.parametrize(
    ("sentence", "links"),
    [
        ("Emergency: call 911.", ['href="tel:911"']),
        (
            "988 Suicide and Crisis Lifeline: call 988 or text 988 or chat at 988lifeline.org.",
            ['href="tel:988"', 'href="sms:988"', 'href="https://988lifeline.org"'],
        ),
        (
            "988, in Spanish: call 988 and press 2 or text AYUDA to 988.",
            ['href="tel:988"', 'href="sms:988"'],
        ),
        ("Crisis Text Line: text HOME to 741741.", ['href="sms:741741"']),
        ("Samaritans: call 116 123.", ['href="tel:116123"']),
        ("Telefonseelsorge: call 0800 111 0 111.", ['href="tel:08001110111"']),
        ("Línea 988: llame al 988 o envíe AYUDA al 988.", ['href="tel:988"', 'href="sms:988"']),
        ("The nurse on call: +1 555 0101.", ['href="tel:+15550101"']),
    ],
)
def test_what_can_be_reached_is_a_link(sentence, links):
    page = reachable(sentence)

    for link in links:
        assert link in page


def test_a_key_to_press_is_no_number_to_call():
    assert 'tel:1"' not in reachable("Veterans Crisis Line: call 988 and press 1.")


def test_nothing_of_a_sites_own_text_is_read_as_markup():
    assert "<b>" not in reachable("Call <b>911</b> & stay")
    assert "&amp;" in reachable("Call 911 & stay")
