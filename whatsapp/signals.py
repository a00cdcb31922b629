"""News that `whatsapp` has for whoever listens."""

from django.dispatch import Signal

# A gateway said how a number is. Sent with `sender_id`, `status` (gateways.base.Status) and `now`.
state_recorded = Signal()
