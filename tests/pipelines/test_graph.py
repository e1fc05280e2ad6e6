import json

import pytest

from pipelines.graph import BadGraph, Cycle, Graph, Need, Node, in_order

FLIGHTS = in_order(
    [
        Node("book", "report", needs=(Need("late", "data"), Need("known", "gate"))),
        Node("late", "transform", needs=(Need("flights", "data", optional=True),)),
        Node("known", "check", needs=(Need("late", "data"), Need("days", "after"))),
        Node(
            "flights",
            "extract",
            mapped=True,
            over="days",
            needs=(Need("days", "over"),),
            retries=3,
            timeout_s=300.0,
            limit=4,
            allow_failure=2,
        ),
        Node("airports", "extract", mapped=True, items=('"EWR"', '"JFK"'), allow_failure=1),
        Node("days", "extract", allow_failure=True),
    ]
)


def test_nodes_come_after_what_they_need_and_else_as_declared() -> None:
    assert [node.name for node in FLIGHTS.nodes] == ["airports", "days", "flights", "late", "known", "book"]


def test_a_graph_comes_back_equal_from_its_json() -> None:
    back = Graph.from_json(json.loads(json.dumps(FLIGHTS.to_json())))

    assert back == FLIGHTS
    assert back.node("days").allow_failure is True
    assert back.node("airports").allow_failure == 1
    assert back.node("airports").allow_failure is not True


def test_an_unknown_step_is_named() -> None:
    with pytest.raises(KeyError, match="no step 'dayz' among airports, days"):
        FLIGHTS.node("dayz")


def test_steps_that_wait_for_each_other_are_named_in_their_circle() -> None:
    nodes = [
        Node("outside", "report", needs=(Need("a", "data"),)),
        Node("a", "extract", needs=(Need("b", "data"),)),
        Node("b", "check", needs=(Need("c", "after"),)),
        Node("c", "report", needs=(Need("b", "gate"),)),
    ]

    with pytest.raises(Cycle, match="waits for itself: b -> c -> b"):
        in_order(nodes)


def test_a_stored_graph_of_another_shape_is_refused() -> None:
    with pytest.raises(BadGraph, match="written by another version"):
        Graph.from_json({"steps": []})
