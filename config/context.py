"""What every page knows about the installation."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    return {"demo": settings.DEMO, "public_url": settings.PUBLIC_URL}
