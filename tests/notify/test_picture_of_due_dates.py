"""The picture in a digest: every due date where it belongs, seen on light and dark, the same bytes each time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from io import BytesIO
from statistics import median
from time import process_time

import pytest
from PIL import Image

from muster_notify.letters import chart
from muster_notify.letters.chart import BLUE, COLOURS, HEIGHT, RED, WIDTH, Timeline, draw, in_words
from muster_notify.letters.language import LANGUAGES, language_of

TODAY = date(2016, 11, 30)
LIGHT, DARK = (255, 255, 255), (22, 27, 34)  # the card in templates/mail/letter.html
ENGLISH = language_of("en")


def days(*from_today: int) -> tuple[date, ...]:
    return tuple(TODAY + timedelta(days=number) for number in from_today)


def drawn(overdue: tuple[date, ...] = (), coming: tuple[date, ...] = (), code: str = "en") -> Image.Image:
    return Image.open(BytesIO(draw(Timeline(TODAY, overdue, coming), language_of(code)))).convert("RGBA")


def dots(picture: Image.Image, colour: int) -> list[tuple[int, int]]:
    """Where the picture has a colour in full."""
    opaque = (*COLOURS[colour], 255)
    return [
        (number % picture.width, number // picture.width)
        for number, dot in enumerate(picture.get_flattened_data())
        if dot == opaque
    ]


def middle(picture: Image.Image, colour: int) -> float:
    across = [x for x, _ in dots(picture, colour)]
    return (min(across) + max(across)) / 2


def brightness(colour: Sequence[int]) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [part / 255 for part in colour]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Sequence[int], other: Sequence[int]) -> float:
    darker, lighter = sorted((brightness(one), brightness(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("ground", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("colour", range(3), ids=["grey", "red", "blue"])
def test_every_colour_stands_out_from_light_and_dark(colour: int, ground: tuple[int, int, int]) -> None:
    assert contrast(COLOURS[colour], ground) > 3.5  # WCAG asks 3 of graphics and of large text


def test_the_ground_shows_through() -> None:
    picture = drawn(days(-3), days(9))
    assert picture.getpixel((0, 0))[3] == 0  # type: ignore[index]
    assert Counter(picture.getchannel("A").get_flattened_data())[0] > 0.9 * picture.width * picture.height


def test_an_overdue_date_is_red_and_left_of_today_a_coming_one_blue_and_right_of_it() -> None:
    picture = drawn(days(-30), days(45))
    today = middle(drawn(coming=days(0)), BLUE)
    a_day = (picture.width - 2 * 30 * 2) / 150
    assert today - middle(picture, RED) == pytest.approx(30 * a_day, abs=2)
    assert middle(picture, BLUE) - today == pytest.approx(45 * a_day, abs=2)


def test_several_on_a_day_stand_above_each_other() -> None:
    one, three = (len(dots(drawn(overdue=days(-9) * number), RED)) for number in (1, 3))
    assert three == 3 * one


def test_more_than_find_room_are_counted() -> None:
    four, nine = (drawn(overdue=days(-9) * number) for number in (4, 9))
    assert len(dots(nine, RED)) > len(dots(four, RED))  # the words "+5" above them


def test_what_lies_beyond_is_counted_at_the_edge() -> None:
    picture = drawn(days(-90), days(200))
    assert max(x for x, _ in dots(picture, RED)) < 30 * 2
    assert min(x for x, _ in dots(picture, BLUE)) > picture.width - 30 * 2


@pytest.mark.parametrize("code", LANGUAGES)
def test_it_is_twice_as_large_as_shown_and_small_as_a_file(code: str) -> None:
    written = draw(Timeline(TODAY, days(*range(-59, 0)), days(*list(range(90)) * 3)), language_of(code))
    assert Image.open(BytesIO(written)).size == (WIDTH * 2, HEIGHT * 2)
    assert len(written) < 12_000


def test_it_is_only_as_high_as_the_highest_column_needs() -> None:
    none, one, two, four, five = (drawn(coming=days(9) * number).height for number in (0, 1, 2, 4, 5))
    assert none == one < two < four < five == HEIGHT * 2


def test_the_same_dates_give_the_same_bytes_even_drawn_anew() -> None:
    timeline = Timeline(TODAY, days(-3), days(9))
    first = draw(timeline, ENGLISH)
    for remembered in (chart._drawn, chart._axis, chart._written, chart._mark):
        remembered.cache_clear()
    assert draw(timeline, ENGLISH) == first


def test_the_same_is_said_in_words() -> None:
    timeline = Timeline(TODAY, days(-9, -9, -1), days(0, 7))
    assert in_words(timeline, ENGLISH) == (
        "Due dates from 1 October 2016 to 28 February 2017. "
        "Overdue since 21 Nov 2016 and 29 Nov 2016. Due on 30 Nov 2016 and 7 Dec 2016."
    )
    assert "and 2 more days." in in_words(Timeline(TODAY, (), days(*range(8))), ENGLISH)


def test_accents_of_months_are_drawn() -> None:
    plain, accented = (chart._written(0, text).inked for text in ("aout", "août"))
    assert plain.size == accented.size
    assert accented.histogram()[255] > plain.histogram()[255]


def test_it_takes_a_few_milliseconds() -> None:
    timeline = Timeline(TODAY, days(-90, -58, -40, -40, -5, -4), days(0, 1, 7, 14, 14, 60, 120))
    draw(timeline, ENGLISH)
    took = []
    for _ in range(15):
        chart._drawn.cache_clear()
        began = process_time()
        draw(timeline, ENGLISH)
        took.append(process_time() - began)
    assert median(took) < 0.015
