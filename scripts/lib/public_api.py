"""Prints the public API, a line for each declaration, method and implementation, out of rustdoc's pages.

Called by `scripts/public-api`, which makes the pages. They are made anyway, by the stable compiler; rustdoc's JSON is
neither.
"""

import pathlib
import sys
from html.parser import HTMLParser

PAGES = pathlib.Path(__file__).parents[2] / "target/doc/buttress"
KINDS = ("struct", "enum", "trait", "fn", "constant", "type", "macro", "attr", "derive")
# What every type has, or every type that the compiler says it of.
LEFT_OUT = ("synthetic-implementations-list", "blanket-implementations-list", "implementors-list", "synthetic-implementors-list")


class Page(HTMLParser):
    """Collects the declaration of an item, and the headers of what it has."""

    def __init__(self):
        super().__init__()
        self.lines, self.text, self.until, self.left_out = [], None, None, []
        self.of_trait = False

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if self.left_out:
            self.left_out[-1] += tag == self.left_out[0]
            return
        if attributes.get("id") == "trait-implementations-list":
            self.of_trait = True
        if tag == "div" and self.text is not None:
            self.text += " "
        if attributes.get("id") in LEFT_OUT:
            self.left_out = [tag, 1]
        elif self.text is None and (
            "item-decl" in attributes.get("class", "")
            # The methods of an implementation are those of its trait.
            or attributes.get("class") == "code-header" and tag == ("h3" if self.of_trait else tag)
        ):
            self.text, self.until = "", tag

    def handle_endtag(self, tag):
        if self.left_out:
            self.left_out[-1] -= tag == self.left_out[0]
            if not self.left_out[-1]:
                self.left_out = []
        elif self.text is not None and tag == self.until:
            self.lines.append(" ".join(self.text.replace("§", "").split()))
            self.text = None

    def handle_data(self, data):
        if self.text is not None and not self.left_out:
            self.text += data


def main():
    pages = [page for page in PAGES.rglob("*.html") if page.name.split(".")[0] in KINDS and "!" not in page.name]
    if not pages:
        sys.exit(f"no pages in {PAGES}")
    for page in sorted(pages, key=lambda page: page.relative_to(PAGES).as_posix().lower()):
        path = "::".join(["buttress", *page.relative_to(PAGES).parts[:-1], page.name.split(".")[1]])
        reader = Page()
        reader.feed(page.read_text())
        if not reader.lines:
            # The page of a private module, which leads to the public one.
            continue
        declaration, *others = reader.lines
        print(path, declaration, sep="\n    ")
        for line in dict.fromkeys(others):
            # Variants, and what a trait demands, are in the declaration.
            if line not in declaration and "StructuralPartialEq" not in line:
                print(f"    {line}")


main()
