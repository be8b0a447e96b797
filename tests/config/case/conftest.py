"""The case told once for a module of tests, in this process, with a real mail server."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings

from config.case.letters import Letter
from config.case.story import END, Case
from config.demo import post
from partners.clock.operations import set_clock
from partners.clock.rules import UK
from tests.conftest import _connected_to
from tests.processes import LOOPBACK, SmtpSink
from tests.servers import TestServers


@dataclass(frozen=True)
class Told:
    """The case, what came of its acts by time, and the letters that the mail server took."""

    case: Case
    said: list[tuple[datetime, object]]
    letters: list[Letter]


@pytest.fixture(scope="module")
def told(servers: TestServers, django_db_blocker: Any) -> Iterator[Told]:
    sink = SmtpSink()
    sink.start()
    try:
        with servers.fresh_database() as database, _connected_to(database, django_db_blocker):
            mail_to_sink = override_settings(SMTP={**settings.SMTP, "host": LOOPBACK, "port": sink.port})
            with mail_to_sink, django_db_blocker.unblock():
                yield tell(Case(), sink)
    finally:
        sink.stop()


def tell(case: Case, sink: SmtpSink) -> Told:
    letters: list[Letter] = []
    send = post.send_what_is_due

    def send_and_collect(now: datetime) -> None:
        send(now)
        for mail in sink.received[len(letters) :]:
            letters.append(Letter(now.astimezone(UK).date(), ", ".join(mail.recipients), str(mail.message["Subject"])))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(post, "send_what_is_due", send_and_collect)
        said = post.replay(case, until=END)
    set_clock(to=END)
    return Told(case, said, letters)
