from django.db import migrations


def queue_the_listed(apps, schema_editor):
    """Lists were written as waiting and queued at their end; now they are written as queued.

    What a list that is half written has already, nobody would queue any more.
    """
    listed = apps.get_model("campaigns", "Delivery").objects.filter(status="waiting", due_at=None)
    listed.update(status="pending")


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0002_engine_limits")]
    operations = [migrations.RunPython(queue_the_listed, migrations.RunPython.noop, elidable=True)]
