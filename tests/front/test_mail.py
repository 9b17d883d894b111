"""Mails become texts, for those who may mail them, and every answer is one that a mail system understands."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator

import pytest
import requests

from gateway.config import Config
from gateway.opening import desk
from tests.front.house import NOON
from tests.front.mailing import ALERTS, PASSWORD, SHOP, WATCH, Hospital, mail, statuses, to
from tests.front.patience import until

ANN, BOB, CARL, DORA = "+12125550100", "+12125550101", "+12025550100", "+12025550123"
NOBODY = "+12125550133"  # has agreed to nothing
NIGHT, MORNING = "2026-06-10T23:30:00-04:00", "2026-06-11T08:00:00-04:00"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    hospital = Hospital(tmp_path_factory.mktemp("mail"))
    hospital.start()
    hospital.opts_out(CARL)
    yield hospital
    hospital.stop()


@pytest.fixture
def hospital(running: Hospital) -> Hospital:
    running.forget()
    running.house.move_clock(NOON)
    return running


def refused(call: object, *arguments: object) -> tuple[int, str]:
    with pytest.raises(smtplib.SMTPResponseException) as error:
        call(*arguments)  # type: ignore[operator]
    raw = error.value.smtp_error
    return error.value.smtp_code, raw.decode() if isinstance(raw, bytes) else raw


def test_whoever_has_the_password_texts_over_tls(hospital: Hospital):
    with hospital.client() as client:
        client.starttls(context=hospital.trust())
        client.login("nagios", PASSWORD)
        assert client.sendmail(WATCH, to(ANN), mail("Pump 3 is hot")) == {}
    [message] = hospital.world.carrier.messages
    assert (message.text, message.sender) == ("Pump 3 is hot", ALERTS)


def test_an_allowed_network_texts_by_its_own_program_with_the_instruction(hospital: Hospital):
    with hospital.shop() as client:
        assert client.sendmail(WATCH, to(BOB), mail("20% off today")) == {}
    assert hospital.texts_to(BOB) == ["20% off today Reply STOP to opt out"]
    [line] = [line for line in hospital.house.audited() if line.get("program") == "club"][-1:]
    assert (line["fate"], line["category"]) == ("sent", "marketing")


def test_what_is_offered_is_what_a_mail_system_needs(hospital: Hospital):
    with hospital.client() as client:
        client.ehlo()
        offered = {"size", "8bitmime", "smtputf8", "pipelining", "enhancedstatuscodes", "starttls", "auth"}
        assert set(client.esmtp_features) == offered
        assert client.esmtp_features["size"] == "65536"


def test_strangers_and_wrong_passwords_text_nobody(hospital: Hospital):
    with hospital.client() as client:
        assert refused(client.login, "nagios", "wrong") == (535, "5.7.8 no such user, or another password")
        client.ehlo_or_helo_if_needed()
        code, why = client.mail(WATCH)
        assert (code, why.decode()) == (530, "5.7.0 log in first, or mail from a network that is allowed")
    assert hospital.world.carrier.messages == []


@pytest.mark.parametrize(
    ("situation", "address", "code", "why"),
    [
        ("no number", "ann@sms.example.com", 550, "5.1.3 no phone number stands before the @"),
        ("not our domain", "12125550100@example.com", 550, "5.1.2 no texts are taken for this domain"),
        ("opted out of all", "12025550100@sms.example.com", 550, "5.7.1 opt-out since"),
    ],
)
def test_a_recipient_that_can_get_nothing_is_refused_at_once(
    hospital: Hospital, situation: str, address: str, code: int, why: str
):
    with hospital.shop() as client:
        client.ehlo_or_helo_if_needed()
        client.mail(WATCH)
        answered, said = client.rcpt(address)
        assert (answered, said.decode()[: len(why)]) == (code, why), situation
    assert hospital.world.carrier.messages == []


def test_the_rule_is_named_and_the_number_is_not(hospital: Hospital):
    with hospital.shop() as client:
        client.ehlo_or_helo_if_needed()
        client.mail(WATCH)
        _, said = client.rcpt(to(CARL)[0])
    assert said.endswith(b"(gateway/suppressed)")
    assert b"5550100" not in said


def test_a_text_without_consent_is_refused_with_its_rule(hospital: Hospital):
    with hospital.shop() as client:
        code, why = refused(client.sendmail, WATCH, to(NOBODY), mail("20% off today"))
    assert (code, why[:6]) == (550, "5.7.1 ")
    assert "(us-federal/consent" in why
    assert hospital.world.carrier.messages == []


@pytest.mark.parametrize(
    ("situation", "sender", "raw", "why"),
    [
        ("an automatic answer", WATCH, mail("I am away", Auto_Submitted="auto-replied"), "(mail/automatic-answer)"),
        ("a list's", WATCH, mail("Hello all", List_Id="<all.example.com>"), "(mail/list)"),
        ("our own, come back", WATCH, mail("Pump", X_Gateway_Trace="sms.example.com"), "(mail/loop)"),
        ("without a word", WATCH, mail("", subject=""), "5.6.0 no text is in this mail"),
    ],
)
def test_what_is_for_no_phone_becomes_no_text(hospital: Hospital, situation: str, sender: str, raw: bytes, why: str):
    with hospital.shop() as client:
        code, said = refused(client.sendmail, sender, to(ANN), raw)
    assert code == 550, situation
    assert why in said, situation
    assert hospital.world.carrier.messages == []


def test_a_mail_without_a_sender_is_refused_before_its_recipients(hospital: Hospital):
    with hospital.shop() as client:
        client.ehlo_or_helo_if_needed()
        code, why = client.mail("<>")
        assert (code, b"mail/null-sender" in why) == (550, True)


def test_of_several_recipients_some_get_it_and_the_sender_is_told_of_the_others(hospital: Hospital):
    with hospital.shop() as client:
        assert client.sendmail(WATCH, to(DORA, NOBODY), mail("20% off", subject="Sale", message_id="<m1@x>")) == {}
    assert len(hospital.texts_to(DORA)) == 1
    report = hospital.postbox.one()
    assert hospital.postbox.envelopes[0][1] == [WATCH]
    [told] = statuses(report)
    assert (told["Action"], told["Status"]) == ("failed", "5.7.1")
    assert told["Final-Recipient"] == f"rfc822; {to(NOBODY)[0]}"
    assert "us-federal/consent" in told["Diagnostic-Code"]
    assert "Message-ID: <m1@x>" in list(report.iter_parts())[2].get_content()


def test_a_notification_is_owed_until_the_mail_system_takes_it(hospital: Hospital):
    hospital.postbox.answers = "451 4.3.0 not now"
    with hospital.shop() as client:
        assert client.sendmail(WATCH, to(ANN, NOBODY), mail("10% off", message_id="<m2@x>")) == {}
    until(lambda: _calls(hospital, "put off"), "it was refused")
    hospital.postbox.answers = "250 2.0.0 OK"
    hospital.house.move_clock("2026-06-10T12:10:00-04:00")
    assert statuses(hospital.postbox.one())[0]["Status"] == "5.7.1"


def _calls(hospital: Hospital, end: str) -> bool:
    told = requests.get(f"{hospital.house.admin}/metrics", timeout=10).text
    return f'smsgate_calls_total{{end="{end}",upstream="mail"}}' in told


def test_a_mail_at_night_is_taken_and_texted_in_the_morning(hospital: Hospital):
    hospital.house.move_clock(NIGHT)
    with hospital.shop() as client:
        client.ehlo_or_helo_if_needed()
        client.mail(WATCH)
        client.rcpt(to(BOB)[0])
        code, why = client.data(mail("Breakfast for two"))
    assert (code, why.decode()) == (250, "2.0.0 it waits until it may leave")
    assert hospital.texts_to(BOB) == []
    hospital.house.move_clock(MORNING)
    assert until(lambda: hospital.texts_to(BOB), "it leaves")[0].startswith("Breakfast for two")


def test_what_waited_and_may_not_leave_any_more_is_told_to_its_sender(hospital: Hospital):
    hospital.house.move_clock(NIGHT)
    with hospital.shop() as client:
        assert client.sendmail(WATCH, to("+16175550142"), mail("Lunch")) == {}
    hospital.world.reply("+16175550142", SHOP, "STOP")
    hospital.house.move_clock(MORNING)
    report = until(lambda: [m for m in hospital.postbox.mails if m["Subject"] == "Your text was not sent"], "told")[0]
    assert "gateway/suppressed" in statuses(report)[0]["Diagnostic-Code"]
    assert hospital.texts_to("+16175550142") == []


def test_a_mail_that_comes_again_is_not_texted_twice(hospital: Hospital):
    raw = mail("Once only", message_id="<again@x>")
    for _ in range(2):
        with hospital.shop() as client:
            assert client.sendmail(WATCH, to(ANN), raw) == {}
    assert len(hospital.texts_to(ANN)) == 1


def test_an_alarm_that_repeats_itself_without_an_id_is_texted_each_time(hospital: Hospital):
    for _ in range(2):
        with hospital.client() as client:
            client.login("nagios", PASSWORD)
            client.sendmail(WATCH, to(ANN), mail("Door 4 is open"))
    assert len(hospital.texts_to(ANN)) == 2


def test_a_carrier_that_hangs_up_leaves_doubt_and_the_sender_hears_of_it(hospital: Hospital):
    async def gone(request, answer):
        request.transport.abort()
        return answer

    hospital.world.carrier.spoil = gone
    try:
        with hospital.shop() as client:
            assert client.sendmail(WATCH, to(DORA), mail("In doubt", message_id="<doubt@x>")) == {}
        report = hospital.postbox.one()
        assert report["Subject"] == "Your text may have been sent"
        assert statuses(report)[0]["Action"] == "delayed"
    finally:
        hospital.world.carrier.spoil = None


async def test_what_is_in_doubt_is_texted_again_only_once_a_person_has_said_that_it_was_not_sent(hospital: Hospital):
    async def gone(request, answer):
        request.transport.abort()
        return answer

    def mailed_again() -> int:
        with hospital.shop() as client:
            assert client.sendmail(WATCH, to(DORA), mail("Nobody knows", message_id="<unknown@x>")) == {}
        return hospital.texts_to(DORA).count("Nobody knows Reply STOP to opt out")

    hospital.world.carrier.spoil = gone
    assert mailed_again() == 1
    assert hospital.postbox.one()["Subject"] == "Your text may have been sent"
    hospital.world.carrier.spoil = None
    assert mailed_again() == 1
    async with desk(Config.load(hospital.house.folder / "house.yaml")) as it:
        for attempt in await it.in_doubt():
            await it.doubt_ended(attempt.id, sent=False)
    assert mailed_again() == 2


def test_numbers_may_stand_in_the_subject_for_who_is_used_to_that(hospital: Hospital):
    with hospital.client("127.0.0.3") as client:
        assert client.sendmail(WATCH, ["sms@sms.example.com"], mail("Table is ready", subject="212-555-0101")) == {}
    assert hospital.texts_to(BOB)[0].startswith("Table is ready")


def test_an_answer_comes_back_in_the_thread_of_the_mail(hospital: Hospital):
    hospital.house.move_clock("2026-06-10T12:01:00-04:00")  # others have mailed this number at noon
    raw = mail("Are you coming?", subject="Shift", message_id="<shift@x>", References="<older@x>")
    with hospital.shop() as client:
        assert client.sendmail(WATCH, to(DORA), raw) == {}
    assert hospital.world.reply(DORA, SHOP, "Yes, at nine").status_code == 200
    reply = hospital.postbox.one()
    assert (reply["From"].addresses[0].addr_spec, reply["To"]) == (to(DORA)[0], WATCH)
    assert (reply["Subject"], reply["In-Reply-To"]) == ("Re: Shift", "<shift@x>")
    assert reply["References"] == "<older@x> <shift@x>"
    assert reply.get_content().splitlines() == ["Yes, at nine"]


def test_whoever_mailed_last_hears_of_the_opt_out(hospital: Hospital):
    for minute, sender in enumerate(("first@hospital.example", WATCH)):
        hospital.house.move_clock(f"2026-06-10T12:0{minute}:00-04:00")
        with hospital.shop() as client:
            assert client.sendmail(sender, to("+12125550177"), mail("Offers", message_id=f"<{sender}>")) == {}
    assert hospital.world.reply("+12125550177", SHOP, "Stop").status_code == 200
    reply = hospital.postbox.one()
    assert hospital.postbox.envelopes == [(to("+12125550177")[0], [WATCH])]
    assert reply.get_content().splitlines() == ["Stop", "", "[They opted out: they get no more of these texts.]"]
    with hospital.shop() as client:
        client.ehlo_or_helo_if_needed()
        client.mail(WATCH)
        assert client.rcpt(to("+12125550177")[0])[0] == 550


def test_a_text_is_mailed_on_to_a_service_that_texts_it_and_its_answer_comes_back(hospital: Hospital):
    hospital.provider.answers = "250 2.6.0 queued as 4711"
    with hospital.client("127.0.0.4") as client:
        client.ehlo_or_helo_if_needed()
        client.mail(WATCH)
        client.rcpt(to(ANN)[0])
        code, why = client.data(mail("Pump 3 is hot\n\n-- \nPump house", subject="Alert"))
    assert (code, why.decode()) == (250, "2.6.0 queued as 4711")
    [relayed] = hospital.provider.mails
    assert relayed.get_content().splitlines() == ["Pump 3 is hot"]
    assert hospital.provider.envelopes == [("alerts@hospital.example", ["12125550100@sms.example.net"])]
    assert relayed["Subject"] is None
    assert hospital.world.carrier.messages == []


@pytest.mark.parametrize(
    ("situation", "answers", "code", "why"),
    [
        ("the recipient", {"to_recipients": "550 5.1.1 no such number here"}, 550, "5.1.1 no such number here"),
        ("the mail", {"answers": "554 5.6.0 too long for us"}, 554, "5.6.0 too long for us"),
        ("for now", {"answers": "451 4.7.1 slow down"}, 451, "4.7.1 slow down"),
    ],
)
def test_what_such_a_service_refuses_is_passed_back_in_its_words(
    hospital: Hospital, situation: str, answers: dict[str, str], code: int, why: str
):
    for name, answer in answers.items():
        setattr(hospital.provider, name, answer)
    with hospital.client("127.0.0.4") as client:
        assert refused(client.sendmail, WATCH, to(ANN), mail("Pump 3 is hot")) == (code, why), situation


def test_such_a_service_gets_in_the_morning_what_was_mailed_at_night(hospital: Hospital):
    hospital.house.move_clock(NIGHT)
    with hospital.client("127.0.0.5") as client:
        assert client.sendmail(WATCH, to(ANN), mail("Sale")) == {}
    assert hospital.provider.mails == []
    hospital.house.move_clock(MORNING)
    assert hospital.provider.one().get_content().splitlines() == ["Sale Reply STOP to opt out"]


def test_limits_are_told_and_nothing_is_sent(hospital: Hospital):
    with hospital.shop() as client:
        client.ehlo_or_helo_if_needed()
        client.mail(WATCH)
        codes = [client.rcpt(f"1212555010{place}@sms.example.com")[0] for place in range(7)]
        assert codes == [250] * 5 + [452] * 2
        client.rset()
        assert refused(client.sendmail, WATCH, to(ANN), mail("x" * 70_000))[0] == 552
        more = [hospital.shop() for _ in range(3)]
        assert refused(hospital.shop)[0] == 421
        for each in more:
            each.close()
    assert hospital.world.carrier.messages == []
