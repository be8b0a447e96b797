from django.urls import path

from programmes.scheduling.views import stages

_ALL = "programmes/<uuid:programme_id>/stages/"
_ONE = f"{_ALL}<uuid:stage_id>/"
urlpatterns = [
    path(_ALL, stages.stages, name="stages_of_programme"),
    path(f"{_ALL}plan/", stages.plan, name="plan_stages"),
    path(f"{_ONE}start/", stages.record_step, {"step": "start"}, name="start_stage"),
    path(f"{_ONE}finish/", stages.record_step, {"step": "finish"}, name="finish_stage"),
    path(f"{_ONE}start/undo/", stages.undo, {"step": "start"}, name="undo_stage_start"),
    path(f"{_ONE}finish/undo/", stages.undo, {"step": "finish"}, name="undo_stage_finish"),
]
