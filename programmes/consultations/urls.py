from collections.abc import Callable

from django.urls import URLPattern, path

from programmes.consultations.views import answering, comments, design, launch, links
from programmes.consultations.views.ways import Page, by_link, own


def pages_of_a_task(base: str, way: Callable[[Page], Page], *, prefix: str) -> list[URLPattern]:
    """The pages on which somebody answers, below the address by which they come."""
    return [
        path(base, way(answering.show_task), name=f"{prefix}task"),
        path(f"{base}questions/<uuid:question_id>/", way(answering.answer), name=f"{prefix}task_question"),
        path(f"{base}check/", way(answering.check_answers), name=f"{prefix}check_answers"),
        path(f"{base}receipt/", way(answering.receipt), name=f"{prefix}task_receipt"),
        path(f"{base}comments/", way(answering.comments), name=f"{prefix}task_comments"),
    ]


urlpatterns = [
    path("reviews/<uuid:review_id>/", launch.show_review, name="review"),
    path("reviews/<uuid:review_id>/consultations/draft/", design.draft, name="draft_consultation"),
    path("consultations/<uuid:consultation_id>/", design.show, name="consultation"),
    path("consultations/<uuid:consultation_id>/edit/", design.edit, name="edit_consultation"),
    path("consultations/<uuid:consultation_id>/audience/", design.audience, name="consultation_audience"),
    path("consultations/<uuid:consultation_id>/questions/add/", design.add_question, name="add_question"),
    path(
        "consultations/<uuid:consultation_id>/questions/<uuid:question_id>/",
        design.change_question,
        name="change_question",
    ),
    path(
        "consultations/<uuid:consultation_id>/questions/<uuid:question_id>/remove/",
        design.remove_question,
        name="remove_question",
    ),
    path(
        "consultations/<uuid:consultation_id>/questions/<uuid:question_id>/move/",
        design.move_question,
        name="move_question",
    ),
    path("consultations/<uuid:consultation_id>/launch/", launch.launch, name="launch_consultation"),
    path("consultations/<uuid:consultation_id>/preview/", launch.preview, name="preview_consultation"),
    path(
        "consultations/<uuid:consultation_id>/preview/<uuid:question_id>/",
        launch.preview_question,
        name="preview_question",
    ),
    path("consultations/<uuid:consultation_id>/links/", links.show, name="answer_links"),
    path("consultations/<uuid:consultation_id>/links/<uuid:link_id>/revoke/", links.revoke, name="revoke_answer_link"),
    path(
        "consultations/<uuid:consultation_id>/links/<uuid:link_id>/replace/", links.replace, name="replace_answer_link"
    ),
    path("consultations/<uuid:consultation_id>/comments/", comments.comments, name="comments"),
    path("moderation/", comments.queues, name="moderation"),
    path("consultations/<uuid:consultation_id>/moderation/", comments.queue, name="moderation_queue"),
    path(
        "consultations/<uuid:consultation_id>/moderation/<int:answer_id>/", comments.moderate, name="moderate_comment"
    ),
    path(
        "consultations/<uuid:consultation_id>/moderation/<int:answer_id>/open/",
        comments.open_sealed,
        name="open_sealed_comment",
    ),
    path("my-tasks/", answering.my_tasks, name="my_tasks"),
    *pages_of_a_task("tasks/<uuid:task_id>/", own, prefix=""),
    *pages_of_a_task("answer/<uuid:link_id>/<str:secret>/", by_link, prefix="link_"),
]
