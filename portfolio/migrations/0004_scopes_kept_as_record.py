from django.db import migrations

SAY_WHICH = """
    UPDATE partners_scope SET is_record = true
    WHERE id IN (SELECT scope_id FROM portfolio_portfolio WHERE record_until IS NOT NULL)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("partners", "0007_scopes_kept_as_record"),
        ("portfolio", "0003_saved_views"),
    ]

    operations = [migrations.RunSQL(SAY_WHICH, migrations.RunSQL.noop)]
