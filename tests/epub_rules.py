"""What every EPUB 3 must be, as far as a reader's life depends on it: judged strictly, from the bytes."""

import io
import posixpath
import re
import zipfile
from xml.etree import ElementTree

X, PKG = "{http://www.w3.org/1999/xhtml}", "{http://www.idpf.org/2007/opf}"
DC, OPS = "{http://purl.org/dc/elements/1.1/}", "{http://www.idpf.org/2007/ops}"
XML = "{http://www.w3.org/XML/1998/namespace}"
BLOCK = {f"{X}{one}" for one in ("p", "h1", "h2", "h3", "ul", "ol", "table", "section", "div", "figure", "dl", "nav")}
INLINE = {f"{X}{one}" for one in ("p", "h1", "h2", "h3", "a", "strong", "em", "sup", "figcaption", "dt")}
METAS = (
    *("dcterms:modified", "schema:accessMode", "schema:accessModeSufficient", "schema:accessibilityFeature"),
    *("schema:accessibilityHazard", "schema:accessibilitySummary"),
)


def epub_faults(data: bytes) -> list[str]:
    """Everything that is wrong with it."""
    faults: list[str] = []
    archive = zipfile.ZipFile(io.BytesIO(data))
    infos = archive.infolist()
    first = infos[0]
    if (first.filename, first.compress_type, first.extra) != ("mimetype", zipfile.ZIP_STORED, b""):
        faults.append("mimetype is not first, stored and plain")
    if archive.read("mimetype") != b"application/epub+zip" or data[38:58] != b"application/epub+zip":
        faults.append("mimetype says something else")
    if len({info.filename for info in infos}) != len(infos):
        faults.append("a name twice")
    files = {info.filename: archive.read(info) for info in infos}
    root = ElementTree.fromstring(files["META-INF/container.xml"])
    path = next(one.get("full-path", "") for one in root.iter() if one.tag.endswith("rootfile"))
    package = ElementTree.fromstring(files[path])
    folder = posixpath.dirname(path)
    faults += _metadata(package)
    manifest = {one.get("id"): one for one in package.findall(f"{PKG}manifest/{PKG}item")}
    if len(manifest) != len(package.findall(f"{PKG}manifest/{PKG}item")):
        faults.append("an id twice in the manifest")
    hrefs = {posixpath.join(folder, one.get("href", "")): one for one in manifest.values()}
    inside = set(files) - {"mimetype", "META-INF/container.xml", path}
    faults += [f"not in the manifest: {one}" for one in inside - set(hrefs)]
    faults += [f"in the manifest, not in the file: {one}" for one in set(hrefs) - inside]
    spine = [one.get("idref") for one in package.findall(f"{PKG}spine/{PKG}itemref")]
    faults += [f"spine names {one}" for one in spine if one not in manifest]
    pages = {name: one for name, one in hrefs.items() if one.get("media-type") == "application/xhtml+xml"}
    if {one.get("id") for one in pages.values()} != set(spine) or len(set(spine)) != len(spine):
        faults.append("the spine is not every page once")
    navs = [name for name, one in hrefs.items() if one.get("properties") == "nav"]
    if len(navs) != 1:
        faults.append("there is not one nav")
    trees = {}
    for name in pages:
        try:
            trees[name] = ElementTree.fromstring(files[name])
        except ElementTree.ParseError as fault:
            faults.append(f"{name}: {fault}")
    linked: set[str] = set()
    for name, tree in trees.items():
        faults += [f"{name}: {fault}" for fault in _page(tree)]
        for where, fragment in _links(name, tree, faults):
            linked.add(where)
            if where not in hrefs:
                faults.append(f"{name}: leads to {where}, which is not there")
            elif fragment and fragment not in {one.get("id") for one in trees[where].iter()}:
                faults.append(f"{name}: #{fragment} is not in {where}")
    faults += [f"nobody shows {one}" for one in set(hrefs) - set(pages) - linked]
    told = {where for where, _ in _links(navs[0], trees[navs[0]], [])}
    faults += [f"not in the contents: {one}" for one in set(pages) - told - set(navs)]
    return faults


def _metadata(package: ElementTree.Element) -> list[str]:
    faults = []
    if package.get("version") != "3.0":
        faults.append("no version 3.0")
    about = package.find(f"{PKG}metadata")
    assert about is not None
    named = {one.get("id"): one for one in about.findall(f"{DC}identifier")}
    if package.get("unique-identifier") not in named:
        faults.append("no identifier")
    faults += [f"no dc:{one}" for one in ("title", "language", "date", "creator", "contributor", "source")
               if not (about.findtext(f"{DC}{one}") or "").strip()]  # fmt: skip
    given = [one.get("property") for one in about.findall(f"{PKG}meta")]
    faults += [f"no {one}" for one in METAS if one not in given]
    if given.count("dcterms:modified") != 1:
        faults.append("dcterms:modified is not there once")
    return faults


def _page(tree: ElementTree.Element) -> list[str]:
    faults = []
    if tree.tag != f"{X}html" or not tree.get("lang") or tree.get("lang") != tree.get(f"{XML}lang"):
        faults.append("no language")
    if not (tree.findtext(f"{X}head/{X}title") or "").strip():
        faults.append("no title")
    ids = [one.get("id") for one in tree.iter() if one.get("id")]
    if len(ids) != len(set(ids)):
        faults.append("an id twice")
    for one in tree.iter():
        if not str(one.tag).startswith(X):
            faults.append(f"foreign element {one.tag}")
        faults += [f"attribute {name}" for name in one.attrib if re.match("on|style$|srcset$", name)]
        if one.tag in (f"{X}script", f"{X}iframe", f"{X}object", f"{X}form"):
            faults.append(f"element {one.tag}")
        if one.tag == f"{X}img" and not (one.get("alt") or "").strip():
            faults.append("a picture without words for it")
        if one.tag in (f"{X}ul", f"{X}ol") and (not len(one) or any(child.tag != f"{X}li" for child in one)):
            faults.append("a list of something else than lines")
        if one.tag in INLINE and any(child.tag in BLOCK for child in one):
            faults.append(f"a block inside {one.tag}")
    if sum(1 for one in tree.iter(f"{X}h1")) < 1:
        faults.append("no first heading")
    return faults


def _links(name: str, tree: ElementTree.Element, faults: list[str]) -> list[tuple[str, str]]:
    found = []
    for one in tree.iter():
        for kind in ("href", "src"):
            address = one.get(kind)
            if address is None or (kind == "href" and re.match("https?://|tel:", address)):
                continue
            if re.match("[a-z]+:|/", address, re.IGNORECASE):
                faults.append(f"{name}: leads outside: {address}")
                continue
            path, _, fragment = address.partition("#")
            where = posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else name
            found.append((where, fragment))
    return found
