"""The sentences rectify says, collected from the code, and their translations. `make messages` runs this.

Sentences are found by the calls that make them. Terms (states, grades, roles …) are entries with a context, their kind;
they come from data, so none is ever dropped here, and a test that knows the data asks for those that are missing.
"""

from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
PO = ROOT / "cases" / "locale" / "zh_CN" / "LC_MESSAGES" / "rectify.po"
ROOMS = ("workflow", "cases", "schedules")

#: Calls whose first argument is a sentence; of a Term, the first is the context and the second the word.
CALLS = {"_": None, "gettext": None, "Sentence": None, "guard": None, "ngettext": (1, 2), "Term": ((1, "c"), 2)}


def sentences() -> Catalog:
    """Return every sentence that stands in the code."""
    catalog = Catalog(domain="rectify")
    for room in ROOMS:
        for _, _, message, comments, context in extract_from_dir(ROOT / room, keywords=CALLS):
            catalog.add(message, auto_comments=comments, context=context)
    return catalog


def translations() -> Catalog:
    """Return what is translated so far."""
    if not PO.exists():
        us = "the rectify authors"
        about = {
            "header_comment": "# rectify in Chinese.",
            "last_translator": us,
            "language_team": us,
            "project": "rectify",
        }
        return Catalog(locale="zh_CN", domain="rectify", version="0", msgid_bugs_address=us, fuzzy=False, **about)
    with PO.open("rb") as file:
        return read_po(file, locale="zh_CN", domain="rectify")


def missing() -> list[str]:
    """Return the sentences without a translation."""
    return [str(message.id) for message in _messages(_brought_up_to_date()) if not message.string or message.fuzzy]


def _brought_up_to_date() -> Catalog:
    catalog, template = translations(), sentences()
    for message in _messages(catalog):
        if message.context:
            template.add(message.id, context=message.context)
    catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
    return catalog


def _messages(catalog: Catalog) -> Iterator[Message]:
    return (message for message in catalog if message.id)


def main() -> None:
    """Write the sentences that are new into the .po, drop those no longer said, and compile it."""
    catalog = _brought_up_to_date()
    PO.parent.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as file:
        write_po(file, catalog, width=120, no_location=True, sort_output=True, ignore_obsolete=True)
    with PO.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalog)
    lacking = missing()
    print(f"{len(catalog)} messages, {len(lacking)} to translate", *lacking, sep="\n  ")


if __name__ == "__main__":
    main()
