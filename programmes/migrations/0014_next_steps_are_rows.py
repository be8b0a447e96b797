from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("programmes", "0013_status_steps")]

    operations = [migrations.RemoveField("statusupdate", "next_steps")]
