"""How far the figures of a run are off, and whether its verdict is right."""

import statistics

from .conditions import BAD, CONDITIONS, GOOD, MS, OPEN, of
from .signals import SIGNALS, at

WRONG_NS, WRONG_SHARE = MS, 0.1


def recorded(condition, step):
    return {
        "condition": condition.name,
        "response_p50_ns": at(step["response"], 0.5),
        "response_p99_ns": at(step["response"], 0.99),
        "counts": step["counts"],
        "signals": {one.name: one.value(step) for one in SIGNALS},
        "verdict": step["verdict"]["level"],
        "reasons": step["verdict"]["reasons"],
    }


def times(run):
    return run["response_p50_ns"], run["response_p99_ns"]


def judge(runs):
    """Adds to each run how far its figures are off, and whether its verdict is right."""
    true = {}
    for condition in CONDITIONS:
        own = [run for run in of(runs, condition) if None not in times(run)]
        if condition.truth == condition.name and own:
            true[condition.name] = [statistics.median(column) for column in zip(*map(times, own), strict=True)]
    for condition in CONDITIONS:
        for run in of(runs, condition):
            is_wrong = None
            if condition.truth in true and None not in times(run):
                truth = [ns + condition.extra_ns for ns in true[condition.truth]]
                errors = [seen - ns for seen, ns in zip(times(run), truth, strict=True)]
                run["error_p50_ns"], run["error_p99_ns"] = errors
                pairs = zip(errors, truth, strict=True)
                is_wrong = any(abs(off) > max(WRONG_NS, WRONG_SHARE * ns) for off, ns in pairs)
            run["is_wrong"] = is_wrong
            run["is_bad"] = is_wrong if condition.kind == OPEN else condition.kind == BAD
            if condition.kind == GOOD:
                run["is_right"] = run["verdict"] == "valid"
            else:
                run["is_right"] = (run["verdict"] == "invalid") == run["is_bad"]
