from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from partners.clock.queries import business_now
from partners.people import operations
from partners.people.api.reading import valid
from partners.people.enums import Outcome
from partners.people.permissions import check_can_manage_people
from partners.people.queries import person_of
from partners.people.queries.imports import Plan, plan_of
from partners.people.rules.csv_files import text_of
from partners.people.serializers import ImportIn, ImportOut


class Import(APIView):
    @extend_schema(operation_id="people_import", request=ImportIn, responses=ImportOut)
    def post(self, request: Request) -> Response:
        """Import people or units from a CSV text: all of it or nothing. Answers 409 with the first row to mend."""
        by = person_of(request)
        check_can_manage_people(by)
        entered = valid(ImportIn(data=request.data))
        text = text_of(entered["csv"].encode())
        if entered["dry_run"]:
            return Response(_told(plan_of(text, by=by)))
        return Response(_told(operations.import_file(text=text, source="the API", by=by, now=business_now())))


def _told(plan: Plan) -> dict[str, object]:
    counts = {outcome.value: plan.count(outcome) for outcome in Outcome}
    return ImportOut({"kind": plan.kind, "problems": plan.problems, **counts}).data
