from collections.abc import Iterator

import pytest

from tests.architecture import house_rules
from tests.architecture.house_rules import CODE, EXEMPT, ROOT, RULES, Rule, Source, sources


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_its_rules(rule: Rule) -> None:
    broken = [each for source in sources(*CODE) for each in rule(source)]
    assert broken == []


BROKEN = [
    (house_rules.the_edge_commits, "services/rating/commands.py", "await session.commit()"),
    (house_rules.the_edge_commits, "gateway/registry/routes.py", "await self._session.rollback()"),
    (house_rules.time_is_an_argument, "services/rating/commands.py", "at = datetime.now(UTC)"),
    (house_rules.time_is_an_argument, "services/rating/domain.py", "at = datetime.datetime.utcnow()"),
    (house_rules.time_is_an_argument, "gateway/tokens.py", "now = time.time()"),
    (house_rules.time_is_an_argument, "gateway/tokens.py", "Tokens(time=time.time)"),
    (house_rules.time_is_an_argument, "chassis/messaging/outbox.py", "on = date.today()"),
    (house_rules.log_events_are_constant, "services/rating/commands.py", "log.info(f'rated {number}')"),
    (house_rules.log_events_are_constant, "chassis/process.py", "self.log.error('failed', part=f'{name}')"),
    (house_rules.log_events_are_constant, "deploy/local/mesh.py", "logger.exception('a' + f'{name}')"),
    (house_rules.failures_are_named, "services/rating/commands.py", "try:\n  rate()\nexcept Exception:\n  pass"),
    (house_rules.failures_are_named, "chassis/sealing.py", "try:\n  rate()\nexcept:\n  pass"),
    (
        house_rules.failures_are_named,
        "gateway/app.py",
        "try:\n  rate()\nexcept (OSError, BaseException) as error:\n  raise Other from error",
    ),
    (house_rules.files_are_named_after_things, "services/rating/utils.py", ""),
    (house_rules.files_are_named_after_things, "chassis/helpers/text.py", ""),
    (house_rules.files_are_named_after_things, "gateway/common.py", ""),
    (house_rules.the_hot_path_has_its_own_client, "gateway/pipeline.py", "import httpx"),
    (house_rules.the_hot_path_has_its_own_client, "gateway/proxy/upstream.py", "from aiohttp.client import ClientSession"),
]


@pytest.mark.parametrize(("rule", "path", "text"), BROKEN)
def test_a_rule_finds_what_breaks_it(rule: Rule, path: str, text: str) -> None:
    assert list(rule(Source(path, text)))


KEPT = [
    (house_rules.the_edge_commits, "chassis/database/sessions.py", "await session.commit()"),
    (house_rules.time_is_an_argument, "services/rating/commands.py", "at = clock.now()"),
    (house_rules.time_is_an_argument, "gateway/pipeline.py", "started = time.perf_counter()"),
    (house_rules.log_events_are_constant, "services/rating/commands.py", "log.info('rated', number=number)"),
    (house_rules.log_events_are_constant, "services/rating/commands.py", "log.info('rated', all=sorted(f'{each}' for each in found))"),
    (house_rules.log_events_are_constant, "services/rating/commands.py", "catalogue.info(f'{number}')"),
    (house_rules.failures_are_named, "chassis/telemetry.py", "try:\n  rate()\nexcept BaseException:\n  undo()\n  raise"),
    (house_rules.failures_are_named, "services/rating/commands.py", "try:\n  rate()\nexcept ValueError:\n  pass"),
    (house_rules.files_are_named_after_things, "contracts/problems/common.py", ""),
    (house_rules.the_hot_path_has_its_own_client, "services/identity/neighbours.py", "import httpx"),
]


@pytest.mark.parametrize(("rule", "path", "text"), KEPT)
def test_a_rule_leaves_what_keeps_it(rule: Rule, path: str, text: str) -> None:
    assert list(rule(Source(path, text))) == []


def test_every_rule_has_something_that_breaks_it() -> None:
    assert {rule for rule, _, _ in BROKEN} == set(RULES)


def _exempt() -> Iterator[str]:
    for reasons in EXEMPT:
        yield from reasons


def test_only_files_that_exist_are_exempt() -> None:
    assert [path for path in _exempt() if not (ROOT / path).is_file()] == []
