"""Draws the mails of ``docs/pictures/``: a digest on a phone, light and dark, and on a desk, in three languages.

Run by hand where Chromium (``chromium``) is installed::

    .venv/bin/pytest tests/picture_of_mails.py

The HTML is what ``compose`` writes, with the picture of due dates put into it as a mail program does.
"""

from __future__ import annotations

import base64
import shutil
import subprocess
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from muster_notify.ladder import NextStep
from muster_notify.mail_text import Letter, Line, compose

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
TODAY = date(2016, 11, 30)
LETTER = Letter(
    sender="muster@example.org",
    recipient="amina.otieno@example.org",
    recipient_name="Amina Otieno",
    message_id="<1b4e28ba-2fa1-11d2-883f-0016d3cca427@example.org>",
    sent_at=datetime(2016, 11, 30, 8, tzinfo=UTC),
    base_url="https://muster.example.org",
    unsubscribe_url="https://muster.example.org/notify/unsubscribe/x",
    other_due_dates=tuple(TODAY + timedelta(days=number) for number in (20, 61, 62, 120)),
)
LINE = Line(
    project_code="KEN-00012",
    project_title="Shelter and water for returnees",
    office="KEN",
    grant_id="KEN-00012-1",
    donor="Example Aid Agency",
    type="interim",
    period_start=date(2016, 4, 1),
    period_end=date(2016, 9, 30),
    due=date(2016, 11, 21),
    today=TODAY,
    returned=False,
    owner="Amina Otieno",
    next=NextStep(14, date(2016, 12, 5), ("owner", "alternate", "head", "reviewer")),
    reminded_since=date(2016, 10, 22),
    action_url="https://muster.example.org/notify/act/x",
)
LINES = [
    LINE,
    replace(
        LINE,
        type="financial",
        due=date(2016, 12, 7),
        next=NextStep(-1, date(2016, 12, 6), ("owner",)),
        reminded_since=None,
    ),
    replace(
        LINE,
        project_code="SOM-00003",
        project_title="Counter-trafficking along the coast",
        office="SOM",
        grant_id="SOM-00003-1",
        donor="Development Fund",
        type="final",
        due=date(2016, 10, 20),
        returned=True,
        next=None,
        owner="Yusuf Abdi",
        instead_of_name="Yusuf Abdi",
        reminded_since=date(2016, 9, 20),
    ),
]


@dataclass(frozen=True)
class Shot:
    """One picture: its name, the language, the width of the window and whether the reader's screen is dark."""

    name: str
    language: str
    width: int
    is_dark: bool


@pytest.mark.parametrize(
    "shot",
    [
        Shot("reminder-phone", "en", 360, is_dark=False),
        Shot("reminder-phone-dark", "fr", 360, is_dark=True),
        Shot("reminder-desk", "es", 700, is_dark=False),
    ],
    ids=lambda shot: shot.name,
)
def test_the_mail_is_drawn(shot: Shot, tmp_path: Path) -> None:
    page = tmp_path / "mail.html"
    page.write_text(shown(compose(replace(LETTER, language=shot.language), LINES)), encoding="utf-8")
    drawn = tmp_path / "mail.png"
    photograph(page, drawn, shot)
    picture = PICTURES / f"{shot.name}.png"
    cropped(Image.open(drawn).convert("RGB")).quantize(128).save(picture, optimize=True)
    assert picture.stat().st_size < 120_000


def shown(mail: EmailMessage) -> str:
    """The HTML with its picture inside."""
    part = mail.get_body(("html",))
    assert part is not None
    html = str(part.get_content())
    for inline in mail.walk():
        if inline.get_content_type() == "image/png":
            png = base64.b64encode(inline.get_content()).decode()
            html = html.replace(f"cid:{inline['Content-ID'].strip('<>')}", f"data:image/png;base64,{png}")
    return html


def photograph(page: Path, to: Path, shot: Shot) -> None:
    """Take a picture of a page in Chromium, with a profile of its own that is gone afterwards.

    Raises:
        FileNotFoundError: there is no Chromium on this machine.
    """
    program = shutil.which("chromium")
    if program is None:
        raise FileNotFoundError("chromium")
    quiet = "--disable-background-networking --disable-component-update --disable-sync --no-first-run"
    look = f"--blink-settings=preferredColorScheme={0 if shot.is_dark else 1}"
    size = [f"--window-size={shot.width},2400", "--force-device-scale-factor=1.5", "--hide-scrollbars"]
    profile = f"--user-data-dir={to.parent / 'profile'}"
    command = [program, "--headless", "--no-sandbox", "--disable-gpu", *quiet.split(), profile, look, *size]
    subprocess.run([*command, f"--screenshot={to}", page.as_uri()], check=True, capture_output=True, timeout=100)


def cropped(picture: Image.Image) -> Image.Image:
    """The picture without the empty ground below the mail."""
    ground = Image.new("RGB", picture.size, picture.getpixel((1, picture.height - 1)))
    box = ImageChops.difference(picture, ground).getbbox()
    assert box is not None
    return picture.crop((0, 0, picture.width, min(box[3] + box[1], picture.height)))
