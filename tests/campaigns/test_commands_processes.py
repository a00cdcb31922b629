"""The commands as processes: exit statuses, JSON alone on standard output, and a real Ctrl-C."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from campaigns.audience import describe
from campaigns.models import Campaign
from tests.factories import NOW, make_campaign, make_contact, make_delivery, make_lane

pytestmark = pytest.mark.processes
ROOT = Path(__file__).resolve().parent.parent.parent


def database_url():
    at = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{at['NAME']}"
    return f"postgres://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}/{at['NAME']}"


def manage(*arguments, url=""):
    """A process that shows every warning, started as a supervisor would: without a terminal."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    environment = kept | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "ENV_FILE": os.devnull,
        "SECRET_KEY": settings.SECRET_KEY,
        "DATABASE_URL": url or database_url(),
        "INSTALLATION_ID": settings.INSTALLATION_ID,
    }
    return subprocess.Popen(
        [sys.executable, "-W", "always", "manage.py", *map(str, arguments)],
        cwd=ROOT,
        env=environment,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=_hear_ctrl_c,
    )


def _hear_ctrl_c():
    """What a shell starts in the background is deaf to it, and so is whatever that starts: this whole run, perhaps."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def ended(*arguments, **options):
    with manage(*arguments, **options) as process:
        out, errors = process.communicate(timeout=120)
    return process.returncode, out, errors


def test_an_estimate_needs_no_tables_and_is_pure_json(tmp_path):
    status, out, errors = ended("estimate", "--messages", 50, "--json", url=f"sqlite:///{tmp_path / 'new.sqlite3'}")
    assert (status, json.loads(out)["waiting_seconds"]) == (0, 146.0)
    assert "whatsapp_sendingsettings" in errors


@pytest.mark.any_database
@pytest.mark.django_db(transaction=True)
def test_the_status_is_pure_json():
    campaign = make_campaign(name="Señal “ñ” 📣", status="finished", finished_at=NOW)
    make_delivery(campaign=campaign, status="sent", sent_at=NOW)
    status, out, _errors = ended("campaign_status", campaign.pk, "--json")
    assert (status, json.loads(out)["name"], json.loads(out)["by_state"]) == (0, "Señal “ñ” 📣", {"sent": 1})


@pytest.mark.any_database
@pytest.mark.django_db(transaction=True)
def test_a_refusal_ends_with_1_and_writes_nothing_to_standard_output():
    status, out, errors = ended("campaign_status", 7, "--json")
    assert (status, out) == (1, "")
    assert "7" in errors


@pytest.mark.any_database
@pytest.mark.django_db(transaction=True)
def test_a_cancel_without_a_terminal_needs_yes():
    campaign = make_campaign(status="sending")
    assert ended("cancel_campaign", campaign.pk)[0] == 1
    campaign.refresh_from_db()
    assert campaign.status == "sending"
    assert ended("cancel_campaign", campaign.pk, "--yes")[0] == 0
    campaign.refresh_from_db()
    assert campaign.status == "cancelled"


def is_look(line):
    return re.match(r"\d\d:\d\d:\d\d \(", line)


@pytest.mark.timeout(60)
@pytest.mark.django_db(transaction=True)
def test_a_real_ctrl_c_ends_the_watching_alone():
    make_lane()
    make_contact()
    campaign = make_campaign(status="draft", launched_at=None, prepared_at=None, audience=describe(everybody=True))
    with manage("launch_campaign", campaign.pk, "--wait") as process:
        try:
            assert any(is_look(line) for line in process.stdout)  # told at once, although nobody reads a terminal
            process.send_signal(signal.SIGINT)
            errors = process.communicate(timeout=60)[1]
        finally:
            process.kill()  # without a worker it would look for ever
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert Campaign.objects.get().status == "sending"
