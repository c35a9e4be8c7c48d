"""Every number the rules use. None is law: all are the house's own assumptions, chosen so that what an honest person
does is left alone, and each is shown beside the evidence it judged. `certainty` of all of them: assumed."""

# Pace. Ordinary silent reading of Chinese is some 5 to 8 characters a second; this is beyond skimming.
CHARACTERS_A_SECOND = 15.0
LEAST_UNSEEN = 8
"""Questions not met before; fewer say nothing about reading."""

# Copying. How many times more probable the answers are if one copied than if neither knew of the other.
LEAST_SAME = 3
"""The same wrong answer to so many questions, whatever else: right answers alone prove nothing."""
LEAST_LIKE = 0.3
"""The share of the questions one of them missed (the one with fewer) to which both gave the same wrong answer."""
MOST_UNLIKE = 0.8
"""Questions answered differently, against as many as two who err as often as they would by chance; a pair that differs
more is not weighed at all, which spares a county most of its hundred thousand pairs."""
TIMES_NEAR = 1e2
"""Among people of one workplace: a county has some five hundred such pairs, of which some in a hundred copy."""
TIMES_FAR = 3e4
"""Among any two of a county: some hundred thousand pairs."""
TALKED = 0.15
"""Colleagues learn from each other: the share of questions on which they agree because they have talked about it."""
COPIED = (0.5, 0.7, 0.9)
"""Shares of a course's answers that somebody who copies may take over; the best fitting counts."""
SMOOTHING = 4.0
"""Invented answers added to each question, so that a question few have answered proves little."""
OPTIONS = 4
"""Answers that they are spread over."""
HIGHEST_SHARE = 0.95
"""However common an answer is, she might not have given it."""

# One device for many.
MANY_PEOPLE = 4
"""People who each took the tests of at least two courses on one device that nobody called shared."""
MANY_PLACES = 3
"""From so many workplaces: colleagues share a computer and need not be asked about it."""
COURSES_EACH = 2
IN_A_ROW = 4
"""Different people of whatever workplace, one straight after the other on one device."""
NEXT_IN_SECONDS = 15 * 60
"""Between the end of one person's test and the beginning of the next one's."""

# Two places at once.
HOURS_A_DAY = 12.0
"""Study hours that fit into one day away, with the way between two places."""

# A burst before the deadline.
DAYS_BEFORE = 14
BURST_HOURS = 10.0
"""Study hours of courses finished within one day."""

RENEWED_AT = 1.5
"""A closed flag opens again where the evidence has grown by half."""
