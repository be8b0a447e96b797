from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet

from partners.organisations.models import Contact, Organisation
from partners.organisations.permissions import can_see_partners
from partners.people.models import User


def organisations_visible_to(user: User) -> QuerySet[Organisation]:
    """Every organisation for whoever holds a role, by name; none for others, a partner's contact included."""
    found = Organisation.objects.order_by("name", "pk")
    return found if can_see_partners(user) else found.none()


def organisations_narrowed(user: User, *, q: str = "", sector: str = "") -> QuerySet[Organisation]:
    """Visible organisations whose name has every word of ``q``, of one sector if asked; by name."""
    found = organisations_visible_to(user)
    for word in q.split():
        found = found.filter(name__icontains=word)
    return found.filter(sector=sector) if sector else found


def contacts_of(organisation_ids: Collection[UUID]) -> QuerySet[Contact]:
    """Current contacts of these organisations, with user and organisation, by name."""
    current = Contact.objects.filter(organisation_id__in=organisation_ids, ended_at=None)
    return current.select_related("user", "organisation").order_by("user__name", "pk")


def contact_visible_to(user: User, contact_id: UUID) -> Contact | None:
    """The contact, current or ended, for whoever sees organisations."""
    if not can_see_partners(user):
        return None
    return Contact.objects.select_related("user", "organisation").filter(pk=contact_id).first()


def organisation_of(contact: User) -> Organisation | None:
    """The organisation for which somebody is a contact now."""
    return Organisation.objects.filter(contacts__user=contact, contacts__ended_at=None).first()
