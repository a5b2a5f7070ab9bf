"""The languages rectify speaks. English is in the code; `zh_CN` is a gettext catalogue beside this file.

JSON keys and enum values are English always; sentences, labels and help follow the reader.
"""

import gettext
import os
from collections.abc import Callable

DOMAIN = "rectify"
FOLDER = os.path.dirname(__file__)  # noqa: PTH120  # importing pathlib costs `rectify --help` a tenth of its time
_CATALOGUES = {"zh": "zh_CN", "en": "en"}

_spoken: gettext.NullTranslations = gettext.NullTranslations()


def translate(text: str) -> str:
    """Return a template in the language chosen last."""
    return _spoken.gettext(text)


def in_language(lang: str) -> Callable[[str], str]:
    """Return what translates into `zh` or `en`, whatever this process speaks: for what other people will read."""
    return gettext.translation(DOMAIN, FOLDER, [_CATALOGUES[lang]], fallback=True).gettext


def choose(wanted: str | None) -> str:
    """Speak `zh` or `en` from now on: what is asked for, else RECTIFY_LANG, else the locale. Return the choice."""
    global _spoken  # noqa: PLW0603  # a process speaks one language; gettext itself keeps its domain so
    lang = wanted or os.environ.get("RECTIFY_LANG") or _of_the_locale()
    lang = "zh" if lang.lower().startswith("zh") else "en"
    # gettext looks here first; click's own words follow, because they come from the default domain too.
    os.environ["LANGUAGE"] = _CATALOGUES[lang]
    gettext.bindtextdomain(DOMAIN, FOLDER)
    gettext.textdomain(DOMAIN)
    _spoken = gettext.translation(DOMAIN, FOLDER, [_CATALOGUES[lang]], fallback=True)
    return lang


def is_chinese() -> bool:
    """Return whether Chinese was chosen last: for words that come from a table of their own."""
    return os.environ.get("LANGUAGE") == _CATALOGUES["zh"]


def _of_the_locale() -> str:
    return next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "en")
