from __future__ import annotations

import smtplib
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from muster_shared.embedded.mailcatcher import MailCatcher, safe_name


def test_every_mail_becomes_a_file_and_the_numbers_go_on_after_a_restart(tmp_path: Path) -> None:
    folder = tmp_path / "mails of a demo"
    for subject in ("first", "second"):
        with MailCatcher(folder) as catcher:
            _send(catcher, "mary.wanjiru@example.org", subject)
    assert sorted(path.name for path in folder.iterdir()) == ["000001-mary.wanjiru.eml", "000002-mary.wanjiru.eml"]


def test_a_mail_is_kept_as_it_was_sent(tmp_path: Path) -> None:
    with MailCatcher(tmp_path / "mail") as catcher:
        sent = _send(catcher, "josé@example.org", "Überfällig")
    (path,) = (tmp_path / "mail").iterdir()
    kept = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert (kept["Subject"], kept["To"]) == ("Überfällig", "josé@example.org")
    assert kept.get_content().splitlines() == sent.get_content().splitlines()


@pytest.mark.parametrize(
    ("recipient", "name"),
    [
        ("mary@example.org", "mary"),
        ("../../etc/passwd@example.org", "etc_passwd"),
        ("a b@example.org", "a_b"),
        ("..@example.org", "mail"),
        ("x" * 300 + "@example.org", "x" * 60),
    ],
)
def test_no_recipient_can_choose_where_the_file_goes(recipient: str, name: str) -> None:
    assert safe_name([recipient]) == name


def _send(catcher: MailCatcher, recipient: str, subject: str) -> EmailMessage:
    message = EmailMessage(policy=policy.SMTPUTF8)
    message["From"], message["To"], message["Subject"] = "muster@example.org", recipient, subject
    message.set_content("A report is overdue.\n.\nA dot alone on its line stays.\n")
    with smtplib.SMTP(catcher.host, catcher.port) as client:
        client.send_message(message)
    return message
