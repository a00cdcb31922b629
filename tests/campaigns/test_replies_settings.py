"""The words and answers that staff edit: none that means two things, none that nobody can write, and never none."""

import pytest
from django.forms import model_to_dict

from campaigns.forms_replies import ANSWERS, RESUME, STOP
from campaigns.models import ReplySettings
from tickets.models import HistoryEntry

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

PAGE = "/admin/campaigns/replysettings/1/change/"


def posted(**fields):
    known = model_to_dict(ReplySettings.load(), exclude=["id"])
    return {name: "" if value is None else value for name, value in (known | fields).items()}


def errors(client, **fields):
    answer = client.post(PAGE, posted(**fields))
    return {} if answer.status_code == 302 else answer.context["adminform"].form.errors


def test_the_words_that_come_along_can_be_saved_as_they_are(boss):
    assert errors(boss) == {}
    saved, fresh = ReplySettings.objects.get(), ReplySettings(pk=1)
    assert {name: getattr(saved, name).split() for name in (*STOP, *RESUME, *ANSWERS)} == {
        name: getattr(fresh, name).split() for name in (*STOP, *RESUME, *ANSWERS)
    }


def test_looking_makes_no_row(boss):
    html = boss.get(PAGE).content.decode()
    assert "DARME DE BAJA" in html
    assert not ReplySettings.objects.exists()


def test_the_list_is_the_page(boss):
    assert boss.get("/admin/campaigns/replysettings/")["Location"] == PAGE


def test_what_is_changed_counts_and_is_in_the_history(boss):
    assert errors(boss, stop_words_es="CHAO\nNo más", forward_to="sala@example.org", keep_days="90") == {}
    saved = ReplySettings.load()
    assert (saved.forward_to, saved.keep_days) == ("sala@example.org", 90)
    assert saved.vocabulary().meaning_of("chao") == "stop"
    entry = HistoryEntry.objects.get(action="changed")
    assert entry.actor == "jefa"
    assert entry.after["forward_to"] == "sala@example.org"
    assert "DARME DE BAJA" in entry.before["stop_words_es"]


def test_two_people_who_save_at_once_keep_both_changes(boss):
    errors(boss)
    mine = posted(stop_words_en="BYE\nSTOP")
    errors(boss, forward_to="sala@example.org")
    boss.post(PAGE, mine | {"forward_to": "sala@example.org"})
    saved = ReplySettings.load()
    assert (saved.stop_words_en.split(), saved.forward_to) == (["BYE", "STOP"], "sala@example.org")


@pytest.mark.parametrize("name", [*STOP, *RESUME, *ANSWERS])
@pytest.mark.parametrize("typed", ["", "  \n "])
def test_no_list_and_no_answer_can_be_emptied(boss, name, typed):
    assert set(errors(boss, **{name: typed})) == {name}
    assert not ReplySettings.objects.exists()


@pytest.mark.parametrize("name", ["stop_words_es", "resume_words_pt"])
def test_a_list_of_nothing_but_separators_is_empty(boss, name):
    assert errors(boss, **{name: ",;\n,"})[name] == ["Write at least one word: people must be able to say it."]


def test_a_word_of_signs_alone_is_refused(boss):
    assert errors(boss, stop_words_es="BAJA\n🙏\n…") == {"stop_words_es": ["“🙏”, “…” has neither letters nor digits."]}


@pytest.mark.parametrize(
    ("stop", "resume"),
    [
        ({"stop_words_es": "BAJA\nalta"}, "resume_words_es"),
        ({"stop_words_en": "STOP\n¡Álta!"}, "resume_words_es"),
        ({"stop_words_pt": "SAIR\nstart"}, "resume_words_en"),
    ],
)
def test_a_word_cannot_mean_both_in_any_two_languages(boss, stop, resume):
    found = errors(boss, **stop)
    assert set(found) == {resume}
    assert "It can only mean one of the two." in found[resume][0]


def test_several_of_them_are_named(boss):
    found = errors(boss, stop_words_es="BAJA\nAlta\nVolver")
    assert found["resume_words_es"][0].startswith("“Alta”, “Volver” are also words to stop")


def test_a_word_may_stand_in_the_lists_of_several_languages(boss):
    assert errors(boss, stop_words_en="STOP\nBAJA") == {}


def test_a_sentence_is_no_word(boss):
    found = errors(boss, stop_words_es="BAJA\n" + "no quiero " * 5)
    assert "is longer than 40 characters" in found["stop_words_es"][0]


def test_a_list_has_an_end(boss):
    found = errors(boss, stop_words_es="\n".join(f"palabra {number}" for number in range(41)))
    assert found["stop_words_es"] == ["These are 41 words, and 40 fit."]


def test_an_answer_may_use_the_data_of_the_person_and_no_other(boss):
    assert errors(boss, stop_answer_es="Adiós, {nombre}. {preferencias}") == {}
    assert set(errors(boss, stop_answer_es="Adiós, {evento}")) == {"stop_answer_es"}
    assert set(errors(boss, resume_answer_en="Hello {")) == {"resume_answer_en"}


@pytest.mark.parametrize(("name", "typed"), [("forward_to", "sala@"), ("keep_days", "3"), ("keep_days", "99999")])
def test_other_fields_say_what_is_wrong(boss, name, typed):
    assert set(errors(boss, **{name: typed})) == {name}


def test_texts_can_be_kept_for_ever(boss):
    assert errors(boss, keep_days="") == {}
    assert ReplySettings.load().keep_days is None


def test_whoever_may_only_look_changes_nothing(staff):
    client = staff("campaigns.view_replysettings")
    assert "DARME DE BAJA" in client.get(PAGE).content.decode()
    assert client.post(PAGE, posted(stop_words_es="CHAO")).status_code == 403
    assert staff().get(PAGE).status_code == 403
    assert staff().get("/admin/campaigns/replysettings/").status_code == 403
