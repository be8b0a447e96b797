"""Acts on the views of a board that somebody keeps under a name."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from partners.audit.changes import record
from partners.audit.rules import Refused
from partners.people.models import User
from partners.people.rules.typed import one_line
from portfolio.board.models import SavedView
from portfolio.board.permissions import check_is_own, check_sees
from portfolio.board.rules import MOST_VIEWS, VIEW_NAME_LENGTH, VIEW_QUERY_LENGTH, asked_of, query_of
from portfolio.groups.models import Portfolio

EMPTY = "Narrow or sort the list first, then save what you see."


@transaction.atomic(durable=True)
def save_view(*, portfolio_id: UUID, name: str, query: str, request_key: UUID, by: User, now: datetime) -> SavedView:
    """Keeps a filter of a board under a name, for the person alone. A repeat with the same key returns the first.

    Raises: NotPermitted; Refused for a name that is taken, an empty filter, or too many views.
    """
    portfolio = Portfolio.objects.select_related("scope").get(pk=portfolio_id)
    check_sees(by, portfolio)
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    own = SavedView.objects.filter(user=by, portfolio=portfolio)
    if found := SavedView.objects.filter(pk=request_key, user=by).first():
        return found
    view = SavedView(pk=request_key, user=by, portfolio=portfolio, name=_name(name), query=_query(query), saved_at=now)
    if own.count() >= MOST_VIEWS:
        raise Refused(f"You keep {MOST_VIEWS} views of this portfolio. Delete one that you no longer need.")
    _check_free(view)
    view.save(force_insert=True)
    _record(view, "save_view", f"saved the view {view.name}", by=by, now=now)
    return view


@transaction.atomic(durable=True)
def rename_view(*, view_id: UUID, name: str, by: User, now: datetime) -> SavedView:
    """Raises: NotPermitted for somebody else's; Refused for a name that is taken."""
    view = _locked(view_id, by)
    before, view.name = view.name, _name(name)
    _check_free(view)
    view.save(update_fields=["name"])
    _record(view, "rename_view", f"renamed the view {before} to {view.name}", by=by, now=now)
    return view


@transaction.atomic(durable=True)
def delete_view(*, view_id: UUID, by: User, now: datetime) -> None:
    """Raises: NotPermitted for somebody else's."""
    view = _locked(view_id, by)
    _record(view, "delete_view", f"deleted the view {view.name}", by=by, now=now)
    view.delete()


def _locked(view_id: UUID, by: User) -> SavedView:
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    view = SavedView.objects.select_for_update().get(pk=view_id)
    check_is_own(by, view)
    return view


def _name(name: str) -> str:
    return one_line(name, limit=VIEW_NAME_LENGTH, field="name", named="Name of this view")


def _query(query: str) -> str:
    kept = query_of(asked_of(query))
    if not kept or len(kept) > VIEW_QUERY_LENGTH:
        raise Refused(EMPTY if not kept else "This filter is too long to save. Shorten what the name contains.")
    return kept


def _check_free(view: SavedView) -> None:
    others = SavedView.objects.filter(user=view.user_id, portfolio=view.portfolio_id, name__iexact=view.name)
    if others.exclude(pk=view.pk).exists():
        raise Refused(f"You already have a view called {view.name}. Choose another name.", field="name")


def _record(view: SavedView, act: str, summary: str, *, by: User, now: datetime) -> None:
    """In no scope: what somebody looks at is theirs."""
    after: dict[str, object] = {"name": view.name, "query": view.query}
    record(by=by, now=now, action=f"board.{act}", subject=view, summary=summary, after=after)
