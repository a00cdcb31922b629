"""The demo from its first check to its end."""

import sys
from collections.abc import Mapping
from pathlib import Path

from django.core.management import CommandError
from django.utils import translation
from django.utils.translation import gettext as _

from demo import environment
from demo import place as places
from demo.acts import perform, prepare
from demo.options import BadOption, Options
from demo.programs import programs
from demo.signals import stopping_in_peace
from scripts.supervision import GaveUp, Supervision


def show(place: Path, said: Mapping[str, str], values: Mapping[str, str]) -> int:
    """The exit status."""
    translation.activate(said["DEMO_LANGUAGE"])
    try:
        options = Options.of(said)
        places.check_port("PORT", options.port)
        places.check_port("GATEWAY_PORT", options.gateway_port)
        places.take(place)
    except (BadOption, places.Taken) as error:
        return _fail(str(error))
    places.wipe(place)
    environment.save(place, values)
    return _run(place, options)


def _run(place: Path, options: Options) -> int:
    supervision = Supervision(place, programs(options))
    try:
        prepare()
        with supervision as running, stopping_in_peace():
            return perform(options, place, running)
    except CommandError as error:
        return _fail(str(error))
    except GaveUp as error:
        log = supervision.log(str(error))
        return _fail(_("“%(program)s” does not run. Why, is said in %(log)s.") % {"program": error, "log": log})


def _fail(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1
