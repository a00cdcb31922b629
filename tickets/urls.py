from django.urls import path

from tickets.views import door, door_api, door_key, preferences, public, public_files

app_name = "tickets"

urlpatterns = [
    path("t/<str:token>/", public.public_ticket, name="public_ticket"),
    path("puerta/", door.door_events, name="door_events"),
    path("puerta/sw.js", door.door_worker, name="door_worker"),
    path("puerta/salir/", door_key.door_leave, name="door_leave"),
    path("puerta/llave/<str:token>/", door_key.door_key, name="door_key"),
    path("puerta/<slug:slug>/", door.door, name="door"),
    path("puerta/<slug:slug>/lista.json", door_api.door_list_json, name="door_list"),
    path("puerta/<slug:slug>/entrada/", door_api.door_scan, name="door_scan"),
    path("puerta/<slug:slug>/pendientes/", door_api.door_sync, name="door_sync"),
    path("puerta/<slug:slug>/deshacer/", door_api.door_undo, name="door_undo"),
    path("preferencias/<str:token>/", preferences.preferences, name="preferences"),
    path("preferencias/<str:token>/baja/", preferences.unsubscribe, name="unsubscribe"),
    path("t/<str:token>/pin/", public.public_pin, name="public_pin"),
    path("t/<str:token>/qr.png", public_files.public_qr, name="public_qr"),
    path("t/<str:token>/entrada.png", public_files.public_picture, name="public_picture"),
    path("t/<str:token>/entrada.pdf", public_files.public_pdf, name="public_pdf"),
    path("t/<str:token>/evento.ics", public_files.public_calendar, name="public_calendar"),
]
