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
