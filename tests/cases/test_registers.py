"""Areas, departments, people, units and campaigns, through the real command line."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest

from cases.desk import door
from cases.store import open_store
from cases.verbs.keeping import credit_code
from cases.verbs.registers import add_unit as add_verb
from tests.cli import Cli
from workflow.errors import BadInput, Refused
from workflow.policy import default

CREDIT_CODE = "91330100799655058B"


@pytest.fixture
def cli(database_url: str) -> Cli:
    """A county with a town, a bureau with its people, and the town's office."""
    cli = Cli(database_url)
    cli.init()
    for area in (
        ("330109", "湖光县", "--rank", "county"),
        ("330109001", "东溪镇", "--rank", "township", "--under", "330109"),
        ("330109002", "西溪镇", "--rank", "township", "--under", "330109"),
    ):
        cli.done("area", "add", *area)
    cli.done("department", "add", "县安监局", "--area", "330109", "--rank", "county", "--may-halt")
    cli.done("department", "add", "东溪镇政府", "--area", "330109001", "--rank", "township")
    for name, role, department in (
        ("王敏", "inspector", "县安监局"),
        ("李强", "inspector", "县安监局"),
        ("赵刚", "supervisor", "县安监局"),
        ("孙丽", "clerk", "县安监局"),
        ("周平", "patroller", "东溪镇政府"),
        ("吴江", "inspector", "东溪镇政府"),
    ):
        cli.done(
            "person", "add", name, "--role", role, "--department", department, "--certificate", f"A-{name}", "--login", name
        )  # fmt: skip
    return cli


def add_unit(cli: Cli, name: str = "永安氧气", *more: str, area: str = "330109001") -> int:
    made = cli.told("unit", "add", name, "--area", area, "--sector", "危险化学品", *more)
    return int(made["unit"]["id"])


def open_cases(cli: Cli, count: int, holder: str) -> list[int]:
    """Find hazards at a unit and assign them."""
    add_unit(cli)
    cli.done("inspect", "永安氧气", "--by", "王敏", "--by", "李强", login="王敏")
    for number in range(count):
        cli.done("record", "last", f"通道堵塞{number}", "--grade", "general", login="王敏")
    found = [row["id"] for row in cli.told("list")]
    cli.done("assign", *found, "--to", holder, login="赵刚")
    return found


# -- areas -------------------------------------------------------------------------------------------------------------


def test_an_area_lies_in_the_tree_by_its_path(cli: Cli) -> None:
    cli.done("area", "add", "330109001001", "柳村", "--rank", "village", "--under", "东溪镇")
    assert cli.told("area", "show", "柳村")["area"]["path"] == "330109/330109001/330109001001"
    assert [row["code"] for row in cli.told("area", "list")] == ["330109", "330109001", "330109001001", "330109002"]
    assert "柳村" in cli.done("area", "show", "330109001").stdout


def test_an_area_takes_all_below_it_along(cli: Cli) -> None:
    cli.done("area", "add", "330109001001", "柳村", "--rank", "village", "--under", "330109001")
    cli.done("area", "add", "330100", "临湖市", "--rank", "city")
    cli.done("area", "edit", "330109", "--under", "330100", "--name", "湖光新区")
    paths = {row["code"]: row["path"] for row in cli.told("area", "list")}
    assert paths["330109001001"] == "330100/330109/330109001/330109001001"
    cli.done("area", "edit", "330109", "--under", "")
    paths = {row["code"]: row["path"] for row in cli.told("area", "list")}
    assert paths["330109001001"] == "330109/330109001/330109001001"
    assert cli.told("area", "show", "330109")["area"]["name"] == "湖光新区"


@pytest.mark.parametrize("under", ["330109", "330109001"])
def test_an_area_does_not_lie_under_itself(cli: Cli, under: str) -> None:
    result = cli.run("area", "edit", "330109", "--under", under, "--json")
    assert result.exit_code == 4
    assert "330109 does not lie under itself" in result.error["reasons"]
    assert cli.told("area", "show", "330109")["area"]["under"] is None


@pytest.mark.parametrize(
    "command",
    [
        ("add", "330109003", "南溪镇", "--rank", "county", "--under", "330109"),
        ("edit", "330109", "--rank", "township"),
        ("edit", "330109001", "--rank", "city"),
    ],
)
def test_ranks_fall_from_the_top_of_the_tree_down(cli: Cli, command: tuple[str, ...]) -> None:
    assert cli.run("area", *command).exit_code == 4


@pytest.mark.parametrize("code", ["3301/09", "3301 09", "", "3" * 33])
def test_an_area_code_is_one_word_without_slashes(cli: Cli, code: str) -> None:
    assert cli.run("area", "add", code, "南溪镇", "--rank", "township").exit_code == 9


# -- departments -------------------------------------------------------------------------------------------------------


def test_a_department_has_its_powers_and_sectors(cli: Cli) -> None:
    made = cli.told(
        "department", "add", "县消防大队", "--area", "湖光县", "--rank", "county",
        "--sector", "消防", "--sector", "人员密集", "--sector", "消防", "--paper-prefix", "湖消",
    )["department"]  # fmt: skip
    assert (made["may_order"], made["may_halt"], made["sectors"]) == (False, False, ["人员密集", "消防"])
    changed = cli.told("department", "edit", "县消防大队", "--may-order", "--may-halt", "--sector", "")["department"]
    assert (changed["may_order"], changed["may_halt"], changed["sectors"]) == (True, True, [])
    assert cli.told("department", "show", "县消防大队")["department"]["paper_prefix"] == "湖消"


def test_a_department_may_order_as_soon_as_it_has_an_inspector_unless_said(cli: Cli) -> None:
    powers = {row["name"]: row["may_order"] for row in cli.told("department", "list")}
    assert powers == {"县安监局": True, "东溪镇政府": True}
    assert not cli.told("department", "edit", "东溪镇政府", "--no-may-order")["department"]["may_order"]


# -- people ------------------------------------------------------------------------------------------------------------


def test_a_person_is_added_shown_and_changed(cli: Cli) -> None:
    add_unit(cli)
    contact = cli.told("person", "add", "张伟", "--role", "contact", "--unit", "永安氧气")["person"]
    assert (contact["unit_id"], contact["department_id"]) == (1, None)
    cli.done("person", "edit", "张伟", "--role", "clerk", "--department", "县安监局", "--valid-to", "2030-01-31")
    changed = cli.told("person", "show", "张伟")["person"]
    assert (changed["role"], changed["department"], changed["unit"], changed["valid_to"]) == (
        "clerk", "县安监局", None, "2030-01-31",
    )  # fmt: skip


@pytest.mark.parametrize(
    "place",
    [
        ("--role", "contact"),
        ("--role", "contact", "--department", "县安监局"),
        ("--role", "inspector"),
        ("--role", "inspector", "--unit", "永安氧气"),
        ("--role", "administrator", "--unit", "永安氧气"),
    ],
)
def test_contacts_are_of_a_unit_and_officers_of_a_department(cli: Cli, place: tuple[str, ...]) -> None:
    add_unit(cli)
    assert cli.run("person", "add", "张伟", *place).exit_code == 2


def test_a_changed_role_needs_its_place_too(cli: Cli) -> None:
    assert cli.run("person", "edit", "王敏", "--role", "contact").exit_code == 9


def test_where_notices_go_is_kept_and_never_shown(cli: Cli) -> None:
    secret = "https://oapi.dingtalk.com/robot/send?access_token=s3cret"
    said = [
        cli.done("person", "edit", "王敏", "--notify", secret, "--json").stdout,
        cli.done("person", "show", "王敏", "--json").stdout,
        cli.done("person", "list").stdout,
    ]
    assert "https://…" in said[0]
    assert not any("s3cret" in text for text in said)
    refused = cli.run("person", "edit", "王敏", "--notify", "token=s3cret")
    assert refused.exit_code == 9
    assert "s3cret" not in refused.stderr


def test_a_login_is_one_active_persons(cli: Cli) -> None:
    taken = cli.run("person", "edit", "李强", "--login", "王敏", "--json")
    assert (taken.exit_code, taken.error["reasons"]) == (4, ["the login 王敏 is that of 王敏 (id:2)"])
    cli.done("person", "retire", "王敏")
    cli.done("person", "edit", "李强", "--login", "王敏")


# -- retiring ----------------------------------------------------------------------------------------------------------


def test_whoever_retires_hands_the_open_cases_over(cli: Cli) -> None:
    found = open_cases(cli, 3, "王敏")
    cli.done("void", found[2], "--reason", "mistaken", "--note", "重复", login="赵刚")
    retired = cli.told("person", "retire", "王敏", "--to", "李强")
    assert [case["id"] for case in retired["cases"]] == found[:2]
    assert retired["person"]["replaced_by"] == 3
    assert cli.told("person", "show", "李强")["person"]["assigned"] == found[:2]
    last = cli.told("history", found[0])[-1]
    assert (last["trigger"], last["actor"]) == ("assign", "李强")
    assert last["recorded_by"] not in ("李强", "王敏")
    assert cli.told("audit", "verify")["ok"]


def test_whoever_retires_without_a_successor_leaves_orphans(cli: Cli) -> None:
    found = open_cases(cli, 2, "王敏")
    result = cli.done("person", "retire", "王敏")
    assert "nobody has these cases now: 1, 2" in result.stderr
    assert [row["id"] for row in cli.told("stuck", "--reason", "orphaned")] == found
    assert "王敏" not in cli.done("person", "list").stdout
    assert [row["name"] for row in cli.told("person", "list", "--all") if row["retired_on"]] == ["王敏"]
    assert cli.run("person", "show", "王敏").exit_code == 5
    assert cli.run("person", "retire", "id:2").exit_code == 4


@pytest.mark.parametrize("successor", ["王敏", "孙丽", "周平", "id:1"])
def test_a_successor_is_somebody_else_who_can_act_on_every_case(cli: Cli, successor: str) -> None:
    open_cases(cli, 1, "王敏")
    assert cli.run("person", "retire", "王敏", "--to", successor).exit_code == 4
    assert cli.told("person", "show", "王敏")["person"]["retired_on"] is None


def test_nobody_retires_tomorrow(cli: Cli) -> None:
    assert cli.run("person", "retire", "王敏", "--at", "2190-01-01").exit_code == 4


def test_the_last_administrator_stays(cli: Cli) -> None:
    for command in (("retire", "id:1"), ("edit", "id:1", "--login", "")):
        assert cli.run("person", *command).exit_code == 4
    assert cli.run("person", "edit", "id:1", "--role", "clerk", "--department", "县安监局").exit_code == 4
    cli.done("person", "add", "郑洁", "--role", "administrator", "--login", "zhengjie")
    cli.done("person", "retire", "id:1")
    assert cli.run("person", "list").exit_code == 8
    cli.done("person", "list", login="zhengjie")


# -- units -------------------------------------------------------------------------------------------------------------


def test_a_unit_is_added_shown_and_changed(cli: Cli) -> None:
    add_unit(cli, "永安氧气", "--above-scale", "--park", "东溪园区", "--responsible", "张伟")
    add_unit(cli, "宏达染料", area="330109002")
    changed = cli.told(
        "unit", "edit", "永安氧气", "--credit-code", CREDIT_CODE.lower(), "--park", "", "--kind", "site"
    )["unit"]
    assert (changed["credit_code"], changed["park"], changed["kind"]) == (CREDIT_CODE, None, "site")
    told = cli.told("unit", "show", "永安氧气")["unit"]
    assert (told["above_scale"], told["responsible"], told["area"]) == (True, "张伟", "东溪镇")
    assert (told["cases"], told["halts"], told["exits"]) == ([], [], [])
    assert [row["name"] for row in cli.told("unit", "list", "--area", "东溪镇")] == ["永安氧气"]
    assert len(cli.told("unit", "list", "--area", "湖光县")) == 2
    assert "宏达染料" in cli.done("unit", "list").stdout
    assert "1 shown; more with --limit" in cli.done("unit", "list", "--limit", "1").stdout


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("91330100799655058", "18 digits"),
        ("91330100799655058I", "18 digits"),
        ("91330100799655058A", "last character"),
        ("91330100799655085B", "last character"),
    ],
)
def test_a_wrong_credit_code_is_told_from_a_right_one(code: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        credit_code("credit_code", code, default())


@pytest.mark.parametrize("code", [CREDIT_CODE, "91350100M000100Y43"])
def test_a_credit_code_of_the_standard_is_taken(code: str) -> None:
    assert credit_code("credit_code", code, default()) == code


def test_a_wrong_credit_code_is_bad_input(cli: Cli) -> None:
    refused = cli.run(
        "unit", "add", "永安氧气", "--area", "东溪镇", "--sector", "化工", "--credit-code", "9133", "--json"
    )
    assert (refused.exit_code, refused.error["code"]) == (9, "bad_input")
    assert cli.told("unit", "list") == []


def test_a_credit_code_is_one_units(cli: Cli) -> None:
    add_unit(cli, "永安氧气", "--credit-code", CREDIT_CODE)
    add_unit(cli, "宏达染料")
    assert cli.run("unit", "edit", "宏达染料", "--credit-code", CREDIT_CODE).exit_code == 4
    cli.done("unit", "edit", "永安氧气", "--credit-code", CREDIT_CODE)


# -- campaigns ---------------------------------------------------------------------------------------------------------


def campaign_with_units(cli: Cli) -> None:
    cli.done("campaign", "add", "大检查", "--from", "2026-08-01", "--to", "2026-10-31", login="王敏")
    add_unit(cli)
    add_unit(cli, "宏达染料")


def test_units_are_taken_into_a_campaigns_scope_and_moved_on(cli: Cli) -> None:
    campaign_with_units(cli)
    cli.done("campaign", "scope", "大检查", "永安氧气", "--list", "listed", "--product", "氧气")
    cli.done("campaign", "scope", "大检查", "永安氧气", "宏达染料", "--list", "reference", "--status", "final")
    scope = cli.told("campaign", "show", "大检查")["campaign"]["scope"]
    assert [(row["unit"], row["list"], row["product"], row["status"]) for row in scope] == [
        ("永安氧气", "reference", "氧气", "final"),
        ("宏达染料", "reference", None, "final"),
    ]
    assert cli.told("campaign", "list")[0]["units"] == 2
    assert "宏达染料" in cli.done("campaign", "show", "大检查").stdout


def test_a_scope_is_written_whole_or_not_at_all(cli: Cli) -> None:
    campaign_with_units(cli)
    unknown = cli.run("campaign", "scope", "大检查", "永安氧气", "甲厂", "乙厂", "--list", "listed", "--json")
    assert unknown.exit_code == 5
    assert len(unknown.error["reasons"]) == 2
    assert cli.run("campaign", "scope", "大检查", "永安氧气", "id:1", "--list", "listed").exit_code == 4
    assert cli.told("campaign", "show", "大检查")["campaign"]["scope"] == []


def test_a_campaign_does_not_end_before_it_begins(cli: Cli) -> None:
    campaign_with_units(cli)
    assert cli.run("campaign", "add", "回头看", "--from", "2026-08-02", "--to", "2026-08-01").exit_code == 4
    assert cli.run("campaign", "edit", "大检查", "--to", "2026-07-01").exit_code == 4
    assert cli.told("campaign", "edit", "大检查", "--to", "2026-11-30")["campaign"]["to_on"] == "2026-11-30"


# -- visits and papers -------------------------------------------------------------------------------------------------


def test_inspections_and_orders_are_listed_and_shown(cli: Cli) -> None:
    open_cases(cli, 1, "王敏")
    cli.done("order", "1", "--responsible", "张伟", "--measure", "清理", "--due", "2199-01-01", "--approved-by", "赵刚", "--why", "大修", login="王敏")  # fmt: skip
    visit = cli.told("inspections", "show", "last", login="王敏")["inspection"]
    assert [officer["name"] for officer in visit["officers"]] == ["王敏", "李强"]
    assert [row["id"] for row in cli.told("inspections", "list", "--unit", "永安氧气")] == [visit["id"]]
    order = cli.told("orders", "show", "last", login="王敏")["order"]
    assert [item["case"] for item in order["items"]] == [1]
    assert [row["number"] for row in cli.told("orders", "list")] == [order["number"]]
    for command in (("inspections", "list"), ("orders", "list"), ("inspections", "show", "1"), ("orders", "show", "1")):
        assert "永安氧气" in cli.done(*command).stdout
    assert cli.run("orders", "show", "99").exit_code == cli.run("inspections", "show", "99").exit_code == 5


# -- all of them -------------------------------------------------------------------------------------------------------

ADDED = {
    "area": ("330109003", "南溪镇", "--rank", "township", "--under", "330109"),
    "department": ("南溪镇政府", "--area", "330109", "--rank", "township"),
    "person": ("钱进", "--role", "inspector", "--department", "县安监局"),
    "unit": ("永安氧气", "--area", "330109001", "--sector", "化工"),
    "campaign": ("大检查", "--from", "2026-08-01", "--to", "2026-10-31"),
}
EVERY_REGISTER = pytest.mark.parametrize("noun", ADDED)


@EVERY_REGISTER
def test_the_same_thing_twice_is_refused(cli: Cli, noun: str) -> None:
    cli.done(noun, "add", *ADDED[noun])
    before = cli.told(noun, "list")
    again = cli.run(noun, "add", *ADDED[noun], "--json")
    assert (again.exit_code, again.error["code"]) == (4, "refused")
    assert "is there already" in again.error["reasons"][0]
    assert cli.told(noun, "list") == before


@EVERY_REGISTER
def test_an_unknown_name_is_answered_with_near_ones(cli: Cli, noun: str) -> None:
    cli.done(noun, "add", *ADDED[noun])
    name = ADDED[noun][1 if noun == "area" else 0]
    for command in (("show", name + "厂"), ("edit", name + "厂", "--name", "新名")):
        result = cli.run(noun, *command)
        assert result.exit_code == 5
        assert f"did you mean {name}" in result.stderr


@EVERY_REGISTER
def test_an_entry_is_renamed_but_not_to_a_name_that_is_taken(cli: Cli, noun: str) -> None:
    key, *rest = ADDED[noun]
    cli.done(noun, "add", key, *rest)
    other = ("330109004", "北溪镇") if noun == "area" else ("北溪",)
    cli.done(noun, "add", *other, *rest[len(other) - 1 :])
    taken = cli.run(noun, "edit", other[0], "--name", rest[0] if noun == "area" else key)
    assert taken.exit_code == 4
    assert cli.told(noun, "edit", other[0], "--name", "远溪")[noun]["name"] == "远溪"


@EVERY_REGISTER
def test_nothing_to_change_is_a_mistake_in_use(cli: Cli, noun: str) -> None:
    assert cli.run(noun, "edit", "330109").exit_code == 2


@EVERY_REGISTER
def test_a_name_that_cannot_be_one_is_bad_input(cli: Cli, noun: str) -> None:
    before = cli.told(noun, "list")
    for bad in ("a\x07b", "厂\n二", "\u202e厂", "x" * 100_000, " ", "last", "id:7"):
        words = list(ADDED[noun])
        words[1 if noun == "area" else 0] = bad
        result = cli.run(noun, "add", *words)
        assert result.exit_code == 9, bad[:20]
        assert len(result.stderr.splitlines()) == 1
        assert len(result.stderr) < 300
    assert cli.told(noun, "list") == before


@EVERY_REGISTER
def test_administrators_keep_areas_departments_people_and_officers_units_campaigns(cli: Cli, noun: str) -> None:
    for login in ("周平", "nobody"):
        assert cli.run(noun, "add", *ADDED[noun], login=login).exit_code == 8
    for number, login in enumerate(("王敏", "赵刚", "孙丽")):
        words = (ADDED[noun][0] + str(number), *ADDED[noun][1:])
        assert cli.run(noun, "add", *words, login=login).exit_code == (0 if noun in ("unit", "campaign") else 8)


def test_a_clerk_does_not_become_an_administrator_by_acting_for_one(cli: Cli) -> None:
    assert cli.run("person", "retire", "周平", "--as", "id:1", login="孙丽").exit_code == 8
    assert cli.run("unit", "add", *ADDED["unit"], "--as", "王敏", login="孙丽").exit_code == 0


def test_an_officer_keeps_the_units_of_their_own_area(cli: Cli) -> None:
    add_unit(cli)
    add_unit(cli, "宏达染料", area="330109002")
    cli.done("campaign", "add", *ADDED["campaign"])
    outside = (
        ("unit", "add", "新厂", "--area", "330109002", "--sector", "化工"),
        ("unit", "edit", "宏达染料", "--park", "园区"),
        ("unit", "edit", "永安氧气", "--area", "330109002"),
        ("campaign", "scope", "大检查", "宏达染料", "--list", "listed"),
    )
    for command in outside:
        assert cli.run(*command, login="吴江").exit_code == 8
        assert cli.run(*command, login="赵刚").exit_code == 0


def test_of_two_who_add_the_same_at_the_same_time_one_is_refused(cli: Cli) -> None:
    together = Barrier(2)

    def add(_: int) -> str:
        store = open_store(cli.store)
        together.wait()
        try:
            with store.begin() as tx:
                add_verb(door(tx, "王敏", None, None, datetime.now(UTC)), "永安氧气", area="330109", sector="化工")
        except Refused:
            return "refused"
        finally:
            store.close()
        return "added"

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(add, range(2))) == ["added", "refused"]
    assert len(cli.told("unit", "list")) == 1


def test_a_name_that_two_bear_is_refused_with_the_numbers_to_choose_from(cli: Cli) -> None:
    first, second = add_unit(cli), add_unit(cli, area="330109002")
    refused = cli.run("unit", "show", "永安氧气")
    assert refused.exit_code == 4
    assert f"id:{first}, id:{second}" in refused.stderr
    assert cli.told("unit", "show", f"id:{second}")["unit"]["area"] == "西溪镇"
    cli.done("person", "add", "王敏", "--role", "inspector", "--department", "东溪镇政府")
    assert "id:2, id:8" in cli.run("person", "edit", "王敏", "--name", "王小敏").stderr


def test_registers_are_not_compared_with_the_time_the_store_was_made_but_nothing_happens_tomorrow(cli: Cli) -> None:
    assert cli.run("unit", "add", *ADDED["unit"], "--at", "2190-01-01").exit_code == 4
    cli.done("unit", "add", *ADDED["unit"], "--at", "2011-03-01 10:00")
