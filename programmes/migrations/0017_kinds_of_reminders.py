from django.db import migrations

FILL = """
    UPDATE programmes_reminderwave SET kind = 'status' WHERE dedup_key LIKE '%/status/%';
    UPDATE programmes_reminderwave
        SET kind = 'consultation', part_id = substring(dedup_key FROM '/consultation-([0-9a-f-]{36})/')::uuid
        WHERE dedup_key ~ '/consultation-[0-9a-f-]{36}/';
    UPDATE programmes_reminderwave SET kind = 'raid' WHERE dedup_key ~ '/(before|due|overdue)/[0-9]+$';
"""


class Migration(migrations.Migration):
    dependencies = [
        ("programmes", "0016_reminders_of_every_kind"),
    ]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
