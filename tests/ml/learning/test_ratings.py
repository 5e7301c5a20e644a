import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ml.errors import RatingsFileError
from ml.learning.ratings import Rating, read_ratings, thin_out, write_ratings

LINE = {"name": "Евдокия", "value": 1, "user": 7, "gender": "f", "prefix": "Ев"}


def written(folder: Path, *lines: object) -> Path:
    path = folder / "ratings.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(texts), encoding="utf-8")
    return path


def test_reads_what_the_contract_says(tmp_path: Path) -> None:
    assert read_ratings(written(tmp_path, LINE)) == [
        Rating(name="Евдокия", value=1, user=7, gender="f", prefix="Ев", kind="given", origin=None)
    ]


def test_reads_what_the_bot_writes(tmp_path: Path) -> None:
    [rating] = read_ratings(
        written(tmp_path, LINE | {"kind": "surname", "origin": "other", "rated_at": [2026]})
    )
    assert (rating.kind, rating.origin) == ("surname", "peoples")


def test_reads_what_is_known_of_a_rating_beside_the_contract(tmp_path: Path) -> None:
    more = {
        "at": "2026-05-01T15:00:00+03:00",
        "since": "2026-04-01T00:00:00",
        "version": 3,
        "log_prob": -9.5,
        "chosen": "taste",
    }
    path = written(tmp_path, LINE | more)
    [rating] = read_ratings(path)
    assert rating.at == datetime(2026, 5, 1, 12, tzinfo=UTC)
    assert rating.since == datetime(2026, 4, 1, tzinfo=UTC)
    assert (rating.version, rating.log_prob, rating.chosen) == (3, -9.5, "taste")
    write_ratings([rating], path)
    assert read_ratings(path) == [rating]


def test_what_is_null_is_not_known(tmp_path: Path) -> None:
    keys = ("gender", "prefix", "origin", "at", "since", "version", "log_prob", "chosen")
    [rating] = read_ratings(written(tmp_path, LINE | dict.fromkeys(keys)))
    assert rating == Rating(name="Евдокия", value=1, user=7)


def test_passes_over_empty_lines_and_a_byte_order_mark(tmp_path: Path) -> None:
    path = written(tmp_path, "\ufeff" + json.dumps(LINE), "", " \r", LINE | {"user": 8})
    assert [rating.user for rating in read_ratings(path)] == [7, 8]


def test_a_line_separator_inside_a_string_is_no_new_line(tmp_path: Path) -> None:
    path = written(tmp_path, json.dumps(LINE | {"note": "\u2028"}, ensure_ascii=False))
    assert len(read_ratings(path)) == 1


def test_the_last_word_of_one_user_on_one_name_counts(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        LINE | {"name": "Алёна"},
        LINE | {"name": "Алёна", "user": 8},
        LINE | {"name": "алена", "value": -1},
    )
    ratings = {rating.user: rating.value for rating in read_ratings(path)}
    assert ratings == {7: -1, 8: 1}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"value": 2}, "line 2: value: must be 1 or -1"),
        ({"value": 0}, "line 2: value: must be 1 or -1"),
        ({"value": True}, "line 2: value: "),
        ({"value": "1"}, "line 2: value: "),
        ({"value": float("nan")}, "line 2: value: "),
        ({"value": None}, "line 2: value: "),
        ({"name": ""}, "line 2: name: "),
        ({"name": None}, "line 2: name: "),
        ({"name": 5}, "line 2: name: "),
        ({"user": None}, "line 2: user: "),
        ({"user": 1.5}, "line 2: user: "),
        ({"gender": "ж"}, "line 2: gender: "),
        ({"prefix": 3}, "line 2: prefix: "),
        ({"kind": "nickname"}, "line 2: kind: "),
        ({"origin": "martian"}, "line 2: origin: "),
        ({"at": 1777634400}, "line 2: at: "),
        ({"at": "yesterday"}, "line 2: at: "),
        ({"at": "9999-12-31T23:59:59-12:00"}, "line 2: at: is not within the years 1 to 9999"),
        ({"since": "0001-01-01T00:00:00+12:00"}, "line 2: since: is not within the years"),
        ({"version": "3"}, "line 2: version: "),
        ({"log_prob": float("nan")}, "line 2: log_prob: "),
        ({"chosen": "friend"}, "line 2: chosen: "),
    ],
)
def test_says_which_line_is_wrong_and_why(
    tmp_path: Path, change: dict[str, object], complaint: str
) -> None:
    path = written(tmp_path, LINE, LINE | change)
    with pytest.raises(RatingsFileError, match=complaint) as caught:
        read_ratings(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "line", ["{", "[1]", "null", "{} {}", "[" * 100_000, '{"name": "\\ud800"}']
)
def test_refuses_what_is_no_object(tmp_path: Path, line: str) -> None:
    with pytest.raises(RatingsFileError, match="line 1: "):
        read_ratings(written(tmp_path, line))


@pytest.mark.parametrize("missing", ["name", "value", "user"])
def test_names_the_missing_key(tmp_path: Path, missing: str) -> None:
    line = {key: value for key, value in LINE.items() if key != missing}
    with pytest.raises(RatingsFileError, match=f"line 1: {missing}: Field required"):
        read_ratings(written(tmp_path, line))


def test_refuses_a_file_without_ratings(tmp_path: Path) -> None:
    with pytest.raises(RatingsFileError, match="holds no ratings"):
        read_ratings(written(tmp_path, "", ""))


def test_refuses_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RatingsFileError, match="No such file"):
        read_ratings(tmp_path / "nothing.jsonl")


def test_refuses_what_is_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "ratings.jsonl"
    path.write_bytes('{"name": "Ева"}'.encode("cp1251"))
    with pytest.raises(RatingsFileError, match="not UTF-8"):
        read_ratings(path)


def test_says_where_it_is_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "ratings.jsonl"
    path.write_bytes(json.dumps(LINE).encode() + b"\n\xff\xfe\n")
    with pytest.raises(RatingsFileError, match="line 2: not UTF-8"):
        read_ratings(path)


def test_refuses_a_line_without_end(tmp_path: Path) -> None:
    with pytest.raises(RatingsFileError, match="line 2: longer than 64 KiB"):
        read_ratings(written(tmp_path, LINE, " " * 2**17))


def test_of_too_many_ratings_everybody_keeps_a_part(tmp_path: Path) -> None:
    flood = [LINE | {"name": f"Ева{'а' * i}", "value": -1} for i in range(500)]
    others = [LINE | {"user": user} for user in range(20, 40)]
    path = written(tmp_path, *flood[:250], *others, *flood[250:])
    kept = read_ratings(path, most=50)
    assert len(kept) == 50
    assert {rating.user for rating in kept} == {7, *range(20, 40)}
    assert kept == thin_out(kept, 50)
    assert set(kept) == set(thin_out(read_ratings(path), 50))


def test_other_alphabets_are_names_too(tmp_path: Path) -> None:
    names = ["John", "名字", "مريم", "😀", "e\u0301"]
    ratings = read_ratings(written(tmp_path, *(LINE | {"name": name} for name in names)))
    assert [rating.name for rating in ratings] == names


@pytest.mark.parametrize(
    ("name", "prefix", "forced"),
    [
        ("Евдокия", "ев", 2),
        ("Алёна", "але", 3),
        ("Ада", "", 0),
        ("Ада", "Ев", 0),
        ("Ада", "Ада", 3),
    ],
)
def test_knows_how_many_letters_were_asked_for(name: str, prefix: str, forced: int) -> None:
    assert Rating(name=name, value=1, user=7, prefix=prefix).forced == forced


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=5,
)
LINES = st.fixed_dictionaries(
    {"name": st.text() | JSON, "value": st.sampled_from([1, -1]) | JSON, "user": JSON},
    optional={
        "at": st.datetimes().map(str) | JSON,
        "version": JSON,
        "log_prob": JSON,
        "gender": st.sampled_from(["m", "f"]) | JSON,
        "prefix": st.text() | JSON,
    },
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(line=LINES | JSON)
def test_any_line_gives_a_rating_or_one_sentence(tmp_path: Path, line: object) -> None:
    path = written(tmp_path, line)
    complaint = ""
    try:
        [rating] = read_ratings(path)
    except RatingsFileError as error:
        complaint = str(error)
    if complaint:
        # An empty line is no rating, and leaves none.
        blank = isinstance(line, str) and not line.strip()
        assert complaint.startswith(f"{path}: " if blank else f"{path}, line 1: ")
        assert "\n" not in complaint
    else:
        assert isinstance(line, dict)
        assert rating.value in (1, -1)
        assert rating.name == line["name"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary())
def test_any_bytes_give_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ratings.jsonl"
    path.write_bytes(content)
    with pytest.raises(RatingsFileError):
        read_ratings(path)
