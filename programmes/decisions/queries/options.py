from uuid import UUID

from django.db.models import Prefetch, QuerySet

from programmes.decisions.enums import NeedLevel
from programmes.decisions.models import Decision, DecisionOption, OptionNeed
from programmes.decisions.rules import ComparedOption


def options_of(decision: Decision) -> QuerySet[DecisionOption]:
    """Its options in their order, each with ``needs`` by name of the capability; two queries."""
    needs = OptionNeed.objects.select_related("capability").order_by("capability__name", "pk")
    found = DecisionOption.objects.filter(decision=decision).prefetch_related(Prefetch("needs", needs))
    return found.order_by("position", "pk")


def option_of(decision: Decision, option_id: UUID) -> DecisionOption | None:
    return options_of(decision).filter(pk=option_id).first()


def needs_of(option: DecisionOption) -> list[OptionNeed]:
    """What an option needs, by name of the capability."""
    return list(OptionNeed.objects.filter(option=option).select_related("capability").order_by("capability__name"))


def compared_options(decision: Decision) -> list[ComparedOption]:
    """The options as columns of the comparison; two queries."""
    return [
        ComparedOption(
            id=option.pk,
            title=option.title,
            description=option.description,
            ambition=option.get_ambition_display(),
            delivery_model=option.get_delivery_model_display(),
            is_chosen=option.is_chosen,
            rejected_because=option.rejected_because,
            needs={need.capability.name: NeedLevel(need.level) for need in option.needs.all()},
            notes={need.capability.name: need.note for need in option.needs.all() if need.note},
        )
        for option in options_of(decision)
    ]
