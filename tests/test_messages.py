"""Both languages are whole: nothing is left to translate, and what a user reads in Chinese is Chinese."""

import ast
import json
import os
import re
import subprocess
import sys
from io import BytesIO
from string import Formatter

import click
import pytest

from cases.commands import root
from cases.commands.framework import run
from cases.locale import choose, translate
from tests import messages
from workflow.processes import PROCESSES
from workflow.words import Sentence, Term

#: DOMAIN §2, word for word; but `withdraw`, `request` and `refuse` are of several things, and have one label for all.
STATES = {
    "found": "已排查（待处理）", "ordered": "已下达指令（待整改）", "rectifying": "整改中", "submitted": "待复查",
    "rechecked": "复查合格（待销号）", "exiting": "退出中", "closed": "已销号", "shutdown": "已淘汰关闭",
    "relocated": "已搬迁入园", "retreated": "已退二进三", "voided": "已作废",
    "requested": "待批", "granted": "已准予", "refused": "不予批准", "withdrawn": "已撤回", "lapsed": "已失效",
    "imposed": "已责令停产停业", "resumption_requested": "已申请恢复生产", "lifted": "已解除", "revoked": "已撤销",
    "converted": "已转为退出",
    "decided": "已决定退出", "underway": "退出实施中", "verified": "已核实退出", "breached": "死灰复燃",
    "planned": "待回访", "visited": "已回访", "dropped": "已取消",
}  # fmt: skip
TRIGGERS = {
    "correct": "当场整改", "order": "下达指令", "serve": "送达", "start": "开始整改", "submit": "申请复查",
    "pass_recheck": "复查合格", "fail_recheck": "复查不合格", "close": "销号", "send_back": "退回复查", "void": "作废",
    "withdraw": "撤回", "decide_exit": "决定退出", "confirm_exit": "核实", "revoke_exit": "撤销",
    "reopen": "复发/重启", "regrade": "调整等级", "escalate": "升级督办/上报", "supervise": "挂牌督办",
    "release": "摘牌", "extend": "准予延期", "transfer": "移送", "accept": "接收", "decline": "退回", "assign": "指派",
    "plan": "立治理方案", "refer": "移送立案", "look_back": "回头看", "assist": "联合处置", "measure": "采取措施", "acknowledge": "知悉", "amend": "更正", "note": "备注",
    "impose": "责令停产停业", "confirm": "确认", "lift": "解除", "prolong": "延长", "revoke": "撤销", "convert": "转为退出",
    "request": "申请", "grant": "准予", "refuse": "不予批准", "lapse": "失效", "recount": "重算期限",
    "decide": "决定退出", "add": "并入", "step": "步骤核实", "verify": "核实退出", "breach": "死灰复燃",
    "arrange": "安排回访", "visit": "回访", "drop": "取消回访",
}  # fmt: skip

SAID = list(messages.messages(messages.translations()))
WORDS = sorted(set(messages.words()))
KINDS = sorted({kind for kind, _ in WORDS})
PAGES = [path.split()[1:] for path, _ in messages.commands()]


# -- the catalogues ----------------------------------------------------------------------------------------------------


def test_everything_that_is_said_has_a_chinese_translation():
    """`make messages` puts what is new into the .po file; it is translated there."""
    assert messages.missing() == []


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_what_is_compiled_is_what_is_written(language):
    compiled = messages.answers(BytesIO(messages.po(language).with_suffix(".mo").read_bytes()))
    assert compiled == messages.compiled(messages.translations(language))


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_no_catalogue_holds_a_sentence_that_nobody_says(language):
    said = {(each.context, str(each.id)) for each in messages.messages(messages.said())}
    held = messages.messages(messages.translations(language))
    assert [str(each.id) for each in held if not each.context and (None, str(each.id)) not in said] == []


def test_a_translation_fills_the_same_blanks():
    assert [each.id for each in SAID if blanks(each.string) != blanks(each.id)] == []


def test_a_translation_keeps_the_examples_of_a_help_text():
    assert [each.id for each in SAID if examples(each.string) != examples(each.id)] == []


def test_a_chinese_windows_terminal_has_every_character():
    assert [each.string for each in SAID if not is_in_gbk(each.string)] == []


def blanks(text):
    """Return the names in braces; a plural has those of any of its forms."""
    forms = [text] if isinstance(text, str) else text
    named = {name for form in forms for _, name, _, _ in Formatter().parse(form) if name}
    # "1" instead of {len}, and either of a pair, are said by one form only.
    return named - {"len", "possibility", "choice", "format"} | {
        each for form in forms for each in re.findall(r"%\(\w+\)s", form)
    }


def examples(text):
    """Return the lines to type below a help text, without what is said of them."""
    lines = text.partition("\b\n")[2].splitlines() if isinstance(text, str) else []
    return [re.split(r" {2,}", line)[0] for line in lines]


def is_in_gbk(text):
    try:
        "".join(text).encode("gbk")
    except UnicodeEncodeError:
        return False
    return True


# -- the words of the trade --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_every_word_of_the_trade_has_a_chinese_label(kind):
    choose("zh")
    assert [value for each, value in WORDS if each == kind and not is_chinese(Term(kind, value).say(translate))] == []


@pytest.mark.parametrize(("kind", "labels"), [("state", STATES), ("trigger", TRIGGERS)])
def test_states_and_triggers_are_called_what_the_domain_calls_them(kind, labels):
    choose("zh")
    assert {value: Term(kind, value).say(translate) for value in labels} == labels


def test_the_domain_names_every_state_and_trigger():
    assert set(STATES) == {str(state) for process in PROCESSES.values() for state in process.states}
    assert set(TRIGGERS) == {trigger for process in PROCESSES.values() for trigger in process.authorities}


@pytest.mark.parametrize(("kind", "value"), [("state", "retreated"), ("kind", "retreat"), ("guard", "is_retreat")])
def test_english_writes_retreat_two_advance_three_in_full(kind, value):
    choose("en")
    assert "retreat-two-advance-three" in Term(kind, value).say(translate)


@pytest.mark.parametrize("kind", ["column", "figure", "reason", "rule", "check", "field"])
def test_english_labels_are_words_and_no_names_of_the_code(kind):
    choose("en")
    labels = [Term(kind, value).say(translate) for each, value in WORDS if each == kind]
    assert [label for label in labels if "_" in label or (kind == "figure" and "." in label)] == []


def test_a_word_without_a_translation_is_shown_as_it_is():
    choose("zh")
    assert Term("state", "nowhere").say(translate) == "nowhere"


def test_a_list_in_a_sentence_is_joined_as_the_language_does():
    sentence = Sentence("items are still open: {numbers}", numbers=["1号", "2号"])
    choose("zh")
    assert sentence.say(translate) == "仍有待整改项：1号、2号"
    choose("en")
    assert sentence.say(translate) == "items are still open: 1号, 2号"


def is_chinese(text):
    return any("\u4e00" <= each <= "\u9fff" for each in text)


# -- what is said by hand ----------------------------------------------------------------------------------------------


def test_no_command_complains_in_english_only():
    """A usage error's words go through `translate`."""
    wrong = [
        f"{path.name}:{call.lineno}"
        for path in messages.modules()
        for call in messages._calls(path)
        if messages._name_of(call.func) in ("UsageError", "BadParameter", "fail")
        and call.args
        and isinstance(call.args[0], ast.Constant | ast.JoinedStr)
    ]
    assert wrong == []


# -- what a user reads -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A store with one hazard found and one order served."""
    path = str(tmp_path_factory.mktemp("messages") / "rectify.db")
    at = ["--as", "王敏", "--db", path, "--at"]
    for arguments in (
        ["init", "--db", path],
        ["area", "add", "330109", "萧山区", "--rank", "county", "--db", path],
        ["department", "add", "区安监局", "--area", "330109", "--rank", "county", "--db", path],
        ["person", "add", "王敏", "--role", "inspector", "--department", "区安监局", "--certificate", "A1", "--db", path],
        ["person", "add", "李强", "--role", "inspector", "--department", "区安监局", "--certificate", "A2", "--db", path],
        ["unit", "add", "永安氧气", "--area", "330109", "--sector", "危险化学品", "--db", path],
        ["inspect", "永安氧气", "--by", "王敏", "--by", "李强", *at, "2026-03-02 09:00"],
        ["record", "last", "氧气瓶与乙炔瓶混放", "--grade", "major", *at, "2026-03-02 10:00"],
        ["order", "1", "--responsible", "张伟", "--measure", "分库储存", "--due", "2026-03-20", "--interim", "停用",
         *at, "2026-03-03 09:00"],
        ["serve", "last", "--receipt", "张伟", *at, "2026-03-03 10:00"],
    ):  # fmt: skip
        assert run(root, arguments) == 0
    return path


@pytest.fixture
def say(store, capsys):
    """Run a command on the store; return its exit code, and what it printed on both streams."""

    def said(*arguments):
        capsys.readouterr()
        code = run(root, [*arguments, "--db", store])
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return said


def english_in(text):
    """Return three English words in a row: a sentence, or a part of one. What is to be typed is none."""
    return re.findall(r"\b[A-Za-z]?[a-z']+(?: [a-z']+){2,}", re.sub(r"\brectify( [a-z-]+)+", "", text))


@pytest.mark.parametrize("page", PAGES, ids=" ".join)
def test_every_help_page_is_chinese_in_chinese(page, capsys):
    assert run(root, [*page, "--help", "--lang", "zh"]) == 0
    help_text = capsys.readouterr().out
    assert "用法：" in help_text
    assert is_chinese(help_text.partition("用法：")[2])
    assert english_in(help_text) == []


def test_help_is_english_in_english_after_it_was_chinese(capsys):
    run(root, ["order", "--help", "--lang", "zh"])
    run(root, ["order", "--help", "--lang", "en"])
    lines = capsys.readouterr().out.rpartition("Usage:")[2].splitlines()
    assert "Order hazards of one unit to be put right" in lines[2]
    assert [line for line in lines if is_chinese(line) and "rectify order" not in line] == []


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["close", "1", "--as", "王敏"], 8, "此步须由负责人办理"),
        (["start", "99", "--as", "王敏"], 5, "没有 99 号隐患"),
        (["submit", "1", "--done", "已分库", "--as", "王敏"], 4, "较大、重大隐患须有佐证"),
        (["send-back", "1", "--note", "x", "--as", "李强"], 8, "检查人员"),
        (["inspect", "永安", "--by", "王敏"], 5, "是不是指 永安氧气"),
        (["order"], 2, "缺少参数 'CASE...'；请输入：rectify order --help"),
        (["order", "1"], 2, "缺少选项 '--responsible'；请输入"),
        (["list", "--grade", "grave"], 2, "不在可选值"),
        (["list", "--limit", "0"], 2, "不在范围"),
        (["list", "--nowhere"], 2, "没有选项 '--nowhere'"),
        (["show", "1", "2"], 2, "多余的参数（2）"),
        (["shwo", "1"], 2, "没有命令 shwo；是不是要用 show"),
        (["list", "--since", "soon"], 2, "不是日期"),
        (["serve", "1"], 2, "请给出以下之一"),
        (["unit", "edit", "永安氧气"], 2, "没有要修改的内容"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else "",
)
def test_a_refusal_and_a_usage_error_are_said_in_chinese(say, arguments, code, words):
    left, said = say(*arguments, "--lang", "zh")
    assert (left, words in said) == (code, True), said
    assert english_in(said) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["list"], ["待办方", "重大", "已下达指令（待整改）", "共 1 条"]),
        (["show", "1"], ["逾期天数", "整改措施", "待整改"]),
        (["history", "1"], ["下达指令", "送达", "签收人 张伟"]),
        (["next", "1", "--as", "王敏"], ["开始整改", "单位（或检查人员代办）", "缺少复查意见"]),
        (["explain", "1"], ["整改期限", "自然日"]),
        (["overdue", "--by", "unit"], ["最长天数"]),
        (["stuck"], ["长期未动", "积压 1 条"]),
        (["process", "show"], ["升级督办/上报", "三定齐全", "挂牌单位负责人"]),
        (["process", "show", "extension"], ["申请", "待批", "申请人", "由他人批复"]),
        (["process", "check"], ["各流程均成立"]),
        (["process", "check", "extension"], ["流程成立"]),
        (["extension", "list"], ["没有延期申请"]),
        (["process", "show", "halt"], ["责令停产停业", "已申请恢复生产", "所列隐患均已复查合格或已结束"]),
        (["halt", "list"], ["没有停产整顿"]),
        (["process", "show", "exit"], ["决定退出", "退出实施中", "各步骤均已现场核实"]),
        (["exit", "list"], ["没有退出事项"]),
        (["audit", "verify"], ["历史链全部完整"]),
        (["doctor"], ["任务：期限", "工作日历"]),
        (["unit", "show", "永安氧气"], ["企业", "隐患描述"]),
        (["person", "list"], ["检查人员", "管理员"]),
    ],
    ids=" ".join,
)
def test_answers_are_chinese_in_chinese(say, arguments, words):
    _, said = say(*arguments, "--lang", "zh")
    assert [word for word in words if word not in said] == [], said
    assert english_in(said.replace("Default policy", "")) == []


@pytest.mark.parametrize("name", PROCESSES)
def test_a_diagram_is_chinese_in_chinese_but_for_what_mermaid_reads(say, name):
    _, drawn = say("process", "diagram", name, "--lang", "zh")
    labels = re.findall(r' : (.+)|state "(.+)" as|^ {8}(.+)$', drawn, re.MULTILINE)
    assert len(labels) > 7
    assert [label for label in map("".join, labels) if not is_chinese(label)] == []


def test_columns_of_chinese_align(say):
    from rich.cells import cell_len

    _, said = say("list", "--lang", "zh")
    heading, _, row = said.splitlines()[:3]
    places = [cell_len(heading.partition(name)[0]) for name in ("单位", "等级", "状态")]
    assert [cell_len(row.partition(value)[0]) for value in ("永安氧气", "重大", "已下达指令")] == places


@pytest.mark.parametrize(
    ("environment", "arguments", "language"),
    [
        ({}, [], "en"),
        ({"LANG": "zh_CN.UTF-8"}, [], "zh"),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, [], "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "C"}, [], "en"),
        ({"LANG": "zh_CN.UTF-8", "RECTIFY_LANG": "en"}, [], "en"),
        ({"RECTIFY_LANG": "zh"}, [], "zh"),
        ({"RECTIFY_LANG": "zh"}, ["--lang", "en"], "en"),
        ({"RECTIFY_LANG": "en"}, ["--lang=zh"], "zh"),
    ],
)
def test_the_option_goes_before_the_variable_and_the_variable_before_the_locale(
    monkeypatch, capsys, environment, arguments, language
):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    answers = []
    for line in ([*arguments, "process", "check", "hazard"], ["process", "check", "hazard", *arguments]):
        assert run(root, line) == 0
        answers.append(capsys.readouterr().out.strip())
    expected = {"en": "the process holds: nothing found", "zh": "流程成立：未发现问题"}[language]
    assert answers == [expected, expected]


@pytest.mark.parametrize(
    "arguments", [["list"], ["show", "1"], ["history", "1"], ["explain", "1"], ["mine"], ["unit", "list"]]
)
def test_json_is_the_same_in_both_languages(say, arguments):
    at = ["--at", "2026-04-01"]
    (_, chinese), (_, english) = (say(*arguments, *at, "--json", "--lang", language) for language in ("zh", "en"))
    assert json.loads(chinese) == json.loads(english)


def test_an_error_in_json_has_an_english_code_and_a_chinese_message(say):
    _, said = say("close", "1", "--as", "王敏", "--json", "--lang", "zh")
    error = json.loads(next(line for line in said.splitlines() if line.startswith("{")))["error"]
    assert (error["code"], is_chinese(error["message"])) == ("forbidden", True)


@pytest.mark.parametrize("encoding", ["gbk", "ascii", "latin-1"])
@pytest.mark.parametrize(
    "arguments", [["list"], ["next", "1"], ["order", "--help"], ["order"], ["process", "diagram"]], ids=" ".join
)
def test_a_terminal_that_cannot_show_a_character_stops_no_command(store, encoding, arguments):
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from cases.commands import main; sys.exit(main())",
            *arguments,
            "--lang",
            "zh",
        ],
        cwd=messages.ROOT,
        env={**os.environ, "PYTHONIOENCODING": encoding, "RECTIFY_DB": store},
        capture_output=True,
        check=False,
    )
    assert done.returncode == (2 if arguments == ["order"] else 0)
    # A stream that says it is ASCII is given UTF-8 by click: it was set up wrongly more often than not.
    shown = (done.stdout + done.stderr).decode(encoding, "replace")
    assert "Traceback" not in shown
    assert is_chinese(shown) == (encoding == "gbk")


def test_the_walk_finds_the_commands():
    """A collector that finds nothing would find nothing missing."""
    found = dict(messages.commands())
    assert {"rectify", "rectify order", "rectify area add", "rectify report campaign"} <= set(found)
    assert all(isinstance(command, click.Command) for command in found.values())
