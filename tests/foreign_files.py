"""Small good files of other makers: a Word document, Common Cartridges, Moodle backups."""

import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Mapping

_W = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    ' xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
    ' xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
)
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = (
    f'{_HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/></Types>'
)
Files = Mapping[str, str | bytes]


def zip_of(files: Files) -> bytes:
    """The files as a ZIP."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def targz_of(files: Files) -> bytes:
    """The files as a tar.gz."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, data in files.items():
            content = data.encode() if isinstance(data, str) else data
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    """A part of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int = 40, height: int = 30) -> bytes:
    """A picture in one colour."""
    return claiming(width, height, (b"\0" + b"\x20\x60\x40" * width) * height)


def claiming(width: int, height: int, rows: bytes = b"") -> bytes:
    """A picture that says it is so large, whatever it holds."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    )


def paragraph(text: str, style: str = "", marks: str = "") -> str:
    """A paragraph of a document."""
    said = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f'<w:p>{said}<w:r><w:rPr>{marks}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def document(body: str, more: Files | None = None, relations: str = "") -> bytes:
    """A Word document around this body."""
    files: dict[str, str | bytes] = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": f'{_HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{_REL}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f"{_HEAD}<Relationships"
        f' xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{relations}</Relationships>',
        "word/document.xml": f"{_HEAD}\n<w:document {_W}><w:body>{body}</w:body></w:document>",
    }
    return zip_of(files | dict(more or {}))


_PICTURE = (
    '<w:p><w:r><w:drawing><wp:inline><wp:docPr id="1" name="a" descr="脚的照片"/><a:graphic><a:graphicData>'
    '<pic:pic><pic:blipFill><a:blip r:embed="rId9"/></pic:blipFill></pic:pic>'
    "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
)
_TABLE = (
    "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>结果</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>做法</w:t></w:r></w:p></w:tc>"
    "</w:tr><w:tr><w:tc><w:p><w:r><w:t>发凉</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>转诊|当天</w:t></w:r></w:p></w:tc>"
    "</w:tr></w:tbl>"
)
_LISTED = '<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>{}</w:t></w:r></w:p>'
_NOTED = '<w:p><w:r><w:t>每年查一次脚。</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r></w:p>'
_LINKED = '<w:p><w:hyperlink r:id="rId8"><w:r><w:t>规范全文</w:t></w:r></w:hyperlink></w:p>'


def word() -> bytes:
    """A document with two lessons and one of everything."""
    body = (
        paragraph("糖尿病足早发现", "Title")
        + paragraph("先看脚", "Heading1") + paragraph("先看趾缝。", marks="<w:b/>") + _NOTED + _TABLE + _PICTURE
        + paragraph("再摸脚", "Heading1") + paragraph("两处脉", "Heading2")
        + _LISTED.format("足背") + _LISTED.format("胫后") + _LINKED
        + paragraph("红字", marks='<w:color w:val="FF0000"/>')
    )  # fmt: skip
    relations = (
        f'<Relationship Id="rId9" Type="{_REL}/image" Target="media/image1.png"/>'
        f'<Relationship Id="rId8" Type="{_REL}/hyperlink" Target="https://example.org/spec" TargetMode="External"/>'
        f'<Relationship Id="rId7" Type="{_REL}/footnotes" Target="footnotes.xml"/>'
        f'<Relationship Id="rId6" Type="{_REL}/numbering" Target="numbering.xml"/>'
        f'<Relationship Id="rId5" Type="{_REL}/styles" Target="styles.xml"/>'
    )
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{name}"><w:name w:val="{said}"/></w:style>'
        for name, said in (("Title", "Title"), ("Heading1", "heading 1"), ("Heading2", "heading 2"))
    )
    more = {
        "word/media/image1.png": png(),
        "word/styles.xml": f"{_HEAD}<w:styles {_W}>{styles}</w:styles>",
        "word/footnotes.xml": f'{_HEAD}<w:footnotes {_W}><w:footnote w:id="2"><w:p><w:r><w:t>《基层规范》2017 年</w:t>'
        "</w:r></w:p></w:footnote></w:footnotes>",
        "word/numbering.xml": f'{_HEAD}<w:numbering {_W}><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0">'
        '<w:numFmt w:val="bullet"/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
        "</w:numbering>",
        "word/header1.xml": f"{_HEAD}<w:hdr {_W}><w:p><w:r><w:t>内部资料</w:t></w:r></w:p></w:hdr>",
    }
    return document(body, more, relations)


def _choice(ident: str, profile: str, stem: str, options: list[str], right: list[int], many: bool = False) -> str:
    labels = "".join(
        f'<response_label ident="o{at}"><material><mattext texttype="text/plain">{text}</mattext></material>'
        "</response_label>"
        for at, text in enumerate(options)
    )
    conditions = "".join(
        f'<varequal respident="r">o{at}</varequal>' if at in right or not many
        else f'<not><varequal respident="r">o{at}</varequal></not>'
        for at in (range(len(options)) if many else right)
    )  # fmt: skip
    return (
        f'<item ident="{ident}" title="{ident}"><itemmetadata><qtimetadata><qtimetadatafield>'
        f"<fieldlabel>cc_profile</fieldlabel><fieldentry>{profile}</fieldentry></qtimetadatafield></qtimetadata>"
        f'</itemmetadata><presentation><material><mattext texttype="text/html">&lt;p&gt;{stem}&lt;/p&gt;</mattext>'
        f'</material><response_lid ident="r"><render_choice>{labels}</render_choice></response_lid></presentation>'
        '<resprocessing><outcomes><decvar varname="SCORE" maxvalue="100" minvalue="0" vartype="Decimal"/></outcomes>'
        f"<respcondition><conditionvar><and>{conditions}</and></conditionvar>"
        '<setvar varname="SCORE" action="Set">100</setvar></respcondition></resprocessing>'
        '<itemfeedback ident="general_fb"><material><mattext>因为这样。</mattext></material></itemfeedback></item>'
    )


def qti(items: str = "") -> str:
    """A test with a question of each kind."""
    whole = items or (
        _choice("单选", "cc.multiple_choice.v0p1", "先看哪里？", ["趾缝", "小腿", "膝盖"], [0])
        + _choice("多选", "cc.multiple_response.v0p1", "哪几样转诊？", ["发凉", "发黑", "流脓", "茧"], [0, 1, 2], True)
        + _choice("判断", "cc.true_false.v0p1", "每年查一次。", ["True", "False"], [0])
        + _choice("问答", "cc.essay.v0p1", "说说看。", [], [])
    )
    return (
        f'{_HEAD}<questestinterop'
        ' xmlns="http://www.imsglobal.org/xsd/ims_qtiasiv1p2">'
        f'<assessment ident="a" title="结业题"><section ident="s">{whole}</section></assessment></questestinterop>'
    )


PAGE = (
    "<html><head><title>x</title><script>alert(1)</script></head><body><h1>先看脚</h1><p>坐下，<b>脱袜子</b>。</p>"
    '<p><img src="$IMS-CC-FILEBASE$/foot.png" alt="脚"></p><ul><li>趾缝</li><li>脚底</li></ul></body></html>'
)


def cartridge(version: int = 1, more: Files | None = None) -> bytes:
    """A Common Cartridge 1.`version`."""
    space = f"http://www.imsglobal.org/xsd/imsccv1p{version}/imscp_v1p1"
    manifest = (
        f'{_HEAD}<manifest identifier="m" xmlns="{space}"'
        f' xmlns:lom="http://ltsc.ieee.org/xsd/imsccv1p{version}/LOM/manifest"><metadata><schema>IMS Common Cartridge'
        f"</schema><schemaversion>1.{version}.0</schemaversion><lom:lom><lom:general><lom:title><lom:string>糖尿病足"
        '</lom:string></lom:title></lom:general></lom:lom></metadata><organizations><organization identifier="o"'
        ' structure="rooted-hierarchy"><item identifier="root"><item identifier="u"><title>第一单元</title>'
        '<item identifier="i1" identifierref="r1"><title>先看脚</title></item>'
        '<item identifier="i2" identifierref="r2"><title>结业题</title></item>'
        '<item identifier="i3" identifierref="r3"><title>讨论</title></item>'
        '<item identifier="i4" identifierref="r4"><title>规范</title></item></item></item></organization>'
        '</organizations><resources><resource identifier="r1" type="webcontent" href="pages/look.html">'
        '<file href="pages/look.html"/></resource>'
        f'<resource identifier="r2" type="imsqti_xmlv1p2/imscc_xmlv1p{version}/assessment"><file href="q/test.xml"/>'
        f'</resource><resource identifier="r3" type="imsdt_xmlv1p{version}"><file href="d.xml"/></resource>'
        f'<resource identifier="r4" type="imswl_xmlv1p{version}"><file href="l.xml"/></resource>'
        '<resource identifier="r5" type="webcontent" href="hand.pdf"><file href="hand.pdf"/></resource>'
        "</resources></manifest>"
    )
    files: dict[str, str | bytes] = {
        "imsmanifest.xml": manifest, "pages/look.html": PAGE, "web_resources/foot.png": png(), "q/test.xml": qti(),
        "d.xml": "<topic/>", "hand.pdf": b"%PDF-1.4",
        "l.xml": '<webLink><title>规范</title><url href="https://example.org/spec"/></webLink>',
    }  # fmt: skip
    return zip_of(files | dict(more or {}))


_SHA = "0123456789abcdef0123456789abcdef01234567"


def _moodle_question(number: int, sort: str, stem: str, inner: str) -> str:
    return (
        f'<question id="{number}"><parent>0</parent><name>题{number}</name><questiontext>&lt;p&gt;{stem}&lt;/p&gt;'
        f"</questiontext><generalfeedback>因为这样。</generalfeedback><qtype>{sort}</qtype>"
        f"<plugin_qtype_{sort}_question>{inner}</plugin_qtype_{sort}_question></question>"
    )


def _answers(*pairs: tuple[str, float]) -> str:
    rows = "".join(
        f'<answer id="{at}"><answertext>{text}</answertext><fraction>{fraction}</fraction></answer>'
        for at, (text, fraction) in enumerate(pairs, 1)
    )
    return f"<answers>{rows}</answers>"


def moodle_files(questions: str = "") -> dict[str, str | bytes]:
    """A course backup, as files."""
    asked = questions or (
        _moodle_question(1, "multichoice", "先看哪里？", _answers(("趾缝", 1), ("小腿", 0), ("膝盖", 0))
                         + "<multichoice><single>1</single></multichoice>")
        + _moodle_question(2, "truefalse", "每年查一次。", _answers(("True", 1), ("False", 0))
                           + "<truefalse><trueanswer>1</trueanswer><falseanswer>2</falseanswer></truefalse>")
        + _moodle_question(3, "numerical", "几毫米？", _answers(("10", 1)) + "<numerical_records><numerical_record>"
                           "<answer>1</answer><tolerance>0.5</tolerance></numerical_record></numerical_records>")
        + _moodle_question(4, "match", "配一配", "<matches>" + "".join(
            f"<match><questiontext>左{at}</questiontext><answertext>右{at}</answertext></match>" for at in range(3))
            + "</matches>")
        + _moodle_question(5, "essay", "说说看。", "")
        + _moodle_question(6, "ordering", "排一排", _answers(("第三", 3), ("第一", 1), ("第二", 2)))
    )  # fmt: skip
    return {
        "moodle_backup.xml": f"{_HEAD}<moodle_backup><information><original_course_fullname>糖尿病足"
        "</original_course_fullname><contents><activities><activity><moduleid>1</moduleid><sectionid>9</sectionid>"
        "<modulename>page</modulename><title>先看脚</title><directory>activities/page_1</directory></activity>"
        "<activity><moduleid>2</moduleid><sectionid>9</sectionid><modulename>forum</modulename><title>答疑</title>"
        "<directory>activities/forum_2</directory></activity></activities><sections><section><sectionid>9</sectionid>"
        "<title>1</title><directory>sections/section_9</directory></section></sections></contents></information>"
        "</moodle_backup>",
        "sections/section_9/section.xml": '<section id="9"><name>开头</name><summary>&lt;p&gt;这门课讲脚。&lt;/p&gt;'
        "</summary></section>",
        "activities/page_1/page.xml": '<activity id="1" contextid="55"><page id="1"><name>先看脚</name><intro></intro>'
        "<content>&lt;p&gt;坐下。&lt;/p&gt;&lt;img src='@@PLUGINFILE@@/foot.png' alt='脚'&gt;</content></page>"
        "</activity>",
        "files.xml": f'<files><file id="1"><contenthash>{_SHA}</contenthash><contextid>55</contextid><component>'
        "mod_page</component><filearea>content</filearea><filename>foot.png</filename></file></files>",
        f"files/{_SHA[:2]}/{_SHA}": png(),
        "questions.xml": f'<question_categories><question_category id="1"><name>足病</name><questions>{asked}'
        "</questions></question_category></question_categories>",
        "users.xml": "<users><user><firstname>张三</firstname></user></users>",
    }
