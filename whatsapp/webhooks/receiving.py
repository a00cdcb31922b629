"""What a gateway posts to us: let in or turned away, kept, answered. What it says is read later (reading.py)."""

from functools import cache
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from whatsapp.fields import decrypt, encrypt
from whatsapp.gateways.base import Signing
from whatsapp.models import Sender
from whatsapp.models.sender import new_hook_key
from whatsapp.registry import class_of
from whatsapp.webhooks.base import Hook, same
from whatsapp.webhooks.bodies import NotJson, text_of_body
from whatsapp.webhooks.inbox import keep
from whatsapp.webhooks.refusals import COMPLAINTS, Refused, Why, client_address

TRY_AGAIN_SECONDS = 60
LARGEST = 3 * 1024 * 1024  # of any gateway: nothing longer is looked at


@csrf_exempt  # programs post here; the secret in the address says who they are
def receive(request: HttpRequest, sender: int, secret: str) -> HttpResponse:
    """A number that is switched off still hears what became of its messages."""
    try:
        answer = _answer(request, sender, secret)
    except Refused as refused:
        COMPLAINTS.note(sender, refused.why, client_address(request))
        answer = _plain(HTTPStatus(refused.why.status))
    answer.headers["Cache-Control"] = "no-store"
    # Django's own line about an answer such as 404 would come once for each post, with the secret of the address.
    answer._has_been_logged = True  # type: ignore[attr-defined]
    return answer


def _answer(request: HttpRequest, sender_id: int, secret: str) -> HttpResponse:
    if request.method not in ("GET", "POST"):
        raise Refused(Why.METHOD)
    if _stated_length(request) > LARGEST:
        raise Refused(Why.TOO_LONG)
    if not _is_address(sender_id, secret):
        raise Refused(Why.ADDRESS)
    sender = Sender.objects.only("gateway", "webhook_secret", "last_post_at").get(pk=sender_id)
    return _challenged(request, sender) if request.method == "GET" else _kept(request, sender)


def _is_address(sender_id: int, secret: str) -> bool:
    """The same work for a number that does not exist, so that nobody learns from the time it takes which ones do."""
    keys = list(Sender.objects.filter(pk=sender_id).values_list("hook_key", flat=True))
    key = (keys or [decrypt(_decoy())])[0]
    is_right = same(key, secret)
    return bool(keys and key) and is_right


@cache
def _decoy() -> str:
    return encrypt(new_hook_key())


def _challenged(request: HttpRequest, sender: Sender) -> HttpResponse:
    hook, secret = _hook_of(sender)[0], sender.webhook_secret
    said = hook.challenge(request.GET.dict(), secret) if secret else None
    if said is None:
        raise Refused(Why.CHALLENGE)
    return HttpResponse(said, content_type="text/plain; charset=utf-8")


def _kept(request: HttpRequest, sender: Sender) -> HttpResponse:
    hook, is_signed = _hook_of(sender)
    if _stated_length(request) > hook.most_bytes:
        raise Refused(Why.TOO_LONG)
    if is_signed and not sender.webhook_secret:
        raise Refused(Why.NO_SECRET)
    body = _body(request, hook.most_bytes)
    if is_signed and not _is_genuine(hook, request, body, sender.webhook_secret):
        raise Refused(Why.FORGED)
    try:
        text = text_of_body(body)
    except NotJson:
        raise Refused(Why.NO_JSON) from None
    if not keep(sender, body, hook.without_keys(text), now=timezone.now(), is_marked=hook.marks_each_post):
        raise Refused(Why.FULL)
    return _plain(HTTPStatus.OK)


def _hook_of(sender: Sender) -> tuple[Hook, bool]:
    """What reads its posts, and whether they are signed."""
    gateway = class_of(sender)
    if gateway is None or gateway.hook is None:
        raise Refused(Why.NO_HOOK)
    return gateway.hook(), gateway.capabilities.signing != Signing.NONE


def _is_genuine(hook: Hook, request: HttpRequest, body: bytes, secret: str) -> bool:
    headers = {name.lower(): value for name, value in request.headers.items()}
    return hook.is_genuine(headers, body, secret)


def _stated_length(request: HttpRequest) -> int:
    """0 where none is stated: then nothing is read either."""
    stated = str(request.META.get("CONTENT_LENGTH") or "")
    return int(stated[:10]) if stated[:10].isdecimal() else 0


def _body(request: HttpRequest, most: int) -> bytes:
    """No longer than what was allowed in, whatever the other side goes on sending."""
    try:
        body = request.read(most)
    except UnreadablePostError:
        raise Refused(Why.CUT_OFF) from None
    if len(body) < _stated_length(request):
        raise Refused(Why.CUT_OFF)
    return body


def _plain(status: HTTPStatus) -> HttpResponse:
    answer = HttpResponse(status.phrase, status=status, content_type="text/plain; charset=utf-8")
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        answer.headers["Allow"] = "GET, POST"
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        answer.headers["Retry-After"] = str(TRY_AGAIN_SECONDS)
    return answer
