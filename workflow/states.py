"""Where each kind of thing that moves can be. The moves between are its process's (workflow/hazard.py …).

They stand apart because tables and questions need the words, and not the rules.
"""

from enum import StrEnum


class State(StrEnum):
    """Where a hazard is. The first six are open: somebody owes the next move."""

    found = "found"  #: 已排查（待处理）
    ordered = "ordered"  #: 已下达指令（待整改）
    rectifying = "rectifying"  #: 整改中
    submitted = "submitted"  #: 待复查
    rechecked = "rechecked"  #: 复查合格（待销号）
    exiting = "exiting"  #: 退出中
    closed = "closed"  #: 已销号
    shutdown = "shutdown"  #: 已淘汰关闭
    relocated = "relocated"  #: 已搬迁入园
    retreated = "retreated"  #: 已退二进三
    voided = "voided"  #: 已作废


found, ordered, rectifying, submitted, rechecked, exiting, closed, shutdown, relocated, retreated, voided = State

OPEN = (found, ordered, rectifying, submitted, rechecked, exiting)
ENDED = (closed, shutdown, relocated, retreated, voided)


class ExtensionState(StrEnum):
    """Where a request for a later date is."""

    requested = "requested"  #: 待批
    granted = "granted"  #: 已准予
    refused = "refused"  #: 不予批准
    withdrawn = "withdrawn"  #: 已撤回
    lapsed = "lapsed"  #: 已失效


class HaltState(StrEnum):
    """Where a halt is. The first two hold."""

    imposed = "imposed"  #: 已责令停产停业
    resumption_requested = "resumption_requested"  #: 已申请恢复生产
    lifted = "lifted"  #: 已解除
    revoked = "revoked"  #: 已撤销
    converted = "converted"  #: 已转为退出


class ExitState(StrEnum):
    """Where an exit is. The first two are running."""

    decided = "decided"  #: 已决定
    underway = "underway"  #: 退出实施中
    verified = "verified"  #: 已核实
    revoked = "revoked"  #: 已撤销
    breached = "breached"  #: 死灰复燃


class FollowUpState(StrEnum):
    """Where a visit to what has gone is: still to be made, made, or not needed any more."""

    planned = "planned"  #: 待回访
    visited = "visited"  #: 已回访
    dropped = "dropped"  #: 已取消
