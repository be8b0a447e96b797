import pytest
from django.test import Client
from django.urls import reverse

from partners.post.models import PostSettings
from tests.builders import make_person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("sender", [None, "Change team <change@example.org>"])
def test_password_mails_come_from_the_sender_that_is_set(smtp_sink, settings, sender):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    if sender:
        PostSettings.objects.create(sender=sender)

    Client().post(reverse("account_reset_password"), {"email": make_person().email})

    assert smtp_sink.wait_for(1)[0].message["From"] == (sender or settings.DEFAULT_FROM_EMAIL)


@pytest.mark.parametrize(
    ("is_demo", "subject"), [(True, "DEMO: Choose a new password"), (False, "Choose a new password")]
)
def test_password_mails_of_the_demo_say_so(settings, mailoutbox, is_demo, subject):
    settings.IS_DEMO = is_demo

    Client().post(reverse("account_reset_password"), {"email": make_person().email})

    assert [mail.subject for mail in mailoutbox] == [subject]
