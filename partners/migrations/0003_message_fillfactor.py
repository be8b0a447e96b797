from django.db import migrations

# A message changes its state several times: room on its page keeps the new versions beside the old ones.
ROOM_FOR_UPDATES = "ALTER TABLE partners_message SET (fillfactor = 70)"
NO_ROOM = "ALTER TABLE partners_message RESET (fillfactor)"


class Migration(migrations.Migration):
    dependencies = [("partners", "0002_organisation")]
    operations = [migrations.RunSQL(ROOM_FOR_UPDATES, NO_ROOM)]
