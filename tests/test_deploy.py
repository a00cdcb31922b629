"""What runs the product elsewhere: the image, its surroundings, and the units for systemd."""

import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
COMPOSE = YAML(typ="safe").load((ROOT / "compose.yaml").read_text())


def said_by(*command, **options):
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False, **options)
    return done.returncode, done.stdout + done.stderr


def test_the_linter_finds_nothing_in_the_dockerfile():
    assert said_by(str(BIN / "hadolint"), "--failure-threshold", "info", "Dockerfile") == (0, "")


def test_compose_follows_its_specification():
    status, said = said_by(str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.compose-spec", "compose.yaml")
    assert status == 0, said


def test_docker_reads_it_where_docker_is(tmp_path):
    if shutil.which("docker") is None or said_by("docker", "compose", "version")[0] != 0:
        pytest.skip("no docker compose here")
    (tmp_path / ".env").write_text("POSTGRES_PASSWORD=a\nWAHA_API_KEY=b\nWAHA_DASHBOARD_PASSWORD=c\nSECRET_KEY=d\n")
    shutil.copy(ROOT / "compose.yaml", tmp_path)
    done = subprocess.run(["docker", "compose", "config", "--quiet"], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_one_service_builds_the_image_that_the_others_wait_for():
    """Several that build the same one at once fail with "already exists"."""
    ours = {name: one for name, one in COMPOSE["services"].items() if one["image"] == "pregonero"}
    assert [name for name, one in ours.items() if "build" in one] == ["migrate"]
    assert all("migrate" in one["depends_on"] for name, one in ours.items() if name != "migrate")


def test_every_image_from_elsewhere_is_of_a_stated_version():
    tags = {one["image"].partition(":")[2] for one in COMPOSE["services"].values()} - {""}
    defaults = {re.sub(r"^\$\{\w+:-(.+)\}$", r"\1", tag) for tag in tags}
    assert len(defaults) == 3
    assert [tag for tag in defaults if not re.search(r"\d", tag)] == []


def test_no_log_grows_for_ever():
    assert all(service["logging"]["options"]["max-size"] for service in COMPOSE["services"].values())


def test_nothing_listens_for_the_world_and_no_secret_stands_in_it():
    for name, service in COMPOSE["services"].items():
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), name
        for variable, value in service.get("environment", {}).items():
            if re.search("PASSWORD|API_KEY|SECRET", variable):
                assert value.startswith("${"), (name, variable)
    assert COMPOSE["services"]["waha"]["ports"] == ["127.0.0.1:3010:3000"]


def test_the_image_takes_no_secrets_and_no_databases_along():
    kept_out = (ROOT / ".dockerignore").read_text().split()
    assert {".env", "var", ".git", "*.sqlite3*"} <= set(kept_out)
    runs_as = re.findall(r"^USER (\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert runs_as == ["10001:10001"]


def test_a_stop_is_given_more_time_than_the_longest_call(settings):
    longest = settings.LONGEST_CHECK_SECONDS + settings.GATEWAY_CONNECT_SECONDS + settings.GATEWAY_READ_SECONDS
    units = {unit.stem: _parsed(unit)["Service"] for unit in UNITS}
    assert int(units["pregonero-worker"]["TimeoutStopSec"]) > longest + 5
    assert int(COMPOSE["services"]["worker"]["stop_grace_period"].removesuffix("s")) > longest + 5


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_the_unit_starts_what_there_is(unit):
    service = _parsed(unit)["Service"]
    assert (service["WorkingDirectory"], service["Restart"]) == ("/srv/pregonero", "always")
    program, *arguments = shlex.split(service["ExecStart"].replace("/srv/pregonero/.venv/bin", str(BIN)))
    environment = os.environ | {"SECRET_KEY": "x" * 50}
    if arguments[0] == "manage.py":
        assert said_by(program, "manage.py", "help", *arguments[1:], env=environment)[0] == 0
    else:
        assert Path(program).name == "gunicorn"
        assert said_by(program, "--check-config", *arguments, env=environment) == (0, "")


def test_the_image_starts_the_same_as_the_units():
    [command] = re.findall(r"^CMD (\[.*\])$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    image = [part for part in json.loads(command) if not part.startswith("0.0.0.0")]
    unit = shlex.split(_parsed(ROOT / "deploy/systemd/pregonero-web.service")["Service"]["ExecStart"])
    assert image == [Path(unit[0]).name, *(part for part in unit[1:] if not part.startswith("127.0.0.1"))]
    worker = shlex.split(_parsed(ROOT / "deploy/systemd/pregonero-worker.service")["Service"]["ExecStart"])
    assert COMPOSE["services"]["worker"]["command"] == [Path(worker[0]).name, *worker[1:]]


def _parsed(unit):
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str
    parser.read(unit)
    return parser
