"""No English on a Spanish page: neither ours nor that of the packages whose pages we show."""

from html.parser import HTMLParser
from importlib import resources

import polib
import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext, trans_real

from tests import sitemap
from tests.factories import make_user
from tests.filled import fill

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

PACKAGES = {
    "django.contrib.admin": "locale/en/LC_MESSAGES/django.po",
    "django.contrib.auth": "locale/en/LC_MESSAGES/django.po",
    "django_q": "locale/fr/LC_MESSAGES/django.po",  # it has no English one; the keys are the same
}
# The rest of django-q2 speaks to its log.
ON_PAGES = {"django_q": ("models.py", "admin.py", "apps.py")}
# The same word in both languages, or no word.
SAME = {
    "English",
    "%(class_name)s %(instance)s",
    "Error",
    "error",
    "Error:",
    "%(full_result_count)s total",
    "Hook",
    "Cluster",
    "Cron",
    "No",
    "Total",
    "Django Q",
    "General",
    "Multiple",
    "Staff",
}
# What the pages never show: sentences of parts of Django that are not installed or replaced by ours.
UNUSED = {"Django administration", "Django site admin"}
SHOWN = ("title", "aria-label", "placeholder", "alt", "value")


def _keys(package):
    path = resources.files(package).joinpath(PACKAGES[package])
    entries = [entry for entry in polib.pofile(str(path)) if not entry.obsolete]
    shown = [entry for entry in entries if not entry.msgid_plural and not entry.msgctxt and _is_shown(package, entry)]
    assert len(shown) > 50
    return [entry.msgid for entry in shown]


def _is_shown(package, entry):
    return package not in ON_PAGES or any(file.endswith(ON_PAGES[package]) for file, _line in entry.occurrences)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_sentence_of_a_package_has_spanish(package):
    with translation.override("es"):
        missing = [key for key in _keys(package) if gettext(key) == key]
    assert ", ".join(key for key in missing if key not in SAME | UNUSED) == ""


class Words(HTMLParser):
    """The texts that somebody sees or hears, each by itself."""

    def __init__(self, html):
        super().__init__()
        self.found, self.skipped = [], 0
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.skipped += tag in ("script", "style")
        named = dict(attributes)
        hidden = named.get("type") == "hidden" or tag in ("option", "button")
        self.found += [named[name].strip() for name in SHOWN if named.get(name) and not (hidden and name == "value")]

    def handle_endtag(self, tag):
        self.skipped -= tag in ("script", "style")

    def handle_data(self, text):
        if not self.skipped and text.strip():
            self.found.append(" ".join(text.split()))


@pytest.fixture(scope="module")
def english():
    """Sentences that are English and nothing else: keys of the catalogues which say something else in Spanish."""
    with translation.override("es"):
        known = {key: value for key, value in _catalogue().items() if isinstance(key, str) and isinstance(value, str)}
    ours = {key.rpartition("\x04")[2]: value for key, value in known.items() if key}
    spanish = set(ours.values())
    lowered = {value.lower() for value in spanish}
    words = {key for key, value in ours.items() if value and value != key and key.lower() not in lowered}
    return words | {"True", "False", "None"}  # what Django's pictures of yes and no are called


def _catalogue():
    return dict(trans_real.catalog()._catalog.items())


@pytest.fixture
def pages():
    """Every page that a superuser can open, by the name of its address."""
    cache.clear()
    made = fill(timezone.now())
    client = Client()
    client.force_login(make_user("jefa"))
    found = {}
    for name in sitemap.names():
        if name not in ("admin:logout", "admin:jsi18n"):
            answer = client.get(sitemap.address(name, made))
            if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
                found[name] = answer.content.decode()
    return found


def test_no_page_shows_a_sentence_in_english(pages, english):
    assert len(pages) > 60
    wrong = {
        name: sorted({word for word in Words(html).found if _is_english(word, english)}) for name, html in pages.items()
    }
    assert "\n".join(f"{name}: {words}" for name, words in wrong.items() if words) == ""


def _is_english(word, english):
    if word in SAME:
        return False
    return word in english or word.rstrip(":…. ") in english or (word[:1].lower() + word[1:]) in english


def test_the_search_for_english_finds_it(english):
    """Or the test above could not fail."""
    html = '<p title="Save and continue editing">Queued tasks</p><script>Home</script>'
    assert [_is_english(word, english) for word in Words(html).found] == [True, True]


def test_the_login_page_is_spanish_too(client, english):
    html = client.get(reverse("admin:login")).content.decode()
    assert [word for word in Words(html).found if _is_english(word, english)] == []
