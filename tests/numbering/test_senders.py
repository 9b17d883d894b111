from __future__ import annotations

import pytest

from gateway.numbering.senders import plus_restored, sender_of
from gateway.words.number import SenderKind


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("+12025550100", SenderKind.NUMBER),
        ("12025550100", SenderKind.NUMBER),
        ("+1 (202) 555-0100", SenderKind.NUMBER),
        ("12345", SenderKind.SHORT_CODE),
        ("123", SenderKind.SHORT_CODE),
        ("AcmeEnergy", SenderKind.ALPHANUMERIC),
        ("Acme 24", SenderKind.ALPHANUMERIC),
        ("12", SenderKind.ALPHANUMERIC),
        ("A" * 1000, SenderKind.ALPHANUMERIC),
        ("MG33333333333333333333333333333333", SenderKind.POOL),
        ("4000eba1-a0c0-4563-9925-b25e842a7cb6", SenderKind.POOL),
        ("", SenderKind.NONE),
        (" ", SenderKind.NONE),
    ],
)
def test_a_sender_is_told_by_its_spelling(value, kind):
    assert sender_of(value).kind is kind


def test_a_plus_that_came_as_a_space_is_a_plus_again():
    assert sender_of(" 12025550100").value == "+12025550100"
    assert plus_restored(" 12025550100") == "+12025550100"
    assert plus_restored("  12025550100") == "  12025550100"
    assert plus_restored(" Acme") == " Acme"
