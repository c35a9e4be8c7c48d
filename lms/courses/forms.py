"""The studio's forms."""

from collections.abc import Sequence

from wtforms import (
    FileField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)

from lms.courses.packages.package import SUBJECTS, Package
from lms.courses.rules import SUBJECT_NAMES
from lms.kernel.forms import AtMost, Form, Required
from lms.kernel.i18n import in_locale
from lms.kernel.text import N_


class UploadForm(Form):
    """A package as a ZIP. `sent`: made with the form, so that a form sent twice makes one draft."""

    package = FileField(N_("课程包（ZIP）"))
    sent = HiddenField()


class JudgeForm(Form):
    """A reviewer's note; needed only when changes are asked for, which the command judges."""

    note = TextAreaField(N_("审核意见"), [AtMost(2000)])


BEGINNINGS = [
    ("nothing", N_("从空白开始：什么都自己写")),
    ("short", N_("短课：三课，每课讲一件事，带自测，没有考试")),
    ("skills", N_("操作课：准备、步骤、容易错的、做完以后，各一课")),
    ("cases", N_("病例课：三个病例，一课一个，最后放在一起看")),
    ("exam", N_("备考课：三个主题，18 道题的题库，一份 15 题的卷子")),
]
COPY = ("copy", N_("抄一门本中心的课：另起名字，题号重新编，审核重新做"))


class CommentForm(Form):
    """A reviewer's word on a passage."""

    comment_id = StringField()
    quote = TextAreaField(N_("这段文字"), [Required(), AtMost(1000)])
    text = TextAreaField(N_("意见"), [Required(), AtMost(2000)])


class StartForm(Form):
    """A course that there is not yet. `sent`: made with the form, so that it begins one course however often sent."""

    title = StringField(N_("课程名"), [Required(), AtMost(60)])
    title_en = StringField(N_("英文名"), [AtMost(120)])
    begin = RadioField(N_("从哪里开始"), choices=BEGINNINGS)
    course = SelectField(N_("抄哪一门"), validate_choice=False)
    subject = SelectField(N_("内容"), choices=[(one, SUBJECT_NAMES[one].msgid) for one in SUBJECTS])
    centre = SelectField(N_("哪个中心的课"))
    sent = HiddenField()

    def offer(self, centres: Sequence[tuple[str, str]], courses: Sequence[tuple[str, str]]) -> None:
        """The centres at which she writes, and the courses that she may copy."""
        self.centre.choices = list(centres)
        self.course.choices = list(courses)
        self.begin.choices = [*BEGINNINGS, COPY] if courses else BEGINNINGS


class LessonForm(Form):
    """One more lesson."""

    title = StringField(N_("课题"), [Required(), AtMost(120)])
    title_en = StringField(N_("英文课题"), [AtMost(120)])


class FactsForm(Form):
    """What is said of a lesson besides its text. `seen`: the digest of what the page showed."""

    seen = HiddenField()
    title = StringField(N_("课题"), [Required(), AtMost(120)])
    title_en = StringField(N_("英文课题"), [AtMost(120)])
    minutes = IntegerField(N_("几分钟"), [Required()])
    objectives = SelectMultipleField(N_("讲哪几个目标"))
    sources = SelectMultipleField(N_("用到哪些依据"))

    def offer(self, package: Package | None) -> None:
        """The objectives and sources that the course has."""
        self.objectives.choices = [(one.id, in_locale(one.text)) for one in package.objectives] if package else []
        self.sources.choices = [(one.id, in_locale(one.title)) for one in package.sources] if package else []


class NoticeForm(Form):
    """What is clinically new in an edition."""

    text_zh = TextAreaField(N_("中文：有什么变了，现在怎么做"), [Required(), AtMost(400)])
    text_en = TextAreaField(N_("英文：有什么变了，现在怎么做"), [Required(), AtMost(400)])


class ImportForm(Form):
    """A file of another maker, or what was pasted."""

    file = FileField(N_("文件"))
    pasted = TextAreaField(N_("或者：贴上的内容"))
    title = StringField(N_("课程名"), [AtMost(60)])
    language = SelectField(N_("是什么语言写的"), choices=[("zh", N_("中文")), ("en", N_("英文"))])
    centre = SelectField(N_("哪个中心的课"))
