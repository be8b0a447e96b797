from uuid import UUID

from programmes.register.models import Programme

USED_ELSEWHERE = "This request was used for another programme. Load the page again and send it once more."


def locked_programme(programme_id: UUID) -> Programme:
    """With its scope; it does not end while the transaction runs."""
    rows = Programme.objects.select_for_update(of=("self",), no_key=True).select_related("scope")
    return rows.get(pk=programme_id)
