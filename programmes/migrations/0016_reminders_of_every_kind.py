import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("partners", "0008_post_room"),
        ("programmes", "0015_gate_conditions_are_rows"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="plannedreminder",
            name="is_urgent",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="plannedreminder",
            name="stays_cancelled",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="reminderwave",
            name="kind",
            field=models.CharField(blank=True, db_default="", default="", max_length=20),
        ),
        migrations.AddField(
            model_name="reminderwave",
            name="moved_from_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="reminderwave",
            name="part_id",
            field=models.UUIDField(blank=True, db_index=True, null=True),
        ),
        migrations.AddField(
            model_name="reminderwave",
            name="scope",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reminder_waves",
                to="partners.scope",
            ),
        ),
        migrations.AlterField(
            model_name="plannedreminder",
            name="channel",
            field=models.CharField(choices=[("email", "E-mail"), ("inbox", "Inbox")], default="email", max_length=10),
        ),
        migrations.AlterField(
            model_name="reminderwave",
            name="programme",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reminder_waves",
                to="programmes.programme",
            ),
        ),
        migrations.AddConstraint(
            model_name="reminderwave",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("programme__isnull", False), ("scope__isnull", True)),
                    models.Q(("programme__isnull", True), ("scope__isnull", False)),
                    _connector="OR",
                ),
                name="programmes_reminderwave_one_place",
            ),
        ),
    ]
