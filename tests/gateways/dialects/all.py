"""The fakes that there are, by the name of the adapter that speaks to them."""

from tests.gateways.dialect import Dialect
from tests.gateways.dialects.cloud import Cloud
from tests.gateways.dialects.evolution import Evolution
from tests.gateways.dialects.gowa import Gowa
from tests.gateways.dialects.rest import Rest
from tests.gateways.dialects.waha import Waha
from tests.gateways.dialects.wppconnect import Wppconnect

DIALECTS: dict[str, type[Dialect]] = {each.name: each for each in (Rest, Waha, Evolution, Gowa, Wppconnect, Cloud)}
