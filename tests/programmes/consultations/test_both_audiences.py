"""Two consultations in one review, of staff and of partners, through real workers, a mail server and a web server."""

import re
from datetime import timedelta
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import redis
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from partners.clock.operations import set_clock
from partners.post.queries import secret_of
from programmes.consultations.models import AnswerLink, ConsultationTask, Response
from programmes.consultations.queries import questions_of
from programmes.reminders.models import ReminderWave
from tests.builders import (
    NOW,
    ask_partners,
    launch,
    make_consortium,
    make_consultation,
    make_contact,
    make_organisation,
    make_person,
    make_question,
    make_review,
    make_unit,
)
from tests.processes import wait_until


class Visitor:
    """A browser without a script: follows redirects, keeps cookies, sends a page's form with its hidden fields."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.cookies = CookieJar()
        self._opener = build_opener(HTTPCookieProcessor(self.cookies))

    def open(self, path: str, fields: dict[str, str] | None = None) -> tuple[str, str]:
        """The path where it ends, and the page."""
        data = urlencode(fields).encode() if fields else None
        headers = {"Origin": self.base, "Referer": self.base + path}
        with self._opener.open(Request(self.base + path, data, headers)) as answer:
            return answer.geturl().removeprefix(self.base), answer.read().decode()

    def send(self, path: str, **typed: str) -> tuple[str, str]:
        _, page = self.open(path)
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([\w-]+)"', page))
        return self.open(path, hidden | typed)


def mails_to(sink, person):
    return [mail.message for mail in sink.received if mail.recipients == (person.email,)]


def text_of(mail):
    return mail.get_body(("plain",)).get_content()


def test_staff_and_partners_are_invited_answer_get_receipts_and_no_more_reminders(
    own_database, smtp_sink, web_server, workers, tmp_path
):
    set_clock(to=NOW)
    review = make_review()
    unit, alpha, beta = make_unit(), make_organisation("Alpha"), make_organisation("Beta")
    sam, sue = make_person("Sam", unit=unit), make_person("Sue", unit=unit)
    dana, kim = make_contact(alpha, "Dana").user, make_contact(beta, "Kim").user
    group = make_consortium("Group", alpha, beta)
    of_staff = make_consultation(review, units=[unit])
    of_partners = ask_partners(make_consultation(review), consortia=[group])
    for consultation in (of_staff, of_partners):
        make_question(consultation, "What should we keep?")
        launch(consultation)

    smtp_sink.wait_for(4, seconds=40)
    [to_sam], [to_dana] = mails_to(smtp_sink, sam), mails_to(smtp_sink, dana)
    task = ConsultationTask.objects.get(person=sam)
    assert f"{settings.PUBLIC_URL}{reverse('task', args=[task.pk])}" in text_of(to_sam)
    assert "/answer/" not in text_of(to_sam)
    link = AnswerLink.objects.get(task__person=dana)
    secret = secret_of(link.pk, holder_id=dana.pk)
    [path] = re.findall(r"/answer/[0-9a-f-]+/[0-9a-f]+/", text_of(to_dana))
    assert path == f"/answer/{link.pk}/{secret}/"
    assert path in to_dana.get_body(("html",)).get_content()
    assert "This link is yours alone" in text_of(to_dana)
    assert "Sign in with your own account" in text_of(to_sam)

    visitor = Visitor(web_server.url)
    _, start = visitor.open(path)
    assert "Dana, Alpha" in start
    question = questions_of(of_partners).get()
    at, _ = visitor.send(f"{path}questions/{question.pk}/", answer="Keep the bidders.")
    assert at == f"{path}check/"
    at, receipt = visitor.send(at)
    assert at == f"{path}receipt/"
    assert {cookie.name for cookie in visitor.cookies} == {settings.CSRF_COOKIE_NAME}
    browser = Client()
    browser.force_login(sam)
    address = reverse("task_question", args=[task.pk, questions_of(of_staff).get().pk])
    browser.post(address, {"answer": "Keep the people.", "seen_number": 0})
    browser.post(reverse("check_answers", args=[task.pk]), {"request_key": str(task.pk)})

    smtp_sink.wait_for(6, seconds=40)
    for person in (dana, sam):
        code = Response.objects.get(task__person=person).receipt_code
        assert code in text_of(mails_to(smtp_sink, person)[1])
    assert Response.objects.get(task__person=dana).receipt_code in receipt

    due = ReminderWave.objects.filter(title__startswith="Reminder 1").values_list("due_at", flat=True)[0]
    set_clock(to=due + timedelta(minutes=1))
    smtp_sink.wait_for(8, seconds=40)
    wait_until(lambda: len(mails_to(smtp_sink, sue)) == 2 and len(mails_to(smtp_sink, kim)) == 2, seconds=40)
    assert len(mails_to(smtp_sink, dana)) == len(mails_to(smtp_sink, sam)) == 2
    [again] = re.findall(r"/answer/[0-9a-f-]+/[0-9a-f]+/", text_of(mails_to(smtp_sink, kim)[1]))
    assert "What should we keep?" in Visitor(web_server.url).open(again)[1]

    for kept in (*everything_in_the_database(), *everything_in_redis(), *everything_in_logs(tmp_path)):
        assert secret not in kept


def everything_in_the_database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT row_to_json(each)::text FROM "{table}" AS each')
            yield from (text for (text,) in cursor.fetchall())


def everything_in_redis():
    store = redis.Redis.from_url(settings.REDIS_URL)
    return [f"{key!r} {store.dump(key)!r}" for key in store.scan_iter("*")]


def everything_in_logs(folder: Path):
    logs = list(folder.glob("*.log"))
    assert len(logs) >= 3
    return [log.read_text(errors="replace") for log in logs]
