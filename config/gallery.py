"""Every macro in every state, on pages that exist in demo and test only: for looking at and for axe."""

from datetime import UTC, date, datetime

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from partners.clock.forms import DateField

RATINGS = [("green", "On track"), ("amber", "At risk"), ("red", "Off track")]
MARKUP = "<script>document.title = 'broken'</script> & <b>bold</b>"
LONG = "Unbrokenname" * 16
PAGES = {"components", "form", "question", "confirm", "receipt", "tables"}


class GalleryForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="Name of the workstream", max_length=100, help_text="As people in the force call it")
    summary = forms.CharField(label="What changed?", max_length=400, widget=forms.Textarea)
    notes = forms.CharField(label="Notes", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    rating = forms.ChoiceField(label="Rating", choices=RATINGS, widget=forms.RadioSelect)
    ask = forms.ChoiceField(
        label="What do you need from above?",
        choices=[("none", "Nothing"), ("advice", "Advice"), ("other", "Something else")],
        widget=forms.RadioSelect,
    )
    other = forms.CharField(label="What is it?", required=False)
    units = forms.MultipleChoiceField(
        label="Units asked",
        choices=[("north", "North"), ("south", "South"), ("odd", MARKUP)],
        widget=forms.CheckboxSelectMultiple,
        help_text="Select all that apply",
    )
    lead = forms.ChoiceField(label="Lead", choices=[("", "Choose a person"), ("1", "Ama Mensah"), ("2", "Tom Birch")])
    starts_on = DateField(label="Planned start", help_text="For example, 27 3 2026")
    weeks = forms.IntegerField(label="Length", min_value=1, max_value=8)
    saving = forms.DecimalField(label="Saving", required=False)
    email = forms.EmailField(label="Email address")
    password = forms.CharField(label="Password", widget=forms.PasswordInput)
    file = forms.FileField(label="Evidence", required=False, help_text="A PDF of up to 2 MB")
    agree = forms.BooleanField(label="I have read the constraints of this programme")

    def clean(self) -> None:
        if self.data.get("name") == MARKUP:
            raise forms.ValidationError(f"Another workstream has the name {MARKUP}. Choose a different one.")


@login_not_required
def show(request: HttpRequest, name: str = "components") -> HttpResponse:
    if name not in PAGES:
        raise Http404
    form = GalleryForm(request.POST or None, request.FILES or None, initial={"starts_on": date(2026, 11, 3)})
    if request.GET.get("state") == "wrong":
        form = GalleryForm(
            {"name": MARKUP, "summary": "x" * 450, "starts_on_day": "31", "starts_on_month": "2", "weeks": "9"}
        )
    if request.GET.get("state") == "messages":
        messages.success(request, "Status published.")
        messages.info(request, "The review closes on Friday 27 November 2026.")
    rows = [Row(f"Workstream {n}", RATINGS[n % 3][0], n * 12_345_600) for n in range(1, 96)]
    context = {
        "form": form,
        "page": Paginator(rows, 10).get_page(request.GET.get("page", 4)),
        "today": date(2026, 11, 3),
        "moment": datetime(2026, 11, 3, 10, tzinfo=UTC),
        "markup": MARKUP,
        "long": LONG,
    }
    return render(request, f"pages/gallery/{name}.html", context)


class Row:
    """A made-up workstream."""

    def __init__(self, name: str, rating: str, saving_pence: int) -> None:
        self.name, self.rating, self.saving_pence = name, rating, saving_pence


urlpatterns = [path("gallery/", show, name="gallery"), path("gallery/<slug:name>/", show, name="gallery_page")]
