from typing import Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from partners.clock.queries import business_now
from partners.clock.rules import local_date
from partners.people.queries import person_of
from programmes.raid import operations
from programmes.raid.enums import RaidKind
from programmes.raid.models import RaidEntry
from programmes.raid.queries import (
    Sought,
    actions_due_for,
    comments_on,
    entries_mentioning,
    entry_in_full,
    heat_map_of,
    narrowed,
    raid_of,
    saved_parts,
)
from programmes.raid.rules import Facts, parts_for
from programmes.raid.serializers import (
    CloseIn,
    CommentIn,
    DueFilter,
    EntryChangeIn,
    EntryFilter,
    EntryIn,
    EntryOut,
    HeatCellOut,
    MentionFilter,
    MentionOut,
    RaidCommentOut,
    ReopenIn,
    TurnIn,
)
from programmes.register.models import Programme
from programmes.register.queries import programmes_visible_to


class Register(GenericAPIView):
    serializer_class = EntryOut

    @extend_schema(operation_id="raid_list", parameters=[EntryFilter], responses=EntryOut(many=True))
    def get(self, request: Request, programme_id: UUID) -> Response:
        """The register of a programme: open entries first, the worst score first, then by day."""
        entered = _valid(EntryFilter(data=request.query_params))
        sought = Sought(
            kind=entered.get("kind", ""),
            state=entered.get("state", ""),
            owner_id=entered.get("owner"),
            workstream_id=entered.get("workstream"),
            is_overdue=entered["overdue"],
            is_in_report=entered["in_report"],
            text=entered.get("q", ""),
        )
        found = narrowed(raid_of(_programme(request, programme_id)), sought, today=local_date(business_now()))
        return self.get_paginated_response(EntryOut(self.paginate_queryset(found), many=True).data)

    @extend_schema(operation_id="raid_raise", request=EntryIn, responses={201: EntryOut})
    def post(self, request: Request, programme_id: UUID) -> Response:
        """Raise a risk, an assumption, an issue or an action."""
        programme = _programme(request, programme_id)
        entered = _valid(EntryIn(data=request.data))
        raised = operations.raise_entry(
            programme_id=programme.pk,
            kind=RaidKind(entered.pop("kind")),
            parent_id=entered.pop("parent"),
            request_key=entered.pop("request_key"),
            facts=_facts(entered),
            by=person_of(request),
            now=business_now(),
        )
        return Response(_detail(request, raised.pk), status=201)


class HeatMap(APIView):
    @extend_schema(operation_id="raid_heat_map", responses=HeatCellOut(many=True))
    def get(self, request: Request, programme_id: UUID) -> Response:
        """How many open risks there are by likelihood and impact after treatment: 25 cells."""
        rows = [
            {
                "likelihood": row.likelihood,
                "impact": cell.impact,
                "score": cell.score.value,
                "band": cell.score.word,
                "count": cell.count,
            }
            for row in heat_map_of(_programme(request, programme_id))
            for cell in row.cells
        ]
        return Response(HeatCellOut(rows, many=True).data)


class Entry(APIView):
    @extend_schema(operation_id="raid_detail", responses=EntryOut)
    def get(self, request: Request, entry_id: UUID) -> Response:
        """One entry."""
        return Response(_detail(request, entry_id))

    @extend_schema(operation_id="raid_change", request=EntryChangeIn, responses=EntryOut)
    def patch(self, request: Request, entry_id: UUID) -> Response:
        """Change some of it. Answers 409 with who changed what when the version is not the latest."""
        entry = _entry(request, entry_id)
        entered = _valid(EntryChangeIn(data=request.data))
        version = entered.pop("version")
        operations.change_entry(
            entry_id=entry.pk,
            version=version,
            facts=_facts(saved_parts(entry) | entered),
            by=person_of(request),
            now=business_now(),
        )
        return Response(_detail(request, entry_id))


class Close(APIView):
    @extend_schema(operation_id="raid_close", request=CloseIn, responses=EntryOut)
    def post(self, request: Request, entry_id: UUID) -> Response:
        """Close an entry with how it ended; its reminders end."""
        entry = _entry(request, entry_id)
        entered = _valid(CloseIn(data=request.data))
        operations.finish_entry(entry_id=entry.pk, by=person_of(request), now=business_now(), **entered)
        return Response(_detail(request, entry_id))


class Reopen(APIView):
    @extend_schema(operation_id="raid_reopen", request=ReopenIn, responses=EntryOut)
    def post(self, request: Request, entry_id: UUID) -> Response:
        """Take a closed entry up again."""
        entry = _entry(request, entry_id)
        entered = _valid(ReopenIn(data=request.data))
        operations.reopen_entry(entry_id=entry.pk, by=person_of(request), now=business_now(), **entered)
        return Response(_detail(request, entry_id))


class Turn(APIView):
    @extend_schema(operation_id="raid_turn", request=TurnIn, responses={201: EntryOut})
    def post(self, request: Request, entry_id: UUID) -> Response:
        """Make a new entry of this one: an issue of a risk, an action of an issue. Returns the new one."""
        entry = _entry(request, entry_id)
        entered = _valid(TurnIn(data=request.data))
        into = RaidKind(entered.pop("into"))
        made = operations.turn_entry(
            entry_id=entry.pk,
            version=entered.pop("version"),
            into=into,
            keeps_open=entered.pop("keeps_open"),
            request_key=entered.pop("request_key"),
            facts=_facts(parts_for(into, saved_parts(entry)) | entered),
            by=person_of(request),
            now=business_now(),
        )
        return Response(_detail(request, made.pk), status=201)


class Comments(GenericAPIView):
    serializer_class = RaidCommentOut

    @extend_schema(operation_id="raid_comments_list", responses=RaidCommentOut(many=True))
    def get(self, request: Request, entry_id: UUID) -> Response:
        """What was said of an entry, the earliest first."""
        page = self.paginate_queryset(comments_on(_entry(request, entry_id)))
        return self.get_paginated_response(RaidCommentOut(page, many=True).data)

    @extend_schema(operation_id="raid_comment", request=CommentIn, responses={201: RaidCommentOut})
    def post(self, request: Request, entry_id: UUID) -> Response:
        """Say something of an entry; whoever is named is told at once."""
        entry = _entry(request, entry_id)
        entered = _valid(CommentIn(data=request.data))
        said = operations.comment_on_entry(
            entry_id=entry.pk, named_ids=entered.pop("named"), by=person_of(request), now=business_now(), **entered
        )
        return Response(RaidCommentOut(comments_on(entry).get(pk=said.pk)).data, status=201)


class Mentions(GenericAPIView):
    serializer_class = MentionOut

    @extend_schema(operation_id="raid_mentions", parameters=[MentionFilter], responses=MentionOut(many=True))
    def get(self, request: Request) -> Response:
        """Comments in which others named you, newest first, where you may see the programme."""
        since = _valid(MentionFilter(data=request.query_params))["since"]
        page = self.paginate_queryset(entries_mentioning(person_of(request), since))  # type: ignore[arg-type]
        return self.get_paginated_response(MentionOut(page, many=True).data)


class OwnActions(GenericAPIView):
    serializer_class = EntryOut

    @extend_schema(operation_id="raid_own_actions", parameters=[DueFilter], responses=EntryOut(many=True))
    def get(self, request: Request) -> Response:
        """Open actions of yours that are due by a day, the earliest first."""
        until = _valid(DueFilter(data=request.query_params))["until"]
        page = self.paginate_queryset(actions_due_for(person_of(request), until))
        return self.get_paginated_response(EntryOut(page, many=True).data)


def _programme(request: Request, programme_id: UUID) -> Programme:
    return get_object_or_404(programmes_visible_to(person_of(request)), pk=programme_id)


def _entry(request: Request, entry_id: UUID) -> RaidEntry:
    entry = entry_in_full(entry_id, person_of(request))
    if entry is None:
        raise Http404
    return entry


def _detail(request: Request, entry_id: UUID) -> dict[str, Any]:
    return dict(EntryOut(_entry(request, entry_id)).data)


def _facts(entered: dict[str, Any]) -> Facts:
    said = {part: value for part, value in entered.items() if part not in ("owner", "workstream")}
    return Facts(owner_id=entered.get("owner"), workstream_id=entered.get("workstream"), **said)


def _valid(serializer: Serializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


_PROGRAMME, _ONE = "programmes/<uuid:programme_id>/raid/", "raid/<uuid:entry_id>/"
urlpatterns = [
    path(_PROGRAMME, Register.as_view(), name="api_raid"),
    path(f"{_PROGRAMME}heat-map/", HeatMap.as_view(), name="api_raid_heat_map"),
    path("raid/mentions/", Mentions.as_view(), name="api_raid_mentions"),
    path("raid/own-actions/", OwnActions.as_view(), name="api_raid_own_actions"),
    path(_ONE, Entry.as_view(), name="api_raid_entry"),
    path(f"{_ONE}close/", Close.as_view(), name="api_close_raid_entry"),
    path(f"{_ONE}reopen/", Reopen.as_view(), name="api_reopen_raid_entry"),
    path(f"{_ONE}turn/", Turn.as_view(), name="api_turn_raid_entry"),
    path(f"{_ONE}comments/", Comments.as_view(), name="api_raid_comments"),
]
