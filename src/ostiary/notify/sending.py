"""One message to one place, over HTTP or SMTP. These block, and are called in threads; they raise `OSError`."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final
from urllib.parse import urlsplit

from ostiary.asking.links import sign_message
from ostiary.asking.settings import Security, Smtp

TIMEOUT: Final = 10.0
_READ: Final = 4096


def post(url: str, secret: str, id: str, body: bytes, seconds: int) -> None:
    """Send a signed webhook; anything but a 2xx is an `OSError`. Redirects are not followed: the message is for the
    place that was named."""
    parts = urlsplit(url)
    target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    open_connection = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = open_connection(parts.hostname or "", parts.port, timeout=TIMEOUT)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "ostiary",
        "webhook-id": id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": sign_message(secret, id, seconds, body),
    }
    try:
        connection.request("POST", target, body, headers)
        response = connection.getresponse()
        response.read(_READ)
    except HTTPException as error:
        raise OSError(f"it answers no HTTP ({type(error).__name__})") from None
    finally:
        connection.close()
    if not 200 <= response.status < 300:
        raise OSError(f"it answered HTTP {response.status}")


def mail(server: Smtp, message: EmailMessage) -> None:
    """Hand a mail to the server."""
    secure = ssl.create_default_context()
    try:
        if server.security is Security.TLS:
            connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=secure)
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
        with connection:
            if server.security is Security.STARTTLS:
                connection.starttls(context=secure)
            if server.user:
                connection.login(server.user, server.password)
            connection.send_message(message)
    except smtplib.SMTPException as error:
        raise OSError(f"the mail server refused: {error}") from None
