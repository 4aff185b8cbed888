from typing import Any

import pytest

from query_service.store import Selection, Store
from tests.query_service.facts import ADA, POST, later


def stages(plan: Any) -> list[str]:
    """The names of all stages of a plan."""
    if isinstance(plan, dict):
        return ([plan["stage"]] if "stage" in plan else []) + [name for part in plan.values() for name in stages(part)]
    return [name for part in plan for name in stages(part)] if isinstance(plan, list) else []


@pytest.mark.parametrize(
    "selection",
    [
        Selection(),
        Selection(author_id=ADA),
        Selection(tag="engines"),
        Selection(author_id=ADA, tag="engines"),
        Selection(after=(later(25), POST)),
        Selection(author_id=ADA, after=(later(25), POST)),
    ],
    ids=["latest", "author", "tag", "author and tag", "next page", "next page of an author"],
)
async def test_a_page_of_posts_costs_no_more_than_what_is_on_it(filled: Store, selection: Selection) -> None:
    plan = await filled.newest(selection, 5).explain()

    assert 5 == plan["executionStats"]["nReturned"]
    assert "SORT" not in stages(plan["queryPlanner"]["winningPlan"])
    assert 6 >= plan["executionStats"]["totalDocsExamined"]


async def test_the_order_of_a_thread_is_read_from_an_index_alone(filled: Store) -> None:
    plan = await filled.oldest(POST).explain()

    assert (30, 0) == (plan["executionStats"]["nReturned"], plan["executionStats"]["totalDocsExamined"])
    assert "SORT" not in stages(plan["queryPlanner"]["winningPlan"])
