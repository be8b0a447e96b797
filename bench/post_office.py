"""django-post-office hands over mails: ``post_office.py DATABASE_URL SMTP_PORT COUNT BATCH``; prints the seconds it took.

With a batch of one each mail is marked before the next is sent, so that a kill repeats one mail at most, as with the post room;
as it comes it marks after a hundred.
"""

import sys
import time
from importlib import import_module

import django
from django.conf import settings
from django.core.management import call_command

from config.environment import database


def main(url: str, port: str, count: str, batch: str) -> None:
    settings.configure(
        DATABASES={"default": database(url, pool=False)},
        INSTALLED_APPS=["django.contrib.contenttypes", "post_office"],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        EMAIL_BACKEND="post_office.EmailBackend",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=int(port),
        POST_OFFICE={"BATCH_SIZE": int(batch), "LOG_LEVEL": 2, **({"THREADS_PER_PROCESS": 1} if batch == "1" else {})},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
    )
    django.setup()
    call_command("migrate", verbosity=0)
    mail = import_module("post_office.mail")  # it reads Django's settings
    mail.send_many(
        [
            {
                "sender": "portfolio@example.org",
                "recipients": [f"person{n}@example.org"],
                "subject": "Your views on custody tablets",
                "message": BODY,
                "html_message": f"<p>{BODY}</p>",
            }
            for n in range(int(count))
        ]
    )
    began = time.monotonic()
    while mail.send_queued()[0]:
        pass
    print(time.monotonic() - began)


BODY = "We ask for your views on custody tablets. You have until 5pm on Friday 2 October 2026.\n" * 4

if __name__ == "__main__":
    main(*sys.argv[1:])
