"""Small dirty ledgers, each as an office might send it, with the cases and the complaints that are expected of it.

A row is written with bars between its cells. `told` is what is expected of each hazard: its text, its grade, the day it
was found, and what is stated of it – a trigger with the day the ledger gives, `?` where it gives none.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

HEAD = "企业名称|检查时间|隐患等级|隐患描述|整改责任人|整改措施|整改期限|整改完成日期|销号情况"
MILL, MINE = "Mill", "Mine"


@dataclass(frozen=True)
class Dirty:
    """One ledger and what is expected of it."""

    name: str
    #: The rows of each sheet: texts with bars, or lists of cells.
    sheets: dict[str, list[Any]]
    told: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    #: What is written besides the usual .xlsx: "csv", or an encoding.
    encoding: str = ""
    mapping: str = ""


def one(name: str, *rows: Any, **more: Any) -> Dirty:
    """A ledger of one sheet."""
    return Dirty(name, {"台账": list(rows)}, **more)


def row(text: str = "混放", **cells: Any) -> list[Any]:
    """A row below HEAD that is whole but for these cells."""
    whole = dict(
        zip(
            HEAD.split("|"),
            [MILL, "2025-07-17", "一般", text, "张伟", "分开", "2025-07-25", "2025-07-24", "已销号"],
            strict=True,
        )
    )
    return list({**whole, **cells}.values())


CLOSED = "order:? submit:2025-07-24 close:2025-07-24"


def dated(written: Any) -> Dirty:
    """A ledger in which the day a hazard was found is written in this way."""
    return one(f"found on {written!r}", HEAD, row(检查时间=written), told=[f"混放 general 2025-07-17 {CLOSED}"])


def graded(written: Any, grade: str) -> Dirty:
    """A ledger in which the grade is written in this way."""
    return one(f"grade {written!r}", HEAD, row(隐患等级=written), told=[f"混放 {grade} 2025-07-17 {CLOSED}"])


def ended(written: Any, stated: str) -> Dirty:
    """A ledger in which the closure is written in this way."""
    odd = ["undated"] if "pass_recheck:?" in stated else ["exit_running"] if written == "退出中" else []
    return one(f"closure {written!r}", HEAD, row(销号情况=written), told=[f"混放 general 2025-07-17 {stated}"], odd=odd)


DATES = [
    "2025.7.17", "2025年7月17日", "2025-7-17", "2025/7/17", "20250717", "2025年 7月17号", "２０２５．７．１７", "2025-07-17 09:30",
    "2025年7月17日上午", 45855, 45855.4, "45855", 20250717, date(2025, 7, 17), datetime(2025, 7, 17, 9, 30),  # noqa: DTZ001
]  # fmt: skip
GRADES = [
    ("一般", "general"), (3, "general"), ("3", "general"), ("3级", "general"), ("一般3级", "general"), ("一般 隐患", "general"),
    ("三级", "general"), ("２级", "larger"), ("较大", "larger"), ("重大隐患", "major"), ("重大事故隐患", "major"), (1.0, "major"),
]  # fmt: skip
CLOSURES = [
    ("已整改", CLOSED), ("整改完成", CLOSED), ("已整改销号", CLOSED), ("已 销 号", CLOSED), ("√", CLOSED), ("是", CLOSED),
    ("现场处置", "correct:2025-07-17 close:2025-07-24"), ("整改中", "order:? start:?"), ("待复查", "order:? submit:2025-07-24"),
    ("复查合格", "order:? submit:2025-07-24 pass_recheck:?"), ("未整改", "order:?"), ("否", "order:?"), ("已排查", ""),
    ("已淘汰关闭", "order:? confirm_exit:2025-07-24"), ("已作废", "order:? void:2025-07-24"), ("退出中", "order:?"),
]  # fmt: skip

TOWNSHIP = (
    "序号|上报单位|行业领域|企业类型|企业名称|统一社会信用代码|属地|详细地址|负责人|隐患分类|隐患描述|隐患位置|检查方式|检查人|检查时间|"
    "判定依据|违反条款|是否整改|实际整改完成时间|整改责任部门/责任人|整改措施|备注"
)

DIRTY = [
    *map(dated, DATES),
    *[graded(*each) for each in GRADES],
    *[ended(*each) for each in CLOSURES],
    # headers
    one("title rows above the header", "2025年度隐患排查治理台账", "填报单位：|县安监局||填报人：|王敏", "", HEAD, row(),
        told=[f"混放 general 2025-07-17 {CLOSED}"]),
    one("a header with blanks, stars, breaks and brackets", "*企业\n名称|检查时间（年/月/日）|隐患等级：|隐患 描述|整改责任人|整改措施|整改期限(截止)|完成日期|是否销号",
        row(), told=[f"混放 general 2025-07-17 {CLOSED}"]),
    one("a header in two rows", "企业名称|检查时间|隐患等级|隐患描述|整改||||销号情况", "||||责任人|措施|期限|完成日期|", row(),
        told=[f"混放 general 2025-07-17 {CLOSED}"], merged=["E1:H1", "A1:A2", "B1:B2", "C1:C2", "D1:D2", "I1:I2"]),
    one("columns in another order with strangers between", "隐患描述|天气|销号情况|企业名称|发现时间|温度", "混放|晴|已销号|Mill|2025.7.17|35",
        told=["混放 - 2025-07-17 close:?"], odd=["no_grade", "undated"]),
    one("the header again at each page", HEAD, row(), HEAD.split("|"), row("未接地"),
        told=[f"混放 general 2025-07-17 {CLOSED}", f"未接地 general 2025-07-17 {CLOSED}"]),
    one("a header that begins further right and down", "", "||" + HEAD, ["", "", *row()], told=[f"混放 general 2025-07-17 {CLOSED}"]),
    one("names of columns that only the mapping knows", "老板|哪天|哪里不对|咋样了", "Mill|2025.7.17|混放|搞定",
        told=["混放 general 2025-07-17 close:?"], odd=["undated"],
        mapping='[columns]\nunit = "老板"\nfound_on = ["哪天"]\ntext = ["哪里不对"]\nstate = ["咋样了"]\n[words.state]\n"搞定" = "closed"\n[defaults]\ngrade = "一般"\n'),
    one("a unit's own ledger names no unit", "日期|隐患描述|隐患级别", "2025.7.17|混放|一般", told=["混放 general 2025-07-17 "],
        mapping='[defaults]\nunit = "Mill"\n'),
    one("a township's ledger", TOWNSHIP,
        "1|east|冷库|企业|Mill||East|某路1号|刘洋|设备|氨管道泄漏|机房|日常检查|Li、Wang|2025年7月17日|GB 28009|第5条|是|2025.7.20|生产部/刘洋|更换阀门|",
        told=["氨管道泄漏 - 2025-07-17 close:2025-07-20"], odd=["no_grade"]),
    # rows
    one("several numbered hazards in one cell", HEAD, row("1.混放；2.未接地；3.无标志", 整改措施="1.分开2.接地；3.补设；"),
        told=[f"{text} general 2025-07-17 {CLOSED}" for text in ("混放", "未接地", "无标志")]),
    one("numbers that number nothing", HEAD, row("通道宽1.5米，低于GB 50016第2.1条，2号门损坏"),
        told=[f"通道宽1.5米，低于GB 50016第2.1条，2号门损坏 general 2025-07-17 {CLOSED}"]),
    one("circled numbers and a place before them", HEAD, row("配电房：①未接地②无绝缘垫"),
        told=[f"配电房：未接地 general 2025-07-17 {CLOSED}", f"配电房：无绝缘垫 general 2025-07-17 {CLOSED}"]),
    Dirty("the same row on two sheets", {"一季度": [HEAD, row()], "全年": [HEAD, row(), row("未接地")]},
          told=[f"混放 general 2025-07-17 {CLOSED}", f"未接地 general 2025-07-17 {CLOSED}"], odd=["repeated"]),
    Dirty("a sheet that is no ledger", {"说明": ["填表说明", "请认真填写"], "台账": [HEAD, row()]}, told=[f"混放 general 2025-07-17 {CLOSED}"]),
    one("merged cells", HEAD, row(), ["", "", "", "未接地", "", "", "", "", ""], merged=["A2:A3", "B2:B3", "C2:C3", "E2:E3", "F2:F3", "G2:G3", "H2:H3", "I2:I3"],
        told=[f"混放 general 2025-07-17 {CLOSED}", f"未接地 general 2025-07-17 {CLOSED}"]),
    one("a heading merged across, a total, a signature", HEAD, ["一、冷库"] * 9, row(), "合计|1||||||", "填表人：王敏||审核人：赵刚",
        merged=["A2:I2"], told=[f"混放 general 2025-07-17 {CLOSED}"]),
    one("the cell above again, and again", HEAD, row(), row("未接地", 企业名称="同上", 检查时间="〃"), row("无标志", 企业名称="同上", 检查时间="〃"),
        told=[f"{text} general 2025-07-17 {CLOSED}" for text in ("混放", "未接地", "无标志")]),
    one("strokes where nothing is to be said", HEAD, row(整改责任人="/", 整改措施="-", 整改期限="—", 整改完成日期="无", 销号情况="已销号"),
        told=["混放 general 2025-07-17 close:?"], odd=["undated"]),
    one("a visit that found nothing", HEAD, row("未发现隐患", 整改期限="", 整改完成日期="", 销号情况=""), told=["clean 2025-07-17"]),
    one("a word in a column of dates", HEAD, row(整改完成日期="已整改"), told=["混放 general 2025-07-17 order:? close:?"], odd=["undated"]),
    one("at once in the column for the date", HEAD, row(整改期限="立即整改"), told=["混放 general 2025-07-17 close:2025-07-24"]),
    one("an extension", HEAD + "|延期至", [*row(整改完成日期="", 销号情况="整改中"), "2025.8.30"], told=["混放 general 2025-07-17 order:? start:?"]),
    one("open without person or measure", HEAD, row(整改责任人="", 整改措施="", 整改完成日期="", 销号情况="整改中"),
        told=["混放 general 2025-07-17 "], odd=["no_three_fixed"]),
    one("done, in a ledger without a column for closing", HEAD.replace("销号情况", "是否整改"), row(销号情况="是"), told=[f"混放 general 2025-07-17 {CLOSED}"]),
    one("a word for the state in a column for what was done", HEAD.replace("销号情况", "整改情况"), row(销号情况="整改中", 整改完成日期=""),
        row("未接地", 销号情况="已更换阀门"), told=["混放 general 2025-07-17 order:? start:?", f"未接地 general 2025-07-17 {CLOSED}"]),
    one("done, while the column for closing is empty", HEAD + "|是否整改", [*row(销号情况=""), "是"], told=["混放 general 2025-07-17 order:? submit:2025-07-24"]),
    one("a recheck that passed and one that did not", HEAD + "|复查日期|复查人员|复查意见", [*row(), "2025.7.26", "Li、Wang", "合格"],
        [*row("未接地", 销号情况="", 整改完成日期=""), "2025.7.26", "Li", "不合格，继续整改"],
        told=["混放 general 2025-07-17 order:? submit:2025-07-24 pass_recheck:2025-07-26 close:2025-07-26", "未接地 general 2025-07-17 order:?"]),
    # odd
    one("closed before it was found", HEAD, row(整改完成日期="2025-07-01"),
        told=["混放 general 2025-07-17 order:? submit:2025-07-01 close:2025-07-01"], odd=["closed_before_found"]),
    one("the date lies before the day it was found, on a rest day", HEAD, row(整改期限="2025-07-13"),
        told=[f"混放 general 2025-07-17 {CLOSED}"], odd=["due_before_found", "due_on_rest_day"]),
    one("put right on the very day of the date, most of them", HEAD, *[row(f"隐患{at}", 整改完成日期="2025-07-25") for at in range(6)],
        told=[f"隐患{at} general 2025-07-17 order:? submit:2025-07-25 close:2025-07-25" for at in range(6)], odd=["done_on_the_date"]),
    one("people nobody knows, a department nobody knows", HEAD + "|检查人|上报单位", [*row(), "赵 六、Li", "某某局"],
        told=[f"混放 general 2025-07-17 {CLOSED}"], odd=["unknown_department", "unknown_people"]),
    one("a unit that is added, one that cannot be", HEAD + "|属地|行业领域", [*row(企业名称="新厂"), "East", "化工"], [*row("未接地", 企业名称="新厂"), "East", "化工"],
        [*row(企业名称="无名厂"), "", "化工"], [*row(企业名称="远方厂"), "火星镇", "化工"],
        told=[f"混放 general 2025-07-17 {CLOSED}", f"未接地 general 2025-07-17 {CLOSED}"], odd=["new_units"],
        complaints=["4 属地: –", "5 属地: 火星镇"]),
    # wrong
    one("a grade nobody knows", HEAD, row(隐患等级="特急"), complaints=["2 隐患等级: 特急"]),
    one("a closure nobody knows", HEAD, row(销号情况="看情况"), complaints=["2 销号情况: 看情况"]),
    one("dates that are none", HEAD, row(检查时间="去年夏天"), row("未接地", 整改期限="2025.2.30"), row("无标志", 检查时间=3),
        complaints=["2 检查时间: 去年夏天", "3 整改期限: 2025.2.30", "4 检查时间: 3"]),
    one("a day that has not come", HEAD, row(检查时间="2199-01-01"), complaints=["2 检查时间: 2199-01-01"]),
    one("no unit, no text, no day", HEAD, row(企业名称=""), row(""), row("未接地", 检查时间=""),
        complaints=["2 企业名称: –", "3 隐患描述: –", "4 检查时间: –"]),
    one("a formula in a cell that counts", HEAD, row(整改期限='=B2+7'), complaints=["2 整改期限: =…"]),
    one("a formula in a cell that does not", "序号|" + HEAD, ["=ROW()-1", *row()], told=[f"混放 general 2025-07-17 {CLOSED}"]),
    one("one number on papers to two units", HEAD + "|指令文号", [*row(), "〔2025〕1号"], [*row("未接地"), "〔2025〕1号"], [*row(企业名称=MINE), "〔2025〕1号"],
        told=[f"混放 general 2025-07-17 {CLOSED}", f"未接地 general 2025-07-17 {CLOSED}"], complaints=["4 指令文号: 〔2025〕1号"]),
    one("text that would reorder what is read", HEAD, row("混放\u202e"), complaints=["2 隐患描述: 混放\u202e"]),
    # files
    one("CSV in UTF-8 without a mark", HEAD, row(), told=[f"混放 general 2025-07-17 {CLOSED}"], encoding="utf-8"),
    one("CSV in UTF-8 with a mark", HEAD, row(), told=[f"混放 general 2025-07-17 {CLOSED}"], encoding="utf-8-sig"),
    one("CSV in GBK", HEAD, row("氧气瓶混放，间距不足"), told=[f"氧气瓶混放，间距不足 general 2025-07-17 {CLOSED}"], encoding="gbk"),
    one("CSV in GB 18030", HEAD, row("㙍镇仓库混放"), told=[f"㙍镇仓库混放 general 2025-07-17 {CLOSED}"], encoding="gb18030"),
    one("CSV in UTF-16, as Excel calls Unicode text", HEAD, row(), told=[f"混放 general 2025-07-17 {CLOSED}"], encoding="utf-16"),
]  # fmt: skip
