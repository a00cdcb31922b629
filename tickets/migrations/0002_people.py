import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

ACTIONS = {1: "added", 2: "changed", 3: "deleted"}


def copy_log(apps, schema_editor):
    """What was written down before stays readable in the one list."""
    Entry = apps.get_model("tickets", "HistoryEntry")
    LogEntry = apps.get_model("admin", "LogEntry")
    old = LogEntry.objects.select_related("user").order_by("pk").iterator(chunk_size=1000)
    batch = []
    for line in old:
        batch.append(
            Entry(
                at=line.action_time,
                user_id=line.user_id,
                actor=line.user.username[:150],
                action=ACTIONS.get(line.action_flag, "changed"),
                content_type_id=line.content_type_id,
                object_id=(line.object_id or "")[:64],
                object_name=line.object_repr[:200],
                sentence="" if line.change_message == "[]" else line.change_message,
            )
        )
        if len(batch) == 1000:
            Entry.objects.bulk_create(batch)
            batch = []
    Entry.objects.bulk_create(batch)


class Migration(migrations.Migration):

    dependencies = [
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("tickets", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="contact",
            options={
                "ordering": ("name", "pk"),
                "permissions": [
                    ("merge_contact", "Can merge two contacts into one"),
                    (
                        "opt_out_contact",
                        "Can write down what contacts do not want any more, and what they want again",
                    ),
                ],
                "verbose_name": "contact",
                "verbose_name_plural": "contacts",
            },
        ),
        migrations.CreateModel(
            name="HistoryEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="time")),
                ("actor", models.CharField(blank=True, max_length=150, verbose_name="who")),
                ("action", models.CharField(max_length=30, verbose_name="action")),
                ("object_id", models.CharField(blank=True, max_length=64)),
                ("object_name", models.CharField(blank=True, max_length=200, verbose_name="about what")),
                ("before", models.JSONField(blank=True, default=dict)),
                ("after", models.JSONField(blank=True, default=dict)),
                ("sentence", models.TextField(blank=True, verbose_name="text")),
                (
                    "content_type",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="contenttypes.contenttype",
                        verbose_name="kind",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "history entry",
                "verbose_name_plural": "history entries",
                "ordering": ("-at", "-pk"),
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(fields=["-at", "-id"], name="history_by_time"),
                    models.Index(
                        fields=["content_type", "object_id", "-at", "-id"], name="history_of_object"
                    ),
                    models.Index(fields=["user", "-at", "-id"], name="history_of_person"),
                    models.Index(fields=["action", "-at", "-id"], name="history_by_action"),
                ],
            },
        ),
        migrations.RunPython(copy_log, migrations.RunPython.noop),
    ]
