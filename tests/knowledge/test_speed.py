"""What loading, taking in an edit and checking cost, in time of the processor: other programs on the machine do not count.

The bounds are several times what was measured, so that only a real slip trips them.
"""

from __future__ import annotations

import functools
import itertools
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from bot.knowledge import Knowledge, Route, answers, checking
from bot.topics import TOPICS
from tests.knowledge.conftest import CONTENT, DAY


def seconds(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def test_loading_and_one_edit(tmp_path: Path) -> None:
    content = tmp_path / "content"
    shutil.copytree(CONTENT, content)
    loading = min(seconds(lambda: Knowledge(content, today=lambda: DAY)) for _ in range(2))
    assert loading < 2, f"loading all content took {loading:.2f} s"
    knowledge = Knowledge(content, today=lambda: DAY)
    wages = Route("PHL", "HKG")
    country = content / "countries" / "HKG.yml"
    catalog = content / "locale" / "tl" / "LC_MESSAGES" / "kasama.po"
    text = country.read_text()
    edits = []
    for number in (5301, 5302, 5303):
        country.write_text(text.replace("value: 5100", f"value: {number}"))
        edits.append(seconds(knowledge.reload_if_changed))
        assert f"HKD {number:,}" in knowledge.answer("ask_wages", wages, "en").pages[0]
    catalog.write_text(catalog.read_text() + "\n# a note\n")
    edits.append(seconds(knowledge.reload_if_changed))
    # Only the file that changed is read: a fraction of reading them all.
    assert max(edits) < loading / 2, f"{[f'{edit:.3f}' for edit in edits]} s, loading {loading:.3f} s"


def test_a_broken_catalog_is_read_again_when_it_is_mended(tmp_path: Path) -> None:
    content = tmp_path / "content"
    shutil.copytree(CONTENT, content)
    knowledge = Knowledge(content, today=lambda: DAY)
    catalog = content / "locale" / "es" / "LC_MESSAGES" / "kasama.po"
    good, said = catalog.read_text(), knowledge.phrase("goodbye", "es")
    catalog.write_text(good + 'msgid "\n')
    assert not knowledge.reload_if_changed() and "es/LC_MESSAGES" in knowledge.problems[0].file
    assert knowledge.phrase("goodbye", "es") == said
    # While it is broken, a change elsewhere does not hide it.
    country = content / "countries" / "HKG.yml"
    country.write_text(country.read_text() + "# a note\n")
    assert not knowledge.reload_if_changed() and "es/LC_MESSAGES" in knowledge.problems[0].file
    catalog.write_text(good.replace(said, said + " Kasama."))
    assert knowledge.reload_if_changed() and not knowledge.problems
    assert knowledge.phrase("goodbye", "es") == said + " Kasama."


def test_composing(knowledge: Knowledge) -> None:
    snapshot = knowledge.snapshot
    routes = [Route(*route) for route in list(snapshot.content.corridors)[::6]]
    cells = itertools.product(TOPICS, routes, snapshot.catalogs.languages)
    taken = sorted(
        seconds(functools.partial(answers.compose, snapshot, topic, route, language, None, None, DAY))
        for topic, route, language in cells
    )
    p99 = taken[len(taken) * 99 // 100] * 1000
    print(f"composing {len(taken)} answers: median {taken[len(taken) // 2] * 1000:.2f} ms, p99 {p99:.2f} ms")
    assert p99 < 12, f"{p99:.1f} ms"


def test_checking_everything() -> None:
    taken = seconds(lambda: checking.check(CONTENT, DAY))
    assert taken < 45, f"the check took {taken:.0f} s"
