"""The faults of scripts/mutate: what is wrong, who was seen doing it, where, and
the test that must notice."""

from typing import NamedTuple

ENGINE = "crates/dyno-engine/src/"


class Fault(NamedTuple):
    name: str
    what: str
    test: str
    # File, text, what it becomes.
    edits: list


FAULTS = [
    Fault(
        "actual-send",
        "response time counts from the actual start (wrk, k6, vegeta, Fortio)",
        "stalls::t1_a_stall_shows_in_what_waits_for_a_connection",
        [(ENGINE + "worker.rs", "intended: start.intended,", "intended: first_sent.unwrap_or(begin),")],
    ),
    Fault(
        "no-timeouts",
        "timeouts are left out of the percentiles (wrk, oha, hey)",
        "timeouts::t11_timeouts_are_counted_exactly_and_stay_in_the_percentiles",
        [
            (
                ENGINE + "outcome.rs",
                "Distribution::of(&merger.response, timed_out, failed,",
                "Distribution::of(&merger.response, 0, failed,",
            )
        ],
    ),
    Fault(
        "capped-catch-up",
        "nothing is sent while answers are overdue, then at most twice the rate (wrk2)",
        "stalls::t2_a_stopped_server_shows_in_everything_that_came_due_meanwhile",
        [
            (
                ENGINE + "starts.rs",
                "            self.put(number, due, *queue);\n            batch",
                """            let tick = Duration::from_micros(500);
            while self.handed_out.get() - self.returned.get() > 50 {
                pacer.sleep(pacer.now() + tick).await?;
            }
            if pacer.now() > due + 10 * tick {
                pacer.sleep(pacer.now() + tick).await?;
            }
            self.put(number, due, *queue);
            batch""",
            )
        ],
    ),
    Fault(
        "schedule-per-connection",
        "each start belongs to a connection, busy or not (wrk2, zrk)",
        "lines::t8_a_slow_answer_holds_back_no_other_start",
        [
            (ENGINE + "idle.rs", "start: Cell<Option<Start>>,", "start: RefCell<VecDeque<Start>>,"),
            (
                ENGINE + "idle.rs",
                """        let seat = self.open.borrow_mut().pop_front();
        let Some(seat) = seat.or_else(|| self.closed.borrow_mut().pop_front()) else {
            return Err(start);
        };
        seat.start.set(Some(start));
""",
                """        let all = self.open.borrow();
        if all.is_empty() {
            return Err(start);
        }
        let seat = &all[start.number as usize % all.len()];
        seat.start.borrow_mut().push_back(start);
""",
            ),
            (ENGINE + "idle.rs", "seat.start.take()", "seat.start.borrow_mut().pop_front()"),
            (
                ENGINE + "idle.rs",
                "                ring.borrow_mut().push_back(Rc::clone(seat));\n",
                """                if !ring.borrow().iter().any(|other| Rc::ptr_eq(other, seat)) {
                    ring.borrow_mut().push_back(Rc::clone(seat));
                }
""",
            ),
        ],
    ),
    Fault(
        "averaged",
        "slices are averaged instead of merged (k6-operator and many dashboards)",
        "merge::t9_merging_loses_nothing",
        [
            (
                ENGINE + "merge.rs",
                "        merge(&mut self.response, &slice.response);\n",
                """        let mean = slice.response.mean() as u64;
        let _ = self.response.record_n(mean.max(1), slice.response.len());
""",
            )
        ],
    ),
    Fault(
        "survivors",
        "what has no answer at the end of the window is forgotten (zrk, oha)",
        "queues::t17_an_overload_shows_its_queue_and_loses_nothing",
        [
            (
                ENGINE + "recorder.rs",
                "        self.advance(times.end);\n",
                """        if !self.in_window(times.end) {
            return;
        }
        self.advance(times.end);
""",
            ),
            (
                ENGINE + "recorder.rs",
                "        self.totals.counts.due = due;\n",
                "        self.begun = self.totals.counts.succeeded + self.totals.counts.failed;\n"
                "        self.totals.counts.due = self.begun + dropped;\n"
                "        self.totals.counts.sent = self.totals.counts.sent.min(due).min(self.begun);\n",
            ),
        ],
    ),
    Fault(
        "inverted-flag",
        "the correction is on where it should be off and off where it should be on (oha, 18 months)",
        "stalls::t1_a_stall_shows_in_what_waits_for_a_connection",
        [
            (
                ENGINE + "worker.rs",
                "intended: start.intended,",
                "intended: if start.clocked { begin } else { start.intended },",
            )
        ],
    ),
]
