"""The words of the trade that have a fixed set of values (DOMAIN §1): grades, ranks, roles, kinds, results.

Values are what the command line, JSON and the store write, English always; labels are translated where they are shown.
States and triggers do not belong here: each process declares its own.
"""

from enum import StrEnum
from functools import cached_property


class _Ordered(StrEnum):
    """Words that rise in the order they are declared: they compare by place, never by alphabet.

    Their plain strings compare alike, so a value fresh from the store may stand on either side.
    """

    @cached_property
    def place(self) -> int:
        """Position in the declaration, from 0."""
        return list(type(self)).index(self)

    def __lt__(self, other: str) -> bool:
        return self._is_below(other, strictly=True)

    def __le__(self, other: str) -> bool:
        return self._is_below(other, strictly=False)

    def __gt__(self, other: str) -> bool:
        return not self.__le__(other)

    def __ge__(self, other: str) -> bool:
        return not self.__lt__(other)

    def _is_below(self, other: str, *, strictly: bool) -> bool:
        """Compare by place; raise ValueError for a word of another kind, which has no place here."""
        place = type(self)(other).place
        return self.place < place if strictly else self.place <= place


class Kind(StrEnum):
    """What kind of thing moves: steps, deadlines, rungs, notices and evidence name their subject by kind and id."""

    hazard = "hazard"  #: 隐患
    extension = "extension"  #: 延期
    halt = "halt"  #: 停产整顿
    exit = "exit"  #: 退出
    follow_up = "follow_up"  #: 退出后的回访


class Grade(_Ordered):
    """How grave a hazard is 隐患等级."""

    general = "general"  #: 一般
    larger = "larger"  #: 较大 (local)
    major = "major"  #: 重大

    @property
    def weight(self) -> int:
        """0 for general, 1 for larger, 2 for major."""
        return self.place


class Rank(_Ordered):
    """How high in the tree of areas an area or a department stands."""

    village = "village"  #: 村/网格
    township = "township"  #: 乡镇/街道
    county = "county"  #: 县/开发区
    city = "city"  #: 市
    province = "province"  #: 省

    @property
    def height(self) -> int:
        """0 for village up to 4 for province."""
        return self.place


class Role(StrEnum):
    """What a person may do."""

    inspector = "inspector"  #: 检查人员
    supervisor = "supervisor"  #: 负责人; may do what an inspector may
    patroller = "patroller"  #: 巡查员/网格员: records and reports up, orders nothing
    contact = "contact"  #: 企业安全员, of a unit
    clerk = "clerk"  #: 统计员
    administrator = "administrator"  #: 管理员


#: Who may act for others with --as.
RECORDERS = frozenset({Role.administrator, Role.clerk})


class WaitsOn(StrEnum):
    """Who has to act next on a case."""

    unit = "unit"
    inspector = "inspector"
    supervisor = "supervisor"
    department = "department"
    none = "none"  #: it has ended


class UnitKind(StrEnum):
    """What an inspected unit is."""

    enterprise = "enterprise"
    school = "school"
    site = "site"
    other = "other"


class InspectionKind(StrEnum):
    """Why a visit was made."""

    routine = "routine"  #: 日常
    campaign = "campaign"  #: 专项
    recheck = "recheck"  #: 复查
    look_back = "look-back"  #: 回头看
    acceptance = "acceptance"  #: 验收
    patrol = "patrol"  #: 巡查
    report = "report"  #: 举报核查


class Measure(StrEnum):
    """What is done about a major hazard whose unit does not obey, besides orders and halts."""

    power_cut = "power_cut"  #: 停电通知
    power_restored = "power_restored"  #: 恢复供电通知


class ItemResult(StrEnum):
    """What became of one item of an order."""

    open = "open"
    passed = "passed"
    failed = "failed"
    superseded = "superseded"
    withdrawn = "withdrawn"


class PaperKind(StrEnum):
    """What is printed and served (DOMAIN §8)."""

    order = "order"  #: 责令限期整改指令书 (township: 限期整改意见书)
    inspection = "inspection"  #: 现场检查记录
    recheck = "recheck"  #: 整改复查意见书
    measures = "measures"  #: 现场处理措施决定书
    listing = "listing"  #: 挂牌督办通知书
    extension = "extension"  #: 延期审批
    resumption = "resumption"  #: 恢复生产批复


class Ground(StrEnum):
    """Why a later date is asked for."""

    force_majeure = "force_majeure"  #: 不可抗力
    other = "other"  #: 其他


class HaltKind(StrEnum):
    """What a halt is."""

    temporary = "temporary"  #: 责令暂时停产停业, an on-site measure
    stop_use = "stop_use"  #: 停止使用
    stop_work = "stop_work"  #: 停止施工
    penalty = "penalty"  #: 停产停业整顿


class HaltScope(StrEnum):
    """How much of a unit is halted."""

    whole = "whole"  #: 全部
    part = "part"  #: 局部


class ExitKind(StrEnum):
    """How a unit, or a line of it, goes."""

    shutdown = "shutdown"  #: 淘汰关闭
    relocation = "relocation"  #: 搬迁入园
    retreat = "retreat"  #: 退二进三
    partial = "partial"  #: 淘汰部分落后生产线


class Basis(StrEnum):
    """On whose word an exit rests."""

    voluntary = "voluntary"  #: 自愿（承诺书）
    government = "government"  #: 政府决定（关闭决定）


class ExitStep(StrEnum):
    """What is seen on site before an exit is verified."""

    stopped = "stopped"  #: 停产
    disposed = "disposed"  #: 物料处置
    removed = "removed"  #: 设备拆除
    licence = "licence"  #: 执照注销/变更
    new_site = "new_site"  #: 新址验收


class ScopeList(StrEnum):
    """How a campaign takes a unit in."""

    listed = "listed"  #: 列入
    reference = "reference"  #: 参照


class ScopeStatus(_Ordered):
    """How far a unit's place on a campaign's list is settled."""

    surveyed = "surveyed"  #: 摸底
    screened = "screened"  #: 筛选
    cross_checked = "cross_checked"  #: 核对
    final = "final"  #: 确定


class ChosenPath(StrEnum):
    """Which way a unit of a campaign chooses and signs for 整治方案."""

    in_place = "in_place"  #: 原地整治提升
    shutdown = "shutdown"  #: 淘汰关闭
    relocation = "relocation"  #: 搬迁入园
    retreat = "retreat"  #: 退二进三
    partial = "partial"  #: 淘汰部分落后生产线


class LookBackResult(StrEnum):
    """What a look-back 回头看 saw of something that had ended."""

    stayed = "stayed"  #: 未反弹
    recurred = "recurred"  #: 反弹
