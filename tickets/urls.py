from django.urls import path

from tickets.views import public

app_name = "tickets"

urlpatterns = [
    path("t/<str:token>/", public.public_ticket, name="public_ticket"),
    path("t/<str:token>/qr.png", public.public_qr, name="public_qr"),
]
