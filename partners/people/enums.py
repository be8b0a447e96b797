from django.db.models import TextChoices


class ScopeKind(TextChoices):
    """Where a role is held."""

    ORGANISATION = "organisation", "Organisation"
    PORTFOLIO = "portfolio", "Portfolio"
    PROGRAMME = "programme", "Programme"


class Role(TextChoices):
    """What somebody is there to do. Everyone with an account is staff and needs no role for it."""

    ADMINISTRATOR = "administrator", "Administrator"
    CIO = "cio", "Chief information officer"
    PROGRAMME_MANAGER = "programme_manager", "Programme manager"
    WORKSTREAM_LEAD = "workstream_lead", "Workstream lead"
    MODERATOR = "moderator", "Moderator"
    READER = "reader", "Read-only"


HELD_AT = {
    Role.ADMINISTRATOR: {ScopeKind.ORGANISATION},
    Role.CIO: {ScopeKind.PORTFOLIO},
    Role.PROGRAMME_MANAGER: {ScopeKind.PROGRAMME},
    Role.WORKSTREAM_LEAD: {ScopeKind.PROGRAMME},
    Role.MODERATOR: {ScopeKind.PORTFOLIO, ScopeKind.PROGRAMME},
    Role.READER: {ScopeKind.PORTFOLIO, ScopeKind.PROGRAMME},
}

# What a grant says of somebody, before " of <scope>" or " to <scope>".
GIVEN_WORDS = {
    Role.ADMINISTRATOR: "administrator",
    Role.CIO: "chief information officer",
    Role.PROGRAMME_MANAGER: "programme manager",
    Role.WORKSTREAM_LEAD: "workstream lead",
    Role.MODERATOR: "moderator",
    Role.READER: "reader",
}


class Outcome(TextChoices):
    """What an import does with one row."""

    ADDED = "added", "Added"
    CHANGED = "changed", "Changed"
    LEFT = "left", "Marked as left"
    UNCHANGED = "unchanged", "Unchanged"
    STAYS_LEFT = "stays_left", "Left before, and stays so"


class HoldingKind(TextChoices):
    """How an office is held."""

    SUBSTANTIVE = "substantive", "Substantive"
    ACTING = "acting", "Acting"
