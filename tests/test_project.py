"""What the papers of the project promise about the project."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# Read by the supervisor's programs or by Django itself, not by the settings.
ELSEWHERE = {"ENV_FILE"}


def read(name):
    return (ROOT / name).read_text()


def pins(name):
    return [line for line in read(name).splitlines() if line and not line.startswith(("#", "-r"))]


def test_the_example_environment_names_every_variable_and_no_other():
    sources = read("config/settings.py") + read("config/mail_server.py")
    settings = set(re.findall(r'env\.?\w*\(\s*"([A-Z_]+)"', sources))
    example = set(re.findall(r"^#?([A-Z][A-Z_]+)=", read(".env.example"), re.MULTILINE))
    assert settings | ELSEWHERE == example


@pytest.mark.parametrize("command", ["demo", "test"])
def test_the_commands_of_the_readme_exist(command):
    assert f"make {command}" in read("README.md")
    assert re.search(rf"^{command}:", read("Makefile"), re.MULTILINE)


def test_ci_calls_the_command_of_the_readme():
    assert re.search(r"^make test$", read(".ci/run"), re.MULTILINE)


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned_and_explained(name):
    reasons = read("docs/dependencies.md").lower()
    for line in pins(name):
        package, pinned, version = line.partition("==")
        assert pinned, line
        assert version, line
        assert f"**{package.partition('[')[0].lower()}**" in reasons, f"{package} has no reason in docs/dependencies.md"


def test_links_of_the_readme_lead_somewhere():
    for target in re.findall(r"\]\(([^)#]+)\)", read("README.md")):
        assert (ROOT / target).exists(), target


def test_every_command_of_the_readme_exists():
    table = read("README.md").partition("## Commands")[2].partition("## How it is built")[0]
    named = set(re.findall(r"^\| .*?\|", table, re.MULTILINE))
    words = {word for row in named for word in re.findall(r"`([a-z_]+)", row)}
    commands = {path.stem for path in ROOT.glob("*/management/commands/*.py")}
    assert words, "no command found"
    assert words <= commands


def test_without_a_key_the_start_says_what_to_do():
    environment = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull}
    command = [sys.executable, "manage.py", "check"]
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert result.returncode == 1
    assert result.stderr.startswith("SECRET_KEY is not set.")
    assert "Traceback" not in result.stderr
