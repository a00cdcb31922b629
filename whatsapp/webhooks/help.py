"""What to set in each gateway so that its reports arrive, in plain words. Whoever shows them translates them."""

from collections.abc import Mapping

from whatsapp.gateways.base import Gateway, _

_SAME_SECRET = _("Give it the secret that is stored here too: without it no report is taken.")

HELP: Mapping[str, tuple[str, ...]] = {
    "rest": (
        _(
            "Let the service post its message statuses to this address. In many of these services it stands in their "
            "program or in a setting such as WEBHOOK_URL: ask whoever installed it."
        ),
        _("It proves nothing but that it knows the address. Show the address to nobody else."),
        _("This kind of service does not tell what people write back. Write down here who wants no more messages."),
    ),
    "waha": (
        _("In the dashboard of WAHA open the session and add a webhook with this address."),
        _("Choose the events message, message.any, message.ack and session.status."),
        _SAME_SECRET,
        _("In WAHA that is the HMAC key of the webhook. Let it try again some times when this site does not answer."),
    ),
    "evolution": (
        _("In the manager of Evolution API open the instance, then Webhook: switch it on and type this address."),
        _("Leave “Webhook by events” and “Webhook base64” switched off."),
        _("Choose the events MESSAGES_UPDATE, MESSAGES_UPSERT, SEND_MESSAGE and CONNECTION_UPDATE."),
        _SAME_SECRET,
        _("In Evolution API that is the value of a header of the webhook called X-Pregonero-Secret, or jwt_key."),
    ),
    "gowa": (
        _(
            "Give this address to the device of this number, in its settings in GOWA. Put it into WHATSAPP_WEBHOOK, "
            "which is for the whole of GOWA, only where GOWA has one number."
        ),
        _(
            "With several numbers fill in “WhatsApp number” for each of them here: what belongs to another number is "
            "passed over."
        ),
        _SAME_SECRET,
        _("In GOWA that is the secret of the device's webhook, or WHATSAPP_WEBHOOK_SECRET for the whole of GOWA."),
        _("If you choose its events (of the device, or WHATSAPP_WEBHOOK_EVENTS), keep message and message.ack."),
        _("GOWA tells when a message arrives and when it is read. It does not tell that one failed."),
    ),
    "wppconnect": (
        _(
            "Write this address as the webhook's url into the configuration file of WPPConnect. One that was only "
            "typed when the session was started is lost with a restart from here."
        ),
        _("There switch on listenAcks and onSelfMessage, and switch off autoDownload and readMessage."),
        _(
            "WPPConnect proves nothing but that it knows the address, and tries only once. Show the address to nobody "
            "else."
        ),
    ),
    "cloud": (
        _("First store the app secret here: Meta signs its reports with it."),
        _(
            "In Meta's App Dashboard under WhatsApp, Configuration, type this address as the callback URL and the "
            "verify token of this page."
        ),
        _("Subscribe to messages, account_update, message_template_status_update and user_preferences."),
        _(
            "Meta posts for all numbers of an app to one address. With several numbers give each its own one "
            "(override_callback_uri): what belongs to another number is passed over here."
        ),
        _("Meta only posts to an https address that everybody can reach."),
    ),
}


def help_for(gateway: type[Gateway]) -> tuple[str, ...]:
    """Gateways that others wrote say it themselves, as `hook_help`."""
    own: tuple[str, ...] = getattr(gateway, "hook_help", ())
    return own or HELP.get(gateway.name, ())
