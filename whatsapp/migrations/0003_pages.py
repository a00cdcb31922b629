from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("whatsapp", "0002_engine_limits")]

    operations = [
        migrations.AlterModelOptions(
            name="sender",
            options={
                "ordering": ("name",),
                "permissions": [
                    ("restart_sender", "Can restart the gateway of a WhatsApp number"),
                    ("switch_sender", "Can drain, switch off and switch on a WhatsApp number"),
                    ("pace_sender", "Can change the pace of a WhatsApp number"),
                ],
                "verbose_name": "WhatsApp number",
                "verbose_name_plural": "WhatsApp numbers",
            },
        ),
        migrations.AddField(
            model_name="restart",
            name="was_refused",
            field=models.BooleanField(default=False, verbose_name="refused"),
        ),
    ]
