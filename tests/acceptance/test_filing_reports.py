"""Reports written into files by the command line: what is made, what is refused, and that a refusal leaves nothing."""

import pytest

from tests.acceptance.station import OFFICERS, Station

KINDS = (".xlsx", ".docx", ".md", ".csv")


@pytest.fixture
def told_of(file_station: Station) -> Station:
    """A campaign that found something which is still open."""
    since, until = file_station.day(-5), file_station.day(5)
    file_station.done(None, "campaign", "add", "大检查", "--from", since, "--to", until)
    file_station.done("王敏", "inspect", "宏达冷库", *OFFICERS, "--campaign", "大检查")
    file_station.done("王敏", "record", "last", "冷库未评价", "--grade", "general")
    return file_station


def test_a_report_is_written_into_every_kind_of_file(told_of: Station) -> None:
    period = ("report", "period", "--from", told_of.day(-9), "--to", told_of.day(0))
    for name, asked in (("campaign", ("report", "campaign", "大检查", "--by", "area")), ("period", period)):
        for kind in KINDS:
            file, chart = told_of.folder / f"{name}{kind}", told_of.folder / f"{name}.svg"
            said = told_of.done("王敏", *asked, "-o", file, "--lang", "zh")
            assert said.stdout.splitlines() == [f"已写入 {file}"]
            assert file.stat().st_size > 500
        told = told_of.told("王敏", *asked, "--chart", chart)
        assert told["files"] == [str(chart)]
        assert told["figures"]["hazards.found"]["value"] >= 1
        assert chart.read_text(encoding="utf-8").startswith("<?xml")
    assert "第" in (told_of.folder / "campaign.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("option", "file", "code"),
    [("-o", "x.pdf", 2), ("--chart", "x.jpg", 2), *((each, f"no/such/x{kind}", 9) for each, kind in (("-o", ".xlsx"), ("-o", ".docx"), ("-o", ".md"), ("-o", ".csv"), ("--chart", ".png")))],
)  # fmt: skip
def test_a_file_that_cannot_be_made_is_refused_in_one_line(told_of: Station, option: str, file: str, code: int) -> None:
    before = sorted(told_of.folder.iterdir())
    refused = told_of.run("王敏", "report", "campaign", "大检查", option, told_of.folder / file)
    assert (refused.exit_code, refused.stdout, len(refused.stderr.splitlines())) == (code, "", 1)
    assert sorted(told_of.folder.iterdir()) == before


def test_what_may_not_be_claimed_is_not_written(told_of: Station) -> None:
    file = told_of.folder / "claim.docx"
    refused = told_of.run("王敏", "report", "campaign", "大检查", "--all-rectified", "-o", file)
    assert refused.exit_code == 4
    assert not file.exists()
