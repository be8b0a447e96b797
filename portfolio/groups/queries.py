from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL

from partners.audit.queries import Statement
from partners.people.models import User
from partners.people.permissions import standing_of
from portfolio.groups.models import Portfolio
from programmes.register.models import Programme
from programmes.register.queries import programmes_visible_to
from programmes.scheduling.queries import current_stage_kind


def portfolios_visible_to(user: User) -> QuerySet[Portfolio]:
    """Portfolios on which the person holds a role, with scope; administrators see all.

    A role on one programme shows that programme and not its portfolio. Unordered: the caller orders and ends with
    ``pk``.
    """
    standing = standing_of(user)
    portfolios = Portfolio.objects.select_related("scope")
    return portfolios if standing.everywhere else portfolios.filter(scope__in=[place for _, place in standing.held])


def portfolio_of(programme: Programme) -> Portfolio:
    """The portfolio that the programme is in, with its scope. The programme comes with its own."""
    return Portfolio.objects.select_related("scope").get(Q(scope_id=programme.scope.parent_id))


def programme_ids_in(portfolio: Portfolio) -> RawSQL:
    """The ids of the portfolio's programmes, to stand inside a query: who may see a portfolio may see each of them."""
    return _IDS.part(scope=portfolio.scope_id)


def programme_rows(user: User) -> QuerySet:
    """Visible programmes as the API lists them, by name, with portfolio and current stage; ``.values()`` for speed.

    ``stage`` is the kind of the first stage that is not finished, ``finished`` when all are.
    """
    return (
        programmes_visible_to(user)
        .annotate(
            stage=current_stage_kind(),
            portfolio=F("scope__parent__portfolio"),
            portfolio_name=F("scope__parent__name"),
            owner_name=_owner_name(),
        )
        .order_by("name", "pk")
        .values(
            "id",
            "name",
            "summary",
            "delivery_model",
            "stage",
            "portfolio",
            "portfolio_name",
            "owner",
            "owner_name",
            "ended_on",
            "version",
        )
    )


def _owner_name() -> Subquery:
    """Looked up for the rows of the page only: a join would read every account before the limit."""
    return Subquery(User.objects.filter(pk=OuterRef("owner_id")).values("name")[:1])


def _ids(scope: RawSQL) -> QuerySet:
    return Programme.objects.filter(scope__parent=scope).order_by().values_list("pk")


_IDS = Statement(_ids)
