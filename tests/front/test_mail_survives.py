"""What was answered 250 is texted once or told to be in doubt, though the gateway is killed in the middle of it."""

from __future__ import annotations

import smtplib
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from random import Random

import pytest

from tests.front.mailing import WATCH, Hospital, mail, statuses, to

ANN, BOB = "+12125550100", "+12125550101"
SEED = 7
MAILS = 12


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    hospital = Hospital(tmp_path_factory.mktemp("mail"))
    hospital.start()
    yield hospital
    hospital.stop()


def delivered(hospital: Hospital, number: str, raw: bytes) -> None:
    """As a mail system does: again and again, until it has its answer."""
    while True:
        with suppress(OSError, smtplib.SMTPException):
            with hospital.shop() as client:
                assert client.sendmail(WATCH, to(number), raw) == {}
            return
        time.sleep(0.05)


def test_a_mail_over_which_the_gateway_dies_is_not_texted_again_and_its_sender_hears_of_the_doubt(hospital: Hospital):
    raw = mail("Pump 3 is hot", message_id="<pump@x>")
    with hospital.world.answers_held():
        sending = hospital.world.in_background(lambda: delivered(hospital, ANN, raw))
        hospital.world.wait_for_a_send()
        hospital.house.kill()
    hospital.house.start()
    sending.result(20)
    assert len(hospital.texts_to(ANN)) == 1
    report = hospital.postbox.one()
    assert report["Subject"] == "Your text may have been sent"
    assert [told["Action"] for told in statuses(report)] == ["delayed"]


def test_whenever_it_is_killed_nothing_acknowledged_is_lost_and_nothing_is_texted_twice(hospital: Hospital):
    hospital.forget()
    chance = Random(SEED)
    mails = [mail(f"Mail {place}", message_id=f"<{place}@seeded>") for place in range(MAILS)]
    fourth = threading.Event()

    def deliver() -> None:
        for place, raw in enumerate(mails):
            if place == 4:
                fourth.set()
            delivered(hospital, BOB, raw)

    sending = hospital.world.in_background(deliver)
    assert fourth.wait(20)
    time.sleep(chance.random() / 20)  # anywhere in the next few mails
    hospital.house.kill()
    hospital.house.start()
    sending.result(30)
    texts = [text.split(" Reply")[0] for text in hospital.texts_to(BOB)]
    assert len(texts) == len(set(texts))
    doubtful = MAILS - len(texts)
    assert doubtful in {0, 1}
    if doubtful:
        assert [told["Action"] for told in statuses(hospital.postbox.one())] == ["delayed"]
