//! Plays a search: probe after probe, with time to recover in between, and one beyond
//! the limit at last.

use std::collections::BTreeMap;
use std::time::Duration;

use dyno_engine::Played;
use dyno_result::{
    Evidence, Overload, Probe, ProbeOutcome, ProbeStage, Recovery, SearchEnd, SearchEnding,
    SearchPlan, Surroundings, Thresholds, verdict,
};
use dyno_scenario::{By, Search, Step};
use tokio::time::Instant;

use super::course::{Course, Next, Tried};
use super::judge::{Judged, judge};
use super::overload::modes;
use super::verdict::of_answer;
use super::{most_time, plan, recovery};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::record::step_plan;

/// How far beyond the limit the last probe goes.
const OVERLOAD: f64 = 1.5;

/// Where probes are played: a target of ours, or a server that somebody else runs.
pub(crate) trait Ground {
    /// Plays one. Its random numbers are its own, by `number`.
    async fn play(&mut self, probe: &Step, number: u64) -> Result<Played, Failure>;

    /// Whether the target has ended.
    fn is_dead(&self) -> bool;

    /// What a verdict must know of it.
    fn surroundings(&self) -> Surroundings;

    /// Tells people what came of a probe.
    fn say(&self, text: &str);
}

/// A search about to be played.
pub(crate) struct Hunt<'a, G> {
    pub(crate) step: &'a Step,
    /// What it looks for.
    pub(crate) search: &'a Search,
    /// Pause between probes.
    pub(crate) cooldown: Duration,
    pub(crate) interrupt: &'a Interrupt,
    pub(crate) ground: &'a mut G,
}

/// The search so far.
struct State {
    course: Course,
    plan: SearchPlan,
    tried: Vec<Tried>,
    probes: Vec<Probe>,
    /// The last of each level.
    kept: BTreeMap<usize, Played>,
    /// What was played in all, looks included.
    number: u64,
}

/// A probe that was played and judged.
struct Judgement {
    probe: Probe,
    judged: Judged,
    played: Played,
    /// Its last intended start.
    load_end: Instant,
}

impl<G: Ground> Hunt<'_, G> {
    /// Plays it to its end. The figures are those of the last probe at the level that
    /// holds, or at the lowest if none does.
    pub(crate) async fn play(mut self) -> Result<Played, Failure> {
        let mut state = State {
            course: Course::of(self.search),
            plan: plan(self.step, self.search),
            tried: Vec::new(),
            probes: Vec::new(),
            kept: BTreeMap::new(),
            number: 0,
        };
        let deadline = Instant::now() + most_time(self.step, self.search, self.cooldown);
        let ending = loop {
            if Instant::now() > deadline {
                break SearchEnding::Exhausted;
            }
            match state.course.next(&state.tried) {
                Next::End(ending) => break ending,
                Next::Probe { rung, stage } => {
                    if let Some(ending) = self.probe(&mut state, rung, stage).await? {
                        break ending;
                    }
                }
            }
            self.interrupt.pause(self.cooldown).await;
        };
        let (held, broken) = state.course.ends(&state.tried);
        let mut overload = None;
        if let (SearchEnding::Found, Some(held)) = (ending, held) {
            overload = self.overload(&mut state, held).await?;
        }
        Ok(self.finish(state, ending, (held, broken), overload))
    }

    /// Plays one level; why the search ends with it, if it does.
    async fn probe(
        &mut self,
        state: &mut State,
        rung: usize,
        stage: ProbeStage,
    ) -> Result<Option<SearchEnding>, Failure> {
        let level = state.course.ladder.level(rung);
        let seen = self.level(state, level, stage).await?;
        let early = match (self.interrupt.is_asked(), seen.played.step.ran_out) {
            (true, _) => Some(SearchEnding::Interrupted),
            (false, true) => Some(SearchEnding::RanOut),
            (false, false) => None,
        };
        if early.is_some() {
            // Half a probe says nothing of its level.
            state.kept.entry(rung).or_insert(seen.played);
            return Ok(early);
        }
        let Judgement {
            mut probe,
            played,
            load_end,
            ..
        } = seen;
        if self.ground.is_dead() {
            // However well it did until then.
            probe.outcome = ProbeOutcome::Broke;
        }
        let outcome = probe.outcome;
        state.tried.push(Tried { rung, outcome });
        state.kept.insert(rung, played);
        let (held, _) = state.course.ends(&state.tried);
        if self.ground.is_dead() {
            probe.recovery = Some(Recovery::Died);
        } else if let (ProbeOutcome::Broke, Some(held)) = (outcome, held) {
            // What it left behind must not be the next one's.
            probe.recovery = Some(self.recovery(state, held, load_end).await?);
        }
        let recovery = probe.recovery;
        self.ground.say(&dyno_report::probe_line(
            &self.step.name,
            &state.plan,
            &probe,
        ));
        state.probes.push(probe);
        Ok(match recovery {
            _ if self.interrupt.is_asked() => Some(SearchEnding::Interrupted),
            Some(Recovery::Died) => Some(SearchEnding::Died { level }),
            Some(Recovery::NotWithin { .. }) => Some(SearchEnding::NotRecovered { level }),
            Some(Recovery::Recovered { .. }) | None => None,
        })
    }

    /// Asks more than the target can bear, and watches it get over that.
    async fn overload(
        &mut self,
        state: &mut State,
        held: SearchEnd,
    ) -> Result<Option<Overload>, Failure> {
        let level = match self.search.by {
            By::Rate => OVERLOAD * held.level,
            By::Connections => (OVERLOAD * held.level).ceil(),
        };
        let level = level.min(self.search.highest());
        let seen = self.level(state, level, ProbeStage::Overload).await?;
        if self.interrupt.is_asked() || seen.played.step.ran_out {
            return Ok(None);
        }
        let Judgement {
            mut probe,
            judged,
            load_end,
            ..
        } = seen;
        let is_dead = self.ground.is_dead();
        probe.recovery = Some(match is_dead {
            true => Recovery::Died,
            false => self.recovery(state, held, load_end).await?,
        });
        self.ground.say(&dyno_report::probe_line(
            &self.step.name,
            &state.plan,
            &probe,
        ));
        Ok(Some(Overload {
            factor: level / held.level,
            modes: modes(&probe, judged.late, is_dead),
            probe,
        }))
    }

    /// Plays and judges one level.
    async fn level(
        &mut self,
        state: &mut State,
        level: f64,
        stage: ProbeStage,
    ) -> Result<Judgement, Failure> {
        let mut step = self.step.probe(level);
        let number = state.probes.len() + 1;
        step.id = format!("{}-p{number:02}", self.step.id);
        step.name = format!(
            "{}, {}",
            self.step.name,
            dyno_report::level(state.plan.by, level)
        );
        let (played, judged) = self.judged(state, &step).await?;
        // The last answer came with the end of the drain.
        let drain = Duration::from_nanos(played.step.drain_ns);
        let load_end = Instant::now();
        let load_end = load_end.checked_sub(drain).unwrap_or(load_end);
        let seen = &played.step;
        let resources = seen.resources.as_ref();
        let probe = Probe {
            stage,
            level,
            window_ns: seen.window_ns,
            counts: seen.counts,
            failures: seen.failures.clone(),
            statuses: seen.statuses.clone(),
            throughput_per_s: seen.throughput_per_s,
            goodput_per_s: seen.goodput_per_s,
            response: seen.response.clone(),
            cpu_per_request_ns: resources.and_then(|used| used.cpu_per_request_ns),
            verdict: seen.verdict.clone().unwrap_or_default(),
            outcome: judged.outcome,
            clauses: judged.clauses.clone(),
            backlog: judged.backlog,
            recovery: None,
        };
        Ok(Judgement {
            probe,
            judged,
            played,
            load_end,
        })
    }

    /// Looks at the target until the limit holds again, a second at a time.
    async fn recovery(
        &mut self,
        state: &mut State,
        held: SearchEnd,
        load_end: Instant,
    ) -> Result<Recovery, Failure> {
        let look = recovery::look(self.step, held.level);
        loop {
            let begin = Instant::now();
            let (_, judged) = self.judged(state, &look).await?;
            let ns = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
            if self.ground.is_dead() {
                return Ok(Recovery::Died);
            }
            if judged.is_well {
                let after_ns = ns(begin.saturating_duration_since(load_end));
                return Ok(Recovery::Recovered { after_ns });
            }
            let watched = load_end.elapsed();
            if watched >= recovery::LONGEST || self.interrupt.is_asked() {
                let watched_ns = ns(watched);
                return Ok(Recovery::NotWithin { watched_ns });
            }
        }
    }

    async fn judged(
        &mut self,
        state: &mut State,
        step: &Step,
    ) -> Result<(Played, Judged), Failure> {
        state.number += 1;
        let mut played = self.ground.play(step, state.number).await?;
        let load = step_plan(step).load;
        let evidence = Evidence {
            step: &played.step,
            load: &load,
            intervals: &played.intervals,
            surroundings: self.ground.surroundings(),
        };
        let verdict = verdict(&evidence, &Thresholds::default());
        let judged = judge(&state.plan.limit, &load, &played, &verdict);
        played.step.verdict = Some(verdict);
        Ok((played, judged))
    }

    /// The step as it is stored.
    fn finish(
        &self,
        mut state: State,
        ending: SearchEnding,
        (held, broken): (Option<SearchEnd>, Option<SearchEnd>),
        overload: Option<Overload>,
    ) -> Played {
        let rung = |end: SearchEnd| {
            let mut rungs = state.kept.keys();
            rungs
                .find(|rung| state.course.ladder.level(**rung) == end.level)
                .copied()
        };
        let rung = held
            .and_then(rung)
            .or_else(|| state.kept.keys().next().copied());
        let played = rung.and_then(|rung| state.kept.remove(&rung));
        let mut played = played.expect("a search plays at least one probe");
        let judged = played.step.verdict.take().unwrap_or_default();
        played.step.verdict = Some(of_answer(judged, ending, held));
        played.step.id.clone_from(&self.step.id);
        for slice in &mut played.intervals {
            slice.step.clone_from(&self.step.id);
        }
        played.step.search = Some(dyno_result::Search {
            held,
            broken,
            ending,
            probes: state.probes,
            overload,
        });
        played
    }
}

#[cfg(test)]
mod tests;
