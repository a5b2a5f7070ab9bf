"""What rectify says, collected from the code and the data it is made of, and the translations. `make messages` runs this.

Sentences are found by the calls that make them, help by walking the commands, terms (states, grades, roles …: entries
with a context, their kind) where their values are declared, and click's own words in the click that is installed. No
term is ever dropped here: what the program no longer calls so may still stand in a store.
"""

import ast
import dataclasses
import inspect
import re
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

import click
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

import cases.tables as t
from cases.commands.asking import BY
from cases.questions import figures, stuck
from cases.setup import Did
from cases.verbs import orders, registers, staff, visits
from schedules import commands as schedule
from schedules.jobs import Report
from workflow import authority, terms
from workflow.calendar import DayKind
from workflow.deadlines import MAIN
from workflow.extension import ASKER
from workflow.guards import PLAN_PARTS
from workflow.policy import Limits, Weights, default_text
from workflow.process import Move
from workflow.processes import PROCESSES
from workflow.states import ExitState, ExtensionState, FollowUpState, HaltState, State

ROOT = Path(__file__).parent.parent
LOCALE = ROOT / "cases" / "locale"
ROOMS = ("workflow", "cases", "schedules")
#: Chinese says everything; English only what is not said well by the words of the code.
LANGUAGES = ("zh_CN", "en")

#: Calls that are given sentences, and where; two numbers: singular and plural.
CALLS: dict[str, tuple[int, ...]] = {
    "_": (0,),
    "gettext": (0,),
    "ngettext": (0, 1),
    "translate": (0,),
    "say": (0,),
    "Sentence": (0,),
    "guard": (0,),
    "_of_department": (1,),
}
#: Arguments by name that are sentences, of the calls that print tables.
NAMED = ("empty",)

#: The modules of click whose words a user of rectify can meet: not its prompts, pagers, editors and consoles.
CLICK = ("core", "decorators", "exceptions", "formatting", "parser", "types")
#: What clicks before the one that is installed say in other words (we take any from 8.2 on).
OLDER_CLICK = ("{value!r} is not a valid boolean.",)

Said = tuple[str | None, str | tuple[str, str]]


# -- sentences ---------------------------------------------------------------------------------------------------------


def sentences(path: Path) -> Iterator[Said]:
    """Yield every sentence and every literal term in a module, each with its context, None for most."""
    for call in _calls(path):
        name = _name_of(call.func)
        if name in ("Term", "label") and len(call.args) == 2:
            kind, value = map(_text, call.args)
            if kind and value:
                yield kind, value
        places = CALLS.get(name, ())
        texts = [list(_texts(call.args[place])) for place in places if place < len(call.args)]
        texts += [list(_texts(keyword.value)) for keyword in call.keywords if keyword.arg in NAMED]
        if len(places) == 2 and len(texts) == 2:
            yield from ((None, plural) for plural in zip(*texts, strict=False))
        else:
            yield from ((None, text) for each in texts for text in each)


def _calls(path: Path) -> Iterator[ast.Call]:
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _name_of(function: ast.expr) -> str:
    return getattr(function, "id", None) or getattr(function, "attr", "")


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value else None


def _texts(node: ast.expr) -> Iterator[str]:
    """Yield the text an argument is, or the two of which it is one."""
    for each in (node.body, node.orelse) if isinstance(node, ast.IfExp) else (node,):
        if text := _text(each):
            yield text


def modules() -> list[Path]:
    """Return every module of the program."""
    return sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def of_click() -> Iterator[Said]:
    """Yield what click itself says to a user: its words come from the default domain, which is ours."""
    spec = find_spec("click")
    assert spec is not None
    assert spec.origin is not None
    for name in CLICK:
        yield from sentences(Path(spec.origin).with_name(f"{name}.py"))
    yield from ((None, text) for text in (*OLDER_CLICK, "required"))


# -- help --------------------------------------------------------------------------------------------------------------


def commands() -> Iterator[tuple[str, click.Command]]:
    """Yield every command by its path, the root first."""
    from cases.commands import root

    yield from _below("rectify", root)


def _below(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        ctx = click.Context(command)
        for name in command.list_commands(ctx):
            try:
                member = command.get_command(ctx, name)
            except ImportError:
                continue  # a command that is declared and not written yet; a test of the commands finds it
            if member is not None:
                yield from _below(f"{path} {name}", member)


def helps() -> Iterator[str]:
    """Yield the help of every command and of every option, as the commands ask for its translation.

    Groups list members they have not loaded by the first sentence of their help, which is asked for alone.
    """
    for _, command in commands():
        english: dict[str, str | None] = command._english  # type: ignore[attr-defined]  # help itself was said before
        yield from (inspect.cleandoc(text) for text in english.values() if text)
        yield from (first for _, first in getattr(command, "lazy", {}).values())


# -- terms -------------------------------------------------------------------------------------------------------------

#: Words that commands take or questions answer and that are declared as plain text where they are used.
PLAIN = {
    "actor": ["clock"],
    "column": ["deadline", "rungs", "overdue_days", "new", "was_text", "was_place", "was_sector", "finders",
               "part", "rate", "numerator", "denominator", "counted_in", "key", "imported", "said", "says", "named", "dated"],
    "ordinal": ["1. ", "2. ", "3. ", "4. ", "5. ", "6. "],
    # What reports tally besides: the keys in use; any other is shown as it was written.
    "figure": ["publicity.banners", "publicity.posters", "publicity.blackboards", "publicity.slogans", "training.sessions",
               "meetings", "accidents", "accidents.major", "land.mu", "demolished.m2", "std.passed", "eq.flocking", "eq.papertube",
               "eq.h2o2_line", "eq.jinggangmycin_line", "eq.phba", "eq.oxides"],
    "job": [*schedule._JOBS],
    "state": ["never_run", "idle", "running", "interrupted"],
    "check": ["schema", "clock", *(f"job {name}" for name in schedule._JOBS), "outbox", "calendar", "chain", "ranks", "people"],
    "kind": ["hazard", "joint", "study", "transfer", "extension", "halt", "exit", "temporary", "stop_use", "stop_work", "penalty",
             "shutdown", "relocation", "retreat", "partial", "follow_up", "together", "import"],
    "noun": ["person", "unit", "department", "campaign", "inspection", "order", "area", "case",
             "commitment", "diagnosis", "evaluation", "acceptance", "target"],
    "outcome": ["upgraded", "shutdown", "relocated", "retreated", "partial"],
    "reason": ["overdue", "refusal", "beyond_power", "danger", "mistaken", "duplicate", "revoked", "mistake", "replaced", "unconfirmed"],
    "role": ["clock"],
    "rule": ["date", "listing", "exit", "answer", "halt", "review", "confirm", "follow_up"],
    "sense": ["at_least", "at_most"],
    "served_how": ["receipt", "refused", "post"],
    "why": ["start", "natural day", *(f"rolled: {kind.value}" for kind in DayKind if not kind.works)],
}  # fmt: skip


def words() -> Iterator[tuple[str, str]]:
    """Yield every term that can be shown, its kind first."""
    for kind, values in PLAIN.items():
        yield from ((kind, value) for value in values)
    for kind, declared in (
        ("state", State),
        ("state", ExtensionState),
        ("state", HaltState),
        ("scope", terms.HaltScope),
        ("state", ExitState),
        ("state", FollowUpState),
        ("basis", terms.Basis),
        ("exit_step", terms.ExitStep),
        ("ground", terms.Ground),
        ("paper", terms.PaperKind),
        ("grade", terms.Grade),
        ("rank", terms.Rank),
        ("role", terms.Role),
        ("waiting_on", terms.WaitsOn),
        ("result", terms.ItemResult),
        ("kind", terms.InspectionKind),
        ("kind", terms.UnitKind),
        ("scope_list", terms.ScopeList),
        ("scope_status", terms.ScopeStatus),
        ("path", terms.ChosenPath),
        ("kind", terms.Measure),
        ("did", Did),
        ("why", DayKind),
    ):
        yield from ((kind, member.value) for member in declared)
    yield "trigger", "record"
    yield from (("trigger", move.trigger) for move in moves())
    yield from (("guard", each.name) for move in moves() for each in (*move.needs, move.when) if each is not None)
    yield from (("authority", each.name) for each in vars(authority).values() if isinstance(each, authority.Authority))
    yield "authority", ASKER.name
    yield from (("reason", name) for name in (*stuck.REASONS, *Weights.model_fields))
    yield from (
        ("source", source) for source in re.findall(r'^[^#\n]*\bsource = "([^"]+)"', default_text(), re.MULTILINE)
    )
    yield from (("rule", name) for name in (*Limits.model_fields, *(rule for rules in MAIN.values() for rule in rules)))
    yield from (("figure", name) for name in figures.KEYS)
    yield from (("column", name) for name in {*BY, *columns(), *(f"last {name}" for name in schedule._SHOWN)})
    yield from (("field", name) for name in fields())
    proof = (ROOT / "workflow" / name for name in ("proof.py", "claims.py", "together.py"))
    yield from (("check", code) for path in proof for code in _first_arguments(path, "Finding", "Passage", "Gate"))


def moves() -> Iterator[Move]:
    """Yield every move of every process."""
    return (move for process in PROCESSES.values() for move in process.moves)


def _first_arguments(path: Path, *names: str) -> Iterator[str]:
    for call in _calls(path):
        if _name_of(call.func) in names and call.args and (text := _text(call.args[0])):
            yield text


def fields() -> set[str]:
    """Return the names of the texts that people write, as an error about one calls it."""
    typed = (visits.Visit, visits.Finding, orders.Service, orders.Demand)
    readers = (staff._AREA, staff._DEPARTMENT, staff._PERSON, registers._UNIT, registers._CAMPAIGN)
    checked = (name for path in modules() for name in _first_arguments(path, "checked", "one_line", "filled"))
    return {
        *(field.name for kind in typed for field in dataclasses.fields(kind) if "str" in str(field.type)),
        *(name for reader in readers for name in reader),
        *_keys(ROOT / "cases" / "commands" / "moves.py"),
        *(name for path in (ROOT / "cases" / "verbs").glob("*.py") for name in _rows_of_names(path)),
        *PLAN_PARTS,
        *checked,
    }


#: What `show` and `history` print by its name: registers, visits, papers and cases, and what steps remember.
_SHOWN = (t.areas, t.departments, t.people, t.units, t.campaigns, t.inspections, t.orders, t.hazards, t.extensions,
          t.halts, t.exits, t.follow_ups)  # fmt: skip
_ASKED = (
    "one",
    "explain",
    "rows",
    "registers",
    "campaigns",
    "moves",
    "many",
    "stuck",
    "health",
    "extensions",
    "halts",
    "exits",
    "chains",
    "calendars",
)
_REMEMBERED = ("moves", "orders", "rechecks", "visits", "extensions", "halts", "exits")


def columns() -> set[str]:
    """Return the name of everything that is shown under or beside its name."""
    shown = {name for path in modules() if "commands" in str(path) for name in _headings(path)}
    asked = (ROOT / "cases" / "questions" / f"{name}.py" for name in _ASKED)
    remembered = (ROOT / "cases" / "verbs" / f"{name}.py" for name in _REMEMBERED)
    told = {key for path in (*asked, *remembered) for key in _keys(path)}
    told |= {key for path in modules() for key in _facts_set(path)}
    told |= {keyword for path in modules() for keyword in _facts_updated(path)}
    told |= {field.name for field in dataclasses.fields(Report)}
    return shown | told | {column.name for table in _SHOWN for column in table.c} | fields()


def _headings(path: Path) -> Iterator[str]:
    """Yield the names of columns: lists in calls that print tables, and lists that bear a name used there."""
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    named = [
        (name, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for name in map(_name_of, node.targets)
    ]
    wanted = [
        argument
        for call in _calls(path)
        if _name_of(call.func) in ("table", "shown")
        for argument in (
            *call.args,
            *(keyword.value for keyword in call.keywords if keyword.arg not in (*NAMED, "foot")),
        )
    ]
    seen: set[str] = set()
    while wanted:
        for node in ast.walk(wanted.pop()):
            if isinstance(node, ast.List):
                yield from (text for each in node.elts if (text := _text(each)))
            elif isinstance(node, ast.Name) and node.id not in seen:
                seen.add(node.id)
                wanted += [value for name, value in named if name == node.id]


def _keys(path: Path) -> Iterator[str]:
    """Yield the keys of the dicts that a module writes down."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Dict):
            yield from (text for key in node.keys if key is not None and (text := _text(key)) and text.isidentifier())


def _rows_of_names(path: Path) -> Iterator[str]:
    """Yield the names over which a module makes its dicts: `{name: … for name in ("note", "why")}`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.DictComp) and isinstance(node.generators[0].iter, ast.Tuple):
            yield from (text for each in node.generators[0].iter.elts if (text := _text(each)))


def _facts_set(path: Path) -> Iterator[str]:
    """Yield what a module adds to the facts of a step."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Subscript) and _name_of(node.value) == "facts" and (text := _text(node.slice)):
            yield text


def _facts_updated(path: Path) -> Iterator[str]:
    """Yield what a module adds to the facts of a step by name: `facts.update(note=…)`."""
    for call in _calls(path):
        if isinstance(call.func, ast.Attribute) and call.func.attr == "update" and _name_of(call.func.value) == "facts":
            yield from (keyword.arg for keyword in call.keywords if keyword.arg)


# -- catalogues --------------------------------------------------------------------------------------------------------


def said() -> Catalog:
    """Return everything that rectify can say."""
    catalog = Catalog(domain="rectify")
    found = [each for path in modules() for each in sentences(path)]
    for context, message in (*found, *of_click(), *((None, text) for text in helps()), *words()):
        catalog.add(message, context=context)
    return catalog


def po(language: str) -> Path:
    """Return the file that holds a language."""
    return LOCALE / language / "LC_MESSAGES" / "rectify.po"


def translations(language: str = "zh_CN") -> Catalog:
    """Return what is translated so far."""
    if not po(language).exists():
        us = "the rectify authors"
        about = {"header_comment": "# rectify", "last_translator": us, "language_team": us, "project": "rectify"}
        return Catalog(locale=language, domain="rectify", version="0", msgid_bugs_address=us, fuzzy=False, **about)
    with po(language).open("rb") as file:
        return read_po(file, locale=language, domain="rectify")


def missing() -> list[str]:
    """Return what has no translation into Chinese, or only a guessed one."""
    return [_called(message) for message in messages(_brought_up_to_date("zh_CN")) if not _is_said(message)]


def _called(message: Message) -> str:
    return f"{message.context}: {message.id}" if message.context else str(message.id)


def _is_said(message: Message) -> bool:
    return bool(message.string) and all(message.string) and not message.fuzzy


def _brought_up_to_date(language: str) -> Catalog:
    """Return a language with what is new, without the sentences nobody says any more; every term stays."""
    catalog, template = translations(language), said()
    for message in messages(catalog):
        if message.context:
            template.add(message.id, context=message.context)
    if language == "en":
        new = [message for message in messages(template) if catalog.get(message.id, message.context) is None]
        for message in new:
            template.delete(message.id, message.context)
    catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
    return catalog


def messages(catalog: Catalog) -> Iterator[Message]:
    """Yield the messages of a catalogue, its header left out."""
    return (message for message in catalog if message.id)


def compiled(catalog: Catalog) -> dict[tuple[str | None, str], object]:
    """Return what a compiled catalogue answers, by context and sentence."""
    buffer = BytesIO()
    write_mo(buffer, catalog)
    buffer.seek(0)
    return answers(buffer)


def answers(file: BytesIO) -> dict[tuple[str | None, str], object]:
    """Return what a .mo file answers, by context and sentence."""
    return {(message.context, str(message.id)): message.string for message in messages(read_mo(file))}


def _save(language: str, catalog: Catalog) -> None:
    path = po(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    write: list[tuple[str, Callable[..., None], dict[str, object]]] = [
        (".po", write_po, {"width": 120, "no_location": True, "sort_output": True, "ignore_obsolete": True}),
        (".mo", write_mo, {}),
    ]
    for suffix, writer, how in write:
        with path.with_suffix(suffix).open("wb") as file:
            writer(file, catalog, **how)


def main() -> None:
    """Write what is new into the .po files, drop the sentences no longer said, and compile them."""
    for language in LANGUAGES:
        catalog = _brought_up_to_date(language)
        _save(language, catalog)
        print(f"{language}: {len(catalog)} messages")
    lacking = missing()
    print(f"{len(lacking)} to translate into Chinese", *lacking, sep="\n  ")


if __name__ == "__main__":
    main()
