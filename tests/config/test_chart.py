"""The chart tag: data as JSON, numbers as text, nothing inline."""

import json
import re

from django.conf import settings
from django.template import Context, Template

DATA = {
    "type": "bar",
    "labels": ["10:00", "10:05", "10:10"],
    "series": [
        {"label": "Enviados", "tone": "ok", "values": [3, None, 2.5]},
        {"label": "</script><b>Fallidos", "tone": "bad", "values": [1, 0, 0]},
    ],
    "stacked": True,
    "marks": [{"at": 1, "label": "10:06 Pausa"}, {"at": 1, "label": "10:07 <i>Sigue"}],
    "unit": "mensajes",
}


def shown(data=DATA, label='Mensajes "por" tiempo'):
    template = Template('{% load pregonero %}{% chart data "c-prueba" label %}')
    return template.render(Context({"data": data, "label": label}))


def test_the_data_travels_as_json_and_comes_back_the_same():
    script = re.search(r'<script id="c-prueba-data" type="application/json">(.*?)</script>', shown())
    assert json.loads(script[1]) == DATA


def test_the_picture_has_a_name_and_the_scripts_are_files():
    html = shown()
    assert '<canvas role="img" aria-label="Mensajes &quot;por&quot; tiempo" data-chart="c-prueba-data"' in html
    assert '<figure id="c-prueba"' in html
    assert "chart.umd.min.js" in html
    assert "pregonero/charts.js" in html
    assert not re.search(r"<style|\sstyle=|\son\w+=", html)


def test_the_numbers_stand_there_as_text_with_what_happened():
    rows = re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', shown())
    cells = [(name, re.findall(r"<td[^>]*>(.*?)</td>", rest)) for name, rest in rows]
    assert cells == [
        ("10:00", ["3", "1", ""]),
        ("10:05", ["–", "0", "10:06 Pausa; 10:07 &lt;i&gt;Sigue"]),
        ("10:10", ["2,5", "0", ""]),
    ]


def test_names_are_never_html():
    html = shown()
    assert "<b>" not in html
    assert "<i>" not in html


def test_without_marks_and_values_it_is_still_a_chart():
    html = shown({"type": "line", "labels": [], "series": [{"label": "Nada", "tone": "info", "values": []}]})
    assert "<canvas" in html
    assert "p-chart-marks" not in html


def test_the_script_takes_its_colours_from_the_tokens():
    script = (settings.BASE_DIR / "static/pregonero/charts.js").read_text()
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b", script.replace("#rgb", "").replace("#rrggbb", ""))
