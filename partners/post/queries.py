from partners.calendar.queries import working_calendar
from partners.post.models import PostSettings
from partners.post.rules import SendWindow


def post_settings() -> PostSettings:
    """The settings, or the defaults while nobody has changed them; one query."""
    return PostSettings.objects.filter(pk=1).first() or PostSettings()


def send_window() -> SendWindow:
    """When mail that is not urgent goes out; two queries."""
    found = post_settings()
    return SendWindow(opens=found.window_opens, closes=found.window_closes, calendar=working_calendar())
