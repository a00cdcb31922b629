"""Which pages `make pictures` takes, and what is done on each before."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

WIDE, PHONE = (1280, 800), (390, 844)
CODE = re.compile(r"[2-9A-Z]{4}-[2-9A-Z]{4}")
DOOR = "/puerta/encuentro/"


@dataclass(frozen=True)
class Shot:
    """One picture. `path` begins behind the site's address; a selector is waited for before it is taken."""

    name: str
    words: str  # what is to be seen on it, in Spanish: the line below it in docs/pantallas.md
    path: str
    size: tuple[int, int] = WIDE
    theme: str = "light"
    whole: bool = False  # also what has to be scrolled to
    wait: str = "#content"
    scroll_to: str = ""
    is_public: bool = False  # seen by whoever is not signed in
    act: Callable[[Page], None] | None = None  # what is done on the page before


def see_ticket(page: Page) -> None:
    """As its holder sees it."""
    page.goto(str(page.get_attribute("a[href*='/t/']", "href")))


def see_preferences(page: Page) -> None:
    page.goto(page.input_value(".p-copy input", timeout=5000))


def at_the_door(number: int) -> Callable[[Page], None]:
    """Types the code of a ticket, so often."""

    def type_code(page: Page) -> None:
        page.goto(page.url.replace(DOOR, "/admin/tickets/ticket/1/change/"))
        code = page.get_by_text(CODE).first.inner_text()
        page.goto(page.url.replace("/admin/tickets/ticket/1/change/", DOOR))
        for time in range(number):
            if time:
                page.click("[data-do='next']")
            page.fill("#d-code", str(CODE.search(code)[0]))  # type: ignore[index]
            page.press("#d-code", "Enter")
            page.wait_for_selector(".d-verdict:not([hidden])")

    return type_code


CAMPAIGN = "/admin/campaigns/campaign/1/change/"
DRAFT = "/admin/campaigns/campaign/2"
EVENT = "/admin/campaigns/campaign/event/1/"
# While the campaign of the demo is under way.
RUNNING = (
    Shot("campaign", "Una campaña en marcha", CAMPAIGN, wait="progress"),
    Shot("phone", "La misma página en un teléfono", CAMPAIGN, PHONE, wait="progress"),
    Shot("campaign-dark", "La misma página de noche", CAMPAIGN, theme="dark", wait="progress"),
    Shot("home", "La página de inicio", "/admin/"),
    Shot("home-phone", "La página de inicio en un teléfono", "/admin/", PHONE),
    Shot("numbers", "Los números de WhatsApp", "/admin/whatsapp/sender/"),
    Shot("cancel", "Antes de cancelar una campaña", "/admin/campaigns/campaign/1/cancel/"),
)
# When it is over.
AFTERWARDS = (
    Shot("login", "La entrada", "/admin/login/", is_public=True),
    Shot("people", "Las personas de una campaña", CAMPAIGN, scroll_to="#c-people"),
    Shot("campaigns", "Todas las campañas", "/admin/campaigns/campaign/"),
    Shot("duplicate", "Antes de duplicar una campaña", "/admin/campaigns/campaign/1/duplicate/"),
    Shot("compose", "Escribir un anuncio", f"{DRAFT}/change/", whole=True),
    Shot("compose-phone", "Escribir un anuncio en un teléfono", f"{DRAFT}/change/", PHONE),
    Shot("launch", "Revisar antes de enviar", f"{DRAFT}/launch/", whole=True),
    Shot("launch-phone", "Revisar en un teléfono", f"{DRAFT}/launch/", PHONE),
    Shot("launch-people", "Quiénes lo reciben", f"{DRAFT}/launch/people/?channels=both&who=to&on=whatsapp"),
    Shot("deliveries", "Todos los envíos", "/admin/campaigns/delivery/"),
    Shot("delivery", "Un envío con sus intentos", "/admin/campaigns/delivery/1/change/"),
    Shot("attempts", "Todos los intentos", "/admin/campaigns/deliveryattempt/"),
    Shot("uncertain", "Los envíos por revisar", "/admin/campaigns/campaign/uncertain/"),
    Shot("events", "Los eventos", "/admin/tickets/event/"),
    Shot("event", "Un evento", "/admin/tickets/event/1/change/", whole=True),
    Shot("event-page", "La página de un evento", EVENT, whole=True),
    Shot("event-page-phone", "La página de un evento en un teléfono", EVENT, PHONE),
    Shot("event-page-dark", "La página de un evento de noche", EVENT, theme="dark"),
    Shot("tickets", "Las entradas", "/admin/tickets/ticket/"),
    Shot("ticket", "Una entrada", "/admin/tickets/ticket/1/change/"),
    Shot("checkins", "Los accesos", "/admin/tickets/checkin/"),
    Shot("ticket-transfer", "Antes de ceder una entrada", "/admin/tickets/ticket/1/transfer/"),
    Shot("ticket-page", "La entrada, como la ve su titular", "/admin/tickets/ticket/1/change/", PHONE, act=see_ticket),
    Shot("door", "La puerta: puede pasar", DOOR, PHONE, wait="#door:not([hidden])", act=at_the_door(1)),
    Shot("door-inside", "La puerta: ya está dentro", DOOR, PHONE, wait="#door:not([hidden])", act=at_the_door(2)),
    Shot("door-page", "La página de la puerta", DOOR, PHONE, wait="#door:not([hidden])"),
    Shot("door-access", "Una llave de puerta para quien ayuda", "/admin/tickets/dooraccess/add/?event=1"),
    Shot("contacts", "Los contactos", "/admin/tickets/contact/"),
    Shot("contacts-phone", "Los contactos en un teléfono", "/admin/tickets/contact/", PHONE),
    Shot("person", "La página de una persona", "/admin/tickets/contact/1/person/"),
    Shot("contact", "Los datos de una persona", "/admin/tickets/contact/1/change/", whole=True),
    Shot("wish", "Anotar que alguien no quiere anuncios", "/admin/tickets/contact/1/wish/whatsapp/"),
    Shot("merge", "Unir dos fichas de la misma persona", "/admin/tickets/contact/1/merge/?with=2"),
    Shot(
        "preferences", "Lo que la persona elige recibir", "/admin/tickets/contact/1/person/", PHONE, act=see_preferences
    ),
    Shot("duplicates", "Posibles duplicados", "/admin/tickets/contact/duplicates/"),
    Shot("segment", "Un segmento", "/admin/tickets/segment/add/", whole=True),
    Shot("export", "Exportar contactos", "/admin/tickets/contact/export/"),
    Shot("birthdays", "Las felicitaciones de cumpleaños", "/admin/campaigns/birthdaygreeting/1/change/", whole=True),
    Shot("tags", "Las etiquetas", "/admin/tickets/tag/"),
    Shot("import", "Subir una lista", "/admin/tickets/import/add/"),
    Shot("import-columns", "Qué hay en cada columna", "/admin/tickets/import/1/columns/", whole=True),
    Shot("import-checked", "Lo que haría la importación", "/admin/tickets/import/2/change/", whole=True),
    Shot("imports", "Las listas importadas", "/admin/tickets/import/"),
    Shot("number", "Un número", "/admin/whatsapp/sender/1/change/", whole=True),
    Shot("gateways", "Elegir la pasarela de un número", "/admin/whatsapp/sender/add/", whole=True),
    Shot("number-add", "Un número nuevo de WAHA", "/admin/whatsapp/sender/add/?gateway=waha", whole=True),
    Shot("reply-settings", "Qué palabras son una baja", "/admin/campaigns/replysettings/1/change/", whole=True),
    Shot("number-pace", "El ritmo de un número", "/admin/whatsapp/sender/1/pace/", whole=True),
    Shot("number-restart", "Antes de reiniciar un número", "/admin/whatsapp/sender/1/restart/"),
    Shot("settings", "Los ajustes", "/admin/whatsapp/sendingsettings/1/change/", whole=True),
    Shot("mailboxes", "Los buzones", "/admin/campaigns/mailbox/"),
    Shot("mailbox", "Un buzón", "/admin/campaigns/mailbox/add/", whole=True),
    Shot("history", "El historial", "/admin/tickets/historyentry/"),
    Shot("users", "Los usuarios", "/admin/auth/user/"),
    Shot("user", "Un usuario", "/admin/auth/user/1/change/", whole=True),
    Shot("groups", "Los grupos", "/admin/auth/group/"),
    Shot("tasks", "Las tareas hechas", "/admin/django_q/success/"),
    Shot("failures", "Las tareas con error", "/admin/django_q/failure/"),
    Shot("tag", "Una etiqueta", "/admin/tickets/tag/1/change/"),
    Shot("attempt", "Un intento", "/admin/campaigns/deliveryattempt/1/change/"),
    Shot("drain", "Antes de no dar más trabajo a un número", "/admin/whatsapp/sender/1/use/drain/"),
    Shot("group", "Un grupo", "/admin/auth/group/1/change/"),
    Shot("lanes", "Las vías", "/admin/campaigns/lane/"),
    Shot("dispatchers", "Los despachadores", "/admin/campaigns/dispatcher/"),
    Shot("password", "Cambiar la contraseña", "/admin/password_change/"),
)
