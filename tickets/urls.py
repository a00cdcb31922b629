from django.urls import path

from tickets import views

app_name = "tickets"

urlpatterns = [
    path("t/<str:token>/", views.public_ticket, name="public_ticket"),
    path("t/<str:token>/qr.png", views.public_qr, name="public_qr"),
]
