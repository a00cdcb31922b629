from django.urls import path

from whatsapp.webhooks.receiving import receive

app_name = "whatsapp"

urlpatterns = [
    path("hooks/whatsapp/<int:sender>/<str:secret>/", receive, name="hook"),
    # As some type it: Django would send them to the address above, and no gateway follows with its post.
    path("hooks/whatsapp/<int:sender>/<str:secret>", receive),
]
