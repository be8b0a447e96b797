from django.apps import AppConfig


class ProgrammesConfig(AppConfig):
    name = "programmes"

    def ready(self) -> None:
        """Tell the planner of reminders what each room asks for. There are no models to import before this."""
        from partners.consortia.changes import follow_what_ends  # noqa: PLC0415
        from programmes.consultations.queries.reminders import consultation_reminders_wanted  # noqa: PLC0415
        from programmes.engagements.changes import settle_expiries  # noqa: PLC0415
        from programmes.engagements.queries import (  # noqa: PLC0415
            capability_reminders_wanted,
            relationship_reminders_wanted,
        )
        from programmes.raid.queries import raid_reminders_wanted  # noqa: PLC0415
        from programmes.reminders.queries import Source, register_source, source_asking  # noqa: PLC0415
        from programmes.reviews.changes import move_milestones  # noqa: PLC0415
        from programmes.reviews.queries import review_reminders_wanted  # noqa: PLC0415
        from programmes.scheduling.queries.reminders import gate_reminders_wanted  # noqa: PLC0415
        from programmes.workstreams.queries.chasing import statuses_difference  # noqa: PLC0415

        for source in (
            Source("status", "Statuses", statuses_difference),
            source_asking("review", "Steps of reviews", review_reminders_wanted, move_milestones),
            source_asking("consultation", "Consultations", consultation_reminders_wanted),
            source_asking("gate", "Gates", gate_reminders_wanted),
            source_asking("raid", "Risks, assumptions, issues and actions", raid_reminders_wanted),
            source_asking(
                "relationship", "Relationships with partners", relationship_reminders_wanted, is_of_programmes=False
            ),
            source_asking(
                "capability", "Capabilities of partners", capability_reminders_wanted, is_of_programmes=False
            ),
        ):
            register_source(source)
        follow_what_ends(settle_expiries)
