"""How messages leave the portal. `settings.SMS_ADAPTER` names the class that talks to the office's SMS gateway."""

from __future__ import annotations

from functools import lru_cache
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import TYPE_CHECKING, Protocol

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from portal.messages.models import Channel

if TYPE_CHECKING:
    from portal.messages.models import Dispatch


class SendFailed(Exception):
    """It did not go out now; later it may."""


class Undeliverable(SendFailed):
    """It will never go out: trying again is of no use."""


class Adapter(Protocol):
    """Sends one dispatch (its `message` is loaded), or raises SendFailed. May be given the same one twice."""

    def send(self, dispatch: Dispatch) -> None: ...


class Email:
    """Django's mail backend. Every attempt carries the same Message-ID, by which a mail server drops a second copy."""

    def send(self, dispatch: Dispatch) -> None:
        message = dispatch.message
        host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
        mail = EmailMessage(
            subject=message.title,
            body=letter_text(dispatch),
            to=[dispatch.address],
            headers={"Message-ID": f"<dispatch-{dispatch.pk}@{host}>"},
        )
        try:
            mail.send()
        except SMTPRecipientsRefused as error:
            raise Undeliverable(_("邮箱地址被拒收")) from error
        except (SMTPException, OSError) as error:
            raise SendFailed(str(error)) from error


class NoSms:
    """Stands where no gateway is configured: says so in the record instead of pretending to have sent."""

    def send(self, dispatch: Dispatch) -> None:
        raise Undeliverable(_("未配置短信"))


def letter_text(dispatch: Dispatch) -> str:
    """The plain text of a mail: the body, and the address in the portal."""
    message = dispatch.message
    link = f"{settings.PUBLIC_URL}{message.url}" if message.url.startswith("/") else message.url
    return "\n\n".join(part for part in (message.body, link) if part) or message.title


def adapter_for(channel: str) -> Adapter:
    """The adapter that serves `channel`."""
    return Email() if channel == Channel.EMAIL else _sms(settings.SMS_ADAPTER)


@lru_cache(maxsize=4)
def _sms(path: str) -> Adapter:
    made: Adapter = import_string(path)()
    return made
