"""The addresses of a campaign's pages. They stand before Django's own, which would swallow them."""

from typing import TYPE_CHECKING, Any

from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.views.compose import ComposeViews
from campaigns.views.event import EventViews
from campaigns.views.export import ExportViews
from campaigns.views.home import HomeViews
from campaigns.views.installation import InstallationViews
from campaigns.views.launch import LaunchViews
from campaigns.views.launch_people import LaunchPeopleViews
from campaigns.views.moves import MoveViews
from campaigns.views.numbers import NumberViews
from campaigns.views.page import PageViews
from campaigns.views.sessions import part_of_page
from campaigns.views.starting import StartViews
from campaigns.views.uncertain import UncertainViews

if TYPE_CHECKING:
    from campaigns.admin.campaign import CampaignAdmin

page_or_post = require_http_methods(["GET", "HEAD", "POST"])


def campaign_urls(admin: "CampaignAdmin") -> list[URLPattern]:
    site: Any = admin.admin_site
    wrap = site.admin_view
    launch, pages, moves = LaunchViews(admin), PageViews(admin), MoveViews(admin)
    events = EventViews(admin)
    compose, home, starting = ComposeViews(admin), HomeViews(admin), StartViews(admin)

    def page(address: str, view: object, name: str) -> URLPattern:
        return path(address, view, name=f"campaigns_campaign_{name}")  # type: ignore[call-overload]

    return [
        page("<int:pk>/launch/", part_of_page(site, page_or_post(launch.launch)), "launch"),
        page("<int:pk>/launch/people/", wrap(require_safe(LaunchPeopleViews(admin).people)), "launch_people"),
        page("<int:pk>/live/", part_of_page(site, require_safe(pages.live)), "live"),
        page("<int:pk>/people/", part_of_page(site, require_safe(pages.people)), "people"),
        page("<int:pk>/people/export/", wrap(page_or_post(ExportViews(admin).export)), "export"),
        page("<int:pk>/run/", part_of_page(site, require_safe(pages.run)), "run"),
        page("<int:pk>/pause/", wrap(page_or_post(moves.pause)), "pause"),
        page("<int:pk>/resume/", wrap(page_or_post(moves.resume)), "resume"),
        page("<int:pk>/unschedule/", wrap(page_or_post(moves.unschedule)), "unschedule"),
        page("<int:pk>/cancel/", wrap(page_or_post(moves.cancel)), "cancel"),
        page("<int:pk>/resend/", wrap(page_or_post(moves.resend)), "resend"),
        page("<int:pk>/preview/", site.part_of_form(require_POST(compose.preview)), "preview"),
        page("preview/", site.part_of_form(require_POST(compose.preview)), "preview_new"),
        page("<int:pk>/count/", site.part_of_form(require_POST(compose.count)), "count"),
        page("count/", site.part_of_form(require_POST(compose.count)), "count_new"),
        page("<int:pk>/find/", site.part_of_form(require_POST(compose.find)), "find"),
        page("find/", site.part_of_form(require_POST(compose.find)), "find_new"),
        page("<int:pk>/template/", site.part_of_form(require_POST(compose.template)), "template"),
        page("template/", site.part_of_form(require_POST(compose.template)), "template_new"),
        page("<int:pk>/duplicate/", wrap(page_or_post(starting.duplicate)), "duplicate"),
        page("<int:pk>/picture/", wrap(require_safe(compose.picture)), "picture"),
        page("home/", part_of_page(site, require_safe(home.part)), "home"),
        page("uncertain/", wrap(page_or_post(UncertainViews(admin).desk)), "uncertain"),
        page("drafts/", wrap(require_safe(starting.drafts)), "drafts"),
        page("number/<int:pk>/again/", wrap(require_POST(NumberViews(admin).again)), "number_again"),
        page("event/<int:pk>/", wrap(require_safe(events.page)), "event"),
        page("event/<int:pk>/live/", part_of_page(site, require_safe(events.live)), "event_live"),
        page("event/<int:pk>/arrivals/", part_of_page(site, require_safe(events.arrivals)), "event_arrivals"),
        page("event/<int:pk>/refusals/", part_of_page(site, require_safe(events.refusals)), "event_refusals"),
        page("event/<int:pk>/people/", part_of_page(site, require_safe(events.people)), "event_people"),
        page("event/<int:pk>/send/", wrap(page_or_post(events.send)), "event_send"),
        page("event/<int:pk>/export/", wrap(page_or_post(events.export)), "event_export"),
        page("installation/", wrap(page_or_post(InstallationViews(admin).installation)), "installation"),
    ]
