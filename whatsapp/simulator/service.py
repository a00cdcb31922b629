"""The simulated service's own routes, as adapters know them."""

import select
import time

from whatsapp.simulator.exchange import Exchange
from whatsapp.simulator.profiles import Verdict
from whatsapp.simulator.sending import BadRequest, Parcel, parcel_from


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
    with exchange.world.call():
        try:
            parcel = parcel_from(exchange.parsed(), with_picture=with_picture)
        except BadRequest as error:
            exchange.json(400, {"success": False, "error": str(error)})
            return
        _carry_out(exchange, parcel)


def _carry_out(exchange: Exchange, parcel: Parcel) -> None:
    world = exchange.world
    verdict, received_at = world.judge(parcel.phone)
    time.sleep(verdict.latency)
    message_id = ""
    if verdict.is_delivered:
        message_id = world.deliver(parcel.phone, parcel.text, parcel.picture, received_at)
    if verdict.hold:
        # Or until the client has left: it sends nothing more, so "readable" means gone.
        select.select([exchange.connection], [], [], verdict.hold)
    if verdict.hangs_up:
        exchange.cut()
    else:
        _tell(exchange, verdict, parcel, message_id)


def _tell(exchange: Exchange, verdict: Verdict, parcel: Parcel, message_id: str) -> None:
    if verdict.status != 200:
        exchange.json(verdict.status, {"success": False, "error": verdict.error})
        return
    # Both spellings are in use by services of this kind.
    ids = {"messageId": message_id, "message_id": message_id, "to": f"{parcel.phone}@c.us"}
    exchange.json(200, {"success": True, "message": "Mensaje enviado exitosamente"} | ids)
