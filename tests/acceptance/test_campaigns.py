"""What a campaign puts on record of its units, through the real command line: path, agencies one by one, acceptance."""

import pytest

from tests.acceptance.refusing import refused, says
from tests.acceptance.station import OFFICERS, Station

CAMPAIGN, UNIT = "小化工整治", "宏达冷库"
AT = (CAMPAIGN, UNIT)


@pytest.fixture
def running(station: Station) -> Station:
    """A campaign with two units in its scope."""
    station.done("孙丽", "campaign", "add", CAMPAIGN, "--from", station.day(-90), "--to", station.day(90))
    station.done("孙丽", "campaign", "scope", CAMPAIGN, UNIT, "永安氧气", "--list", "listed", "--product", "植绒胶")
    return station


def diagnosed(station: Station) -> None:
    """Three problems, by a report that was five days late."""
    by = ("--agency", "东澜化工设计院", "--due", station.day(-30))
    station.done("王敏", "campaign", "diagnose", *AT, *by)
    texts = ("反应釜无温度报警", "罐区围堰开裂", "静电接地缺失")
    found = [word for text in texts for word in ("--problem", text)]
    station.done("王敏", "campaign", "diagnose", *AT, *by, "--done", station.day(-25), *found)


def place(station: Station, unit: str = UNIT) -> dict:
    scope = station.told("王敏", "campaign", "show", CAMPAIGN)["campaign"]["scope"]
    return next(each for each in scope if each["unit"] == unit)


def test_a_unit_goes_the_whole_way_from_its_commitment_to_acceptance(running: Station) -> None:
    made = running.told(
        "王敏", "campaign", "commit", *AT, "--path", "in_place", "--on", running.day(-40), "--evidence", running.photo()
    )
    assert made["commitment"]["path"] == "in_place"
    assert [file["name"] for file in made["commitment"]["evidence"]] == ["after.jpg"]
    diagnosed(running)
    evaluated = running.told(
        "王敏", "campaign", "evaluate", *AT, "--agency", "临澜安评公司", "--passed", 1, "--passed", 3, "--due", running.day(5)
    )  # fmt: skip
    assert (evaluated["evaluation"]["passed"], evaluated["evaluation"]["open"]) == ([1, 3], 1)
    failed = running.told("王敏", "campaign", "accept", *AT, *OFFICERS, "--fail", "--note", "围堰未修复")
    assert failed["acceptance"]["passed"] is False
    running.done(
        "王敏", "campaign", "evaluate", *AT, "--agency", "临澜安评公司", "--passed", 2, "--done", running.day(0)
    )
    panel = ("--panel", "化工专家", "--panel", "东澜化工设计院")
    accepted = running.told("王敏", "campaign", "accept", *AT, *OFFICERS, *panel, "--pass", "--note", "逐条核查合格")
    visit = running.told("王敏", "inspections", "show", accepted["inspection"]["id"])["inspection"]
    assert (visit["kind"], visit["campaign"], visit["unit"]) == ("acceptance", CAMPAIGN, UNIT)
    told = place(running)
    assert told["commitment"] == {"path": "in_place", "on": running.day(-40)}
    assert (told["diagnosis"]["late"], told["diagnosis"]["days_late"]) == (True, 5)
    assert [(problem["number"], problem["passed_on"]) for problem in told["problems"]] == [
        (1, running.day(0)), (2, running.day(0)), (3, running.day(0)),
    ]  # fmt: skip
    assert (told["evaluation"]["due_on"], told["evaluation"]["done_on"]) == (running.day(5), running.day(0))
    assert told["acceptance"]["panel"] == ["化工专家", "东澜化工设计院"]
    assert told["outcome"] == "upgraded"
    table = running.done("王敏", "campaign", "show", CAMPAIGN).stdout
    assert f"in on {running.day(-25)}, 5 days late" in table
    assert "3/3" in table


def test_an_agency_is_late_as_soon_as_its_day_has_passed(running: Station) -> None:
    running.done("王敏", "campaign", "diagnose", *AT, "--agency", "东澜化工设计院", "--due", running.day(-3))
    assert place(running)["diagnosis"]["days_late"] == 3
    assert f"due {running.day(-3)}, 3 days late" in running.done("王敏", "campaign", "show", CAMPAIGN).stdout
    other = ("永安氧气", "--agency", "东澜化工设计院", "--due", running.day(3))
    running.done("王敏", "campaign", "diagnose", CAMPAIGN, *other)
    assert place(running, "永安氧气")["diagnosis"]["late"] is False
    later = running.told("王敏", "campaign", "show", CAMPAIGN, "--at", running.day(10))
    assert [each["diagnosis"]["days_late"] for each in later["campaign"]["scope"]] == [7, 13]


def test_a_unit_that_chooses_again_is_held_to_its_newest_choice(running: Station) -> None:
    for path in ("in_place", "shutdown"):
        running.done("王敏", "campaign", "commit", *AT, "--path", path, "--on", running.day(-1))
    assert place(running)["commitment"]["path"] == "shutdown"


def test_an_open_hazard_keeps_an_accepted_unit_from_counting_as_upgraded(running: Station) -> None:
    running.done("王敏", "inspect", UNIT, *OFFICERS, "--campaign", CAMPAIGN)
    running.done("王敏", "record", "last", "通道堵塞", "--grade", "general")
    running.done("王敏", "campaign", "accept", *AT, *OFFICERS, "--pass", "--note", "合格")
    assert (place(running)["open"], place(running)["outcome"]) == (1, None)


def test_a_contact_sees_their_own_units_papers(running: Station) -> None:
    diagnosed(running)
    shown = running.told("刘洋", "campaign", "show", CAMPAIGN)["campaign"]["scope"]
    assert [(each["unit"], len(each["problems"])) for each in shown] == [(UNIT, 3)]


@pytest.mark.parametrize(
    ("who", "command", "exit_code", "said"),
    [
        ("王敏", ("commit", CAMPAIGN, "西溪矿业", "--path", "shutdown", "--on", "{-1}"), 4, "西溪矿业 is not in the scope of 小化工整治"),
        ("王敏", ("commit", *AT, "--path", "shutdown", "--on", "{1}"), 4, "has not come yet"),
        ("张伟", ("commit", *AT, "--path", "shutdown", "--on", "{-1}"), 8, "张伟 is contact"),
        ("陈涛", ("commit", *AT, "--path", "shutdown", "--on", "{-1}"), 8, "lies outside the area of 陈涛"),
        ("王敏", ("commit", "大整治", UNIT, "--path", "shutdown", "--on", "{-1}"), 5, "no campaign is called 大整治"),
        ("王敏", ("diagnose", *AT, "--agency", "院", "--due", "{-1}", "--problem", "新问题"), 4, "add --done D"),
        ("王敏", ("diagnose", *AT, "--agency", " ", "--due", "{-1}"), 9, "agency is empty"),
        ("王敏", ("diagnose", *AT, "--agency", "院", "--due", "{-1}", "--done", "{-1}", "--problem", "罐区围堰开裂"), 4, "problem 2 says the same"),
        ("王敏", ("diagnose", *AT, "--agency", "院", "--due", "{-1}", "--done", "{-1}", "--problem", "漏", "--problem", "漏"), 4, "named twice: 漏"),
        ("王敏", ("diagnose", *AT, "--agency", "院", "--due", "{-1}", "--done", "{-1}", "--problem", ""), 9, "problem is empty"),
        ("王敏", ("evaluate", *AT, "--agency", "安评", "--passed", "1", "--passed", "7"), 5, "no problem 7 of 宏达冷库: they are numbered 1 to 3"),
        ("王敏", ("evaluate", CAMPAIGN, "永安氧气", "--agency", "安评", "--passed", "1"), 5, "no diagnosis of 永安氧气 lists any"),
        ("王敏", ("evaluate", *AT, "--agency", "安评", "--done", "{1}"), 4, "has not come yet"),
        ("王敏", ("accept", *AT, *OFFICERS, "--pass", "--note", "合格"), 4, "problems 1, 2, 3 are not checked off"),
        ("王敏", ("accept", *AT, "--by", "王敏", "--fail", "--note", "不合格"), 4, "two different officers"),
        ("王敏", ("accept", *AT, *OFFICERS, "--note", "合格"), 2, "either --pass or --fail"),
        ("周平", ("accept", *AT, *OFFICERS, "--fail", "--note", "不合格"), 8, "makes no such visit"),
        ("王敏", ("accept", *AT, "--by", "王敏", "--by", "吕布", "--fail", "--note", "不合格"), 5, "no person is called 吕布"),
    ],
)  # fmt: skip
def test_what_cannot_be_put_on_record_is_refused(
    diagnosed_station: Station, who: str, command: tuple[str, ...], exit_code: int, said: str
) -> None:
    station = diagnosed_station
    words = [station.day(int(word[1:-1])) if word.startswith("{") else word for word in command]
    says(refused(station, who, "campaign", *words, exit_code=exit_code), said)


@pytest.fixture(scope="module")
def diagnosed_station(unchanged: Station) -> Station:
    """The same, diagnosed, shared by all that change nothing."""
    unchanged.done("孙丽", "campaign", "add", CAMPAIGN, "--from", unchanged.day(-90), "--to", unchanged.day(90))
    unchanged.done("孙丽", "campaign", "scope", CAMPAIGN, UNIT, "永安氧气", "--list", "listed")
    diagnosed(unchanged)
    return unchanged


def test_every_unmet_condition_of_a_record_is_named(diagnosed_station: Station) -> None:
    station = diagnosed_station
    command = ("campaign", "diagnose", CAMPAIGN, "西溪矿业", "--agency", "院", "--due", station.day(1))
    error = refused(station, "王敏", *command, *("--problem", "漏") * 2, exit_code=4)
    assert len(error["reasons"]) == 3


def test_what_is_on_record_already_is_not_recorded_twice(running: Station) -> None:
    for command in (
        ("commit", *AT, "--path", "shutdown", "--on", running.day(-1)),
        ("diagnose", *AT, "--agency", "院", "--due", running.day(1)),
        ("evaluate", *AT, "--agency", "安评", "--due", running.day(1)),
        ("accept", *AT, *OFFICERS, "--pass", "--note", "合格"),
    ):
        running.done("王敏", "campaign", *command)
        refused(running, "王敏", "campaign", *command, exit_code=4)
    diagnosed(running)
    running.done("王敏", "campaign", "evaluate", *AT, "--agency", "安评", "--passed", 2)
    error = refused(running, "王敏", "campaign", "evaluate", *AT, "--agency", "安评", "--passed", 2, exit_code=4)
    says(error, "problem 2 was checked off before")


def test_a_second_diagnosis_numbers_on(running: Station) -> None:
    diagnosed(running)
    more = ("--agency", "另一设计院", "--due", running.day(-1), "--done", running.day(-1), "--problem", "应急照明缺失")
    made = running.told("王敏", "campaign", "diagnose", *AT, *more)
    assert made["diagnosis"]["problems"] == [{"number": 4, "text": "应急照明缺失"}]


# -- checklists --------------------------------------------------------------------------------------------------------


def checklist(station: Station, text: str, name: str = "standards.csv") -> str:
    path = station.folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


SHORT = "number,text,grade,basis\n1,总平面布置符合规范,major,GB50016\n2,反应釜设温度报警,larger,\n"
SHORT_TOML = """
[[items]]
number = 1
text = "总平面布置符合规范"
grade = "major"
basis = "GB50016"

[[items]]
number = 2
text = "反应釜设温度报警"
grade = "larger"
"""


def test_loading_a_checklist_again_makes_the_next_version(running: Station) -> None:
    made = running.told("孙丽", "checklist", "load", CAMPAIGN, checklist(running, SHORT))["checklist"]
    assert (made["version"], made["items"]) == (1, 2)
    longer = "编号,标准,等级\n1,总平面布置符合规范,重大\n2,反应釜设温度报警,\n3.1,动火作业审批,一般\n"
    running.done("孙丽", "checklist", "load", CAMPAIGN, checklist(running, longer))
    newest = running.told("王敏", "checklist", "show", CAMPAIGN)["checklist"]
    assert newest["version"] == 2
    assert [(item["number"], item["grade"]) for item in newest["items"]] == [
        ("1", "major"),
        ("2", None),
        ("3.1", "general"),
    ]
    older = running.told("王敏", "checklist", "show", CAMPAIGN, "--version", 1)["checklist"]
    assert [item["basis"] for item in older["items"]] == ["GB50016", None]
    assert [row["version"] for row in running.told("王敏", "checklist", "list", CAMPAIGN)] == [1, 2]


def test_a_checklist_that_says_the_same_is_refused_whatever_it_is_written_in(running: Station) -> None:
    running.done("孙丽", "checklist", "load", CAMPAIGN, checklist(running, SHORT))
    same = checklist(running, SHORT_TOML, "standards.toml")
    says(refused(running, "孙丽", "checklist", "load", CAMPAIGN, same, exit_code=4), "version 1 says the same")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "number,text\n1,甲\n2,乙\n1,丙\n", ["row 4: number 1 stands in row 2 already"]),
        ("a.csv", "number,text,grade\n1,,grave\n,乙,\n", ["row 2, column text", "row 2, column grade", "row 3, column number"]),
        ("a.csv", "number,text\n", ["it has no rows"]),
        ("a.csv", 'number,text\n1,"甲\n', ["cannot be read"]),
        ("a.toml", 'items = [\n  { number = 1, text = "甲" },\n  { number = 1, text = "乙" },\n]', ["row 3: number 1 stands in row 2"]),
        ("a.toml", "items = [", ["cannot be read"]),
        ("a.toml", "items = 3", ["it has no rows"]),
    ],
)  # fmt: skip
def test_a_wrong_checklist_is_refused_with_where_it_is_wrong(
    diagnosed_station: Station, name: str, text: str, said: list[str]
) -> None:
    path = checklist(diagnosed_station, text, name)
    says(refused(diagnosed_station, "孙丽", "checklist", "load", CAMPAIGN, path, exit_code=9), *said)


def test_a_checklist_that_is_not_there_is_not_found(diagnosed_station: Station) -> None:
    says(
        refused(diagnosed_station, "孙丽", "checklist", "load", CAMPAIGN, "no.csv", exit_code=9),
        "no.csv cannot be read",
    )
    says(refused(diagnosed_station, "王敏", "checklist", "show", CAMPAIGN, exit_code=5), "there is no such checklist")
    path = checklist(diagnosed_station, SHORT)
    says(refused(diagnosed_station, "张伟", "checklist", "load", CAMPAIGN, path, exit_code=8), "张伟 is contact")


# -- tallies and targets -----------------------------------------------------------------------------------------------


def counted(
    station: Station, value: str, *more: object, of: str = CAMPAIGN, key: str = "land.mu", measure: str = "亩"
) -> dict:
    on = () if "--on" in more else ("--on", station.day(-1))
    return dict(station.told("孙丽", "tally", "add", of, key, value, "--measure", measure, *on, *more)["tally"])


def test_a_tally_is_exact_or_not_and_nothing_is_a_count_too(running: Station) -> None:
    assert counted(running, "229.80")["value"] == 229.8
    assert counted(running, "20", "--about", key="publicity.slogans", measure="条")["about"] is True
    assert counted(running, "0", of="湖光县", key="accidents.major", measure="起")["value"] == 0
    rows = running.told("王敏", "tally", "list")
    assert [(row["of"], row["key"], row["value"], row["about"]) for row in rows] == [
        (CAMPAIGN, "land.mu", 229.8, False), (CAMPAIGN, "publicity.slogans", 20, True), ("湖光县", "accidents.major", 0, False),
    ]  # fmt: skip
    assert [row["key"] for row in running.told("王敏", "tally", "list", "330109")] == ["accidents.major"]
    assert "accidents.major" not in running.done("王敏", "tally", "list", CAMPAIGN).stdout


def test_a_wrong_tally_is_corrected_once_and_both_stay(running: Station) -> None:
    first = counted(running, "28", "--unit", UNIT)
    second = running.told("孙丽", "tally", "correct", first["id"], "27")["tally"]
    assert (second["value"], second["replaces"], second["unit"]) == (27, first["id"], UNIT)
    assert [row["value"] for row in running.told("王敏", "tally", "list")] == [27]
    every = running.told("王敏", "tally", "list", "--all")
    assert [(row["value"], row["replaced_by"]) for row in every] == [(28, second["id"]), (27, None)]
    error = refused(running, "孙丽", "tally", "correct", first["id"], "26", exit_code=4)
    says(error, f"tally {second['id']} stands in its place")
    says(refused(running, "孙丽", "tally", "correct", second["id"], "27", exit_code=4), "nothing changed")
    says(refused(running, "孙丽", "tally", "correct", 99, "27", exit_code=5), "no tally 99")


@pytest.mark.parametrize("value", ["-3", "-0.5", "many", "1e3", "nan", "inf", "", "二十", "3,000", "1.2345678"])
def test_a_tally_that_is_negative_or_no_number_is_refused(diagnosed_station: Station, value: str) -> None:
    of = (CAMPAIGN, "land.mu", value, "--measure", "亩", "--on", diagnosed_station.day(-1))
    says(refused(diagnosed_station, "孙丽", "tally", "add", *of, exit_code=9), "is no count; write a number from 0 up")
    target = ("湖光县", "--year", 2026, "inspections", value)
    says(refused(diagnosed_station, "孙丽", "target", "set", *target, exit_code=9), "is no count")


def test_tallies_that_would_not_add_up_are_refused(running: Station) -> None:
    counted(running, "8", key="eq.flocking", measure="套")
    day = running.day(-1)
    again = ("eq.flocking", "8", "--measure", "套", "--on", day)
    says(refused(running, "孙丽", "tally", "add", CAMPAIGN, *again, exit_code=4), "it is there already, as tally 1")
    other = ("eq.flocking", "2", "--measure", "条", "--on", day)
    says(refused(running, "孙丽", "tally", "add", CAMPAIGN, *other, exit_code=4), "eq.flocking is counted in 套")
    ahead = ("eq.flocking", "2", "--measure", "套", "--on", running.day(2))
    says(refused(running, "孙丽", "tally", "add", CAMPAIGN, *ahead, exit_code=4), "has not come yet")
    spoken = ("two words", "2", "--measure", "套", "--on", day)
    says(refused(running, "孙丽", "tally", "add", CAMPAIGN, *spoken, exit_code=9), "is no key")
    error = refused(running, "孙丽", "tally", "add", "大整治", *again, exit_code=5)
    says(error, "no campaign is called 大整治", "no area is called 大整治")
    says(refused(running, "周平", "tally", "add", CAMPAIGN, *again, exit_code=8), "周平 is patroller")
    says(refused(running, "吴江", "tally", "add", "330109002", *again, exit_code=8), "outside the area of 吴江")


def test_a_target_is_set_for_an_area_or_a_department_and_the_newest_counts(running: Station) -> None:
    running.done("孙丽", "target", "set", "东溪镇", "--year", 2026, "inspections", 12)
    running.done("孙丽", "target", "set", "县安监局", "--year", 2026, "rate.rectified", "0.95")
    running.done("孙丽", "target", "set", "东溪镇", "--year", 2026, "inspections", 15)
    running.done("孙丽", "target", "set", "东溪镇", "--year", 2027, "inspections", 12)
    rows = running.told("王敏", "target", "list", "--year", 2026)
    assert [(row["area"], row["department"], row["key"], row["value"]) for row in rows] == [
        ("东溪镇", None, "inspections", 15), (None, "县安监局", "rate.rectified", 0.95),
    ]  # fmt: skip
    assert [row["value"] for row in running.told("王敏", "target", "list", "--all")] == [12, 0.95, 15, 12]
    again = ("东溪镇", "--year", 2026, "inspections", 15)
    says(refused(running, "孙丽", "target", "set", *again, exit_code=4), "it is 15 already")
    says(refused(running, "吴江", "target", "set", "西溪镇", *again[1:], exit_code=8), "outside the area of 吴江")
    says(refused(running, "孙丽", "target", "set", "南溪镇", *again[1:], exit_code=5), "no area is called 南溪镇")


# -- a failed standard, and where a case goes --------------------------------------------------------------------------


def visited(station: Station, unit: str = UNIT, *more: object, who: str = "王敏") -> int:
    """Visit a unit, for the campaign unless told otherwise; the visit is the newest of whoever records next."""
    return int(station.told(who, "inspect", unit, *OFFICERS, *(more or ("--campaign", CAMPAIGN)))["inspection"]["id"])


def test_a_standard_that_fails_becomes_a_hazard_in_one_command(running: Station) -> None:
    running.done("孙丽", "checklist", "load", CAMPAIGN, checklist(running, SHORT))
    visited(running)
    case = running.moved("王敏", "record", "last", "--standard", 1)
    shown = running.show(case)
    assert (shown["text"], shown["grade"], shown["basis"]) == ("总平面布置符合规范", "major", "GB50016")
    assert (shown["standard_item"], shown["standard_version"]) == ("1", 1)
    facts = running.history(case)[0]["facts"]
    assert (facts["standard_item"], facts["standard_version"]) == ("1", 1)
    said = running.moved("王敏", "record", "last", "温度计损坏", "--standard", 2, "--grade", "general")
    assert (running.show(said)["text"], running.show(said)["grade"]) == ("温度计损坏", "general")
    longer = "number,text\n1,总平面布置符合现行规范\n"
    running.done("孙丽", "checklist", "load", CAMPAIGN, checklist(running, longer))
    newer = running.moved("王敏", "record", "last", "--standard", 1, "--grade", "larger")
    assert (running.show(newer)["text"], running.show(newer)["standard_version"]) == ("总平面布置符合现行规范", 2)
    assert running.show(case)["standard_version"] == 1


def test_many_failed_standards_are_recorded_from_a_file(running: Station) -> None:
    running.done("孙丽", "checklist", "load", CAMPAIGN, checklist(running, SHORT))
    visited(running)
    path = checklist(running, "text,grade,standard\n,,1\n温度计损坏,general,2\n", "found.csv")
    cases = [case["id"] for case in running.told("王敏", "record", "last", "--file", path)["cases"]]
    assert [running.show(case)["text"] for case in cases] == ["总平面布置符合规范", "温度计损坏"]


def test_a_standard_that_the_checklist_does_not_have_is_refused_with_near_ones(running: Station) -> None:
    running.done(
        "孙丽", "checklist", "load", CAMPAIGN, checklist(running, "number,text\n11,动火作业审批\n12,受限空间作业\n")
    )
    visit = visited(running)
    says(
        refused(running, "王敏", "record", visit, "--standard", "1", exit_code=5),
        "no standard 1; did you mean",
        "11 动火",
    )
    says(refused(running, "王敏", "record", visit, "--standard", "动火", exit_code=5), "did you mean 11 动火作业审批?")
    says(refused(running, "王敏", "record", visit, "--standard", "八", exit_code=5), "rectify checklist show")
    says(refused(running, "王敏", "record", visit, "--standard", "11", exit_code=9), "gives standard 11 no grade")
    routine = visited(running, UNIT, "--kind", "routine")
    says(
        refused(running, "王敏", "record", routine, "--standard", "11", exit_code=9),
        "no checklist says what standard 11 is",
    )
    says(
        refused(running, "王敏", "record", visit, exit_code=2), "give a TEXT with --grade, a --standard, or --file CSV"
    )


def routed(station: Station, sector: str, unit: str = UNIT, who: str = "王敏") -> tuple[str, str]:
    """Record a hazard of a sector; return the department that has it now, and what was said."""
    visited(station, unit, who=who)
    told = station.done(who, "record", "last", "通道堵塞", "--grade", "general", "--sector", sector).stdout
    newest = max(row["id"] for row in station.told("王敏", "list"))
    return station.show(newest)["department"], told


def test_a_new_case_goes_to_the_department_that_its_sector_and_area_name(running: Station) -> None:
    for name, area, rank, *sectors in (
        ("东溪镇学校组", "330109001", "township", "学校"),
        ("西溪镇学校组", "330109002", "township", "学校"),
        ("县住建局", "330109", "county", "建筑施工", "学校"),
    ):
        named = [word for sector in sectors for word in ("--sector", sector)]
        running.done(None, "department", "add", name, "--area", area, "--rank", rank, *named, "--working-group")
    department, told = routed(running, "学校")
    assert department == "东溪镇学校组", "the nearest up the tree"
    assert "goes to 东溪镇学校组, which answers for 学校 in 东溪镇" in told
    assert routed(running, "学校", "西溪矿业")[0] == "西溪镇学校组"
    assert routed(running, "建筑施工")[0] == "县住建局", "nobody nearer names it"
    department, told = routed(running, "冷库")
    assert (department, "goes to" in told) == ("县安监局", False), "nobody names it: the finder's own answers for all"
    running.done(None, "department", "edit", "县安监局", "--sector", "学校")
    assert routed(running, "学校")[0] == "县安监局", "the finder's own names it"
    assert routed(running, "冷库")[0] == "东溪镇政府", "the nearest that answers for all"


def test_who_found_a_case_that_goes_elsewhere_may_order_it_all_the_same(running: Station) -> None:
    running.done(
        None, "department", "add", "东溪镇学校组", "--area", "330109001", "--rank", "township", "--sector", "学校"
    )
    running.done(
        None, "person", "add", "葛亮", "--role", "inspector", "--department", "东溪镇学校组", "--login", "葛亮"
    )
    visited(running)
    case = running.moved("王敏", "record", "last", "通道堵塞", "--grade", "general", "--sector", "学校")
    assert case in [row["id"] for row in running.told("葛亮", "mine")]
    assert case not in [row["id"] for row in running.told("王敏", "mine")]
    made = running.told("王敏", "order", case, *running.in_days())
    assert running.told("王敏", "orders", "show", made["order"]["id"])["order"]["department"] == "县安监局"
    running.done("葛亮", "serve", f"id:{made['order']['id']}", "--receipt", "张伟")
    assert running.show(case)["department"] == "东溪镇学校组"


def test_counts_in_several_measures_stand_each_for_itself(running: Station) -> None:
    counted(running, "5", key="publicity.banners", measure="条")
    counted(running, "3", of="湖光县", key="publicity.banners", measure="套")
    days = ("--from", running.day(-7), "--to", running.day(0))
    figures = running.told("王敏", "report", "period", *days)["figures"]
    told = {key: figure["value"] for key, figure in figures.items() if key.startswith("publicity.banners")}
    assert told == {"publicity.banners (条)": 5, "publicity.banners (套)": 3}
    listed = running.done("王敏", "tally", "list", "--lang", "zh").stdout
    assert "计量单位" in listed
    assert "专项行动或辖区" in listed


def test_an_assessment_names_the_place_as_a_place(running: Station) -> None:
    running.done("孙丽", "target", "set", "湖光县", "--year", running.today.year, "inspections", "1")
    told = running.done("王敏", "report", "assessment", "--year", running.today.year, "--lang", "zh").stdout
    assert told.startswith("名次")
