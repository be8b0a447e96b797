from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("programmes", "0008_delivery_required"),
    ]

    operations = [
        migrations.AddField(
            model_name="reminderwave",
            name="needs_sight",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
