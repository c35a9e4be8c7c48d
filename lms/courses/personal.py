"""What courses keeps of a person (kernel.personal). After the end her progress is the progress of nobody: it stays,
without a name, for what the numbers of a course are."""

from lms.courses.imports import rehearsing
from lms.kernel.personal import Keeper, Told

TOLD = {
    "enrolment": Told("学的课程 Courses you take"),
    "lesson_progress": Told("读完的课 Lessons you finished", parent=("enrolment_id", "enrolment")),
    "check_answer": Told("自测的回答 Answers to self-checks", parent=("enrolment_id", "enrolment")),
    "gate": Told("课程里开了的关 Steps of a course that opened", parent=("enrolment_id", "enrolment")),
    "draft": Told("您上传、审核的课程稿 Course drafts you sent or reviewed", by=("uploaded_by", "reviewed_by")),
    "draft_save": Told("您在课程稿里存的文字 Texts of drafts that you saved"),
    "draft_file": Told("您最后改过的课程稿文件 Files of drafts that you changed last", by=("changed_by",)),
    "import_rehearsal": Told("您预演过、还没收下的文件 Files you rehearsed and have not taken", left_out=("package",)),
}
WITHHELD = {
    "draft_media": "pictures of a course in the making: the centre's, not hers; the draft itself is told",
}

KEEPER = Keeper(told=TOLD, withheld=WITHHELD, close=rehearsing.forget, erase=rehearsing.forget)
