from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("programmes", "0009_reminders_that_need_sight"),
    ]

    operations = [
        migrations.AddField(
            model_name="raidentry",
            name="decision_id",
            field=models.UUIDField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="raidentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("decision_id__isnull", True), ("kind", "issue"), _connector="OR"),
                name="programmes_raidentry_issues_are_decided",
            ),
        ),
    ]
