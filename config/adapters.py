from partners.people.adapter import AccountAdapter
from partners.post.queries import post_settings


class MailingAccountAdapter(AccountAdapter):
    """Password mails come from the address that an administrator has set, as every other mail does."""

    def get_from_email(self) -> str:
        return post_settings().sender
