"""What is said to people: sentences that can be translated where they are printed, and not before.

The rules know why something is refused, the screen knows in which language to say it. So the rules hand over a
`Sentence`: an English template, which is also the key of its translation, and the words that belong in it.
"""

from collections.abc import Callable
from typing import Any

#: Takes an English template (or "context\x04word") and returns it in the reader's language.
Translate = Callable[[str], str]


class Sentence:
    """One sentence for a user: a template and its words, rendered only when shown."""

    __slots__ = ("template", "words")

    def __init__(self, template: str, **words: Any) -> None:
        self.template = template
        self.words = words

    def say(self, translate: Translate = str) -> str:
        """Return the sentence in the language of `translate`, its words translated too."""
        return translate(self.template).format(**{name: _said(word, translate) for name, word in self.words.items()})

    def __str__(self) -> str:
        return self.say()

    def __repr__(self) -> str:
        return f"Sentence({self.say()!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sentence) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))


class Term:
    """A word of the trade – a state, a trigger, a grade – whose label depends on what kind of thing it names."""

    __slots__ = ("kind", "value")

    def __init__(self, kind: str, value: str) -> None:
        self.kind = kind
        self.value = value

    def say(self, translate: Translate = str) -> str:
        """Return the label of this term, the bare English word where there is no translation."""
        key = f"{self.kind}\x04{self.value}"
        label = translate(key)
        return self.value if label == key else label

    def __str__(self) -> str:
        return self.value


def _said(word: Any, translate: Translate) -> Any:
    if isinstance(word, Sentence | Term):
        return word.say(translate)
    if isinstance(word, list | tuple):
        return translate(", ").join(str(_said(each, translate)) for each in word)
    return word
