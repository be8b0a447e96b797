"""Register of this floor's models; import a model from its room."""

from programmes.consultations.models import (
    Answer,
    AudienceUnit,
    Consultation,
    ConsultationTask,
    DraftAnswer,
    Question,
    Response,
)
from programmes.register.models import Lesson, Programme, ProgrammeConstraint
from programmes.reminders.models import PlannedReminder, ReminderWave
from programmes.reviews.models import Milestone, Review
from programmes.scheduling.models import Stage
from programmes.workstreams.models import ReportingSettings, StatusUpdate, Workstream

__all__ = [
    "Answer",
    "AudienceUnit",
    "Consultation",
    "ConsultationTask",
    "DraftAnswer",
    "Lesson",
    "Milestone",
    "PlannedReminder",
    "Programme",
    "ProgrammeConstraint",
    "Question",
    "ReminderWave",
    "ReportingSettings",
    "Response",
    "Review",
    "Stage",
    "StatusUpdate",
    "Workstream",
]
