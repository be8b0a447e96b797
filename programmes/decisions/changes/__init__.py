"""What a draft may hold, and what a decision does: said before, done once, and said afterwards by the same code."""

from programmes.decisions.changes.drafts import check_effects, checked_draft, checked_option
from programmes.decisions.changes.effects import Effect, Taking, effects_of

__all__ = ["Effect", "Taking", "check_effects", "checked_draft", "checked_option", "effects_of"]
