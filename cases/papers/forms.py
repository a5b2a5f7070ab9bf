"""The papers as forms: what stands where, as data. The words between the fields are those of the trade's own forms.

A form is a list of blocks. `word` draws it as an editable template, `pages` sets it as PDF; both fill in the same
fields (`fields`). `{{ … }}` is a field; `when` an expression on fields; `each` repeats a block over a list.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from workflow.terms import PaperKind


@dataclass(frozen=True)
class Text:
    """A paragraph. `style`: body (indented), plain, to (the addressee), line (a label and its value), sign, right, foot."""

    text: str
    style: str = "body"
    when: str = ""
    each: tuple[str, str] | None = None


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, what each cell says, its width in cm."""

    heading: str
    cell: str
    width: float


@dataclass(frozen=True)
class Table:
    """A table with a row for each `row` of a list; it flows to the next page under its own heading."""

    row: str
    rows: str
    columns: Sequence[Column]
    when: str = ""


Block = Text | Table

#: Signatures, the seal and its date stay together.
KEPT = ("sign", "right")


def is_signed(block: Block | None) -> bool:
    """Whether this is where people sign: what stands above stays with it, so that nobody signs an empty page."""
    return isinstance(block, Text) and block.style in KEPT


_BLANK = "＿＿＿＿＿＿"
_TO = Text("{{ unit }}：", "to")
_UNIT = [
    Text("被检查单位：{{ unit }}", "line"),
    Text("地　　址：{{ address }}", "line"),
    Text("负 责 人：{{ responsible }}　　职务：{{ post }}　　联系电话：{{ phone }}", "line"),
]
_REVIEW = Text(
    "如果不服本{{ short_title }}，可以自收到本文书之日起六十日内依法向{{ review_body }}申请行政复议，或者在六个月内依法向"
    "人民法院提起行政诉讼；复议、诉讼期间本{{ short_title }}不停止执行，法律另有规定的除外。"
)
_OFFICERS = Text(
    f"行政执法人员（签名）：{_BLANK}　　证件号：{{{{ officer.certificate }}}}", "sign", each=("officer", "officers")
)
_SEAL = [Text("{{ department }}（印章）", "right"), Text("{{ date }}", "right")]
_COPIES = Text("本文书一式两份：一份由本机关存档，一份交{{ unit }}。", "foot")


def _received(who: str) -> Text:
    return Text(f"{who}（签名）：{_BLANK}　　　　年　　月　　日", "sign")


_NO = Column("序号", "{{ item.no }}", 1.3)
_GRADE = Column("等级", "{{ item.grade }}", 1.3)

INSPECTION: list[Block] = [
    *_UNIT,
    Text("检查场所：{{ place }}", "line"),
    Text("检查时间：{{ starts }}至{{ ends }}", "line"),
    Text("检查类型：{{ visit_kind }}{% if campaign %}（{{ campaign }}）{% endif %}", "line"),
    Text("检查人员：{{ officers_named }}", "line"),
    Text("参加部门：{{ together }}", "line", when="together"),
    Text(
        "我们是{{ department }}的检查人员，证件号码见上，已出示证件。现依法对你单位进行现场检查，请予以配合。",
        when="certified",
    ),
    Text("检查情况：{{ note }}", "plain", when="note"),
    Text("经检查，发现下列问题和隐患：", "plain", when="items"),
    Table(
        "item",
        "items",
        [
            _NO,
            Column("问题和隐患", "{{ item.text }}", 6.4),
            Column("部位", "{{ item.place }}", 2.6),
            _GRADE,
            Column("依据", "{{ item.basis }}", 4.2),
        ],
        when="items",
    ),
    Text("经检查，未发现问题和隐患。", "plain", when="not items"),
    Text(f"检查人员（签名）：{_BLANK}　　证件号：{{{{ officer.certificate }}}}", "sign", each=("officer", "officers")),
    _received("被检查单位现场负责人"),
    Text("被检查单位现场负责人拒绝签名，原因：{{ refusal }}", "plain", when="refusal"),
    *_SEAL,
]

MEASURES: list[Block] = [
    _TO,
    Text("本机关于{{ inspected_on }}对你单位进行现场检查时，发现存在下列违法行为和事故隐患：", when="items"),
    Table(
        "item",
        "items",
        [
            _NO,
            Column("违法行为和事故隐患", "{{ item.text }}", 5),
            _GRADE,
            Column("依据", "{{ item.basis }}", 3.2),
            Column("现场处理决定", "{{ item.decision }}", 4.8),
        ],
        when="items",
    ),
    Text("依据{{ basis }}的规定，现作出如下现场处理决定："),
    Text("{{ decision.no }}．{{ decision.text }}", each=("decision", "decisions")),
    _REVIEW,
    _OFFICERS,
    _received("被检查单位负责人"),
    *_SEAL,
    _COPIES,
]

ORDER: list[Block] = [
    _TO,
    Text("经检查，你单位存在下列问题和事故隐患："),
    Table(
        "item",
        "items",
        [
            _NO,
            Column("问题和事故隐患", "{{ item.requirement }}", 4.6),
            _GRADE,
            Column("整改措施和要求", "{{ item.measure }}", 3.5),
            Column("责任人", "{{ item.responsible }}", 1.9),
            Column("整改期限", "{{ item.due }}", 3.2),
        ],
    ),
    Text(
        "{{ demand }}你单位对上述第{{ deadline.places }}项于{{ deadline.due }}前（含当日）整改完毕，达到有关法律、法规、规章和"
        "标准的要求。",
        each=("deadline", "deadlines"),
    ),
    Text(
        "整改期间，第{{ interim.places }}项应当采取下列安全防范措施：{{ interim.text }}", each=("interim", "interims")
    ),
    Text(
        "上述第{{ majors }}项为重大事故隐患。你单位应当制定并实施治理方案，做到目标和任务、经费和物资、机构和人员、时限和要求、"
        "安全措施和应急预案“五落实”。",
        when="majors",
    ),
    Text(
        "逾期未整改或者整改不到位的，本机关将向上级人民政府及其负有安全生产监督管理职责的部门报告。", when="reports_up"
    ),
    Text("逾期未整改或者整改不合格的，将依法处理；由此造成事故的，依法追究有关人员的责任。", when="not reports_up"),
    Text("整改完成后，请及时向本机关申请复查。"),
    _REVIEW,
    _OFFICERS,
    _received("被检查单位负责人"),
    *_SEAL,
    _COPIES,
]

RECHECK: list[Block] = [
    _TO,
    Text(
        "本机关于{{ original.date }}对你单位作出了{{ original.title }}（{{ original.number }}）。",
        each=("original", "originals"),
    ),
    Text("{{ rechecked_on }}，经对整改情况进行复查，提出如下意见："),
    Table(
        "item",
        "items",
        [
            _NO,
            Column("原问题和事故隐患", "{{ item.text }}", 5.6),
            Column("原文书", "{{ item.order }}", 3.4),
            Column("结果", "{{ item.result }}", 1.6),
            Column("复查意见", "{{ item.opinion }}", 3.8),
        ],
    ),
    Text(
        "上述第{{ again.places }}项复查不合格，已由{{ again.number }}另行责令于{{ again.due }}前（含当日）整改完毕。",
        each=("again", "ordered_again"),
    ),
    _OFFICERS,
    _received("被复查单位负责人"),
    *_SEAL,
    _COPIES,
]

LISTING: list[Block] = [
    _TO,
    Text("经查，你单位存在下列{{ grade }}事故隐患："),
    Text("{{ text }}"),
    Text("隐患部位：{{ place }}", when="place"),
    Text("判定依据：{{ basis }}", when="basis"),
    Text(
        "为督促治理，决定自{{ date }}起对该隐患实行{{ rank }}挂牌督办，督办机关为{{ department }}，督办文号为{{ number }}。"
    ),
    Text(
        "请你单位于{{ due }}前（含当日）完成治理。治理期间应当落实责任、措施、资金、时限和应急预案，并采取相应的安全防范措施；"
        "无法保证安全的，应当停止生产经营或者停止使用。"
    ),
    Text("治理完成后，请向{{ in_charge }}申请复查；经复查合格，由督办机关摘牌。"),
    Text("请{{ in_charge }}跟踪督促治理，并按期报告进展。"),
    *_SEAL,
    Text("抄送：{{ in_charge }}。", "foot"),
]

EXTENSION: list[Block] = [
    Text("申请单位：{{ unit }}", "line"),
    Text("原 文 书：{{ order }}（{{ ordered_on }}）", "line"),
    Text("整改事项：{{ requirement }}", "line"),
    Text("原定期限：{{ from_due }}", "line"),
    Text("申请延至：{{ until }}", "line"),
    Text("申 请 人：{{ asked_by }}　　申请日期：{{ asked_on }}", "line"),
    Text("申请事由（{{ ground }}）：{{ reason }}", "plain"),
    Text("延期期间的安全防范措施：{{ interim }}", "plain"),
    Text(
        "审批意见：同意将整改期限延长至{{ until }}（含当日）。延期期间应当落实上述安全防范措施，确保安全。",
        "plain",
        when="granted",
    ),
    Text("审批意见：不同意延期，仍应当于{{ from_due }}前（含当日）整改完毕。", "plain", when="not granted"),
    Text("审批说明：{{ note }}", "plain", when="note"),
    Text(f"审批人（签名）：{_BLANK}　　（{{{{ decided_by }}}}）", "sign"),
    *_SEAL,
    Text("本文书一式两份：一份由本机关存档，一份交申请单位。", "foot"),
]

RESUMPTION: list[Block] = [
    _TO,
    Text("你单位{{ asked_on }}提出的恢复申请收悉。"),
    Text(
        "本机关于{{ imposed_on }}对你单位作出{{ measure }}（{{ scope }}）的决定{% if decision %}（{{ decision }}）{% endif %}。"
        "{{ reviewed_on }}，{{ officers_named }}到现场复查，决定所列隐患的整改情况如下："
    ),
    Table(
        "item",
        "items",
        [
            _NO,
            Column("事故隐患", "{{ item.text }}", 8.3),
            _GRADE,
            Column("整改结果", "{{ item.result }}", 4.8),
        ],
    ),
    Text("复查意见：{{ note }}", when="note"),
    Text("经审查，同意你单位自{{ date }}起恢复，上述措施同时解除。"),
    Text("恢复后，你单位应当继续落实安全生产主体责任，巩固整改成果，防止同类隐患再次发生。"),
    _OFFICERS,
    *_SEAL,
    _COPIES,
]

FORMS: dict[PaperKind, list[Block]] = {
    PaperKind.order: ORDER,
    PaperKind.inspection: INSPECTION,
    PaperKind.recheck: RECHECK,
    PaperKind.measures: MEASURES,
    PaperKind.listing: LISTING,
    PaperKind.extension: EXTENSION,
    PaperKind.resumption: RESUMPTION,
}
