"""Small middleware of the installation."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from config.languages import language_of

# No inline script or style and no eval, so that a name typed by a stranger can never run as code.
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class ContentSecurityPolicyMiddleware:
    """Send one strict policy with every answer that has none of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response


class ZeroByteMiddleware:
    """Read every address as if it held no zero byte, which PostgreSQL takes in no text. Only programs send one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", ""):
            request.META["QUERY_STRING"] = _without_zero_bytes(request.META["QUERY_STRING"])
        return self.get_response(request)


def _without_zero_bytes(asked: str) -> str:
    """Read from the left, so that nothing that is left over makes a new one, in one pass however long it is."""
    kept: list[str] = []
    for sign in asked:
        kept.append(sign)
        if kept[-3:] == ["%", "0", "0"]:
            del kept[-3:]
    return "".join(kept)


class ChosenLanguageMiddleware:
    """Spanish for everybody; another language only for whoever chose it.

    Django's own LocaleMiddleware follows the browser, and a browser set to English would turn the admin half
    English without anybody having asked for it. It stands after the middleware that says who is there.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = language_of(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response
