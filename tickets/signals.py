"""News that `tickets` has for whoever listens."""

from django.dispatch import Signal

# A person wants no more announcements on a channel. Sent inside the transaction that writes it, with `contact` (its
# id), `channel` and `now`.
opted_out = Signal()
