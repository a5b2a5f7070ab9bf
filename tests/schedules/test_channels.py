"""Channels: what leaves, by which address, and that nothing that goes wrong repeats the address."""

import json
import logging
import sys
from pathlib import Path

import pytest

from schedules.channels import Envelope, Undelivered, deliver, place_of
from tests.schedules.receiver import receiver, silent_port

LETTER = Envelope("rectify-20260306T0700Z-3-1", "Zhao", "隐患督办", "第一行\n第二行", {"cases": 2, "worst": []})
TOKEN = "s3cret-t0ken"


def why(url: str, timeout: float = 5) -> str:
    with pytest.raises(Undelivered) as caught:
        deliver(url, LETTER, timeout)
    assert TOKEN not in str(caught.value)
    return str(caught.value)


def test_a_webhook_is_posted_json_with_the_key() -> None:
    with receiver() as bell:
        deliver(bell.url("hook?token=1"), LETTER, 5)
    assert bell.posts == [
        {"key": LETTER.key, "to": "Zhao", "title": "隐患督办", "text": "第一行\n第二行", "cases": 2, "worst": []}
    ]
    assert bell.headers[0]["Idempotency-Key"] == LETTER.key
    assert bell.headers[0]["Content-Type"] == "application/json; charset=utf-8"
    assert bell.paths == ["/hook?token=1"]


def test_user_and_password_go_into_a_header() -> None:
    with receiver() as bell:
        deliver(f"http://me:{TOKEN}@127.0.0.1:{bell.port}/钩子", LETTER, 5)
    assert bell.headers[0]["Authorization"].startswith("Basic ")
    assert bell.paths == ["/%E9%92%A9%E5%AD%90"]


@pytest.mark.parametrize("status", ["500", "404", "429"])
def test_whoever_answers_no_did_not_take_it(status: str) -> None:
    with receiver(status) as bell:
        assert why(bell.url(f"?token={TOKEN}")).startswith(f"it answers {status}")


@pytest.mark.parametrize("status", ["301", "302", "307", "308"])
def test_a_redirect_is_not_followed(status: str) -> None:
    with receiver(status) as bell:
        assert why(bell.url()).startswith(f"it answers {status}")
    assert bell.paths == ["/hook"]


def test_a_body_that_never_ends_is_not_waited_for() -> None:
    with receiver("endless") as bell:
        deliver(bell.url(), LETTER, 5)
    assert len(bell.posts) == 1


def test_a_receiver_that_hangs_is_left_at_the_timeout() -> None:
    with receiver("hang") as bell:
        assert why(bell.url(), timeout=0.2) == "no answer in time"


def test_nobody_there() -> None:
    with silent_port() as port:
        assert why(f"http://127.0.0.1:{port}/{TOKEN}") == "the connection is refused"


@pytest.mark.parametrize(
    "url",
    [
        f"http://127.0.0.1:{TOKEN}/",
        f"http://[{TOKEN}/",
        f"http://127.0.0.1:99999/{TOKEN}",
        f"http:///{TOKEN}",
        f"file://{TOKEN}/x.jsonl",
        f"file:///tmp/{TOKEN}.txt",
        f"file:///nowhere/{TOKEN}.jsonl",
        f"unheard-of://{TOKEN}",
        f"dingtalk://{TOKEN}/!",
        f"mailto://{TOKEN}",
    ],
)
def test_what_is_wrong_with_an_address_is_said_without_it(url: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    with caplog.at_level(logging.DEBUG):
        assert why(url, timeout=2)
    printed = capfd.readouterr()
    assert TOKEN not in caplog.text + printed.out + printed.err


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://me:pw@oapi.example.cn:8443/robot?access_token=1", "oapi.example.cn:8443"),
        ("http://[::1]:80/x", "::1:80"),
        ("dingtalk://token@secret/", "dingtalk://…"),
        ("file:///home/x.jsonl", "file://…"),
        ("http://host:port/", "http://…"),
    ],
)
def test_of_an_address_only_the_host_or_the_scheme_is_told(url: str, shown: str) -> None:
    assert place_of(url) == shown


def test_a_file_gets_a_line_a_message(tmp_path: Path) -> None:
    path = tmp_path / "通知 一.jsonl"
    for _ in range(2):
        deliver(path.as_uri(), LETTER, 5)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["key"] for line in lines] == [LETTER.key] * 2


def test_every_other_scheme_is_apprises() -> None:
    with receiver() as bell:
        deliver(bell.url("hook").replace("http://", "json://"), LETTER, 5)
    assert (bell.posts or [{}]) != [{}]


def test_apprise_says_no_by_its_result() -> None:
    with receiver("500") as bell:
        assert why(bell.url(TOKEN).replace("http://", "json://")) == "the receiver did not take it"


def test_without_apprise_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    assert "rectify[notify]" in why(f"dingtalk://{TOKEN}/")
