"""A county's own programme as a county writes it: the template, filled in."""

from lms.pathways import catalogue

TEMPLATE = catalogue.FOLDER / "templates" / "county.toml"
WORDS = {
    "本县的代码": "LB-YL",
    "本县的培养计划": "云岭县村医培养计划",
    "The county's own programme": "Yunling's programme",
    "写一句话：给谁，到哪里为止。": "给在岗的村医，到县里结业为止。",
    "One sentence: for whom, and how far.": "For village doctors, up to the county's final assessment.",
    "本县通知的名称和文号": "云岭县乡村医生培养方案（演示〔2026〕1 号）",
    "Title and number of the county's notice": "Yunling's plan for rural doctors (demonstration 2026-1)",
    "本县卫生健康局": "云岭县卫生健康局",
    "The county health authority": "Yunling County Health Bureau",
    "第几条": "第三条",
    "Which article": "Article 3",
    "完成本县的模块": "完成云岭县的模块",
    "The county's modules": "Yunling's modules",
    "模块的名称": "跟班学习",
    "Title of the module": "Practice under supervision",
}


def county_programme(programme: str = "county-programme", place: str = "LB-YL") -> str:
    """The text of the file of a programme with its own id, for a county by its code."""
    text = TEMPLATE.read_text(encoding="utf-8")
    for before, after in (WORDS | {"本县的代码": place}).items():
        assert f'"{before}"' in text, before
        text = text.replace(f'"{before}"', f'"{after}"')
    return text.replace('"county-programme"', f'"{programme}"')
