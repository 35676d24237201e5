"""docProps/app.xml, which repeats the names of the sheets: kept in step where it can be understood."""

from muster_ingest.workbooks.marking.package import Package
from muster_ingest.workbooks.marking.relations import Relations
from muster_ingest.workbooks.marking.xml import Document, Element, ascii_xml, escaped


def retitle(package: Package, names: list[str], gone: int | None, new: str | None) -> None:
    """Take the title of the sheet at position `gone` out and put `new` first.

    `names` are the sheets as they were. A part that does not begin with just these names is left as it is: it is
    for information only, and programs write it in many ways.
    """
    found = Relations(package, "").of("extended-properties")
    if not found or not package.has(found[0].target):
        return
    document = Document(package.read(found[0].target))
    titles, count = _titles(document.root), _sheet_count(document.root)
    if titles is None or count is None or count.text != str(len(names)):
        return
    if [title.text for title in titles.children[: len(names)]] != names:
        return
    _change(document, titles, count, gone, new)
    package.put(found[0].target, document.changed())


def _change(document: Document, titles: Element, count: Element, gone: int | None, new: str | None) -> None:
    difference = int(new is not None) - int(gone is not None)
    if gone is not None:
        document.remove(titles.children[gone])
    if new is not None:
        tag = f"{document.prefix(titles)}lpstr"
        document.prepend(titles, ascii_xml(f"<{tag}>{escaped(new)}</{tag}>"))
    document.set(titles, "size", str(len(titles.children) + difference))
    document.replace(count.open_end, count.close_start, str(int(count.text) + difference).encode())


def _titles(root: Element) -> Element | None:
    holder = root.child("TitlesOfParts")
    return holder.child("vector") if holder else None


def _sheet_count(root: Element) -> Element | None:
    """The number beside the first heading, which is that of the worksheets in every language."""
    holder = root.child("HeadingPairs")
    return next(holder.all("i4"), None) if holder else None
