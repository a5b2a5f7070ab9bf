"""The fields of each paper: what a template may name. A list has fields of its own, named in it."""

from typing import Any

from workflow.terms import PaperKind

#: A field's meaning, or for a list the meanings of its rows' fields.
Fields = dict[str, Any]

#: On every paper.
COMMON: Fields = {
    "title": "文书名称",
    "short_title": "文书简称",
    "number": "文号",
    "department": "制作文书的部门",
    "review_body": "复议机关",
    "date": "落款日期",
    "unit": "单位名称",
    "address": "单位地址",
    "responsible": "单位负责人",
    "post": "负责人职务",
    "phone": "联系电话",
    "credit_code": "统一社会信用代码",
    "mark": "作废、已被替代；现行有效的为空",
    "remarks": {"text": "文书制作以后的变化：撤回、替代、延期"},
}
_OFFICERS: Fields = {
    "officers": {"name": "姓名", "certificate": "证件号"},
    "officers_named": "全部人员及证件号",
}

FIELDS: dict[PaperKind, Fields] = {
    PaperKind.order: {
        **COMMON,
        **_OFFICERS,
        "demand": "现责令；乡镇为现要求",
        "items": {
            "no": "序号",
            "case": "隐患编号",
            "requirement": "问题和事故隐患",
            "place": "部位",
            "basis": "依据",
            "grade": "隐患等级",
            "measure": "整改措施",
            "responsible": "整改责任人",
            "interim": "整改期间的安全防范措施",
            "due": "整改期限",
        },
        "deadlines": {"places": "同一期限的各项序号", "due": "整改期限"},
        "interims": {"places": "同一措施的各项序号", "text": "安全防范措施"},
        "majors": "重大事故隐患的序号；没有的为空",
        "reports_up": "乡镇文书：逾期上报",
    },
    PaperKind.inspection: {
        **COMMON,
        **_OFFICERS,
        "place": "检查场所",
        "starts": "开始时间",
        "ends": "结束时间",
        "visit_kind": "检查类型",
        "campaign": "专项行动",
        "round": "轮次",
        "together": "参加检查的其他部门",
        "certified": "两名以上持证人员检查",
        "note": "检查情况",
        "items": {
            "no": "序号",
            "case": "隐患编号",
            "text": "问题和隐患",
            "place": "部位",
            "grade": "隐患等级",
            "basis": "依据",
        },
        "signed_by": "现场签字人",
        "refusal": "拒绝签字的原因",
    },
    PaperKind.recheck: {
        **COMMON,
        **_OFFICERS,
        "rechecked_on": "复查日期",
        "originals": {"date": "原文书日期", "title": "原文书名称", "number": "原文书文号"},
        "items": {
            "no": "序号",
            "case": "隐患编号",
            "text": "原问题和事故隐患",
            "order": "原文书文号",
            "result": "复查结果",
            "opinion": "复查意见",
        },
        "ordered_again": {"places": "各项序号", "number": "新文书文号", "due": "新的整改期限"},
    },
    PaperKind.measures: {
        **COMMON,
        **_OFFICERS,
        "inspected_on": "检查日期",
        "items": {
            "no": "序号",
            "case": "隐患编号",
            "text": "违法行为和事故隐患",
            "place": "部位",
            "grade": "隐患等级",
            "basis": "依据",
            "decision": "现场处理决定",
        },
        "basis": "决定依据",
        "decisions": {"no": "序号", "text": "决定内容"},
    },
    PaperKind.listing: {
        **COMMON,
        "case": "隐患编号",
        "grade": "隐患等级",
        "text": "隐患描述",
        "place": "部位",
        "basis": "判定依据",
        "rank": "督办级别",
        "due": "督办期限",
        "in_charge": "负责跟踪督促的部门",
    },
    PaperKind.extension: {
        **COMMON,
        "case": "隐患编号",
        "order": "原文书文号",
        "ordered_on": "原文书日期",
        "requirement": "整改事项",
        "from_due": "原定期限",
        "until": "申请延至",
        "ground": "事由类别",
        "reason": "申请事由",
        "interim": "延期期间的安全防范措施",
        "asked_by": "申请人",
        "asked_on": "申请日期",
        "granted": "准予延期",
        "note": "审批说明",
        "decided_by": "审批人",
    },
}
