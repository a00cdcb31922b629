"""What plain REST services write when something is wrong, in the languages that they write in."""

import re

_NOT = r"(?:\bnot|\bno|n['’]t)"
_SESSION = r"(?:session|sesi[oó]n|instance|instancia|device|dispositivo)"
_CLIENT = rf"(?:{_SESSION}|client|cliente|whatsapp|service|servicio)"
_OFFLINE = r"(?:disconnected|desconectad[ao])"
_NOW = r"(?:(?:now|currently|already|still|ahora|actualmente) )?"


def _pattern(*choices: str) -> re.Pattern[str]:
    return re.compile("|".join(choices), re.IGNORECASE)


# WhatsApp itself refuses everything from this number. Narrow on purpose: whatever matches is taken for not sent, and
# "you have been banned for 10 minutes" is also what a limiter in front of the gateway says.
_LOST = r"(?:banned|blocked|restricted|suspended|bloquead[ao]|restringid[ao]|suspendid[ao]|banead[ao])"
BLOCKED = _pattern(
    r"\btemporarily banned: \d{3}\b",
    rf"(?<!recipient )(?<!recipient's )\b(?:account|cuenta|conta)\b(?: (?!not? )[\w']+){{0,4}}? {_LOST}\b",
    r"\baccount is not allowed to use whatsapp\b",
)
# It refuses only those whom the number has never written with.
NEW_CONTACTS = _pattern(
    r"reach.?out.?time.?lock",
    r"\berror?\W{1,3}(?:(?:code|c[oó]digo)\W{1,3})?463\b",
)
# Statements about how the session is. They are told apart from words that also stand in the errors of a sending that
# broke: of "WebSocket disconnected before ack" nobody knows whether it left.
_ASLEEP = (
    rf"{_NOT} (?:yet |est[aá] |is )?(?:connected|ready|logged.?in|authenticated|initiali[sz]ed)\b",
    r"\bno est[aá] (?:conectad|list[oa]\b|autenticad|inicializad)",
    rf"\b{_SESSION}\W+(?:\w+\W+){{0,3}}?{_NOT} (?:\w+ )?(?:found|exist|started|active|activa|registered|encontrad)",
    rf"\b(?:did ?n['’]t find|no such|unknown) (?:an? )?{_SESSION}\b",
    r"session status is not as expected",
    rf"\b{_CLIENT} (?:(?:web|client|session|de whatsapp) ){{0,3}}(?:is|est[aá]) {_NOW}{_OFFLINE}\b",
)
_SCAN = (r"\bscan\b", r"\bescane", r"\bqr\b")
_DISCONNECTED = (r"\bdisconnected\b", r"\bdesconectad")
ASLEEP = _pattern(*_ASLEEP)
SCAN = _pattern(*_SCAN)
DISCONNECTED = _pattern(*_DISCONNECTED)
NOT_READY = _pattern(*_ASLEEP, *_SCAN, *_DISCONNECTED)
NOT_REGISTERED = _pattern(
    r"no lid found",
    r"\bnot (?:\w+ )?(?:registered|on whatsapp)\b",
    r"\bno (?:est[aá] |se encuentra )?registrad",
)
# Said of a person only where the answer is known to be about one (404 with JSON, 4xx): "the page does not exist".
NOT_THERE = _pattern(r"\bno existe", r"\bdoes ?n[o']t exist", r"\bno tiene whatsapp", r"\bnot a (?:valid )?whatsapp")
REGISTERED = _pattern(r"\bregistered\b", r"\bregistrad")
# Whatever the gateway was doing when one of these happened may have been done.
BROWSER_DIED = _pattern(
    "detached frame",
    "session closed",
    "target closed",
    "protocol error",
    r"\b(?:browser|navegador)\b.{0,20}\b(?:disconnected|closed|crashed|died|desconect|cerr)",
    r"\bpage (?:has )?crashed\b",
)
# Its program fell over: some do so right after the message left, over the answer that they make of it.
THREW = _pattern(
    # The question whether a number exists runs in the page, too, and comes before the sending.
    r"\bevaluation failed\b(?!.*\bno lid found\b)",
    r"\b(?:execution context|context with specified id)\b",
    r"\bnavigation failed\b",
    r"\bcannot (?:read|set) propert",
    r"\bis (?:undefined|not a function|not iterable)\b",
    r"\bframe (?:was |got )?detached\b",
)
_ENDED = r"(?:closed|lost|terminated|reset|aborted|interrupted|dropped)"
BROKE_OFF = _pattern(
    rf"\b(?:connection|stream) (?:(?:was|is|has been|unexpectedly) )*(?:{_ENDED}|errored|failure)\b",
    r"\b(?:lost|closed) (?:the )?connection\b",
    r"\b(?:web ?)?socket\b.{0,40}\b(?:disconnect|clos|hang|hung|not open|desconect|cerrad)",
    r"\bdisconnected (?:\w+ ){0,3}?(?:before|while|during|mid|when)\b",
    r"\bdesconect\w+ (?:\w+ ){0,3}?(?:antes|mientras|durante|al)\b",
    r"\bconexi[oó]n (?:(?:se|fue|est[aá]|ha sido) )?(?:cerr|perdi|interrump|cort|termin)",
    r"\b(?:cerr[oó]|perdi[oó]|interrumpi[oó]|cort[oó]) la conexi[oó]n\b",
    r"\b(?:econn(?:reset|aborted)|epipe|broken pipe)\b",
    r"\bdeadline exceeded\b",
    r"\b(?:operation|request) (?:was |has been )?(?:aborted|cancel)",
    r"\btook too long\b",
    r"\bno response\b",
)
# With one of these it is about a message, and not about the session alone.
SENDING = _pattern(
    r"\bsen[dt]",
    r"\benvi",
    r"\bmensaje",
    r"\bmessage",
    r"\back\b",
    r"\b(?:before|while|during|antes|mientras|durante)\b",
)
SENDING_FAILED = _pattern(
    r"\b(?:failed|failure|unable|error|could ?n[o']t)\b.{0,12}\bsen[dt]",
    r"\b(?:error|fall[oóaó]|fallo|no se pudo)\b.{0,12}\benvi",
)
TIMED_OUT = _pattern(
    "timed?-?out", r"\btimed? out\b", r"\btiempo de espera\b", r"\bagot[oó] el tiempo\b", r"\btiempo agotado\b"
)
BAD_PICTURE = _pattern(
    "unsupported image format", "input buffer", r"imagen? (?:no v[aá]lida|inv[aá]lida)", "invalid image"
)
BAD_NUMBER = _pattern(
    r"\binvalid (?:phone|number|recipient|jid|chat)",
    r"\b(?:phone|number|recipient|jid)\b.{0,20}\b(?:is )?(?:not valid|invalid)",
    r"\b(?:n[uú]mero|tel[eé]fono|destinatario)\b.{0,20}\b(?:no (?:es )?v[aá]lid|inv[aá]lid)",
)
ABOUT_CONTENT = _pattern(
    "caract", "too long", "demasiado larg", "image", "imagen", "media", "base64", r"\bfile\b", "archivo", r"\btext\b"
)
ABOUT_NUMBER = _pattern(
    "phone", "tel[eé]fono", r"\bn[uú]mero\b", r"\bnumber\b", r"\bjid\b", "chat.?id", "recipient", "destinatario"
)
NO_ROUTE = _pattern(
    r"^(?:not found\s*)*$", r"\bcannot (?:get|post)\b", "no such route", "route not found", "ruta no encontrada"
)
BAD_NEWS = _pattern(
    r"\berror", r"\bfail", r"\bfall[oóaó]", "no se pudo", r"\bcould ?n[o']t", r"\binvalid", r"\binv[aá]lid", "rejected"
)
