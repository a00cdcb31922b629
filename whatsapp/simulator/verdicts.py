"""What becomes of one message, and the words for it."""

from dataclasses import dataclass

# What the simulated service says: the words of the service that it stands in for, which are Spanish everywhere.
NOT_READY = "El servicio de WhatsApp no está listo"
NOT_REGISTERED = "El número no está registrado en WhatsApp"
CRASHED = "Error al enviar mensaje: Protocol error (Runtime.callFunctionOn): Target closed."
FAILED = "Error al enviar mensaje: Evaluation failed"
TOO_MANY = "Demasiados mensajes en poco tiempo"
BANNED = "La cuenta de WhatsApp está bloqueada"
RESTRICTED = "La cuenta de WhatsApp está restringida por un tiempo"
LOCKED = "Error al enviar mensaje: server returned error 463"


@dataclass(frozen=True)
class Verdict:
    """What becomes of one message and what its sender is told."""

    status: int = 200
    error: str = ""
    is_delivered: bool = False
    hangs_up: bool = False  # the connection is cut instead of an answer
    latency: float = 0.0  # seconds before anything happens
    hold: float = 0.0  # seconds of silence before the answer
    retry_after: float | None = None  # seconds to wait, where it names them ...
    is_dated: bool = False  # ... as a date


DELIVERED = Verdict(is_delivered=True)
FLAWS = (
    Verdict(500, FAILED),
    Verdict(500, FAILED, is_delivered=True),
    Verdict(503, NOT_READY),
    Verdict(hangs_up=True),
    Verdict(is_delivered=True, hangs_up=True),
)
