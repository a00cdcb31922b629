import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """What the page of a campaign needs: its moves, indexes for its chart and its list, the right to export."""

    dependencies = [("campaigns", "0004_compose"), ("whatsapp", "0002_engine_limits")]
    operations = [
        migrations.CreateModel(
            name="CampaignMove",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="time")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("scheduled", "Scheduled"),
                            ("overdue", "Late: waiting for you"),
                            ("sending", "Sending"),
                            ("paused", "Paused"),
                            ("finished", "Finished"),
                            ("cancelled", "Cancelled"),
                        ],
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
                (
                    "campaign",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="moves",
                        to="campaigns.campaign",
                        verbose_name="campaign",
                    ),
                ),
            ],
            options={
                "verbose_name": "move of a campaign",
                "verbose_name_plural": "moves of campaigns",
                "ordering": ("at", "pk"),
                "indexes": [models.Index(fields=["campaign", "at", "id"], name="move_by_campaign")],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(
                            ("status__in", ["draft", "scheduled", "overdue", "sending", "paused", "finished", "cancelled"])
                        ),
                        name="move_is_known",
                    )
                ],
            },
        ),
        migrations.AlterModelOptions(
            name="delivery",
            options={
                "ordering": ("-pk",),
                "permissions": [("export_delivery", "Can export the people of a campaign")],
                "verbose_name": "delivery",
                "verbose_name_plural": "deliveries",
            },
        ),
        migrations.AlterField(
            model_name="delivery",
            name="campaign",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deliveries",
                to="campaigns.campaign",
                verbose_name="campaign",
            ),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="sender",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="deliveries",
                to="whatsapp.sender",
                verbose_name="sent from",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery", index=models.Index(fields=["campaign", "id"], name="delivery_of_campaign")
        ),
        migrations.AddIndex(
            model_name="delivery", index=models.Index(fields=["sender", "campaign", "id"], name="delivery_by_number")
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=Q(("sent_at__isnull", False)), fields=["campaign", "sent_at"], name="delivery_by_sending"
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=Q(("status__in", ["failed", "uncertain"])),
                fields=["campaign", "status", "status_changed_at"],
                name="delivery_by_failing",
            ),
        ),
    ]
