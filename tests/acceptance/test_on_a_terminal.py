"""What only a terminal is shown – bars, colours, lines of time – and that a pipe is spared it."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator

from rich.cells import cell_len

from cases.commands.printing import bars_of, in_short
from cases.commands.timelines import gap
from cases.locale import choose
from tests.acceptance.station import OFFICERS, Station

RECTIFY = [sys.executable, "-c", "import sys; from cases.commands import main; sys.exit(main())"]
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


def shown(station: Station, columns: int, *args: object) -> list[str]:
    """Run a command on a terminal that is so many columns wide; return its lines as they look."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    command = [*RECTIFY, *map(str, args)]
    surroundings = {**os.environ, "RECTIFY_DB": station.store, "TERM": "xterm"}
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=surroundings) as running:
        os.close(theirs)
        said = b"".join(_read(ours))
    os.close(ours)
    assert running.returncode == 0, said
    return [ESCAPES.sub("", line).rstrip() for line in said.decode().splitlines()]


def _read(terminal: int) -> Iterator[bytes]:
    while True:
        try:
            said = os.read(terminal, 65536)
        except OSError:  # Linux says so when nobody writes any more
            return
        if not said:
            return
        yield said


def test_a_bar_is_as_long_as_its_share_and_nothing_but_0_is_empty() -> None:
    assert [len(bar) for bar in bars_of([100, 50, 1, 0], 20)] == [20, 10, 1, 0]
    assert [len(bar) for bar in bars_of([0, 0], 20)] == [0, 0]
    assert bars_of([2, 1], 4, "ascii") == ["####", "##"]
    assert bars_of([], 9) == []


def test_counts_have_bars_on_a_terminal_that_is_wide_enough_and_nowhere_else(file_station: Station) -> None:
    for unit, cases in (("西溪矿业", 4), ("宏达冷库", 1)):
        visit = file_station.told("王敏", "inspect", unit, *OFFICERS, *file_station.at(-60, "09:00"))["inspection"][
            "id"
        ]
        for _ in range(cases):
            file_station.done("王敏", "record", visit, "通道堵塞", "--grade", "general", *file_station.at(-60, "10:00"))
    for question in ("overdue", "stuck"):
        asked = (question, "--by", "unit", "--text", "通道堵塞", "--lang", "zh")
        lines = shown(file_station, 80, *asked)
        assert all(cell_len(line) <= 80 for line in lines)
        first, second = ((line.split()[0], line.count("█")) for line in lines if "█" in line)
        assert (first[0], second[0]) == ("西溪矿业", "宏达冷库")
        assert first[1] > second[1] == -(-first[1] // 4) > 0
        piped = file_station.done(None, *asked).stdout
        assert "█" not in piped
        assert "西溪矿业" in piped
        assert not [line for line in shown(file_station, 30, *asked) if "█" in line]


def test_a_gap_is_drawn_as_long_as_its_share_of_the_longest_with_its_overdue_part() -> None:
    choose("en")

    def drawn(days: int, late: int, longest: int) -> str:
        return gap({"gap_days": days, "overdue_days": late, "overdue_rule": "date"}, longest).plain

    assert drawn(40, 0, 40) == "-" * 20 + " 40 days"
    assert drawn(20, 10, 40) == "-----!!!!! 20 days, 10 of them overdue: date"
    assert drawn(1, 0, 1000) == "- 1 days"
    assert drawn(40, 40, 40).startswith("!" * 20 + " ")
    assert drawn(1000, 999, 1000).startswith("-!")


def test_what_a_failed_recheck_orders_anew_is_told_by_name() -> None:
    new = {"order": 14, "measure": "清空后院", "interim": None}
    assert in_short({"new": new, "note": "未动"}) == "new (order 14; measure 清空后院); note 未动"


def test_history_is_a_line_of_time_that_fits_a_chinese_terminal(sqlite_template: Station) -> None:
    case = sqlite_template.cases["closed"]
    lines = shown(sqlite_template, 80, "history", case, "--lang", "zh")
    assert all(cell_len(line) <= 80 for line in lines)
    told = "\n".join(lines)
    at = [told.index(step) for step in ("记录：已排查", "下达指令：已下达指令", "复查合格：复查合格", "销号：已销号")]
    assert at == sorted(at)
    assert "1 天" in told
    piped = sqlite_template.done("王敏", "history", case, "--lang", "zh").stdout
    assert "\x1b" not in piped
    assert [word in piped for word in ("王敏", "销号：已销号", "签收人 张伟")] == [True] * 3
