"""A workstream knows whether the rating that it shows was withheld, also once a later exception stands."""

from django.db import migrations, models

# As the exceptions count: of one that ended early the days that were over by then.
FILL = """
    UPDATE programmes_workstream w SET current_is_withheld = true
    WHERE EXISTS (
        SELECT FROM programmes_reportingexception e
        WHERE e.workstream_id = w.id AND e.kind = 'withheld' AND w.current_period_on BETWEEN e.from_on AND e.to_on
            AND (e.ended_at IS NULL OR (e.ended_at AT TIME ZONE 'Europe/London')::date > w.current_period_on)
    )
"""


class Migration(migrations.Migration):
    dependencies = [
        ("programmes", "0020_outcomes_follow_decisions"),
    ]
    operations = [
        migrations.AddField(
            model_name="workstream",
            name="current_is_withheld",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
