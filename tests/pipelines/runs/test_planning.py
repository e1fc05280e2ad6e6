"""What is left of a run, decided from the graph and from counts."""

from pipelines.graph import Graph, Need, Node, in_order
from pipelines.runs.planning import Progress, next_steps
from tests.support.runs.nodes import step

FREE = Progress(open=1, free=1)
STAGED = Progress(open=1)
DONE = Progress(succeeded=1)
FAILED = Progress(failed=1)
UNKNOWN = Progress(expanded=False)


def flights() -> Graph:
    """The shape of a scraped report: a map in one branch, a page in another, a check, a workbook."""
    return in_order(
        [
            step("days"),
            Node("departures", "extract", mapped=True, over="days", needs=(Need("days", "over"),)),
            step("carriers"),
            step("punctuality", "departures", "carriers"),
            step("known", "punctuality"),
            Node(
                "workbook",
                "report",
                needs=(Need("punctuality", "data"), Need("departures", "data"), Need("known", "gate")),
            ),
        ]
    )


def test_independent_branches_are_canvases_of_their_own() -> None:
    progress = dict.fromkeys(("days", "carriers", "punctuality", "known", "workbook"), FREE)

    steps = next_steps(flights(), {**progress, "departures": UNKNOWN})

    assert steps.canvases == ((("days",),), (("carriers",),))
    assert not steps.finished


def test_a_map_is_expanded_as_soon_as_its_list_is_there() -> None:
    progress = {"days": DONE, "departures": UNKNOWN, "carriers": STAGED}
    rest = dict.fromkeys(("punctuality", "known", "workbook"), FREE)

    steps = next_steps(flights(), {**progress, **rest})

    assert steps.fan_out == ("departures",)
    assert steps.canvases == ()


def test_a_linear_stretch_is_one_chain() -> None:
    progress = {"days": DONE, "departures": Progress(succeeded=31), "carriers": DONE}
    rest = dict.fromkeys(("punctuality", "known", "workbook"), FREE)

    steps = next_steps(flights(), {**progress, **rest})

    assert steps.canvases == ((("punctuality", "known", "workbook"),),)


def test_branches_that_join_are_one_chord() -> None:
    graph = in_order([step("a"), step("b", "a"), step("c"), step("join", "b", "c"), step("end", "join")])

    steps = next_steps(graph, dict.fromkeys(("a", "b", "c", "join", "end"), FREE))

    assert steps.canvases == ((("a", "b"), ("c",)),)


def test_a_fork_ends_a_chain() -> None:
    graph = in_order([step("a"), step("b", "a"), step("c", "a")])

    steps = next_steps(graph, dict.fromkeys("abc", FREE))

    assert steps.canvases == ((("a",),),)


def test_a_join_that_waits_for_a_running_step_makes_no_chord() -> None:
    graph = in_order([step("a"), step("b"), step("c"), step("join", "a", "b", "c")])

    steps = next_steps(graph, {"a": FREE, "b": FREE, "c": STAGED, "join": FREE})

    assert steps.canvases == ((("a",),), (("b",),))


def test_a_failure_breaks_off_all_that_hangs_on_it_and_nothing_else() -> None:
    graph = in_order([step("a"), step("b", "a"), step("c", "b"), step("other")])

    steps = next_steps(graph, {"a": FAILED, "b": FREE, "c": FREE, "other": FREE})

    assert steps.break_off == {"b": "a", "c": "b"}
    assert steps.canvases == ((("other",),),)


def test_a_tolerated_failure_lets_those_go_on_that_accept_it() -> None:
    taker = Node("b", "transform", needs=(Need("a", "data", optional=True),))
    graph = in_order([step("a", allow_failure=True), taker])

    steps = next_steps(graph, {"a": FAILED, "b": FREE})

    assert steps.canvases == ((("b",),),)
    assert steps.break_off == {}


def test_a_step_with_nothing_to_do_leaves_out_those_that_need_it_without_failing_the_run() -> None:
    graph = in_order([step("a"), step("b", "a")])

    steps = next_steps(graph, {"a": Progress(absent=1), "b": FREE})
    assert steps.leave_out == {"b": "a"}

    ended = next_steps(graph, {"a": Progress(absent=1), "b": Progress(absent=1)})
    assert ended.finished
    assert ended.broken == ()


def test_a_check_that_could_not_run_holds_the_report_back() -> None:
    graph = in_order(
        [step("a"), step("check", "a"), Node("report", "report", needs=(Need("check", "gate"),))]
    )

    steps = next_steps(graph, {"a": FAILED, "check": FREE, "report": FREE})

    assert steps.break_off == {"check": "a", "report": "check"}


def test_a_check_with_nothing_to_check_does_not_hold_the_report_back() -> None:
    graph = in_order([step("check"), Node("report", "report", needs=(Need("check", "gate"),))])

    steps = next_steps(graph, {"check": Progress(absent=1), "report": FREE})

    assert steps.canvases == ((("report",),),)


def test_a_map_may_lose_as_many_items_as_it_says() -> None:
    mapped = Node("m", "extract", mapped=True, items=("1", "2", "3"), allow_failure=1)
    graph = in_order([mapped, step("sum", "m")])

    one = next_steps(graph, {"m": Progress(succeeded=2, failed=1), "sum": FREE})
    two = next_steps(graph, {"m": Progress(succeeded=1, failed=2), "sum": FREE})

    assert one.canvases == ((("sum",),),)
    assert two.break_off == {"sum": "m"}


def test_a_map_over_nothing_is_done() -> None:
    graph = in_order([Node("m", "extract", mapped=True, items=()), step("sum", "m")])

    steps = next_steps(graph, {"m": Progress(), "sum": FREE})

    assert steps.canvases == ((("sum",),),)


def test_a_run_is_finished_when_nothing_is_open() -> None:
    graph = in_order([step("a"), step("b", "a")])

    assert next_steps(graph, {"a": DONE, "b": DONE}).finished
    ended = next_steps(graph, {"a": FAILED, "b": Progress(broken=1)})
    assert ended.finished
    assert ended.broken == ("a", "b")


def test_a_step_to_be_tried_again_takes_its_followers_along() -> None:
    graph = in_order([step("a"), step("b", "a"), step("c", "b")])

    steps = next_steps(graph, {"a": DONE, "b": FREE, "c": FREE})

    assert steps.canvases == ((("b", "c"),),)


def test_a_result_that_may_be_missing_is_no_reason_to_leave_a_step_out() -> None:
    taker = Node("b", "transform", needs=(Need("a", "data", optional=True),))
    graph = in_order([step("a"), taker])

    steps = next_steps(graph, {"a": Progress(absent=1), "b": FREE})

    assert (steps.leave_out, steps.canvases) == ({}, ((("b",),),))


def test_a_map_without_its_list_is_left_out() -> None:
    mapped = Node("m", "extract", mapped=True, over="a", needs=(Need("a", "over"),))
    graph = in_order([step("a"), mapped])

    steps = next_steps(graph, {"a": Progress(absent=1), "m": UNKNOWN})

    assert (steps.leave_out, steps.fan_out) == ({"m": "a"}, ())


def test_a_step_is_left_out_for_what_is_missing_and_not_for_what_is_there() -> None:
    graph = in_order([step("there"), step("missing"), step("b", "there", "missing")])

    steps = next_steps(graph, {"there": DONE, "missing": Progress(absent=1), "b": FREE})

    assert steps.leave_out == {"b": "missing"}
