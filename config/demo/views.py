from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from config.demo.sign_ins import DEMO_SIGN_INS
from partners.people.queries import active_person_with_email


@login_not_required
@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as somebody of the demo's story, without a password. Has no route outside the demo, and checks again."""
    if not settings.IS_DEMO:
        raise Http404
    asked = next((each for each in DEMO_SIGN_INS if each.email == request.POST.get("email")), None)
    person = active_person_with_email(asked.email) if asked else None
    if asked is None or person is None:
        raise Http404
    get_adapter(request).login(request, person)
    return redirect(asked.path)
