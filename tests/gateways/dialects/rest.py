"""The plain service around whatsapp-web.js, on port 3010, with its Spanish words."""

import base64
import binascii
import re
from typing import ClassVar

from tests.gateways.dialect import QR_TEXT, Dialect, digits, route, trap
from tests.gateways.posts.rest import RestPosts
from tests.gateways.wire import Answer, Request, say
from tests.gateways.world import Arrived, Order

PHASES = {
    "ready": "WhatsApp está listo",
    "needs_qr": "Escanee el código QR",
    "starting": "Inicializando",
    "logged_out": "Inicializando",
    "missing": "Inicializando",
}


def fails(status: int, error: str, **headers: str) -> Answer:
    return say(status, {"success": False, "error": error}, **headers)


class Rest(Dialect):
    name = "rest"
    session = ""
    posts = RestPosts
    refuses_restart: ClassVar[bool] = True

    def guard(self, request: Request, **words: str) -> Answer | None:
        """The service itself asks for no key; those that do are told it in this header."""
        return None if request.headers.get("x-api-key") == self.key else say(401, {"error": "Unauthorized"})

    @route("GET", "/", "status")
    def home(self, request: Request) -> Answer:
        modes = self.world.modes
        ready = "ready" if modes.phase == "ready" else "initializing"
        body = {"service": "WhatsApp API Service", "version": "1.0.0", "status": ready}
        return say(200, body | {"hasQR": modes.phase == "needs_qr"})

    @route("GET", "/status", "status")
    def status(self, request: Request) -> Answer:
        phase = self.world.modes.phase
        qr = QR_TEXT if phase == "needs_qr" else None
        return say(200, {"ready": phase == "ready", "qr": qr, "message": PHASES[phase]})

    @route("POST", "/restart", "restart")
    def restart(self, request: Request) -> Answer:
        if self.world.modes.variant == "no_restart":
            return fails(200, "Error al reiniciar")
        self.world.restarts += 1
        return say(200, {"success": True, "message": "Cliente reiniciado. Espere a que esté listo."})

    @route("POST", "/send", "send")
    def send(self, request: Request) -> Answer:
        said = request.fields()
        if not said.get("phone") or not said.get("message"):
            return fails(400, 'Los campos "phone" y "message" son requeridos')
        return self.take(Order(_number(said["phone"]), "text", said["message"]))

    @route("POST", "/send-media", "send")
    def send_media(self, request: Request) -> Answer:
        said = request.fields()
        if not said.get("phone") or not said.get("message"):
            return fails(400, 'Los campos "phone" y "message" son requeridos')
        found = re.fullmatch(r"data:([\w/+.-]+);base64,(.+)", str(said.get("imageBase64", "")), re.DOTALL)
        if not found:
            return fails(400, "Formato de imagen inválido. Debe ser base64 con el prefijo data:image/...")
        try:
            content = base64.b64decode(found[2], validate=True)
        except binascii.Error:
            return fails(400, "Formato de imagen inválido")
        if not found[1].startswith("image/"):
            return fails(500, "Error al enviar mensaje: Input buffer contains unsupported image format")
        return self.take(Order(_number(said["phone"]), "image", said["message"], content))

    # --- answers --------------------------------------------------------------------------------------------------

    def accepted(self, message: Arrived) -> Answer:
        body = {"success": True, "message": "Mensaje enviado correctamente", "messageId": message.id}
        return say(200, body | {"to": f"{message.phone}@c.us"})

    def not_ready(self) -> Answer:
        return fails(503, "El servicio de WhatsApp no está listo")

    def not_on_whatsapp(self, order: Order) -> Answer:
        return fails(404, f"El número {order.phone} no está registrado en WhatsApp")

    def too_many(self) -> Answer:
        return fails(429, "Demasiados mensajes en poco tiempo", **self.wait_headers())

    def locked(self, order: Order) -> Answer:
        return fails(500, "Error al enviar mensaje: server returned error 463", **self.lock_headers())

    # --- traps ----------------------------------------------------------------------------------------------------

    @trap(delivers=True, ends="uncertain")
    def result_without_id(self, message: Arrived) -> Answer:
        """The library sent it and returned nothing, so reading the id failed."""
        return fails(500, "Error al enviar mensaje: Cannot read properties of undefined (reading 'id')")

    @trap(delivers=True, ends="uncertain")
    def echoes(self, message: Arrived) -> Answer:
        return fails(500, f"Error al enviar mensaje: Evaluation failed: {message.text} +{message.phone}")

    @trap(delivers=False, ends="uncertain")
    def browser_died(self, message: Arrived) -> Answer:
        """When the check for the number found it dead; a moment later it would have been after the sending."""
        return fails(500, "Error al enviar mensaje: Attempted to use detached Frame 'A1B2C3'.")

    @trap(delivers=True, ends="accepted")
    def accepted_without_id(self, message: Arrived) -> Answer:
        return say(200, {"success": True})

    @trap(delivers=True, ends="accepted")
    def queued(self, message: Arrived) -> Answer:
        """The id is that of its queue, which no receipt names."""
        return say(200, {"success": True, "queued": True, "messageId": "cola-17"})

    @trap(delivers=False, ends=("uncertain", "rejected_content"))
    def error_in_success(self, message: Arrived) -> Answer:
        return say(200, {"success": False, "error": "Ocurrió un problema"})


def _number(phone: object) -> str:
    return digits(re.sub(r"@c\.us$", "", str(phone)))
