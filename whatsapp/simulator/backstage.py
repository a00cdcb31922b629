"""`/_simulator/`: what tests ask and what the inbox's buttons press. Programs get JSON, browsers the inbox."""

from dataclasses import asdict

from whatsapp.simulator.exchange import Exchange
from whatsapp.simulator.options import BadOption


def messages(exchange: Exchange) -> None:
    exchange.json(200, [asdict(arrival) for arrival in exchange.world.arrivals()])


def state(exchange: Exchange) -> None:
    exchange.json(200, exchange.world.state())


def profile(exchange: Exchange) -> None:
    exchange.json(200, exchange.world.options.as_dict())


def reset(exchange: Exchange) -> None:
    if _is_meant(exchange):
        exchange.world.reset()
        _done(exchange)


def restart(exchange: Exchange) -> None:
    if _is_meant(exchange):
        exchange.world.restart()
        _done(exchange)


def scan(exchange: Exchange) -> None:
    """As if the phone of the number were held before the QR code."""
    if _is_meant(exchange):
        exchange.world.scan()
        _done(exchange)


def choose_profile(exchange: Exchange) -> None:
    if not _is_meant(exchange):
        return
    try:
        wanted = exchange.parsed()
        if not isinstance(wanted, dict):
            raise BadOption('Send a JSON object, such as {"profile": "slow"}.')
        exchange.world.choose(wanted)
    except BadOption as error:
        exchange.json(400, {"error": str(error)})
        return
    _done(exchange)


def _is_meant(exchange: Exchange) -> bool:
    if exchange.is_from_elsewhere:
        exchange.json(403, {"error": "This was pressed on the page of another site."})
    return not exchange.is_from_elsewhere


def _done(exchange: Exchange) -> None:
    if exchange.is_form:
        exchange.redirect("/?lang=en" if exchange.query.get("lang") == "en" else "/")
    else:
        exchange.json(200, exchange.world.state())
