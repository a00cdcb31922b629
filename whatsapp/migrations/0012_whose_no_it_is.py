from django.db import migrations, models


def forget_each_no(apps, schema_editor):
    """Nobody knows which gateway said it, and so for whom it counts: it would be forgotten within a day anyway."""
    apps.get_model("whatsapp", "NumberCheck").objects.filter(exists=False).delete()


class Migration(migrations.Migration):
    dependencies = [("whatsapp", "0011_identities_by_age")]
    operations = [
        migrations.AddField("numbercheck", "only_for", models.CharField(blank=True, default="", max_length=60)),
        migrations.RunPython(forget_each_no, migrations.RunPython.noop, elidable=True),
    ]
