"""Each line of what was to happen next becomes a step."""

from django.db import migrations, models

LINES_TO_STEPS = """
    INSERT INTO programmes_statusstep (update_id, position, text, is_done)
    SELECT said.id, row_number() OVER (PARTITION BY said.id ORDER BY line.number), btrim(line.text), false
    FROM programmes_statusupdate AS said,
        regexp_split_to_table(said.next_steps, '\\n') WITH ORDINALITY AS line (text, number)
    WHERE btrim(line.text) <> ''
"""


class Migration(migrations.Migration):
    dependencies = [("programmes", "0012_stages_replaced_by_another_life_cycle")]

    operations = [
        migrations.AlterField("statusstep", "text", models.TextField()),
        migrations.RunSQL(LINES_TO_STEPS, migrations.RunSQL.noop),
    ]
