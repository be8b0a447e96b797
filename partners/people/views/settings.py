from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET

from partners.people.permissions import CHANGE_SETTINGS, check
from partners.people.queries import person_of

# Pages of this room and, by name, of the rooms above; a page that an installation does not have is left out.
PAGES = {
    "People": [
        ("people", "People", "Who has an account, and who has left."),
        ("units", "Units", "The parts of the organisation that people belong to."),
        ("roles", "Roles", "Who may do what, on which portfolio or programme."),
        ("offices", "Offices", "Who takes decisions, and who holds each office from when to when."),
        ("people_import", "Import people and units", "From a CSV file of your HR system."),
        ("organisation_name", "Name of the organisation", "The organisation that runs this installation."),
    ],
    "Calendar": [
        ("closures", "Closures", "Days on which the organisation is shut besides weekends and bank holidays.")
    ],
    "Stages": [("life_cycles", "Life cycles", "The stages that programmes go through, and the gate before each.")],
    "Reporting": [("reporting_settings", "Reporting day", "On which day a status is due, and how often.")],
    "Mail": [
        ("post_settings", "Sender and send window", "From which address and at what hours mail goes out."),
        ("post_messages", "Messages", "Every mail, and what became of it."),
        ("check_reminders", "Is every reminder planned?", "What is planned, compared with what the rules ask for."),
    ],
    "Records": [("admin:index", "Browse records", "Everything that is stored, to read and not to change.")],
}


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    check(person_of(request), CHANGE_SETTINGS, None)
    groups = {group: [page for page in pages if _is_there(page[0])] for group, pages in PAGES.items()}
    return render(request, "partners/people/settings.html", {"groups": {k: v for k, v in groups.items() if v}})


def _is_there(url_name: str) -> bool:
    try:
        reverse(url_name)
    except NoReverseMatch:
        return False
    return True
