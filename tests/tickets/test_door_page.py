"""What the door page's files promise each other. The page itself is tried in tests/browser/test_door.py."""

import hashlib
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from tickets.door_page_words import page_words
from tickets.door_words import verdict_words

STATIC = Path(settings.BASE_DIR) / "static"
SCRIPTS = sorted((STATIC / "pregonero").glob("door*.js"))
SAID = re.compile(r"\bsay\(\s*\"(\w+)\"|\? \"(\w+)\" : \"(\w+)\"(?=[,)])|counted\(\"(\w+)\"|words\.(\w+)\b")
NO_WORDS = {"yes", "no", "on", "off", "one", "many"}


def _keys_in(text):
    return {key for found in SAID.findall(text) for key in found if key} - NO_WORDS


def test_the_page_has_words_for_whatever_its_scripts_say():
    known = set(page_words() | verdict_words())
    whole = known | {key.removesuffix("_one") for key in known}
    said = set().union(*(_keys_in(script.read_text()) for script in SCRIPTS))
    assert len(said) > 30
    assert said - whole == set()


@pytest.mark.parametrize("language", ["es", "en"])
def test_what_is_filled_in_is_the_same_in_both_languages(language):
    with translation.override(language):
        here = page_words()
    with translation.override("en"):
        english = page_words()
    gaps = re.compile(r"\{\w+\}")
    assert {key: sorted(gaps.findall(text)) for key, text in here.items()} == {
        key: sorted(gaps.findall(text)) for key, text in english.items()
    }


def test_no_script_imports_another_by_a_name_that_changes_with_its_content():
    own = [script for script in SCRIPTS if re.search(r"^import\b|\bfrom \"\./", script.read_text(), re.MULTILINE)]
    assert own == []
    named = (Path(settings.BASE_DIR) / "templates" / "tickets" / "door.html").read_text()
    apart = {"door_worker.js"}  # which is served by an address of its own
    assert [s.name for s in SCRIPTS if s.name not in apart and f"pregonero/{s.name}" not in named] == []


def test_the_vendored_decoder_is_the_one_that_is_written_down():
    decoder = (STATIC / "vendor" / "qr" / "decode.min.js").read_bytes()
    assert hashlib.sha256(decoder).hexdigest() in (STATIC / "vendor" / "README.md").read_text()
    assert not re.search(rb"sourceMappingURL|\beval\(|new Function|WebAssembly|^import\b", decoder)
