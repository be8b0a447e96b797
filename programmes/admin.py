"""This floor's part of /admin/. What respondents wrote is not shown there."""

from partners.admin import register
from programmes.models import (
    Acknowledgement,
    Answer,
    AnswerLink,
    AudienceConsortium,
    AudienceOrganisation,
    AudienceUnit,
    Bid,
    BidMember,
    Consultation,
    ConsultationTask,
    DeliveryModelPeriod,
    DraftAnswer,
    Engagement,
    GateOutcome,
    Lesson,
    Milestone,
    Moderation,
    PlannedReminder,
    Position,
    Programme,
    ProgrammeConstraint,
    Question,
    ReminderWave,
    ReportingSettings,
    Response,
    Review,
    RollOff,
    Stage,
    StatusUpdate,
    Workstream,
)

register(Acknowledgement)
register(Answer, hidden={"value"})
register(AnswerLink)
register(AudienceConsortium)
register(AudienceOrganisation)
register(AudienceUnit)
register(Bid)
register(BidMember)
register(Consultation)
register(ConsultationTask)
register(DeliveryModelPeriod)
register(DraftAnswer, hidden={"value"})
register(Engagement)
register(GateOutcome)
register(Lesson)
register(Milestone)
register(Moderation, hidden={"reason", "shown_text"})
register(PlannedReminder)
register(Position)
register(Programme)
register(ProgrammeConstraint)
register(Question)
register(ReminderWave)
register(ReportingSettings)
register(Response)
register(Review)
register(RollOff)
register(Stage)
register(StatusUpdate)
register(Workstream)
