"""Somebody who has never seen the product, with a list of people: from an empty database to all tickets sent."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import expect

from campaigns.models import Campaign
from tests.browser.looking import sideways
from tests.factories import make_settings
from tests.processes.supervised import Supervised
from tickets.models import Contact, Event, Ticket
from whatsapp.models import Sender

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.django_db(transaction=True)]

MOST = 25  # clicks and submissions from the login page to the last message
# As a spreadsheet in Spanish saves it.
LIST = """Nombre;Celular;Correo
Ñeca Prueba;300 000 0011;neca@example.com
Luis Ejemplo;300 000 0021;
María Ficticia;300 000 0031;maria@example.com
José Inventado;+57 300 000 0041;
Zoé Prueba;300 000 0051;
""".encode("cp1252")


class Newcomer:
    """Uses what can be seen, by its Spanish name. Each click, each field and each submission is counted."""

    def __init__(self, page):
        self.page, self.acts = page, 0

    def _act(self):
        self.acts += 1
        assert self.acts <= MOST, f"more than {MOST} clicks, at {self.page.url}"

    def open(self, name):
        self._go(self.page.locator("main").get_by_role("link", name=name, exact=True))

    def press(self, name):
        self._go(self.page.get_by_role("button", name=name, exact=True))

    def go_home(self):
        self._go(self.page.locator("#p-side").get_by_role("link", name="Inicio", exact=True))

    def _go(self, target):
        expect(target).to_be_visible()
        assert sideways(self.page) == 0
        self._act()
        with self.page.expect_navigation():
            target.click()

    def write(self, label, text):
        self._act()
        self.page.get_by_label(re.compile(f"^{label}:?$")).fill(text)

    def choose_file(self, path):
        self._act()  # the field
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_label("Su lista, en CSV o Excel (.xlsx)", exact=True).click()
        self._act()  # the file
        chooser.value.set_files(path)

    def log_in(self, site):
        self.page.goto(f"{site}/admin/")
        self.page.keyboard.type("ana")  # the first field waits for it
        self.page.keyboard.press("Tab")
        self.page.keyboard.type("una-clave-de-prueba")
        self._act()
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(f"{site}/admin/")


@pytest.fixture
def site(live_server, simulator, settings, tmp_path):
    """A worker and somebody who may do everything; else nothing. Files lie where the worker finds them too."""
    media = str(tmp_path / "media")
    settings.MEDIA_ROOT = media
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}}
    make_settings(base_delay="0.3", step="0.05", maximum_delay="0.5")
    User.objects.create_superuser("ana", password="una-clave-de-prueba")
    with Supervised(log=tmp_path / "worker.log", MEDIA_ROOT=media):
        yield live_server.url


@pytest.mark.timeout(120)
@pytest.mark.parametrize("page", ["wide"], indirect=True)
def test_from_a_list_to_all_tickets_sent(page, site, simulator, tmp_path):
    path = tmp_path / "invitados.csv"
    path.write_bytes(LIST)
    evening = (timezone.now() + timedelta(days=30)).strftime("%Y-%m-%dT")
    assert not any(model.objects.exists() for model in (Sender, Event, Contact, Ticket, Campaign))
    newcomer = Newcomer(page)
    newcomer.log_in(site)

    newcomer.open("Añadir el número")
    newcomer.open("REST (whatsapp-web.js)")
    newcomer.write("Nombre", "Taquilla")
    newcomer.write("Dirección de la pasarela", simulator.url)
    newcomer.press("Guardar")
    expect(page.locator(".messagelist")).to_contain_text("Taquilla")

    newcomer.go_home()
    newcomer.open("Crear el evento")
    newcomer.write("Nombre", "Noche de jazz")
    newcomer.write("Lugar", "Teatro Prueba")
    newcomer.write("Inicio", f"{evening}20:00")
    newcomer.write("Fin", f"{evening}23:00")
    newcomer.press("Guardar")
    expect(page.locator(".messagelist")).to_contain_text("Noche de jazz")

    newcomer.go_home()
    newcomer.open("Importar una lista")
    newcomer.choose_file(path)
    newcomer.press("Subir y ver la lista")
    newcomer.press("Revisar la lista")  # the columns are right, and the event is chosen
    newcomer.press("Importar 5 personas")
    newcomer.open("Ir a “Noche de jazz” para enviar las entradas")

    newcomer.press("Enviar entradas")
    newcomer.press("Enviar 5 mensajes")
    page.wait_for_url("**/campaigns/campaign/*/change/")
    bar = page.locator("progress").first
    expect(bar).to_have_js_property("value", 5, timeout=30_000)
    expect(bar).to_have_js_property("max", 5)
    expect(page.locator("main")).to_contain_text("Terminada", timeout=20_000)

    assert list(Campaign.objects.get().deliveries.values_list("status", flat=True)) == ["sent"] * 5
    assert len({message["number"] for message in simulator.messages()}) == 5
