import uuid

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("programmes", "0017_kinds_of_reminders"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReminderSweep",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("swept_at", models.DateTimeField(db_index=True)),
                ("found", models.JSONField(default=dict)),
            ],
            options={"abstract": False},
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="remindersweep",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="f69efcbbf6f51095335486b7243967392dbf602b",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_7b78a",
                    table="programmes_remindersweep",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="remindersweep",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'Cannot truncate % table: its rows are kept for ever', TG_TABLE_NAME;",
                    hash="cdd0c85bb88d9344007bf23c5b599e7954916418",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_28353",
                    table="programmes_remindersweep",
                    when="BEFORE",
                ),
            ),
        ),
    ]
