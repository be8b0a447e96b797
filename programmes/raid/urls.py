from django.urls import path

from partners.files.rules.tables import TableFormat
from programmes.raid import views
from programmes.raid.enums import TURNS, RaidKind

_PROGRAMME, _ONE = "programmes/<uuid:programme_id>/raid/", "raid/<uuid:entry_id>/"
_MADE_OF_OTHERS = sorted({kind for into in TURNS.values() for kind in into})
urlpatterns = [
    path(_PROGRAMME, views.register, name="raid_of_programme"),
    *(path(f"{_PROGRAMME}add/{kind}/", views.add, {"kind": kind}, name=f"raise_{kind}") for kind in RaidKind),
    path(f"{_PROGRAMME}register.csv", views.export, {"table_format": TableFormat.CSV}, name="raid_as_csv"),
    path(f"{_PROGRAMME}register.xlsx", views.export, {"table_format": TableFormat.XLSX}, name="raid_as_xlsx"),
    path(_ONE, views.show, name="raid_entry"),
    path(f"{_ONE}change/", views.change, name="change_raid_entry"),
    path(f"{_ONE}close/", views.close, name="close_raid_entry"),
    path(f"{_ONE}reopen/", views.reopen, name="reopen_raid_entry"),
    *(path(f"{_ONE}turn/{kind}/", views.turn, {"into": kind}, name=f"turn_into_{kind}") for kind in _MADE_OF_OTHERS),
    path(f"{_ONE}decision/", views.to_decision, name="raid_entry_to_decision"),
    path(f"{_ONE}comment/", views.comment, name="comment_on_raid_entry"),
]
