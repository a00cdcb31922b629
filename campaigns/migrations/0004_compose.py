from django.db import migrations, models

PERMISSIONS = [
    ("launch_campaign", "Can launch campaigns"),
    ("pause_campaign", "Can pause and resume campaigns"),
    ("cancel_campaign", "Can cancel campaigns"),
    ("resend_failed", "Can resend what failed"),
    ("resend_uncertain", "Can decide about uncertain messages"),
    ("send_trial", "Can send tests of a message"),
]


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0003_queue_the_listed")]

    operations = [
        migrations.AlterModelOptions(
            name="campaign",
            options={
                "ordering": ("-created_at", "-pk"),
                "permissions": PERMISSIONS,
                "verbose_name": "campaign",
                "verbose_name_plural": "campaigns",
            },
        ),
        migrations.AddField(
            model_name="campaign",
            name="trial_of",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=models.deletion.PROTECT,
                related_name="trials",
                to="campaigns.campaign",
                verbose_name="test of",
            ),
        ),
        migrations.AddField(
            model_name="campaign",
            name="form_key",
            field=models.CharField(blank=True, default="", editable=False, max_length=40),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.UniqueConstraint(
                condition=models.Q(("form_key", ""), _negated=True), fields=("form_key",), name="campaign_is_made_once"
            ),
        ),
    ]
