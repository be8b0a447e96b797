from django.urls import path

from partners.files.rules.tables import TableFormat
from programmes.imports.enums import ImportKind
from programmes.imports.views import files, several

_OF_PROGRAMME = "programmes/<uuid:programme_id>/imports/"
_WORKSTREAMS = "programmes/<uuid:programme_id>/workstreams/"
_ONE = f"{_OF_PROGRAMME}<uuid:programme_import_id>/"
urlpatterns = [
    path(_OF_PROGRAMME, files.choose, name="imports_of_programme"),
    *(path(f"{_OF_PROGRAMME}{kind}/", files.upload, {"kind": kind}, name=f"import_{kind}") for kind in ImportKind),
    *(
        path(
            f"{_OF_PROGRAMME}{kind}/template.{table_format}",
            files.template,
            {"kind": kind, "table_format": table_format},
            name=f"template_of_{kind}_as_{table_format}",
        )
        for kind in ImportKind
        for table_format in TableFormat
    ),
    path("workstreams/", several.several, name="several_workstreams"),
    path(f"{_WORKSTREAMS}several/", several.several, name="several_workstreams_of_programme"),
    path("workstreams/changed/<uuid:several_id>/", several.changed, name="changed_several_workstreams"),
    *(
        path(address.format(table_format), view, {"table_format": table_format}, name=f"{name}_as_{table_format}")
        for table_format in TableFormat
        for address, view, name in (
            ("workstreams/list.{}", several.export, "all_workstreams"),
            (_WORKSTREAMS + "list.{}", several.export, "workstreams"),
            ("workstreams/<uuid:workstream_id>/history.{}", several.export_history, "history"),
            ("programmes/<uuid:programme_id>/milestones/list.{}", several.export_milestones, "milestones"),
        )
    ),
    path(_ONE, files.preview, name="programme_import"),
    path(f"{_ONE}discard/", files.discard, name="discard_programme_import"),
]
