"""What improving keeps of a person (kernel.personal). At the end her words and her
knowledge tests go; a rating stays, as nobody's."""

from uuid import UUID

from sqlalchemy import delete, update

from lms.improving.models import Feedback, KnowledgeTaken, SurveyTaken
from lms.kernel.db import session
from lms.kernel.personal import Keeper, Told

TOLD = {
    "feedback": Told("您对课程说的话 What you said of courses", left_out=("answered_by",)),
    "knowledge_taken": Told(
        "您做过、没有做的小测 Knowledge tests you took or declined",
        # Question by question it would be the key of a test that is still to come.
        left_out=("answers",),
    ),
    "survey": Told("您写的问卷 Surveys you made", by=("made_by",)),
    "survey_taken": Told("您答过、没有答的问卷 Surveys you answered or declined"),
}
WITHHELD = {
    "survey_count": "how often something was answered: it has nobody's name and cannot be told apart",
    "survey_text": "words answered to a survey without a name: nobody, nor the house, knows whose they are",
}


def _erase(person_id: UUID) -> None:
    session().execute(update(Feedback).where(Feedback.person_id == person_id).values(text="", answer=""))
    session().execute(delete(KnowledgeTaken).where(KnowledgeTaken.person_id == person_id))
    session().execute(delete(SurveyTaken).where(SurveyTaken.person_id == person_id))


KEEPER = Keeper(told=TOLD, withheld=WITHHELD, erase=_erase)
