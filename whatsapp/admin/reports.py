"""Whether the reports of a number's gateway arrive, and what to set in the gateway so that they do."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.utils.translation import gettext as _

from whatsapp.gateways.base import Signing
from whatsapp.models import Sender, WebhookPost
from whatsapp.registry import class_of, hook_of
from whatsapp.webhooks.address import address_of
from whatsapp.webhooks.help import help_for
from whatsapp.webhooks.inbox import MOST_UNREAD
from whatsapp.webhooks.problems import problem_words

if TYPE_CHECKING:
    from whatsapp.admin.sender import SenderAdmin


@dataclass(frozen=True)
class Problem:
    post: WebhookPost
    words: str


@dataclass(frozen=True)
class Reports:
    """`address` and `verify_token` are empty for whoever may not change the number."""

    sender: Sender
    is_posting: bool  # its gateway tells anything at all
    needs_secret: bool
    has_secret: bool
    unread: int
    problem: Problem | None
    may_change: bool
    may_see_posts: bool
    address: str = ""
    verify_token: str = ""
    steps: tuple[str, ...] = ()


def reports_of(admin: "SenderAdmin", request: HttpRequest, sender: Sender) -> Reports:
    gateway, hook = class_of(sender), hook_of(sender)
    may_change = admin.has_change_permission(request, sender)
    posts = WebhookPost.objects.filter(sender=sender).defer("body")
    shows_setup = hook is not None and may_change
    return Reports(
        sender=sender,
        is_posting=hook is not None,
        needs_secret=gateway is not None and gateway.capabilities.signing != Signing.NONE,
        has_secret=bool(sender.webhook_secret),
        unread=posts.filter(applied_at=None)[:MOST_UNREAD].count(),
        problem=_last_problem(posts.exclude(problem="").order_by("-pk").first()),
        may_change=may_change,
        may_see_posts=request.user.has_perm("whatsapp.view_webhookpost"),
        address=address_of(sender) if shows_setup else "",
        verify_token=hook.verify_token(sender.webhook_secret) if hook and shows_setup and sender.webhook_secret else "",
        steps=tuple(_(step) for step in help_for(gateway)) if gateway and shows_setup else (),
    )


def _last_problem(post: WebhookPost | None) -> Problem | None:
    return Problem(post, problem_words(post.problem)) if post else None
