from typing import Any
from uuid import UUID, uuid4

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from partners.clock.queries import business_now
from partners.people.permissions import check_anywhere
from partners.people.queries import person_of
from programmes.imports import operations
from programmes.imports.enums import BulkAct, ImportKind, Outcome
from programmes.imports.permissions import check_can_import
from programmes.imports.queries import plan_of_bytes
from programmes.imports.queries.several import chosen_workstreams, edited_rows, name_of
from programmes.imports.rules.plans import Plan
from programmes.imports.rules.several import Edit
from programmes.imports.serializers import RowsIn, RowsOut, SeveralIn, SeveralOut
from programmes.register.queries import programmes_visible_to
from programmes.workstreams.permissions import MANAGE_WORKSTREAMS

NAME = "the API"


class Imports(APIView):
    @extend_schema(operation_id="programmes_import", request=RowsIn, responses=RowsOut)
    def post(self, request: Request, programme_id: UUID) -> Response:
        """Import workstreams, milestones or risks from a CSV text: all of it or nothing.

        Answers 409 with the first row to mend. Sent again with the same ``request_key`` it imports nothing more.
        """
        by, now = person_of(request), business_now()
        programme = get_object_or_404(programmes_visible_to(by), pk=programme_id)
        serializer = RowsIn(data=request.data)
        serializer.is_valid(raise_exception=True)
        entered, content = serializer.validated_data, serializer.validated_data["csv"].encode()
        kind = ImportKind(entered["kind"])
        check_can_import(by, programme, kind)
        if entered["dry_run"]:
            return Response(_told(plan_of_bytes(programme, kind, name=NAME, content=content, now=now)))
        plan = operations.import_rows(
            programme_id=programme.pk,
            kind=kind,
            name=NAME,
            content=content,
            digest=entered.get("digest"),
            request_key=entered.get("request_key") or uuid4(),
            by=by,
            now=now,
        )
        return Response(_told(plan))


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


urlpatterns = [
    path("programmes/<uuid:programme_id>/imports/", Imports.as_view(), name="api_imports_of_programme"),
    path("workstreams/several/", Several.as_view(), name="api_several_workstreams"),
]
