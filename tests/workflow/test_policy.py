"""The default policy holds the domain's numbers, and whatever else is read is either right or named by line and key."""

import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from workflow import policy
from workflow.errors import BadInput
from workflow.policy import Rule
from workflow.terms import Grade, Rank, ScopeStatus

DEFAULT = policy.default()
LINES = policy.default_text().splitlines()


def mistakes(text: str) -> list[str]:
    with pytest.raises(BadInput) as caught:
        policy.parse(text, "ours.toml")
    assert caught.value.reasons
    assert "ours.toml" in str(caught.value.what)
    return [str(reason) for reason in caught.value.reasons]


def tables(table: BaseModel, key: str = "", *, is_sourced: bool = False) -> Iterator[tuple[str, BaseModel, bool]]:
    """Every table with its key, and whether it or one above it names a source."""
    is_sourced = is_sourced or isinstance(table, Rule)
    yield key, table, is_sourced
    for name, value in table:
        if isinstance(value, BaseModel):
            yield from tables(value, f"{key}.{name}".strip("."), is_sourced=is_sourced)


# -- the default -------------------------------------------------------------------------------------------------------


def test_the_limits_are_the_domains():
    limits = {name: (limit.days, "working" if limit.working else "natural") for name, limit in DEFAULT.limits}
    assert limits == {
        "order": (3, "working"),
        "serve": (7, "natural"),
        "recheck": (10, "natural"),
        "close_out": (5, "working"),
        "plan": (15, "natural"),
        "answer": (5, "working"),
        "extension_answer": (5, "natural"),
        "resumption_review": (10, "natural"),
    }


def test_the_dates_halts_and_extensions_are_the_domains():
    assert [DEFAULT.dates.of(grade) for grade in Grade] == [30, 60, 180]
    assert not DEFAULT.dates.rolls
    assert (DEFAULT.halt.temporary_months, DEFAULT.halt.confirm_hours) == (6, 24)
    assert (DEFAULT.extension.days, DEFAULT.extension.times, DEFAULT.extension.ask_before_working_days) == (30, 1, 0)
    assert (DEFAULT.rechecks.officers, DEFAULT.rechecks.fresh_eyes) == (2, True)
    assert DEFAULT.acknowledge.days == 30


@pytest.mark.parametrize(
    ("grade", "rungs", "repeat"),
    [
        (Grade.general, [(7, Rank.township), (20, Rank.county)], 30),
        (Grade.larger, [(3, Rank.township), (10, Rank.county), (20, Rank.city)], 14),
        (Grade.major, [(1, Rank.township), (3, Rank.county), (7, Rank.city)], 7),
    ],
)
def test_the_ladders_are_the_domains(grade, rungs, repeat):
    ladder = DEFAULT.ladders.of(grade)
    assert [(rung.after, rung.rank) for rung in ladder.rungs] == rungs
    assert ladder.repeat == repeat


def test_every_rule_has_a_source():
    settings = [
        (key, table, is_sourced)
        for key, table, is_sourced in tables(DEFAULT)
        if any(not isinstance(value, BaseModel) for _, value in table)
    ]
    assert [key for key, _, is_sourced in settings if not is_sourced] == [""]  # only the title and the zone have none
    assert all(table.source for _, table, _ in settings if isinstance(table, Rule))


def test_rules_from_the_reissued_penalty_measures_are_marked():
    assert "verify" in DEFAULT.halt.source
    assert DEFAULT.rechecks.source.startswith("officers: 行政处罚法 art 42")
    assert "Hubei" in DEFAULT.limits.recheck.source


def test_every_open_state_has_its_days_of_silence():
    assert set(dict(DEFAULT.stuck.silent_days)) == {
        "found",
        "ordered",
        "rectifying",
        "submitted",
        "rechecked",
        "exiting",
    }


def test_a_graver_case_is_not_lighter():
    weights = [DEFAULT.stuck.grade_weights.of(grade) for grade in Grade]
    assert weights == sorted(weights)


def test_a_policy_does_not_change():
    with pytest.raises(ValidationError):
        DEFAULT.dates.general = 31


def test_local_time_is_the_policys():
    assert DEFAULT.zone.key == "Asia/Shanghai"


def test_the_shipped_file_reads_as_itself():
    assert policy.parse(policy.default_text()) == DEFAULT


def test_a_file_saved_by_notepad_reads_as_any_other():
    assert policy.parse("\ufeff" + policy.default_text().replace("\n", "\r\n")) == DEFAULT


# -- a store's own -----------------------------------------------------------------------------------------------------


def test_rules_left_out_are_the_defaults():
    ours = policy.parse('title = "Ours"\n[limits]\nserve = { days = 3, working = true, source = "our rules" }\n')
    assert (ours.limits.serve.days, ours.limits.serve.source) == (3, "our rules")
    assert ours.limits.recheck == DEFAULT.limits.recheck
    assert ours.ladders == DEFAULT.ladders


def test_a_rule_that_is_written_brings_its_own_source():
    assert mistakes('title = "Ours"\n\nlimits.recheck.days = 20') == ["line 3, limits.recheck.source: is missing"]


def test_a_ladder_may_be_written_as_tables():
    ours = policy.parse(
        'title = "Ours"\n[ladders.major]\nrepeat = 3\nsource = "ours"\n'
        '[[ladders.major.rungs]]\nafter = 1\nrank = "county"\n'
        '[[ladders.major.rungs]]\nafter = 2\nrank = "city"\n'
    )
    assert [rung.after for rung in ours.ladders.major.rungs] == [1, 2]


# -- mistakes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        # the file
        ("limits =", "line 2: "),
        ("a = 1\na = 2", "line 3: "),
        ('text = "', "line 2: "),
        ("text = [\n1,\n", "line 3: "),
        ("limits = " + "[" * 5000, "it holds a number too long, "),
        ("limits = " + "9" * 5000, "it holds a number too long, "),
        ("limits = " + "[" * 300 + "]" * 300, "it holds a number too long, "),
        ("limits = 0x" + "F" * 5000, "it holds a number too long, "),
        # keys
        ("limts = 1", "line 2, limts: there is no such key; did you mean limits?"),
        ("zzz = 1", "line 2, zzz: there is no such key"),
        ('"" = 1', "line 2, : there is no such key"),
        (r'"a\u001b\n" = 1', "line 1, a??: there is no such key"),
        ('"险" = 1', "line 2, 险: there is no such key"),
        (
            '[limits]\n\nplan = { days = 1, source = "s", wroking = true }',
            "line 4, limits.plan.wroking: there is no such key; did you mean working?",
        ),
        (
            '[ladders.major]\nrungs = [\n  { after = 1, rnk = "city" },\n]',
            "line 4, ladders.major.rungs.1.rnk: there is no such key; did you mean rank?",
        ),
        ("[acknowledge]\ndays = 3", "line 2, acknowledge.source: is missing"),
        # types
        ('acknowledge = { source = "s", days = "3" }', "line 2, acknowledge.days: must be a whole number"),
        ('acknowledge = { source = "s", days = 3.5 }', "line 2, acknowledge.days: must be a whole number"),
        ('acknowledge = { source = "s", days = inf }', "line 2, acknowledge.days: must be a whole number"),
        ('acknowledge = { source = "s", days = true }', "line 2, acknowledge.days: must be a whole number"),
        ("acknowledge = { source = 1979-05-27, days = 3 }", "line 2, acknowledge.source: must be text in quotes"),
        ("[rechecks]\nfresh_eyes = 1", "line 3, rechecks.fresh_eyes: must be true or false"),
        ("halt = 3", "line 2, halt: must be a table"),
        ("limits = 3", "line 2, limits: must be a table"),
        ("[reminders]\nbefore = 3", "line 3, reminders.before: must be a list"),
        (
            '[ladders.major]\nrungs = [{ after = 1, rank = "town" }]',
            "line 3, ladders.major.rungs.1.rank: must be one of 'village', 'township', 'county', 'city' or 'province'",
        ),
        ('timezone = "Asia/Peking"', "line 2, timezone: must be the name of a time zone such as Asia/Shanghai"),
        ('timezone = "Asia"', "line 2, timezone: must be the name of a time zone such as Asia/Shanghai"),
        ('[service]\nnightly_at = "2:00"', 'line 3, service.nightly_at: must be a time of day such as "02:00"'),
        # range
        ('acknowledge = { source = "s", days = 0 }', "line 2, acknowledge.days: must be at least 1"),
        (f'acknowledge = {{ source = "s", days = {10**30} }}', "line 2, acknowledge.days: must be at most 3650"),
        ("[rechecks]\nofficers = 1", "line 3, rechecks.officers: must be at least 2"),
        ("[ladders.larger]\nrepeat = 0", "line 3, ladders.larger.repeat: must be at least 1"),
        ("[ladders.larger]\nrungs = []", "line 3, ladders.larger.rungs: must not be empty"),
        ("[evidence]\ntypes = []", "line 3, evidence.types: must not be empty"),
        ('[evidence]\ntypes = ["pdf", "../x"]', "line 3, evidence.types.2: has characters that may not be used here"),
        ('[text]\nsource = " "', "line 3, text.source: must not be empty"),
        (f'[text]\nsource = "{"s" * 401}"', "line 3, text.source: must be at most 400 characters long"),
        (r'[text]' + '\n' + r'source = "\u001b[2J"', "line 3, text.source: has characters that may not be used here"),
        # order
        ("[dates]\ngeneral = 60\nlarger = 30", "line 4, dates.larger: must not be less than general, 60"),
        ("[dates]\nlarger = 60\nmajor = 30", "line 4, dates.major: must not be less than larger, 60"),
        (
            '[ladders.major]\nrungs = [\n{ after = 3, rank = "city" },\n# again\n{ after = 3, rank = "city" },\n]',
            "line 6, ladders.major.rungs.2.after: must be more than the rung before",
        ),
        (
            '[ladders.major]\nrungs = [{ after = 1, rank = "city" },\n{ after = 2, rank = "county" }]',
            "line 4, ladders.major.rungs.2.rank: must not be lower than the rung before",
        ),
        ("[reminders]\nbefore = [1, 3]", "line 3, reminders.before.2: must be less than the one before"),
        ("[exit]\nfollow_up_months = [1, 1]", "line 3, exit.follow_up_months.2: must be more than the one before"),
    ],
)  # fmt: skip
def test_a_mistake_names_its_line_and_key(written, reason):
    found = mistakes(f'title = "Ours"\n{written}\n')
    assert any(each.startswith(reason) for each in found), found


def test_a_policy_is_named_by_who_writes_it():
    assert mistakes("") == ["line 1, title: is missing"]


def test_every_mistake_is_named_in_the_order_of_the_file():
    text = (
        '# ours\ntitle = "Ours"\n\n[limits]\nordr = { days = 1, source = "s" }\n'
        'serve = { days = "7", source = "s" }\n\n[ladders.general]\nrepeat = 0\nsource = "s"\nrungs = [\n'
        '  { after = 9, rank = "city" }, # {\n  { after = 3, rank = "village" },\n]\n'
    )
    assert mistakes(text) == [
        "line 5, limits.ordr: there is no such key; did you mean order?",
        "line 6, limits.serve.days: must be a whole number",
        "line 9, ladders.general.repeat: must be at least 1",
        "line 13, ladders.general.rungs.2.after: must be more than the rung before",
        "line 13, ladders.general.rungs.2.rank: must not be lower than the rung before",
    ]


def test_lines_are_found_past_strings_that_look_like_toml():
    text = (
        'title = """\n[limits]\nserve = "\\""\n"""\n[text]\n'
        "source = '''\n# [\n'''\n\"max_chars\" = 0\n"
    )  # fmt: skip
    assert "line 9, text.max_chars: must be at least 1" in mistakes(text)


def test_a_message_shows_braces_as_they_are_written():
    assert mistakes('title = "Ours"\n"{x}" = 1\n') == ["line 2, {x}: there is no such key"]


edits = st.tuples(
    st.sampled_from(["delete", "double", "swap", "insert", "value"]),
    st.integers(0, len(LINES) - 1),
    st.integers(0, len(LINES) - 1),
    st.one_of(
        st.text(max_size=8),
        st.sampled_from(["0", "-1", "1e400", "true", '"x"', "[]", "{}", "[1, 1]", "1979-05-27", "[[limits]]", "a.b=1"]),
    ),
)


def edited(lines: list[str], edit: tuple[str, int, int, str]) -> list[str]:
    kind, first, second, text = edit
    first, second = first % len(lines), second % len(lines)
    lines = list(lines)
    if kind == "delete":
        del lines[first]
    elif kind == "double":
        lines.insert(second, lines[first])
    elif kind == "swap":
        lines[first], lines[second] = lines[second], lines[first]
    elif kind == "insert":
        at = second % (len(lines[first]) + 1)
        lines[first] = lines[first][:at] + text + lines[first][at:]
    else:
        lines[first] = re.sub(r"=.*", lambda _: f"= {text}", lines[first])
    return lines


@given(st.lists(edits, min_size=1, max_size=6))
def test_however_a_policy_is_spoilt_it_reads_or_says_where_it_is_wrong(spoilt):
    lines = LINES
    for edit in spoilt:
        lines = edited(lines, edit)
    text = "\n".join(lines)
    with suppress(BadInput):
        policy.parse(text)
        return
    for reason in mistakes(text):
        line = re.match(r"line (\d+)[,:] ", reason)
        assert line is not None
        assert 1 <= int(line[1]) <= text.count("\n") + 1


@given(st.text())
def test_any_text_reads_or_is_bad_input(text):
    with pytest.raises(BadInput):
        policy.parse(text)


# -- the words it is written in ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [Grade, Rank, ScopeStatus])
def test_words_with_an_order_compare_by_it_and_not_by_alphabet(words):
    members = list(words)
    assert sorted([*members[1:], members[0]]) == members
    for lower, upper in pairwise(members):
        assert lower < upper
        assert lower <= upper
        assert upper > lower
        assert upper >= lower
        assert str(lower.value) < upper  # as it comes from the store
        assert not upper.value < lower
        assert lower <= lower.value
        assert lower >= lower.value


def test_grades_have_weights_and_ranks_heights():
    assert [grade.weight for grade in Grade] == [0, 1, 2]
    assert [rank.height for rank in Rank] == [0, 1, 2, 3, 4]


def test_a_word_of_another_kind_has_no_place_in_the_order():
    with pytest.raises(ValueError, match="hamlet"):
        assert Rank.village < "hamlet"
