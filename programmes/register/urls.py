from django.urls import path

from programmes.register import views

urlpatterns = [
    path("programmes/<uuid:programme_id>/change/", views.change, name="change_programme"),
    path("programmes/<uuid:programme_id>/constraints/", views.constraints, name="constraints_of_programme"),
    path(
        "programmes/<uuid:programme_id>/constraints/<uuid:constraint_id>/withdraw/",
        views.withdraw_constraint,
        name="withdraw_constraint",
    ),
    path("programmes/<uuid:programme_id>/lessons/", views.lessons, name="lessons_of_programme"),
    path(
        "programmes/<uuid:programme_id>/lessons/<uuid:lesson_id>/withdraw/",
        views.withdraw_lesson,
        name="withdraw_lesson",
    ),
    path("programmes/<uuid:programme_id>/positions/", views.positions, name="positions_of_programme"),
    path(
        "programmes/<uuid:programme_id>/positions/<uuid:position_id>/withdraw/",
        views.withdraw_position,
        name="withdraw_position",
    ),
    path("programmes/<uuid:programme_id>/delivery-models/", views.delivery_models, name="delivery_models_of_programme"),
    path("lessons/", views.all_lessons, name="lessons"),
]
