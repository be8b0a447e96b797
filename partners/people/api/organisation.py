from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from partners.clock.queries import business_now
from partners.people import operations
from partners.people.api.reading import valid
from partners.people.queries import organisation, person_of
from partners.people.serializers import RenameOrganisationIn, ScopeOut


class Organisation(APIView):
    @extend_schema(operation_id="organisation_detail", responses=ScopeOut)
    def get(self, request: Request) -> Response:
        """The organisation that runs this installation, as the scope above every portfolio."""
        return Response(ScopeOut(organisation()).data)

    @extend_schema(operation_id="organisation_rename", request=RenameOrganisationIn, responses=ScopeOut)
    def patch(self, request: Request) -> Response:
        """Give it another name. For administrators. Answers 409 when the name is no longer the one that you read."""
        entered = valid(RenameOrganisationIn(data=request.data))
        renamed = operations.rename_organisation(**entered, by=person_of(request), now=business_now())
        return Response(ScopeOut(renamed).data)
