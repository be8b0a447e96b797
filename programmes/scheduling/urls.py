from django.urls import path

from programmes.scheduling import views

_ALL = "programmes/<uuid:programme_id>/stages/"
_ONE = f"{_ALL}<uuid:stage_id>/"
urlpatterns = [
    path(_ALL, views.stages, name="stages_of_programme"),
    path(f"{_ALL}plan/", views.plan, name="plan_stages"),
    path(f"{_ONE}start/", views.record_step, {"step": "start"}, name="start_stage"),
    path(f"{_ONE}finish/", views.record_step, {"step": "finish"}, name="finish_stage"),
    path(f"{_ONE}start/undo/", views.undo, {"step": "start"}, name="undo_stage_start"),
    path(f"{_ONE}finish/undo/", views.undo, {"step": "finish"}, name="undo_stage_finish"),
]
