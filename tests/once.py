"""What each of the thousand applications that the tests build would work out anew is worked out once a process, and
the templates once a run: the answers are the same in all of them.

Routes are parsed and templates compiled once.
"""

import os
from hashlib import sha256
from pathlib import Path
from types import CodeType
from typing import Any

from flask import Flask
from jinja2.bccache import Bucket, FileSystemBytecodeCache
from werkzeug.routing import Rule

from lms.kernel import i18n, web

FOLDER = "KEPT_TEMPLATES"
"""Where processes of this run keep the templates they compiled; without it, each keeps its own."""

_routes: dict[tuple[object, ...], tuple[Any, ...]] = {}
_compile_route = Rule.compile
_build_environments = web.build_environments


def _route(rule: Rule) -> None:
    """Parse a rule, and write what builds its addresses: Werkzeug does it for each rule of each application, which was
    most of the time of building one."""
    assert rule.map is not None
    kinds = frozenset(rule.map.converters.items())
    key = (
        type(rule), rule.rule, rule.host, rule.subdomain, rule.merge_slashes, rule.map.host_matching,
        str(rule.defaults), tuple(sorted(rule.arguments)), kinds,
    )
    if key not in _routes:
        _compile_route(rule)
        _routes[key] = (
            rule._parts, rule._trace, rule._converters, frozenset(rule.arguments),
            rule._build.__func__, rule._build_unknown.__func__,  # type: ignore[attr-defined]
        )
    parts, trace, converters, arguments, build, unknown = _routes[key]
    rule._parts, rule._trace, rule._converters = [*parts], [*trace], {**converters}
    rule.arguments = {*arguments}
    rule._build, rule._build_unknown = build.__get__(rule, None), unknown.__get__(rule, None)


class _Templates(FileSystemBytecodeCache):
    """Compiled templates of one language, in this process and in the folder of the run."""

    known: dict[tuple[str, str], CodeType] = {}

    def __init__(self, language: str, static: dict[str, str]) -> None:
        words = sha256(repr((language, sorted(static.items()))).encode()).hexdigest()
        super().__init__(os.environ.get(FOLDER, ""), words + "-%s")

    def load_bytecode(self, bucket: Bucket) -> None:
        name = self.pattern % bucket.key, bucket.checksum
        bucket.code = self.known.get(name)
        if bucket.code is None and FOLDER in os.environ:
            super().load_bytecode(bucket)
            if bucket.code is not None:
                self.known[name] = bucket.code

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self.known[self.pattern % bucket.key, bucket.checksum] = bucket.code
        if FOLDER in os.environ and Path(self.directory).is_dir():
            super().dump_bytecode(bucket)


def _environments(app: Flask, static: dict[str, str]) -> None:
    _build_environments(app, static)
    for language in i18n.LANGUAGES:
        web._environments[language].bytecode_cache = _Templates(language, static)


def begin() -> None:
    """From here on."""
    Rule.compile = _route  # type: ignore[method-assign]
    web.build_environments = _environments
