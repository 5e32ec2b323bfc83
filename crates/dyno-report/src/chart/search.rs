//! The probes of searches: the response time that is limited and the share of failed
//! starts over the level, marked by shape, with the limit and the answer drawn in.

use dyno_result::{
    LimitClause, LimitMetric, LimitUnit, Probe, ProbeOutcome, ProbeStage, QuantileValue, Search,
    SearchBy, SearchPlan, Seen,
};

use super::axis::{self, Area, Scale};
use super::frame::{self, TEXT_SIZE};
use super::shape::{Anchor, Canvas, Ink, Point, Shape, Weight};
use super::{Plot, font};
use crate::figures::{Figures, StepFigures};
use crate::number;
use crate::search::{Sought, level, lost_share, outcome};

/// Heights of the two areas of a panel, px.
const TIME: f64 = 200.0;
const LOST: f64 = 70.0;

/// One target at one search.
struct Panel<'a> {
    step: &'a StepFigures<'a>,
    name: String,
    series: usize,
    sought: Sought<'a>,
    marks: Vec<Mark>,
}

/// One probe.
struct Mark {
    level: f64,
    /// None where failures stand at the quantile: later than any time.
    time_ns: Option<f64>,
    lost: f64,
    outcome: ProbeOutcome,
}

/// A panel for each target of each search.
pub(crate) fn plot<'a>(figures: &'a Figures<'a>) -> Option<Plot<'a>> {
    let panels: Vec<Panel> = (figures.measured())
        .filter_map(|(step, row, _)| {
            let sought = Sought::of(step, row)?;
            Some(Panel {
                marks: marks(&sought),
                step,
                name: row.name.clone(),
                series: row.index,
                sought,
            })
        })
        .collect();
    let rows = panels.iter().flat_map(rows).collect();
    (!panels.is_empty()).then(|| Plot {
        name: "search",
        title: "How much each target takes",
        subtitle: frame::subtitle(figures),
        description: "Every probe of every valid trial. Dot: the limit held; cross: it broke; \
                      diamond: dyno was the limit, so it says nothing. Dashed: the limit. Shaded: \
                      from the highest level that holds to the lowest that breaks. A mark at the \
                      upper edge stands for failures instead of a time."
            .to_owned(),
        columns: vec![
            "step",
            "target",
            "trial",
            "level",
            "stage",
            "answers/s",
            "time",
            "failed",
            "outcome",
        ],
        rows,
        draw: Box::new(move |width| draw(&panels, width)),
    })
}

fn all(search: &Search) -> impl Iterator<Item = &Probe> {
    let overload = search.overload.iter().map(|overload| &overload.probe);
    search.probes.iter().chain(overload)
}

fn marks(sought: &Sought) -> Vec<Mark> {
    let probes = sought.trials.iter().flat_map(|search| all(search));
    let mark = |probe: &Probe| Mark {
        level: probe.level,
        time_ns: match time(sought.plan, probe) {
            QuantileValue::Ns(ns) | QuantileValue::AtLeastNs(ns) => Some(ns as f64),
            QuantileValue::Failed => None,
        },
        lost: lost_share(probe),
        outcome: probe.outcome,
    };
    probes.map(mark).collect()
}

/// The first clause about a time.
fn time_clause(plan: &SearchPlan) -> Option<(usize, &LimitClause)> {
    let mut clauses = plan.limit.iter().enumerate();
    clauses.find(|(_, clause)| clause.unit == LimitUnit::Ns)
}

/// What it has seen, or else p99.
fn time(plan: &SearchPlan, probe: &Probe) -> QuantileValue {
    let place = time_clause(plan).map(|(place, _)| place);
    match place
        .and_then(|place| probe.clauses.get(place))
        .map(|of| of.seen)
    {
        Some(Seen::Time(value)) => value,
        _ => probe
            .response
            .quantile(0.99)
            .unwrap_or(QuantileValue::Failed),
    }
}

fn rows(panel: &Panel) -> Vec<Vec<String>> {
    let plan = panel.sought.plan;
    let row = |trial: usize, probe: &Probe| {
        vec![
            panel.step.name.clone(),
            panel.name.clone(),
            trial.to_string(),
            level(plan.by, probe.level),
            stage(probe).to_owned(),
            number::significant(probe.throughput_per_s),
            number::quantile(Some(time(plan, probe)), lost_share(probe)),
            number::percent(lost_share(probe)),
            outcome(plan, probe),
        ]
    };
    let trials = panel.sought.trials.iter().enumerate();
    let rows = trials.flat_map(|(index, of)| all(of).map(move |probe| (index + 1, probe)));
    rows.map(|(trial, probe)| row(trial, probe)).collect()
}

fn stage(probe: &Probe) -> &'static str {
    match probe.stage {
        ProbeStage::Doubling => "doubling",
        ProbeStage::Halving => "halving",
        ProbeStage::Bisection => "bisection",
        ProbeStage::Confirmation => "confirmation",
        ProbeStage::Overload => "overload",
    }
}

/// The scales of one panel.
struct Scales {
    x: Scale,
    time: Scale,
    lost: Scale,
}

fn scales(panel: &Panel, panels: &[Panel], width: f64) -> Scales {
    let plan = panel.sought.plan;
    let same = |other: &&Panel| other.step.plan.id == panel.step.plan.id;
    // One scale for all targets of a step.
    let marks = || panels.iter().filter(same).flat_map(|other| &other.marks);
    let limit = time_clause(plan).map(|(_, clause)| clause.bound);
    let times = || marks().filter_map(|mark| mark.time_ns).chain(limit);
    let (low, high) = times().fold((f64::INFINITY, 0.0_f64), |(low, high), time| {
        (low.min(time), high.max(time))
    });
    let low = if low.is_finite() { low } else { 1e6 };
    let ticks = if frame::is_narrow(width) { 4 } else { 8 };
    let by = match plan.by {
        SearchBy::Rate => "starts per second",
        SearchBy::Connections => "connections",
    };
    let highest = marks().map(|mark| mark.level).fold(0.0, f64::max);
    let lost = marks().map(|mark| mark.lost);
    let lost = lost
        .chain(failed_clause(plan).map(|clause| clause.bound))
        .fold(0.0, f64::max);
    let title = match time_clause(plan) {
        Some((_, clause)) => match (clause.metric, clause.quantile) {
            (LimitMetric::Max, _) => "slowest right answer",
            (LimitMetric::Mean, _) => "mean response time",
            (_, Some(0.99)) => "response time at p99",
            _ => "response time at the limit's percentile",
        },
        None => "response time at p99",
    };
    Scales {
        x: Scale::from_zero(highest, ticks, number::plain, by),
        time: Scale::log_time(low, high, title),
        lost: Scale::from_zero(lost, 2, number::percent, "failed"),
    }
}

fn failed_clause(plan: &SearchPlan) -> Option<&LimitClause> {
    plan.limit
        .iter()
        .find(|clause| clause.metric == LimitMetric::Failed)
}

fn draw(panels: &[Panel], width: f64) -> Canvas {
    let mut canvas = Canvas::new(width);
    let mut y = legend(&mut canvas);
    let mut before = None;
    for panel in panels {
        if before != Some(&panel.step.plan.id) {
            y = frame::heading(&mut canvas, panel.step, 0.0, y + 10.0, width);
            before = Some(&panel.step.plan.id);
        }
        let name = font::fit(&panel.name, TEXT_SIZE, Weight::Bold, width);
        let style = (TEXT_SIZE, Ink::Text, Anchor::Start, Weight::Bold);
        canvas.text((0.0, y + 8.0), &name, style);
        let scales = scales(panel, panels, width);
        let left = scales.time.gutter().max(scales.lost.gutter());
        let area = |top: f64, height: f64| Area {
            left,
            right: width - 12.0,
            top,
            bottom: top + height,
        };
        let time = area(y + 48.0, TIME);
        let lost = area(time.bottom + 40.0, LOST);
        draw_panel(&mut canvas, panel, (&time, &lost), &scales);
        y = lost.bottom + 56.0;
    }
    canvas.height = y - 12.0;
    canvas
}

fn legend(canvas: &mut Canvas) -> f64 {
    let (mut x, y) = (6.0, 10.0);
    for (outcome, word) in [
        (ProbeOutcome::Held, "held"),
        (ProbeOutcome::Broke, "broke"),
        (ProbeOutcome::Void, "says nothing"),
    ] {
        mark(canvas, (x, y), outcome, Ink::Text);
        let style = (TEXT_SIZE, Ink::Text, Anchor::Start, Weight::Regular);
        canvas.text((x + 14.0, y), word, style);
        x += 14.0 + font::width(word, TEXT_SIZE, Weight::Regular) + 28.0;
    }
    y + 24.0
}

fn draw_panel(canvas: &mut Canvas, panel: &Panel, (time, lost): (&Area, &Area), scales: &Scales) {
    let Scales {
        x,
        time: times,
        lost: shares,
    } = scales;
    let plan = panel.sought.plan;
    // From the lowest that holds to the highest that breaks, over trials.
    if let (Some(held), Some(broken)) = (panel.sought.held(), panel.sought.broken()) {
        for area in [time, lost] {
            let (from, to) = (area.x(x, held.low), area.x(x, broken.high));
            canvas.bar(
                (from, area.top),
                (to, area.bottom),
                Ink::Series(panel.series),
                0.15,
            );
        }
    }
    axis::draw_y(canvas, time, times);
    axis::draw_y(canvas, lost, shares);
    for (value, _) in &x.ticks {
        let at = time.x(x, *value);
        canvas.line(vec![(at, time.top), (at, time.bottom)], Ink::Grid, 1.0);
    }
    axis::draw_x(canvas, lost, x);
    if let Some((_, clause)) = time_clause(plan) {
        limit(canvas, time, time.y(times, clause.bound), &clause.text);
    }
    if let Some(clause) = failed_clause(plan) {
        limit(canvas, lost, lost.y(shares, clause.bound), &clause.text);
    }
    for of in &panel.marks {
        let ink = Ink::Series(panel.series);
        let at = time.x(x, of.level);
        let height = of.time_ns.map_or(time.top, |ns| time.y(times, ns));
        mark(canvas, (at, height), of.outcome, ink);
        mark(canvas, (at, lost.y(shares, of.lost)), of.outcome, ink);
    }
}

fn limit(canvas: &mut Canvas, area: &Area, y: f64, words: &str) {
    canvas.shapes.push(Shape::Line {
        points: vec![(area.left, y), (area.right, y)],
        ink: Ink::Text,
        width: 1.5,
        dash: &[6.0, 4.0],
    });
    let style = (11.0, Ink::Text, Anchor::End, Weight::Regular);
    canvas.text((area.right, y - 9.0), &crate::text::line(words), style);
}

fn mark(canvas: &mut Canvas, (x, y): Point, outcome: ProbeOutcome, ink: Ink) {
    match outcome {
        ProbeOutcome::Held => canvas.dot((x, y), 4.5, ink),
        ProbeOutcome::Broke => {
            for (dx, dy) in [(5.0, 5.0), (5.0, -5.0)] {
                canvas.line(vec![(x - dx, y - dy), (x + dx, y + dy)], ink, 2.5);
            }
        }
        ProbeOutcome::Void => canvas.diamond((x, y), Ink::Muted),
    }
}
