"""News that `whatsapp` has for whoever listens."""

from django.dispatch import Signal

# A gateway said how a number is. Sent with `sender_id`, `status` (gateways.base.Status) and `now`.
state_recorded = Signal()

# A gateway posted news (whatsapp.webhooks.base). Sent inside the transaction that marks the posts as read, with
# `sender_id`, `news` (a list, without what is said of the number itself: see `state_recorded`) and `now`. A listener
# must cope with news that it has heard before. Whatever it raises: the posts are tried again one by one.
news_arrived = Signal()

# Somebody did something that belongs into the history, which is kept elsewhere. Sent with `user` (or the name of a
# command, or None), `obj`, `action` (a word of the history) and perhaps `before`, `after`, `sentence`.
acted = Signal()

# A number got another gateway, address or session: whatever was known of it is forgotten. Sent with `sender_id` and
# `now`.
moved = Signal()
