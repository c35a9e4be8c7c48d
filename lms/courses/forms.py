"""The studio's forms."""

from wtforms import FileField, IntegerField, SelectField, SelectMultipleField, StringField, TextAreaField

from lms.courses.packages.package import SUBJECTS, Package
from lms.courses.rules import SUBJECT_NAMES
from lms.kernel.forms import AtMost, Form, Required
from lms.kernel.i18n import in_locale
from lms.kernel.text import N_


class UploadForm(Form):
    """A package as a ZIP."""

    package = FileField(N_("课程包（ZIP）"))


class JudgeForm(Form):
    """A reviewer's note; needed only when changes are asked for, which the command judges."""

    note = TextAreaField(N_("审核意见"), [AtMost(2000)])


class StartForm(Form):
    """A course that there is not yet."""

    title = StringField(N_("课程名"), [Required(), AtMost(60)])
    title_en = StringField(N_("英文名"), [AtMost(120)])
    subject = SelectField(N_("内容"), choices=[(one, SUBJECT_NAMES[one].msgid) for one in SUBJECTS])
    centre = SelectField(N_("哪个中心的课"))


class LessonForm(Form):
    """One more lesson."""

    title = StringField(N_("课题"), [Required(), AtMost(120)])
    title_en = StringField(N_("英文课题"), [AtMost(120)])


class FactsForm(Form):
    """What is said of a lesson besides its text."""

    title = StringField(N_("课题"), [Required(), AtMost(120)])
    title_en = StringField(N_("英文课题"), [AtMost(120)])
    minutes = IntegerField(N_("几分钟"), [Required()])
    objectives = SelectMultipleField(N_("讲哪几个目标"))
    sources = SelectMultipleField(N_("用到哪些依据"))

    def offer(self, package: Package | None) -> None:
        """The objectives and sources that the course has."""
        self.objectives.choices = [(one.id, in_locale(one.text)) for one in package.objectives] if package else []
        self.sources.choices = [(one.id, in_locale(one.title)) for one in package.sources] if package else []


class ImportForm(Form):
    """A file of another maker, or what was pasted."""

    file = FileField(N_("文件"))
    pasted = TextAreaField(N_("或者：贴上的内容"))
    title = StringField(N_("课程名"), [AtMost(60)])
    language = SelectField(N_("是什么语言写的"), choices=[("zh", N_("中文")), ("en", N_("英文"))])
    centre = SelectField(N_("哪个中心的课"))
