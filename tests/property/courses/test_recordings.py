"""Captions, records and boxes: what is written is read again the same, and nothing that comes is believed."""

import io

import films
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.courses.media.mp4 import BadMovie, read_movie, strip
from lms.courses.packages.captions import BadCaptions, captions_text, read_captions
from lms.courses.packages.fields import Findings
from lms.courses.packages.players import player, transcript
from lms.courses.packages.recording import AUDIO, FILM, HANDOUT, Captions, Cue, MediaFile, Recording, record_text
from lms.courses.packages.recording_files import read_recordings

SOME = settings(max_examples=40, deadline=None)  # a busy machine is no fault
SHA = st.text("0123456789abcdef", min_size=64, max_size=64)
WORDS = st.text(st.sampled_from("血压 abc.,&‹›!？。1"), min_size=1, max_size=40).map(str.strip).filter(bool)
CUES = st.lists(st.tuples(st.integers(1, 5000), st.integers(1, 3000), WORDS), min_size=1, max_size=8)


def cues_of(rows: list[tuple[int, int, str]]) -> tuple[Cue, ...]:
    at, found = 0, []
    for step, length, words in rows:
        at += step
        found.append(Cue(at, at + length, words))
    return tuple(found)


@given(CUES)
@SOME
def test_captions_that_are_written_are_read_the_same(rows: list[tuple[int, int, str]]) -> None:
    cues = cues_of(rows)
    written = captions_text(cues)
    assert read_captions(written.encode()) == cues
    assert captions_text(read_captions(written.encode())) == written


@given(st.one_of(st.binary(max_size=300), st.binary(max_size=200).map(lambda tail: films.captions() + b"\n" + tail)))
@SOME
def test_captions_of_any_bytes_hold_no_markup(data: bytes) -> None:
    try:
        cues = read_captions(data)
    except BadCaptions:
        return
    assert all("<" not in one.text and "-->" not in one.text and one.end > one.start for one in cues)


def test_srt_is_taken_too() -> None:
    said = "1\r\n00:00:01,000 --> 00:00:02,500\r\n<i>先坐下</i>\r\n\r\n"
    said += "2\r\n00:00:03,000 --> 00:00:04,000\r\n歇五分钟\r\n"
    assert read_captions(said.encode("utf-8-sig")) == (Cue(1000, 2500, "先坐下"), Cue(3000, 4000, "歇五分钟"))


@st.composite
def recordings(draw: st.DrawFn) -> Recording:
    kind = draw(st.sampled_from((FILM, AUDIO, HANDOUT)))
    mime = {FILM: "video/mp4", AUDIO: "audio/ogg", HANDOUT: "application/pdf"}[kind]
    sides = st.integers(1, 4096) if kind == FILM else st.just(0)
    file = st.builds(MediaFile, SHA, st.just(mime), st.integers(1, 10**8), sides, sides)
    files = tuple(draw(st.lists(file, min_size=1, max_size=3)))
    poster = st.builds(MediaFile, SHA, st.just("image/jpeg"), st.integers(1, 10**5), sides, sides)
    shown = draw(st.one_of(st.none(), poster)) if kind == FILM else None
    return Recording(f"a-{kind}.{kind}", kind, 0 if kind == HANDOUT else draw(st.integers(1, 1200)), files, shown)


@given(recordings())
@SOME
def test_a_record_that_is_written_is_read_the_same(recording: Recording) -> None:
    findings = Findings()
    found = read_recordings({f"media/{recording.name}.toml": record_text(recording).encode()}, findings)
    assert not findings.problems
    assert found == (recording,)


@given(recordings(), st.text(max_size=60), CUES)
@SOME
def test_a_player_shows_words_before_anything_that_plays_and_preloads_nothing(
    recording: Recording, title: str, rows: list[tuple[int, int, str]]
) -> None:
    cues = cues_of(rows)
    captions = Captions(MediaFile("a" * 64, "text/vtt", 1), cues)
    html = player(Recording(**{**vars(recording), "captions": {"zh": captions}}), title, "", "zh")
    assert "<script" not in html.replace("&lt;", "")
    assert html.count("<video") + html.count("<audio") == html.count('preload="none"')
    if recording.kind != HANDOUT:
        assert html.index("文字稿") < html.index("<video" if recording.kind == FILM else "<audio")
        assert "".join(transcript(cues, "zh")) == "".join(one.text for one in cues)


@given(st.data())
@SOME
def test_a_film_with_a_changed_byte_is_a_film_or_refused(data: st.DataObject) -> None:
    film = bytearray(films.ready())
    for _ in range(data.draw(st.integers(1, 3))):
        film[data.draw(st.integers(0, len(film) - 1))] = data.draw(st.integers(0, 255))
    cut = film[: data.draw(st.integers(0, len(film)))] if data.draw(st.booleans()) else film
    try:
        movie = read_movie(io.BytesIO(bytes(cut)), len(cut))
    except BadMovie:
        return
    assert all(start >= 0 and start + length <= len(cut) for start, length in movie.said)


def test_notes_are_gone_and_nothing_has_moved() -> None:
    film = films.ready()
    file = io.BytesIO(film)
    movie = read_movie(file, len(film))
    assert movie.fast
    assert movie.said
    strip(file, movie)
    bare = file.getvalue()
    assert len(bare) == len(film)
    assert b"38.04" not in bare
    again = read_movie(io.BytesIO(bare), len(bare))
    assert (again.milliseconds, again.tracks, again.said) == (movie.milliseconds, movie.tracks, ())
    assert bare[bare.index(b"mdat") :] == film[film.index(b"mdat") :]
