"""The simulated service's own routes, as adapters know them."""

import math
import select
import time
from email.utils import formatdate

from whatsapp.simulator.arrivals import Parcel
from whatsapp.simulator.exchange import Exchange
from whatsapp.simulator.sending import BadRequest, parcel_from
from whatsapp.simulator.verdicts import Verdict
from whatsapp.simulator.world import Call


def status(exchange: Exchange) -> None:
    exchange.json(200, exchange.world.status())


def restart(exchange: Exchange) -> None:
    exchange.world.restart()
    exchange.json(200, {"success": True, "message": "Servicio reiniciándose"})


def send(exchange: Exchange) -> None:
    _take(exchange, with_picture=False)


def send_media(exchange: Exchange) -> None:
    _take(exchange, with_picture=True)


def no_such_route(exchange: Exchange) -> None:
    page = f"<!DOCTYPE html><title>Error</title><pre>Cannot {exchange.method} this address</pre>"
    exchange.reply(404, page.encode(), "text/html; charset=utf-8")


def _take(exchange: Exchange, *, with_picture: bool) -> None:
    with exchange.world.call() as call:
        try:
            parcel = parcel_from(exchange.parsed(), with_picture=with_picture)
        except BadRequest as error:
            exchange.json(400, {"success": False, "error": str(error)})
            return
        _carry_out(exchange, call, parcel)


def _carry_out(exchange: Exchange, call: Call, parcel: Parcel) -> None:
    verdict = call.judge(parcel.phone)
    time.sleep(verdict.latency)
    message_id = call.deliver(parcel) if verdict.is_delivered else ""
    if verdict.hold:
        # Or until the client has left: it sends nothing more, so "readable" means gone.
        select.select([exchange.connection], [], [], verdict.hold)
    if verdict.hangs_up:
        exchange.cut()
    elif verdict.status != 200:
        exchange.headers |= _named_wait(verdict)
        exchange.json(verdict.status, {"success": False, "error": verdict.error})
    else:
        # Both spellings are in use by services of this kind.
        ids = {"messageId": message_id, "message_id": message_id, "to": f"{parcel.phone}@c.us"}
        exchange.json(200, {"success": True, "message": "Mensaje enviado exitosamente"} | ids)


def _named_wait(verdict: Verdict) -> dict[str, str]:
    """Rounded up: whoever waits that long has waited long enough."""
    if verdict.retry_after is None:
        return {}
    if verdict.is_dated:
        return {"Retry-After": formatdate(math.ceil(time.time() + verdict.retry_after), usegmt=True)}
    return {"Retry-After": str(math.ceil(verdict.retry_after))}
