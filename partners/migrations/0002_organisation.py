from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def make_organisation(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """One installation serves one organisation: its scope is there from the start."""
    apps.get_model("partners", "Scope").objects.create(kind="organisation", name="The organisation")


class Migration(migrations.Migration):
    dependencies = [("partners", "0001_initial")]
    operations = [migrations.RunPython(make_organisation, migrations.RunPython.noop)]
