"""How hard a text is to read: published formulas, with syllables counted so as not to flatter."""

from __future__ import annotations

import re
from html.parser import HTMLParser

LEFT_OUT = {
    "style", "title", "svg", "sup", "table", "dt", "h1", "h2", "h3", "h4", "ol",
}  # fmt: skip
"""Not prose: drawings, tables, labels and headings, reference marks, and the list of sources."""

BLOCKS = {"p", "li", "dd", "dt", "h1", "h2", "h3", "h4", "div"}
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
SENTENCE_ENDS = re.compile(r"[.!?](?:\s|$)|\n")
APART = r"ia[ln]|eing|oing|uici|iet|^fda$|[aeo]y[aeio]|eyo|eac[t]"
STRONG, WEAK = "aeoáéóíú", "iuüy"


class _Prose(HTMLParser):
    """The words of a page that a person reads as sentences; every block ends a sentence."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in LEFT_OUT:
            self.inside.append(tag)
        if tag in BLOCKS:
            self.text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if self.inside and tag == self.inside[-1]:
            self.inside.pop()
        if tag in BLOCKS:
            self.text.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.text.append(data)


def prose(html: str) -> str:
    """Return the sentences of a page, one block a line."""
    parser = _Prose()
    parser.feed(html)
    lines = (" ".join(line.split()) for line in "".join(parser.text).splitlines())
    return "\n".join(line for line in lines if len(WORD.findall(line)) > 2)


def flesch_kincaid_grade(text: str) -> float:
    """Return the US school grade: Kincaid 1975, 0.39 words/sentence + 11.8 syllables/word - 15.59."""
    words, sentences = WORD.findall(text), _sentences(text)
    syllables = sum(english_syllables(word) for word in words)
    return 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59


def fernandez_huerta(text: str) -> float:
    """Return Fernández Huerta 1959, 206.84 - 60 syllables/word - 1.02 words/sentence; 70 and up is fairly easy."""
    words, sentences = WORD.findall(text), _sentences(text)
    syllables = sum(spanish_syllables(word) for word in words)
    return 206.84 - 60 * syllables / len(words) - 1.02 * len(words) / sentences


def english_syllables(word: str) -> int:
    """Return the groups of vowels, less a silent ending, and one more where two vowels stand apart."""
    word = word.lower()
    groups = len(re.findall(r"[aeiouy]+", word)) + len(re.findall(APART, word))
    if re.search(r"[^aeiouyl]e$", word) or re.search(r"[^aeiouydt]ed$", word):
        groups -= 1
    if re.search(r"[^aeioucsxzgy](?<!sh)(?<!ch)es$", word):
        groups -= 1
    return max(groups, 1)


def spanish_syllables(word: str) -> int:
    """Return the strong or accented vowels, and the runs of weak ones that lean on none of them."""
    word = re.sub("g[uü](?=[eiéí])", "g", word.lower().replace("qu", "k"))
    strong = len(re.findall(f"[{STRONG}]", word))
    weak = len(re.findall(f"(?<![{STRONG}{WEAK}])[{WEAK}]+(?![{STRONG}{WEAK}])", word))
    return max(strong + weak, 1)


def _sentences(text: str) -> int:
    return sum(1 for part in SENTENCE_ENDS.split(text) if WORD.search(part)) or 1
