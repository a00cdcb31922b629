import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """What the page of a campaign needs: indexes for its chart and its list, the right to export."""

    dependencies = [("campaigns", "0004_compose"), ("whatsapp", "0002_engine_limits")]
    operations = [
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
