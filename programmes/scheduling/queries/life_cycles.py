from programmes.scheduling.models import StageDefinition


def stage_kinds() -> dict[str, str]:
    """Every kind of stage that a life cycle has or had, with its newest title; the default life cycle first.

    One query.
    """
    rows = StageDefinition.objects.select_related("of_version__life_cycle").order_by(
        "-of_version__life_cycle__is_default", "of_version__life_cycle__name", "-of_version__number", "position"
    )
    found: dict[str, str] = {}
    for row in rows:
        found.setdefault(row.key, row.title)
    return found
