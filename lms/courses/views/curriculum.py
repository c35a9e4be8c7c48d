"""Learning paths for doctors, and the map of the curriculum for those who write."""

from flask.typing import ResponseReturnValue

from lms.courses import editions, queries
from lms.courses.access import STUDIO
from lms.courses.curriculum import following, mapping, reading
from lms.courses.views.blueprint import bp
from lms.kernel.web import ANYBODY, current_actor, render, roles


@bp.get("/learning-paths", who=ANYBODY)
def learning_paths() -> ResponseReturnValue:
    """Which courses in which order, and where she is."""
    return render("courses/learning_paths.html", paths=following.paths_for(current_actor().person_id))


@bp.get("/studio/curriculum", who=roles(*STUDIO))
def curriculum() -> ResponseReturnValue:
    """What the published courses teach of each area, and what is missing."""
    cards = queries.open_courses({goal.course for area in reading.areas() for goal in area.goals})
    packages = {code: editions.edition(card.edition_id).package for code, card in cards.items()}
    return render(
        "studio/curriculum.html",
        areas=mapping.mapped(reading.areas(), packages),
        unplaced=mapping.unplaced(reading.areas(), packages),
        slugs={code: card.slug for code, card in cards.items()},
    )
