from django.urls import path

from programmes.consultations.views import answering, design, launch

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
    path("my-tasks/", answering.my_tasks, name="my_tasks"),
    path("tasks/<uuid:task_id>/", answering.show_task, name="task"),
    path("tasks/<uuid:task_id>/questions/<uuid:question_id>/", answering.answer, name="task_question"),
    path("tasks/<uuid:task_id>/check/", answering.check_answers, name="check_answers"),
    path("tasks/<uuid:task_id>/receipt/", answering.receipt, name="task_receipt"),
]
