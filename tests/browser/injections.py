"""Four hundred ways to get a script run by a page that shows what somebody typed. Each calls hit(N) with its number."""

MANY = 400

# What would run if somebody touched it: a handler, an address that is a script, a script with a payload in it.
LOOK = """() => {
  const bad = [];
  for (const el of document.querySelectorAll("*")) {
    for (const one of el.attributes) {
      const said = one.value.replace(/[\\u0000-\\u0020]/g, "");
      if (/^on/i.test(one.name)) bad.push(el.tagName + " " + one.name);
      if (/^(href|src|action|formaction|data|xlink:href|srcdoc|to|background)$/i.test(one.name)
          && /^(javascript|vbscript|data:text)/i.test(said)) bad.push(el.tagName + " " + one.name + "=" + said);
    }
    if (el.localName === "script" && /hit\\(\\d/.test(el.textContent)) bad.push("script " + el.textContent);
    if (el.localName === "parsererror") bad.push("not well-formed: " + el.textContent.slice(0, 200));
  }
  return bad;
}"""

_EVENTS = (
    *("onerror", "onload", "onfocus", "onmouseover", "onclick", "ontoggle", "onanimationstart", "onpointerenter"),
    *("onbegin", "onstart", "onloadstart", "oncut", "onpaste", "onscroll", "onresize", "onpageshow", "onhashchange"),
)
_TAGS = (
    "<img src=x {event}=hit(N)>",
    "<svg {event}=hit(N)>",
    "<body {event}=hit(N)>",
    "<input autofocus {event}=hit(N)>",
    "<details open {event}=hit(N)>",
    "<video src=x {event}=hit(N)>",
    '"><img src=x {event}=hit(N)>',
    "'><svg/{event}=hit(N)>",
    '" autofocus {event}=hit(N) x="',
    "' tabindex=1 {event}=hit(N) x='",
    "<IMG/SRC=x/{event}='hit(N)'>",
    "<marquee {event}=hit(N)>",
)
_OTHERS = (
    "<script>hit(N)</script>",
    "<ScRiPt>hit(N)</sCrIpT>",
    "<script/x>hit(N)</script>",
    "<scr<script>ipt>hit(N)</script>",
    "</script><script>hit(N)</script>",
    "</title><script>hit(N)</script>",
    "</textarea><script>hit(N)</script>",
    "</style><script>hit(N)</script>",
    "</noscript><script>hit(N)</script>",
    "<!--><script>hit(N)</script>-->",
    "]]><script>hit(N)</script>",
    "<script src=data:,hit(N)></script>",
    "<script type=module>hit(N)</script>",
    "<svg><script>hit(N)</script></svg>",
    "<svg><script href=data:,hit(N) />",
    "<svg><a xlink:href=javascript:hit(N)><text y=9>x",
    "<svg><animate onbegin=hit(N) attributeName=x dur=1s>",
    "<svg><set attributeName=href to=javascript:hit(N)>",
    "<svg><foreignObject><body onload=hit(N)>",
    "<math><mtext><img src=x onerror=hit(N)>",
    "<math href=javascript:hit(N)>x</math>",
    "<math><style><img src=x onerror=hit(N)></style>",
    "<iframe src=javascript:hit(N)>",
    "<iframe srcdoc='<script>parent.hit(N)</script>'>",
    "<object data=javascript:hit(N)>",
    "<embed src=javascript:hit(N)>",
    "<form action=javascript:hit(N)><button>x",
    "<button formaction=javascript:hit(N)>x",
    "<a href=javascript:hit(N)>x</a>",
    "<a href='java&#9;script:hit(N)'>x</a>",
    "<a href=JaVaScRiPt&colon;hit(N)>x</a>",
    "<a href=data:text/html,<script>hit(N)</script>>x</a>",
    "<base href=javascript:hit(N)//>",
    "<link rel=stylesheet href=javascript:hit(N)>",
    "<meta http-equiv=refresh content='0;javascript:hit(N)'>",
    "<style>@import'javascript:hit(N)';</style>",
    "<div style=background:url(javascript:hit(N))>",
    "<noscript><p title='</noscript><img src=x onerror=hit(N)>'>",
    "<table><td background=javascript:hit(N)>",
    "<template><script>hit(N)</script></template>",
    "<xmp><p title='</xmp><img src=x onerror=hit(N)>'>",
    "&lt;script&gt;hit(N)&lt;/script&gt;",
    "&#60;img src=x onerror=hit(N)&#62;",
    "&amp;lt;img src=x onerror=hit(N)&amp;gt;",
    "%3Cscript%3Ehit(N)%3C/script%3E",
    "\\u003cscript\\u003ehit(N)\\u003c/script\\u003e",
    "\\x3cimg src=x onerror=hit(N)\\x3e",
    "＜script＞hit(N)＜/script＞",
    "';hit(N);//",
    '";hit(N);//',
    "`;hit(N);//",
    "\\';hit(N);//",
    "${hit(N)}",
    "#{hit(N)}",
    "{{hit(N)}}",
    "{{constructor.constructor('hit(N)')()}}",
    "{% print hit(N) %}",
    "<%= hit(N) %>",
    "[x](javascript:hit(N))",
    "[x](JavaScript&colon;hit(N))",
    "[x](data:text/html,<script>hit(N)</script>)",
    "![x](javascript:hit(N))",
    '![x](media/flow.svg "x\\" onload=hit(N)")',
    "![x\" onerror=hit(N) y=\"](media/flow.svg)",
    "[x](https://a.example/\"onclick=hit(N))",
    "<javascript:hit(N)>",
    "[^s1\"onclick=hit(N)]",
    "::: key <img src=x onerror=hit(N)>",
    "| <img src=x onerror=hit(N)> | x |",
    "**<img src=x onerror=hit(N)>**",
    "\"\"\" <script>hit(N)</script>",
    "+++ <script>hit(N)</script>",
    "javascript:hit(N)",
    "data:text/html,<script>hit(N)</script>",
    "vbscript:hit(N)",
)


def payloads() -> list[str]:
    """All of them, number N at place N; none is longer than 100 signs."""
    shapes = [*_OTHERS, *(tag.format(event=event) for tag in _TAGS for event in _EVENTS)]
    more = [f"x{lead}{shape}" for lead in ("\n", "\t", " ") for shape in _OTHERS]
    every = [*shapes, *more][:MANY]
    assert len(every) == MANY, len(every)
    return [shape.replace("(N)", f"({number})") for number, shape in enumerate(every)]
