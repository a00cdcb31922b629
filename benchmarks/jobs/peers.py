"""The same letters through other packages. Each function imports its own, which the other settings do not have."""

# ruff: noqa: PLC0415

import time
from collections.abc import Iterator
from typing import Any

from django.core.mail import EmailMultiAlternatives, get_connection

SUBJECT = "Noticias del festival"
SENDER = "Festival <entradas@example.org>"
# What the product makes of the same text with its own template.
HTML = """<!doctype html>
<html lang="es">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Noticias del festival</title></head>
<body style="margin:0;background:#f4f4f6;color:#1b1b25;font:16px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif">
<div style="max-width:560px;margin:0 auto;padding:24px">
<div style="background:#fff;border-radius:12px;padding:24px"><p>{}</p></div>
</div>
</body>
</html>
"""


def timed(*, work: str, **arguments: Any) -> dict[str, float]:
    """How long one of these takes, without the start of Python."""
    began, cpu = time.monotonic(), time.process_time()
    globals()[work](**arguments)
    return {"seconds": time.monotonic() - began, "cpu_seconds": time.process_time() - cpu}


def _people(count: int) -> Iterator[tuple[str, str, str]]:
    for number in range(1, count + 1):
        name = f"Persona {number}"
        text = f"Hola {name}, las puertas abren a las siete."
        yield f"persona{number}@example.com", text, HTML.format(text)


def post_office_queue(*, messages: int) -> None:
    from post_office import mail

    mail.send_many(
        [
            {"sender": SENDER, "recipients": to, "subject": SUBJECT, "message": text, "html_message": html}
            for to, text, html in _people(messages)
        ]
    )


def post_office_send(*, lock: str, processes: int = 1) -> None:
    from post_office.mail import send_queued_mail_until_done

    send_queued_mail_until_done(lockfile=lock, processes=processes)


def mailer_queue(*, messages: int) -> None:
    get_connection().send_messages([_letter(*person) for person in _people(messages)])


def mailer_send() -> None:
    from mailer.engine import send_all

    send_all()


def bare_loop(*, messages: int) -> None:
    """One connection, no record of anything: what nobody should do, and the ceiling of one connection."""
    connection = get_connection()
    connection.open()
    for person in _people(messages):
        connection.send_messages([_letter(*person)])
    connection.close()


def _letter(to: str, text: str, html: str) -> EmailMultiAlternatives:
    letter = EmailMultiAlternatives(SUBJECT, text, SENDER, [to])
    letter.attach_alternative(html, "text/html")
    return letter
