"""This floor's part of /admin/. What respondents wrote is not shown there."""

from partners.admin import register
from programmes.models import (
    Answer,
    AudienceUnit,
    Consultation,
    ConsultationTask,
    DraftAnswer,
    Lesson,
    Milestone,
    PlannedReminder,
    Programme,
    ProgrammeConstraint,
    Question,
    ReminderWave,
    ReportingSettings,
    Response,
    Review,
    Stage,
    StatusUpdate,
    Workstream,
)

register(Answer, hidden={"value"})
register(AudienceUnit)
register(Consultation)
register(ConsultationTask)
register(DraftAnswer, hidden={"value"})
register(Lesson)
register(Milestone)
register(PlannedReminder)
register(Programme)
register(ProgrammeConstraint)
register(Question)
register(ReminderWave)
register(ReportingSettings)
register(Response)
register(Review)
register(Stage)
register(StatusUpdate)
register(Workstream)
