"""`make demo`, as a stranger runs it, on free ports and without waiting for the real pauses."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.processes


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def make_demo(place, **options):
    clean = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    options = {"PORT": str(free_port()), "GATEWAY_PORT": str(free_port()), "DEMO_DIR": str(place)} | options
    return subprocess.run(
        ["make", "--no-print-directory", "demo", "ONCE=1", "PACE=fast", *(f"{k}={v}" for k, v in options.items())],
        cwd=ROOT,
        env=clean | {"PREGONERO_PYTHON": sys.executable},
        capture_output=True,
        text=True,
        timeout=170,
    )


@pytest.mark.timeout(180)
def test_the_demo_sends_to_everybody_and_ends(tmp_path):
    result = make_demo(tmp_path / "demo")
    assert result.returncode == 0, result.stdout + result.stderr
    inbox = int(re.search(r"(?:inbox|bandeja del simulador)\D*?\s{2,}(\d+)", result.stdout)[1])
    sent = int(re.search(r"(?:Sent by WhatsApp|por WhatsApp)\s{2,}(\d+)", result.stdout)[1])
    assert inbox == sent == 32


@pytest.mark.timeout(60)
def test_a_taken_port_is_one_sentence(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        result = make_demo(tmp_path / "demo", PORT=port)
    assert result.returncode != 0
    assert port in result.stdout + result.stderr
    assert "Traceback" not in result.stdout + result.stderr
