"""What people write back, and what is to be understood and answered."""

from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.enums import ReplyMeaning, ReplyState
from campaigns.models.campaign import Campaign
from campaigns.models.delivery import Delivery
from campaigns.replies.words import Vocabulary
from tickets.masks import masked
from tickets.models import Contact
from whatsapp.models import Sender

M, S = ReplyMeaning, ReplyState

# Of nobody whom we know, and says a number or an id. As the index has it, so that it is found there.
OF_STRANGERS = Q(contact=None) & ~Q(phone="", chat_id="")

LANGUAGES: dict[str, str] = {"es": "Español", "en": "English", "pt": "Português"}  # by themselves, as everywhere


def _words(label: Any, words: str) -> models.TextField:
    return models.TextField(label, default=words.replace(" / ", "\n"), max_length=2000)


def _answer(label: Any, text: str) -> models.TextField:
    return models.TextField(label, default=text, max_length=600)


class ReplySettings(models.Model):
    """One row: the words of each language, what is answered, and who hears of everything else."""

    stop_words_es = _words(
        _("words to stop (Spanish)"),
        "BAJA / DAR DE BAJA / DARME DE BAJA / CANCELAR / SALIR / PARAR / NO MÁS / NO MÁS MENSAJES / NO MÁS ANUNCIOS / "
        "DETENER PROMOCIONES",
    )
    resume_words_es = _words(_("words to go on (Spanish)"), "ALTA / DAR DE ALTA / VOLVER / ENTRAR / SUSCRIBIR")
    stop_answer_es = _answer(
        _("answer to whoever stops (Spanish)"),
        "Listo: no te enviaremos más anuncios por WhatsApp. Tus entradas te seguirán llegando. "
        "Si cambias de idea, responde ALTA.",
    )
    resume_answer_es = _answer(
        _("answer to whoever goes on (Spanish)"),
        "¡Gracias! Volverás a recibir nuestros anuncios por WhatsApp. Para dejar de recibirlos, responde BAJA.",
    )
    stop_words_en = _words(
        _("words to stop (English)"),
        "STOP / STOP ALL / STOPALL / UNSUBSCRIBE / CANCEL / END / QUIT / OPT OUT / NO MORE MESSAGES / STOP PROMOTIONS",
    )
    resume_words_en = _words(_("words to go on (English)"), "START / UNSTOP / SUBSCRIBE / RESUME / OPT IN")
    stop_answer_en = _answer(
        _("answer to whoever stops (English)"),
        "Done: we will send you no more announcements on WhatsApp. Your tickets will still arrive. "
        "If you change your mind, reply START.",
    )
    resume_answer_en = _answer(
        _("answer to whoever goes on (English)"),
        "Thank you! You will get our announcements on WhatsApp again. To stop them, reply STOP.",
    )
    stop_words_pt = _words(
        _("words to stop (Portuguese)"),
        "SAIR / PARAR / CANCELAR / DESCADASTRAR / REMOVER / CHEGA / NÃO QUERO MAIS / INTERROMPER PROMOÇÕES",
    )
    resume_words_pt = _words(_("words to go on (Portuguese)"), "VOLTAR / ENTRAR / CADASTRAR / ATIVAR")
    stop_answer_pt = _answer(
        _("answer to whoever stops (Portuguese)"),
        "Pronto: não vamos mais enviar anúncios pelo WhatsApp. Seus ingressos continuam chegando. "
        "Se mudar de ideia, responda VOLTAR.",
    )
    resume_answer_pt = _answer(
        _("answer to whoever goes on (Portuguese)"),
        "Obrigado! Você voltará a receber nossos anúncios pelo WhatsApp. Para parar, responda SAIR.",
    )
    forward_to = models.EmailField(
        _("tell this address about other replies"),
        blank=True,
        help_text=_("By e-mail, at most one every ten minutes with all that came. Empty: they are only shown here."),
    )
    keep_days = models.PositiveIntegerField(
        _("days that texts are kept"),
        null=True,
        blank=True,
        default=365,
        validators=[MinValueValidator(7), MaxValueValidator(3650)],
        help_text=_("Afterwards it stays known that somebody replied, and not what. Empty: for ever."),
    )
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("words and answers")
        verbose_name_plural = _("words and answers")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="reply_settings_is_one_row")]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @classmethod
    def load(cls) -> Self:
        """The row; its defaults where nothing was saved yet, so that reading never writes."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    def vocabulary(self) -> Vocabulary:
        return Vocabulary.of(self._lists("stop_words"), self._lists("resume_words"))

    def answer(self, meaning: str, language: str) -> str:
        known = language if language in LANGUAGES else settings.LANGUAGE_CODE[:2]
        return str(getattr(self, f"{meaning}_answer_{known}"))

    def _lists(self, name: str) -> dict[str, str]:
        return {language: getattr(self, f"{name}_{language}") for language in LANGUAGES}


def forget_writer(collector: Any, field: Any, sub_objs: Any, using: str) -> None:
    """`on_delete` of the contact: that somebody replied still counts; who it was and what they wrote is gone."""
    for name, value in ((field.name, None), ("text", ""), ("phone", ""), ("chat_id", ""), ("is_to_forward", False)):
        collector.add_field_update(sub_objs.model._meta.get_field(name), value, sub_objs)


class Reply(models.Model):
    """One message that somebody wrote to one of our numbers, or what they told WhatsApp itself about our messages."""

    # Without a default: a number that was deleted leaves its replies where they are.
    sender = models.ForeignKey(
        Sender,
        models.SET_NULL,
        verbose_name=_("written to"),
        null=True,
        blank=True,
        related_name="replies",
        db_index=False,
    )
    message_id = models.CharField(max_length=200)
    contact = models.ForeignKey(
        Contact,
        forget_writer,
        verbose_name=_("contact"),
        null=True,
        blank=True,
        related_name="replies",
        db_index=False,
    )
    chat_id = models.CharField(_("id in WhatsApp"), max_length=200, blank=True)
    phone = models.CharField(_("WhatsApp number"), max_length=20, blank=True)  # +E.164; never made from another id
    text = models.CharField(_("text"), max_length=1000, blank=True)
    received_at = models.DateTimeField(_("received"))
    meaning = models.CharField(_("wants"), max_length=10, choices=M)
    told_provider = models.BooleanField(_("told WhatsApp itself"), default=False)
    state = models.CharField(_("state"), max_length=10, choices=S, default=S.UNMATCHED)
    # The last message that this number had sent to the person by then: what they reply to.
    delivery = models.ForeignKey(
        Delivery, models.SET_NULL, verbose_name=_("reply to"), null=True, blank=True, related_name="replies"
    )
    answer = models.ForeignKey(
        Campaign, models.SET_NULL, verbose_name=_("our answer"), null=True, blank=True, related_name="answered_replies"
    )
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("decided by"), null=True, blank=True, related_name="+"
    )
    settled_at = models.DateTimeField(_("decided"), null=True, blank=True)
    # Of one whose writer is not known: how often the gateway was asked, and when it is asked again.
    asked = models.PositiveSmallIntegerField(default=0)
    ask_at = models.DateTimeField(null=True, blank=True)
    is_to_forward = models.BooleanField(default=False)

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("reply")
        verbose_name_plural = _("replies")
        permissions = [("settle_reply", _("Can decide who wrote a reply"))]
        constraints = [
            models.UniqueConstraint(fields=["sender", "message_id"], name="reply_comes_once"),
            models.CheckConstraint(condition=~Q(message_id=""), name="reply_has_an_id"),
            models.CheckConstraint(condition=Q(phone="") | Q(phone__startswith="+"), name="reply_phone_is_e164"),
            models.CheckConstraint(condition=Q(meaning__in=M.values), name="reply_meaning_is_known"),
            models.CheckConstraint(condition=Q(state__in=S.values), name="reply_state_is_known"),
            models.CheckConstraint(
                condition=~Q(state=S.UNMATCHED) | Q(contact=None), name="reply_of_somebody_is_matched"
            ),
            models.CheckConstraint(
                condition=~Q(state=S.SETTLED) | Q(settled_at__isnull=False), name="reply_was_settled_at"
            ),
        ]
        indexes = [
            models.Index(
                fields=["contact", "-received_at"], condition=Q(contact__isnull=False), name="reply_of_contact"
            ),
            models.Index(
                fields=["id"], condition=Q(state="unmatched", meaning__in=["stop", "resume"]), name="reply_to_settle"
            ),
            models.Index(fields=["chat_id", "received_at"], condition=Q(state="unmatched"), name="reply_unmatched"),
            models.Index(fields=["chat_id"], condition=Q(state="settled"), name="reply_decided_before"),
            models.Index(fields=["ask_at"], condition=Q(ask_at__isnull=False), name="reply_to_ask_about"),
            models.Index(fields=["id"], condition=Q(is_to_forward=True), name="reply_to_forward"),
            models.Index(fields=["received_at"], condition=~Q(text=""), name="reply_with_text"),
            models.Index(fields=["received_at"], condition=OF_STRANGERS, name="reply_of_stranger"),
        ]

    def __str__(self) -> str:
        """Goes into the history, which outlives the people in it: no number in full."""
        if self.contact is not None:
            return self.contact.name
        return masked(self.phone) if self.phone else str(_("Somebody unknown"))
