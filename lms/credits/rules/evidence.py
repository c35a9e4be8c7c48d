"""Kinds of papers that a policy may ask for and a fact may show."""

from lms.kernel.text import N_

EVIDENCE = {
    "notice": N_("通知文件"),
    "schedule": N_("日程安排"),
    "sign_in_sheet": N_("签到表"),
    "photo": N_("现场照片"),
    "certificate": N_("证书"),
    "approval": N_("审批表"),
    "appraisal": N_("鉴定表"),
    "travel": N_("往返凭证"),
    "transcript": N_("成绩单"),
    "student_record": N_("学籍证明"),
    "publication": N_("论文首页和刊物封面"),
    "project_record": N_("立项或结题文件"),
    "notes": N_("学习笔记"),
}
