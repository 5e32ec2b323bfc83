//! A connection's loop for flows: the requests of each, one after the other, as
//! long as they succeed.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use dyno_result::FailureKind;

use super::{Setting, Worker};
use crate::alarm::Alarm;
use crate::cast::Cast;
use crate::check::Verifier;
use crate::data::{Deck, Drawn};
use crate::exam::{Facts, Wrong};
use crate::player::{Player, keep};
use crate::recorder::Recorder;
use crate::script::{Form, Request, Script, pause_ns};
use crate::share::back_off;
use crate::start::Start;
use crate::starts::Starts;

/// What the flows of one thread and phase share.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) cast: Cast,
    pub(crate) deck: Deck,
    pub(crate) alarm: Alarm,
}

/// How a flow ended.
enum Played {
    /// The connection is free since then.
    Free(Instant),
    /// There were no rows left, and the step is to end.
    NoRows,
}

/// How a request of a flow ended, for the next one.
enum Asked {
    Answered(Instant),
    Failed(Instant),
    /// The phase was over before it began.
    Cut(Instant),
}

impl Worker {
    /// Plays flows until there are no starts left. `t0` is the first intended start.
    pub(crate) async fn run_flows(
        &mut self,
        (setting, stage): (&Setting, &Stage),
        starts: &Starts,
        recorder: &RefCell<Recorder>,
        t0: Instant,
    ) {
        let Some(script) = &setting.script else {
            return;
        };
        let player = self.player.take();
        let mut player = player.unwrap_or_else(|| Box::new(Player::new(script)));
        let mut free = self.begin(starts, t0).await;
        loop {
            if starts.is_open() && setting.keepalive && self.reopened(setting, recorder).await {
                free = Instant::now();
            }
            let Some(start) = starts.next(&self.seat, free, self.is_open()).await else {
                break;
            };
            let all = (setting, stage, script);
            match self.flow(&start, &mut player, all, recorder).await {
                Played::Free(at) => free = at,
                Played::NoRows => {
                    recorder.borrow_mut().ran_out();
                    starts.close();
                    break;
                }
            }
            starts.done();
            if self.refusals > 1 {
                tokio::time::sleep(back_off(self.refusals)).await;
                free = Instant::now();
            }
        }
        self.player = Some(player);
    }

    /// What the last flow has captured.
    pub(crate) fn captured(&self) -> Option<&[Vec<u8>]> {
        self.player.as_ref().map(|player| player.slots.as_slice())
    }

    /// Plays the flow of one start.
    async fn flow(
        &mut self,
        start: &Start,
        player: &mut Player,
        (setting, stage, script): (&Setting, &Stage, &Script),
        recorder: &RefCell<Recorder>,
    ) -> Played {
        let (number, random) = stage.cast.draw(start.number);
        let flow = &script.flows[number];
        player.begin(random, stage.cast.seq(start.number));
        let mut has_rows = true;
        for &data in &flow.data {
            let Player { rows, random, .. } = player;
            match stage.deck.draw(data, &mut rows[data], random).await {
                Drawn::Row => {}
                Drawn::Stop => return Played::NoRows,
                Drawn::Fail => has_rows = false,
            }
        }
        if let Some(parts) = recorder.borrow_mut().parts() {
            parts.flows[number].begun += 1;
        }
        let mut due = *start;
        let mut ended = Asked::Answered(start.intended);
        if !has_rows {
            ended = refuse(FailureKind::GeneratorData, &flow.requests[0], recorder);
        }
        for request in &flow.requests {
            for _ in 0..request.repeat {
                let Asked::Answered(_) = ended else {
                    break;
                };
                let all = (setting, stage, script);
                let what = (request, flow.cookies);
                ended = self.request(&mut due, player, what, all, recorder).await;
            }
        }
        let mut recorder = recorder.borrow_mut();
        let part = recorder.parts().map(|parts| &mut parts.flows[number]);
        Played::Free(match (ended, part) {
            (Asked::Answered(at), Some(part)) => {
                part.succeeded(at.saturating_duration_since(start.intended));
                at
            }
            (Asked::Failed(at), Some(part)) => {
                // Of which kind, its request tells.
                part.failed += 1;
                at
            }
            (Asked::Answered(at) | Asked::Failed(at) | Asked::Cut(at), _) => at,
        })
    }

    /// Thinks, asks, and looks at the answer. `due` is when the request comes due
    /// without thinking; afterwards it is that of the next one.
    async fn request(
        &mut self,
        due: &mut Start,
        player: &mut Player,
        (request, has_cookies): (&Request, bool),
        (setting, stage, script): (&Setting, &Stage, &Script),
        recorder: &RefCell<Recorder>,
    ) -> Asked {
        let is_first = !due.follows;
        if !is_first && stage.alarm.is_over() {
            return Asked::Cut(due.intended);
        }
        let pause = Duration::from_nanos(pause_ns(request.think, &mut player.random));
        if !pause.is_zero() {
            if is_first && due.clocked {
                recorder.borrow_mut().punctual(due, Instant::now());
            }
            let intended = due.intended + pause;
            *due = Start {
                intended,
                found: intended,
                clocked: true,
                follows: true,
                ..*due
            };
            if !stage.alarm.until(intended).await {
                if is_first {
                    // It had come due, and is not finished.
                    recorder.borrow_mut().began(request.place);
                }
                return Asked::Cut(Instant::now());
            }
        }
        if let (false, Some(parts)) = (is_first, recorder.borrow_mut().parts()) {
            parts.followed += 1;
        }
        let is_sampled = player.is_sampled(request.sample);
        if let Form::Filled(blank) = &request.form
            && player.fill(blank, script, has_cookies).is_err()
        {
            return refuse(FailureKind::GeneratorTemplate, request, recorder);
        }
        let is_curious = recorder.borrow_mut().examples().is_curious;
        player.kept.keep = keep(request.exam.keep(is_sampled), has_cookies, is_curious);
        let Player {
            sheet, slots, kept, ..
        } = player;
        let rendered = match &request.form {
            Form::Fixed(rendered) => rendered,
            Form::Filled(_) => &sheet.rendered,
        };
        let check = match is_sampled {
            true => &request.check,
            false => &request.status,
        };
        let judge = |verifier: &mut Verifier<'_>, service, body_bytes| {
            verifier.verdict().map_err(Wrong::from)?;
            let facts = Facts {
                service,
                body_bytes,
                is_sampled,
            };
            match &verifier.kept {
                Some(kept) => request.exam.look(kept, &facts, slots),
                None => Ok(()),
            }
        };
        let what = (request.place, rendered);
        let mut verifier = check.keeping(Some(kept));
        let ended = self
            .carry_out(due, what, &mut verifier, judge, setting, recorder)
            .await;
        *due = Start {
            intended: ended.at,
            found: ended.at,
            clocked: false,
            follows: true,
            ..*due
        };
        match ended.failure {
            Some(_) => Asked::Failed(ended.at),
            None => {
                if has_cookies {
                    player.take_cookies(script);
                }
                Asked::Answered(ended.at)
            }
        }
    }
}

/// A request that came due fails before it is sent.
fn refuse(kind: FailureKind, request: &Request, recorder: &RefCell<Recorder>) -> Asked {
    let now = Instant::now();
    let mut recorder = recorder.borrow_mut();
    recorder.began(request.place);
    recorder.failed(request.place, kind, now, false);
    Asked::Failed(now)
}
