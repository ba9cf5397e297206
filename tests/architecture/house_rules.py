"""The rules of the house as functions: a source file in, what it breaks out."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PRODUCT: Final = ("contracts", "chassis", "gateway", "services")
CODE: Final = (*PRODUCT, "deploy", "tests")

_DRAWERS: Final = frozenset({"utils", "util", "helpers", "helper", "common", "misc", "manager", "base"})
_LOG_METHODS: Final = frozenset({"debug", "info", "warning", "error", "exception", "critical"})
_LOGGERS: Final = frozenset({"log", "logger", "logging"})
_HTTP_CLIENTS: Final = frozenset({"httpx", "httpx_aiohttp", "aiohttp", "requests", "urllib3"})
_CLOCKS: Final = frozenset(
    {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time"), ("time", "time_ns")}
)


@dataclass(frozen=True, slots=True)
class Source:
    """A file by its path from the root, `gateway/app.py`."""

    path: str
    text: str

    @property
    def tree(self) -> ast.AST:
        return _parsed(self.text)

    def is_under(self, *folders: str) -> bool:
        return PurePosixPath(self.path).parts[0] in folders


@cache
def _parsed(text: str) -> ast.AST:
    try:
        return ast.parse(text)
    except SystemError:
        # CPython before 3.12 counts the depth of all parsing in one place (gh-106905), and a collection may come between.
        return ast.parse(text)


Rule = Callable[[Source], Iterator[str]]


def sources(*folders: str) -> list[Source]:
    found = [file for folder in folders for file in sorted((ROOT / folder).rglob("*.py"))]
    return [Source(file.relative_to(ROOT).as_posix(), file.read_text()) for file in found]


def the_edge_commits(source: Source) -> Iterator[str]:
    """Commands never commit: the transaction of the chassis does, when its block ends (ADR-0004)."""
    if not source.is_under("contracts", "gateway", "services", "deploy"):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in {"commit", "rollback"}:
            yield f"{source.path}:{node.lineno} calls {node.func.attr}()"


_MAY_READ_THE_TIME: Final = {
    "chassis/clock.py": "it is the clock",
    "chassis/http/mesh_token.py": "how long a token of another process is believed does not follow this process's business clock",
    "contracts/uuid7.py": "new ids sort by when they were made; nothing is decided by it",
    "contracts/values/people.py": "a bound on the day of birth, the latest day anywhere on Earth",
    "gateway/pipeline.py": "the default of an argument, compared with times in tokens and signatures",
}


def time_is_an_argument(source: Source) -> Iterator[str]:
    """Business time comes from the clock that the composition root passes down."""
    if not source.is_under(*PRODUCT) or source.path in _MAY_READ_THE_TIME:
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and (_last_name(node.value), node.attr) in _CLOCKS:
            yield f"{source.path}:{node.lineno} reads the time by {_last_name(node.value)}.{node.attr}"


def log_events_are_constant(source: Source) -> Iterator[str]:
    """A log line is an event's name and fields: a sentence built at run time can be neither counted nor searched."""
    for node in ast.walk(source.tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        is_log = node.func.attr in _LOG_METHODS and _last_name(node.func.value) in _LOGGERS
        formatted = [part for argument in node.args for part in ast.walk(argument)] + [keyword.value for keyword in node.keywords]
        if is_log and any(isinstance(part, ast.JoinedStr) for part in formatted):
            yield f"{source.path}:{node.lineno} formats a log event"


_MAY_CATCH_EVERYTHING: Final = {
    "chassis/messaging/consumer.py": "one bad event must not stop the others",
    "chassis/process.py": "one part's failure must still end the others in order",
    "chassis/http/middleware.py": "the last place where a failure can become an answer",
    "gateway/door/protocol.py": "the last place where a failure can become an answer",
    "gateway/turns.py": "as a task does, it hands on whatever ended a coroutine",
}


def failures_are_named(source: Source) -> Iterator[str]:
    """Whoever catches says what. Catching everything in order to undo something and raise it again is allowed."""
    if source.is_under("tests") or source.path in _MAY_CATCH_EVERYTHING:
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ExceptHandler) and _catches_everything(node) and not _raises_again(node):
            yield f"{source.path}:{node.lineno} catches every exception"


def files_are_named_after_things(source: Source) -> Iterator[str]:
    """A drawer takes everything and tells nothing. `contracts/problems/common.py` holds what is common to all services."""
    parts = PurePosixPath(source.path).with_suffix("").parts
    if source.path != "contracts/problems/common.py":
        yield from (f"{source.path} is a drawer" for part in parts if part in _DRAWERS)


def the_hot_path_has_its_own_client(source: Source) -> Iterator[str]:
    """The gateway forwards through `gateway/proxy`: a general HTTP client costs many times the rest of the path."""
    if not source.is_under("gateway"):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            modules = [each.name for each in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            if any(module.partition(".")[0] in _HTTP_CLIENTS for module in modules):
                yield f"{source.path}:{node.lineno} imports {modules}"


RULES: Final[tuple[Rule, ...]] = (
    the_edge_commits,
    time_is_an_argument,
    log_events_are_constant,
    failures_are_named,
    files_are_named_after_things,
    the_hot_path_has_its_own_client,
)

EXEMPT: Final = (_MAY_READ_THE_TIME, _MAY_CATCH_EVERYTHING)


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _catches_everything(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(_last_name(kind) in {"Exception", "BaseException"} for kind in kinds)


def _raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None
