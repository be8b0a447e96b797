from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("partners", "0006_documents_and_leave"),
    ]

    operations = [
        migrations.AddField(
            model_name="scope",
            name="is_record",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
