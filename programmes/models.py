"""Register of this floor's models; import a model from its room."""

from programmes.consultations.models import (
    Answer,
    AnswerLink,
    AudienceConsortium,
    AudienceOrganisation,
    AudienceUnit,
    Consultation,
    ConsultationTask,
    DraftAnswer,
    Moderation,
    Question,
    Response,
)
from programmes.decisions.models import (
    Decision,
    DecisionOption,
    EngagementFate,
    OptionNeed,
    RelationshipFate,
    ReviewToOpen,
    SavingFate,
    WorkstreamFate,
)
from programmes.engagements.models import Acknowledgement, Bid, BidMember, Engagement, RollOff
from programmes.register.models import DeliveryModelPeriod, Lesson, Position, Programme, ProgrammeConstraint
from programmes.reminders.models import PlannedReminder, ReminderWave
from programmes.reviews.models import Milestone, Review
from programmes.savings.models import Saving, SavingMove, SavingStatement
from programmes.scheduling.models import GateOutcome, Stage
from programmes.workstreams.models import ReportingSettings, StatusUpdate, Workstream, WorkstreamMove

__all__ = [
    "Acknowledgement",
    "Answer",
    "AnswerLink",
    "AudienceConsortium",
    "AudienceOrganisation",
    "AudienceUnit",
    "Bid",
    "BidMember",
    "Consultation",
    "ConsultationTask",
    "Decision",
    "DecisionOption",
    "DeliveryModelPeriod",
    "DraftAnswer",
    "Engagement",
    "EngagementFate",
    "GateOutcome",
    "Lesson",
    "Milestone",
    "Moderation",
    "OptionNeed",
    "PlannedReminder",
    "Position",
    "Programme",
    "ProgrammeConstraint",
    "Question",
    "RelationshipFate",
    "ReminderWave",
    "ReportingSettings",
    "Response",
    "Review",
    "ReviewToOpen",
    "RollOff",
    "Saving",
    "SavingFate",
    "SavingMove",
    "SavingStatement",
    "Stage",
    "StatusUpdate",
    "Workstream",
    "WorkstreamFate",
    "WorkstreamMove",
]
