from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from partners.audit.rules import Refused
from partners.clock.queries import business_now
from partners.files.responses import table_response
from partners.files.rules.tables import LARGEST_FILE_BYTES, TableFormat
from partners.people.permissions import check_anywhere
from partners.people.queries import person_of
from programmes.imports import operations
from programmes.imports.enums import BulkAct, ImportKind, Outcome
from programmes.imports.permissions import can_import, check_can_import
from programmes.imports.queries import exports, plan_of_bytes
from programmes.imports.queries.listing import workstreams_listed
from programmes.imports.queries.several import chosen_workstreams, edited_rows, name_of
from programmes.imports.rules.plans import Plan
from programmes.imports.rules.several import Edit
from programmes.imports.serializers import (
    AllQuery,
    FileIn,
    MilestoneQuery,
    ProgrammeQuery,
    RowsIn,
    RowsOut,
    SeveralIn,
    SeveralOut,
)
from programmes.register.queries import programmes_visible_to
from programmes.workstreams.permissions import MANAGE_WORKSTREAMS
from programmes.workstreams.queries import days_withheld_from, workstreams_visible_to, worst_first

NAME = "the API"
FORMAT = OpenApiParameter("table_format", str, OpenApiParameter.PATH, enum=[each.value for each in TableFormat])
FILE = {(200, each.media_type.partition(";")[0]): OpenApiTypes.BINARY for each in TableFormat}


class Imports(APIView):
    @extend_schema(operation_id="programmes_import", request=RowsIn, responses=RowsOut)
    def post(self, request: Request, programme_id: UUID) -> Response:
        """Import workstreams, milestones or risks from a CSV text: all of it or nothing.

        Answers 409 with the first row to mend. Sent again with the same ``request_key`` it imports nothing more.
        """
        get_object_or_404(programmes_visible_to(person_of(request)), pk=programme_id)
        entered = _valid(RowsIn(data=request.data))
        return _imported(request, programme_id, entered, name=NAME, content=entered["csv"].encode())


class ImportedFiles(APIView):
    parser_classes = [MultiPartParser]

    @extend_schema(operation_id="programmes_import_file", request={"multipart/form-data": FileIn}, responses=RowsOut)
    def post(self, request: Request, programme_id: UUID) -> Response:
        """Import workstreams, milestones or risks from a CSV or Excel file: all of it or nothing, as from a CSV text."""
        person = person_of(request)
        programme = get_object_or_404(programmes_visible_to(person), pk=programme_id)
        if not any(can_import(person, programme, kind) for kind in ImportKind):
            check_can_import(person, programme, ImportKind.WORKSTREAMS)
        entered = _valid(FileIn(data=request.data))
        sent = entered["file"]
        if sent.size > LARGEST_FILE_BYTES:
            raise Refused("The file is larger than 10 MB. Split it and import the parts one by one.", field="file")
        return _imported(request, programme_id, entered, name=sent.name or NAME, content=sent.read())


class WorkstreamsFile(APIView):
    @extend_schema(operation_id="workstreams_file", parameters=[AllQuery, FORMAT], responses=FILE)
    def get(self, request: Request, table_format: str) -> HttpResponse:
        """The workstreams that you may see, as a file."""
        sought = _valid(AllQuery(data=request.query_params))
        found = workstreams_listed(None, sought, by=person_of(request), now=business_now())
        rows = exports.workstreams_as_table(worst_first(found))
        return table_response("Workstreams", exports.WORKSTREAM_COLUMNS, rows, _format(table_format))


class WorkstreamsOfProgrammeFile(APIView):
    @extend_schema(operation_id="programmes_workstreams_file", parameters=[ProgrammeQuery, FORMAT], responses=FILE)
    def get(self, request: Request, programme_id: UUID, table_format: str) -> HttpResponse:
        """The workstreams of a programme, as a file."""
        person = person_of(request)
        programme = get_object_or_404(programmes_visible_to(person), pk=programme_id)
        sought = _valid(ProgrammeQuery(data=request.query_params))
        found = workstreams_listed(programme, sought, by=person, now=business_now())
        rows = exports.workstreams_as_table(worst_first(found))
        return table_response(
            f"Workstreams of {programme.name}", exports.WORKSTREAM_COLUMNS, rows, _format(table_format)
        )


class HistoryFile(APIView):
    @extend_schema(operation_id="workstreams_history_file", parameters=[FORMAT], responses=FILE)
    def get(self, request: Request, workstream_id: UUID, table_format: str) -> HttpResponse:
        """Every status of a workstream, but for those whose rating is withheld from you, as a file."""
        person = person_of(request)
        workstream = get_object_or_404(workstreams_visible_to(person), pk=workstream_id)
        rows = exports.history_as_table(workstream, withheld=days_withheld_from(person, workstream, business_now()))
        return table_response(f"Status of {workstream.name}", exports.HISTORY_COLUMNS, rows, _format(table_format))


class MilestonesFile(APIView):
    @extend_schema(operation_id="programmes_milestones_file", parameters=[MilestoneQuery, FORMAT], responses=FILE)
    def get(self, request: Request, programme_id: UUID, table_format: str) -> HttpResponse:
        """The milestones of a programme, as a file."""
        programme = get_object_or_404(programmes_visible_to(person_of(request)), pk=programme_id)
        sought = _valid(MilestoneQuery(data=request.query_params))
        rows = exports.milestones_as_table(programme, workstream_id=sought.get("workstream"))
        return table_response(f"Milestones of {programme.name}", exports.MILESTONE_COLUMNS, rows, _format(table_format))


class Several(APIView):
    @extend_schema(operation_id="workstreams_change_several", request=SeveralIn, responses=SeveralOut)
    def post(self, request: Request) -> Response:
        """Do one thing to several workstreams, or to none of them.

        Answers 409 when one cannot be changed so, or was changed since: look at it again and send its new version.
        """
        by, now = person_of(request), business_now()
        check_anywhere(by, MANAGE_WORKSTREAMS)
        serializer = SeveralIn(data=request.data)
        serializer.is_valid(raise_exception=True)
        entered = serializer.validated_data
        person_id = entered["person"]
        edit = Edit(
            act=BulkAct(entered["act"]),
            person_id=person_id,
            person_name=name_of(person_id) if person_id else "",
            reason=entered["reason"],
            from_on=entered["from_on"],
            to_on=entered["to_on"],
        )
        versions = {each["id"]: each["version"] for each in entered["workstreams"]}
        rows = edited_rows(chosen_workstreams(versions, by=by), edit, by=by, now=now)
        changed = 0
        if not entered["dry_run"]:
            several_id = entered.get("request_key") or uuid4()
            changed = operations.change_several(versions=versions, edit=edit, several_id=several_id, by=by, now=now)
        return Response(SeveralOut({"changed": changed, "rows": rows}).data)


def _imported(
    request: Request, programme_id: UUID, entered: Mapping[str, Any], *, name: str, content: bytes
) -> Response:
    by, now = person_of(request), business_now()
    programme, kind = programmes_visible_to(by).get(pk=programme_id), ImportKind(entered["kind"])
    check_can_import(by, programme, kind)
    if entered["dry_run"]:
        return Response(_told(plan_of_bytes(programme, kind, name=name, content=content, now=now)))
    plan = operations.import_rows(
        programme_id=programme.pk,
        kind=kind,
        name=name,
        content=content,
        digest=entered.get("digest"),
        request_key=entered.get("request_key") or uuid4(),
        by=by,
        now=now,
    )
    return Response(_told(plan))


def _format(ending: str) -> TableFormat:
    try:
        return TableFormat(ending)
    except ValueError:
        raise Http404 from None


def _valid(serializer: Serializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _told(plan: Plan) -> dict[str, Any]:
    counts = {outcome.value: plan.count(outcome) for outcome in Outcome}
    return dict(
        RowsOut(
            {
                "kind": plan.kind,
                "notes": plan.notes,
                "problems": plan.problems,
                "rows": plan.rows,
                "digest": plan.digest,
                **counts,
            }
        ).data
    )


_FORMAT = "<str:table_format>"
_WORKSTREAMS = "programmes/<uuid:programme_id>/workstreams/"
_MILESTONES = "programmes/<uuid:programme_id>/milestones/"
urlpatterns = [
    path("programmes/<uuid:programme_id>/imports/", Imports.as_view(), name="api_imports_of_programme"),
    path("programmes/<uuid:programme_id>/imports/files/", ImportedFiles.as_view(), name="api_imported_files"),
    path(f"workstreams/list.{_FORMAT}", WorkstreamsFile.as_view(), name="api_workstreams_file"),
    path(
        f"{_WORKSTREAMS}list.{_FORMAT}", WorkstreamsOfProgrammeFile.as_view(), name="api_workstreams_of_programme_file"
    ),
    path(f"workstreams/<uuid:workstream_id>/history.{_FORMAT}", HistoryFile.as_view(), name="api_history_file"),
    path(f"{_MILESTONES}list.{_FORMAT}", MilestonesFile.as_view(), name="api_milestones_file"),
    path("workstreams/several/", Several.as_view(), name="api_several_workstreams"),
]
