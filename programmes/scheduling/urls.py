from django.urls import path

from programmes.scheduling.views import closures, gates, life_cycles, milestones, stages

_ALL = "programmes/<uuid:programme_id>/stages/"
_ONE = f"{_ALL}<uuid:stage_id>/"
_MILESTONES = "programmes/<uuid:programme_id>/milestones/"
_MILESTONE = "milestones/<uuid:milestone_id>/"
_GATES = "programmes/<uuid:programme_id>/gate-reviews/"
_REVIEW = "gate-reviews/<uuid:gate_review_id>/"
_LIFE_CYCLES = "settings/life-cycles/"
_LIFE_CYCLE = f"{_LIFE_CYCLES}<uuid:life_cycle_id>/"
urlpatterns = [
    path(_GATES, gates.gate_reviews, name="gate_reviews_of_programme"),
    path(f"{_GATES}open/", gates.open_review, name="open_gate_review"),
    path(_REVIEW, gates.show, name="gate_review"),
    path(f"{_REVIEW}change/", gates.change, name="change_gate_review"),
    path(f"{_REVIEW}checklist/<uuid:gate_check_id>/", gates.answer, name="answer_gate_check"),
    path(f"{_REVIEW}evidence/add/", gates.add_evidence, name="add_gate_evidence"),
    path(f"{_REVIEW}evidence/<uuid:gate_evidence_id>/remove/", gates.remove_evidence, name="remove_gate_evidence"),
    path(f"{_REVIEW}evidence/<uuid:gate_evidence_id>/document/", gates.document, name="gate_document"),
    path(f"{_REVIEW}recommendations/add/", gates.add_recommendation, name="add_gate_recommendation"),
    path(
        f"{_REVIEW}recommendations/<uuid:gate_recommendation_id>/remove/",
        gates.remove_recommendation,
        name="remove_gate_recommendation",
    ),
    path(f"{_REVIEW}cancel/", gates.cancel, name="cancel_gate_review"),
    path(f"{_REVIEW}complete/", gates.complete, name="complete_gate_review"),
    path(_ALL, stages.stages, name="stages_of_programme"),
    path(f"{_ALL}plan/", stages.plan, name="plan_stages"),
    path(f"{_ONE}dates/", stages.dates, name="stage_dates"),
    path(f"{_ONE}skip/", stages.skip, {"take_up": False}, name="skip_stage"),
    path(f"{_ONE}take-up/", stages.skip, {"take_up": True}, name="take_up_stage"),
    path(f"{_ONE}start/", stages.record_step, {"step": "start"}, name="start_stage"),
    path(f"{_ONE}finish/", stages.record_step, {"step": "finish"}, name="finish_stage"),
    path(f"{_ONE}start/undo/", stages.undo, {"step": "start"}, name="undo_stage_start"),
    path(f"{_ONE}finish/undo/", stages.undo, {"step": "finish"}, name="undo_stage_finish"),
    path(_MILESTONES, milestones.milestones, name="milestones_of_programme"),
    path(f"{_MILESTONES}new/", milestones.add, name="add_milestone"),
    path(_MILESTONE, milestones.show, name="milestone"),
    path(f"{_MILESTONE}change/", milestones.change, name="change_milestone"),
    path(f"{_MILESTONE}forecast/", milestones.act, {"name": "forecast"}, name="forecast_milestone"),
    path(f"{_MILESTONE}achieve/", milestones.act, {"name": "achieve"}, name="achieve_milestone"),
    path(f"{_MILESTONE}take-back/", milestones.act, {"name": "take_back"}, name="take_back_milestone"),
    path(f"{_MILESTONE}drop/", milestones.act, {"name": "drop"}, name="drop_milestone"),
    path("settings/closures/", closures.list_closures, name="closures"),
    path("settings/closures/new/", closures.add, name="closure_new"),
    path("settings/closures/new/check/", closures.check_addition, name="closure_check"),
    path("settings/closures/<uuid:closure_id>/", closures.change, name="closure_change"),
    path("settings/closures/<uuid:closure_id>/check/", closures.check_change, name="closure_check_change"),
    path("settings/closures/<uuid:closure_id>/remove/", closures.remove, name="closure_remove"),
    path(_LIFE_CYCLES, life_cycles.list_all, name="life_cycles"),
    path(f"{_LIFE_CYCLES}new/", life_cycles.add, name="add_life_cycle"),
    path(_LIFE_CYCLE, life_cycles.show, name="life_cycle"),
    path(f"{_LIFE_CYCLE}publish/", life_cycles.publish, name="publish_version"),
    path(f"{_LIFE_CYCLE}change/", life_cycles.change, name="change_life_cycle"),
    path(f"{_LIFE_CYCLE}offer/", life_cycles.offer, {"is_offered": True}, name="offer_life_cycle"),
    path(f"{_LIFE_CYCLE}withdraw/", life_cycles.offer, {"is_offered": False}, name="withdraw_life_cycle"),
    path(f"{_LIFE_CYCLE}default/", life_cycles.make_default, name="default_life_cycle"),
    path(f"{_ALL}life-cycle/", life_cycles.choose, name="choose_life_cycle"),
]
