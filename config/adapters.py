from django.conf import settings

from partners.people.adapter import AccountAdapter
from partners.post.queries import post_settings


class MailingAccountAdapter(AccountAdapter):
    """Password mails come from the address that an administrator has set, as every other mail does."""

    def get_from_email(self) -> str:
        return post_settings().sender

    def format_email_subject(self, subject: str) -> str:
        subject = str(super().format_email_subject(subject))
        return f"DEMO: {subject}" if settings.IS_DEMO else subject
