"""Conditions of passing a gate are rows with who meets them and by when, and a waiver says why.

What taken decisions asked for stands in the outcome that they wrote. Open ones keep it in their rationale, until somebody
enters who meets each condition and by when.
"""

from django.db import migrations, models
from django.db.models import Q

KEEP_WHAT_WAS_ASKED = """
    UPDATE programmes_decision
    SET rationale = trim(both E'\\n' FROM rationale || E'\\n\\nConditions at the gate, each to be entered with who meets it and '
        || E'by when:\\n' || gate_conditions)
    WHERE gate_conditions <> '' AND state IN ('draft', 'proposed')
"""


class Migration(migrations.Migration):
    dependencies = [("programmes", "0014_next_steps_are_rows")]
    operations = [
        migrations.RunSQL(KEEP_WHAT_WAS_ASKED, migrations.RunSQL.noop),
        migrations.RemoveConstraint(model_name="decision", name="programmes_decision_gate_whole"),
        migrations.RemoveField(model_name="decision", name="gate_conditions"),
        migrations.AddField(
            model_name="decision",
            name="gate_waiver_reason",
            field=models.CharField(blank=True, db_default="", default="", max_length=500),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=Q(gate__isnull=True, gate_result="") | Q(gate__isnull=False) & ~Q(gate_result=""),
                name="programmes_decision_gate_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=Q(gate_result="waived") & ~Q(gate_waiver_reason="")
                | ~Q(gate_result="waived") & Q(gate_waiver_reason=""),
                name="programmes_decision_waiver_has_reason",
            ),
        ),
    ]
