"""What courses keeps of a person (kernel.personal). After the end her progress is the progress of nobody: it stays,
without a name, for what the numbers of a course are."""

from uuid import UUID

from lms.courses.imports import rehearsing
from lms.courses.writing import typed
from lms.kernel.personal import Keeper, Told

TOLD = {
    "enrolment": Told("学的课程 Courses you take"),
    "lesson_progress": Told("读完的课 Lessons you finished", parent=("enrolment_id", "enrolment")),
    "check_answer": Told("自测的回答 Answers to self-checks", parent=("enrolment_id", "enrolment")),
    "gate": Told("课程里开了的关 Steps of a course that opened", parent=("enrolment_id", "enrolment")),
    "draft": Told("您上传、审核的课程稿 Course drafts you sent or reviewed", by=("uploaded_by", "reviewed_by")),
    "draft_save": Told("您在课程稿里存的文字 Texts of drafts that you saved"),
    "typed_form": Told("您在工作室写了、还没有保存的内容 What you typed in the studio and have not saved"),
    "draft_presence": Told("您此刻在写哪一课 Lessons of drafts that you are at just now"),
    "review": Told("您审过的课程稿 Course drafts you judged", by=("by",)),
    "review_comment": Told("您对课程稿的意见 Your comments on course drafts", by=("by", "resolved_by")),
    "review_reply": Told("您对意见的答复 Your answers to comments on course drafts", by=("by",)),
    "draft_file": Told("您最后改过的课程稿文件 Files of drafts that you changed last", by=("changed_by",)),
    "transcode": Told("您传的、还在转换的录像和录音 Films and sound you sent that wait", by=("made_by",)),
    "edition_moved": Told("换到新版的课程 Courses in which you were moved", parent=("enrolment_id", "enrolment")),
    "clinical_notice_read": Told("看过的临床提醒 Clinical notices you have read"),
    "edition_move": Told("您给学员换的版本 Moves of learners that you began", by=("made_by",)),
    "edition_rolled_back": Told("您退回的版本 Editions that you took back", by=("made_by",)),
    "clinical_notice": Told("您写的临床提醒 Clinical notices that you wrote", by=("made_by",)),
    "import_rehearsal": Told("您预演过、还没收下的文件 Files you rehearsed and have not taken", left_out=("package",)),
}
WITHHELD = {
    "draft_health": "how many mistakes a course in the making has: the course's, not hers",
    "draft_media": "pictures of a course in the making: the centre's, not hers; the draft itself is told",
}


def _forget(person_id: UUID) -> None:
    rehearsing.forget(person_id)
    typed.forget(person_id)


KEEPER = Keeper(told=TOLD, withheld=WITHHELD, close=_forget, erase=_forget)
