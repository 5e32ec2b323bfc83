"""The page: conditions, signals beside their limits, a sentence a limit."""

import math
import statistics

from .conditions import BAD, CONDITIONS, GOOD, MS, OPEN, of
from .judge import WRONG_NS, WRONG_SHARE
from .signals import SIGNALS


def shown(value, unit):
    if value is None:
        return "–"
    if math.isinf(value):
        return "failed"
    if unit == "ns":
        scale, name = next(
            pair for pair in ((1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1, "ns")) if abs(value) >= pair[0] or pair[0] == 1
        )
        return f"{value / scale:.3g} {name}"
    return f"{100 * value:.3g} %" if unit == "%" else f"{value:.3g}"


def spread(values, unit):
    """`least / median / most`, or once if they look the same."""
    known = [value for value in values if value is not None]
    if not known:
        return "–"
    three = [shown(value, unit) for value in (min(known), statistics.median(known), max(known))]
    return three[0] if len(set(three)) == 1 else " / ".join(three)


def value_of(run, one):
    return run["signals"][one.name]


def sentence(one, runs, limits):
    """What these runs say of the limit beyond which a signal makes INVALID."""
    limit = limits.get(one.invalid, 0.0) if one.invalid or not one.warn else limits.get(one.warn)
    if limit is None:
        return f"**{one.name}**: its limit is not found in thresholds.rs."
    level = "WARN" if one.falls else "INVALID"
    sign = -1 if one.falls else 1
    known = [run for run in runs if value_of(run, one) is not None]
    good = [sign * value_of(run, one) for run in known if not run["is_bad"]]
    worst = max(good, default=None)
    text = f"**{one.name}**, {level} {'below' if one.falls else 'beyond'} {shown(limit, one.unit)}: "
    if worst is not None:
        text += f"good runs reach {shown(sign * worst, one.unit)}. "
    caught = {}
    for condition in CONDITIONS:
        bad = [sign * value_of(run, one) for run in of(known, condition) if run["is_bad"]]
        if bad and max(bad) > sign * limit:
            caught[condition.name] = (sum(value > sign * limit for value in bad), len(bad), min(bad))
    if worst is not None and worst > sign * limit:
        false = sum(value > sign * limit for value in good)
        text += f"It does not separate: {false} of {len(good)} good runs lie beyond. "
    elif caught:
        text += "It separates. "
    if caught:
        parts = [
            f"{name} {beyond} of {count}, from {shown(sign * least, one.unit)}"
            for name, (beyond, count, least) in caught.items()
        ]
        text += f"Bad runs beyond it: {'; '.join(parts)}."
    else:
        text += "No condition here takes it there in a bad run: nothing is learned of it."
    return text


def page(result):
    runs, limits = result["runs"], result["thresholds"]
    right = sum(run["is_right"] for run in runs)
    lines = [
        "# Verdict: do the limits part good from bad?",
        "",
        f"{len(runs)} runs of {result['seconds']:g} s, by `{result['command']}` on {result['date']}; dyno at",
        f"`{result['commit']}`. Server and dyno have a CPU each. Machine: {result['machine']}.",
        "All figures: [`runs.json`](runs.json). least / median / most.",
        "",
        f"**{right} of {len(runs)} verdicts were as expected.** Figures are wrong if the response time's median or",
        f"99th percentile is more than {WRONG_NS / MS:g} ms and more than {100 * WRONG_SHARE:g} % away from the truth:",
        "the quiet runs of the same path, plus the time that the server takes.",
        "",
        "| condition | expected | VALID | WARN | INVALID | as expected | wrong figures | error of p50 | error of p99 |",
        "|---|---|--:|--:|--:|--:|--:|---|---|",
    ]
    expected = {GOOD: "VALID", BAD: "INVALID", OPEN: "INVALID if wrong"}
    for condition in CONDITIONS:
        own = of(runs, condition)
        if not own:
            lines.append(f"| {condition.what} | not played: no control group with a quota here |" + " |" * 7)
            continue
        levels = [sum(run["verdict"] == level for run in own) for level in ("valid", "warn", "invalid")]
        wrong = "unknown" if own[0]["is_wrong"] is None else f"{sum(run['is_wrong'] for run in own)}"
        errors = [spread([run.get(f"error_p{q}_ns") for run in own], "ns") for q in (50, 99)]
        cells = [condition.what, expected[condition.kind], *levels, sum(run["is_right"] for run in own), wrong, *errors]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    lines += [
        "",
        "## Signals",
        "",
        f"| condition | {' | '.join(one.name for one in SIGNALS)} |",
        "|---|" + "---|" * len(SIGNALS),
    ]
    for label, place in (("**limit: WARN**", "warn"), ("**limit: INVALID**", "invalid")):
        cells = [shown(limits.get(getattr(one, place)), one.unit) for one in SIGNALS]
        lines.append(f"| {label} | {' | '.join(cells)} |")
    for condition in CONDITIONS:
        own = of(runs, condition)
        cells = [spread([value_of(run, one) for run in own], one.unit) for one in SIGNALS]
        lines.append(f"| {condition.name} | {' | '.join(cells)} |")
    lines += [
        "",
        "Any throttled period is INVALID. Send lag is so only beyond both of its limits, a hiccup only if it is longer",
        "than response p99 and 1 % of the step, too. A local server may be on dyno's CPUs, so that run delay has the",
        "limits of shared CPUs.",
        "",
    ]
    lines += ["## Limits", "", *(f"- {sentence(one, runs, limits)}" for one in SIGNALS), ""]
    return "\n".join(lines)
