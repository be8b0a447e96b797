"""No outcome at a gate without the decision that was taken there, and one outcome for each decision."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("programmes", "0019_cancelled_gate_reviews"),
    ]
    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="gateoutcome",
            trigger=pgtrigger.compiler.Trigger(
                name="is_decided",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    func="\n    IF NOT EXISTS (\n        SELECT FROM programmes_decision\n        WHERE id = NEW.decision_id AND state = 'taken' AND gate_id = NEW.stage_id AND gate_result = NEW.result\n            AND gate_waiver_reason = NEW.waiver_reason AND taken_on = NEW.decided_on\n    ) THEN\n        RAISE EXCEPTION 'What was decided at a gate stands in a decision that was taken' USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NULL;\n",
                    hash="1bf0837826dc8edc106ce01e93bd37d18e0a8c99",
                    operation="INSERT",
                    pgid="pgtrigger_is_decided_e1ba7",
                    table="programmes_gateoutcome",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="gateoutcome",
            constraint=models.UniqueConstraint(fields=("decision_id",), name="programmes_gateoutcome_decision_once"),
        ),
    ]
