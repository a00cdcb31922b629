"""News that `whatsapp` has for whoever listens."""

from django.dispatch import Signal

# A gateway said how a number is. Sent with `sender_id`, `status` (gateways.base.Status) and `now`.
state_recorded = Signal()

# Somebody did something that belongs into the history, which is kept elsewhere. Sent with `user` (or the name of a
# command, or None), `obj`, `action` (a word of the history) and perhaps `before`, `after`, `sentence`.
acted = Signal()
