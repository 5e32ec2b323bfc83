//! Every start is handed out once, with its own time, or is counted as dropped.

use super::*;
use dyno_scenario::{Arrivals, Profile, Rate};

#[tokio::test]
async fn a_closed_phase_hands_out_exactly_as_many_as_asked() {
    let now = Instant::now();
    let seat = Rc::default();
    let starts = Starts::new(Source::Closed(End::Starts(3)), Stop::default());
    let mut numbers = Vec::new();
    while let Some(start) = starts.next(&seat, now, true).await {
        numbers.push(start.number);
    }
    assert_eq!((numbers, starts.due()), (vec![0, 1, 2], 3));
}

#[tokio::test]
async fn a_closed_phase_has_no_start_at_its_end_or_after_a_stop() {
    let now = Instant::now();
    let seat = Rc::default();
    let end = now + Duration::from_secs(1);
    let stop = Stop::default();
    let starts = Starts::new(Source::Closed(End::At(end)), stop.clone());
    assert!(starts.next(&seat, now, true).await.is_some());
    assert_eq!(starts.next(&seat, end, true).await, None);
    stop.set();
    assert_eq!(starts.next(&seat, now, true).await, None);
}

fn open(t0: Instant, queue: usize, drain: Duration) -> Starts {
    let profile = Profile::Steady {
        rate: Rate {
            starts: 10_000,
            per_ns: 1_000_000_000,
        },
        duration: Duration::from_millis(10),
    };
    let source = Source::Open {
        schedule: Schedule::new(&profile, Arrivals::Constant, 0, (0, 1)),
        pacing: Pacing::Sleep,
        end: t0 + Duration::from_millis(10),
        queue,
        drain,
    };
    Starts::new(source, Stop::default())
}

#[tokio::test]
async fn an_open_phase_hands_out_every_start_with_its_own_time() {
    let t0 = Instant::now();
    let seat = Rc::default();
    let starts = open(t0, 1000, Duration::from_secs(5));
    let take = async {
        let mut intended = Vec::new();
        while let Some(start) = starts.next(&seat, t0, true).await {
            assert!(start.found >= start.intended);
            intended.push(start.intended - t0);
        }
        intended
    };
    let (dispatched, intended) = tokio::join!(starts.dispatch(t0), take);
    dispatched.unwrap();
    let expected: Vec<_> = (0..100).map(|k| Duration::from_micros(100 * k)).collect();
    assert_eq!(intended, expected);
    assert_eq!((starts.due(), starts.dropped()), (100, 0));
}

#[tokio::test]
async fn a_closed_connection_gets_no_start_while_an_open_one_is_idle() {
    let starts = open(Instant::now(), 30, Duration::ZERO);
    let t0 = Instant::now();
    let (closed, open) = (Rc::default(), Rc::default());
    let closed = starts.next(&closed, t0, false);
    let open = starts.next(&open, t0, true);
    let give = async {
        starts.put(0, t0, 30);
        starts.put(1, t0, 30);
        starts.put(2, t0, 30);
    };
    let (closed, open, ()) = tokio::join!(closed, open, give);
    assert_eq!((open.unwrap().number, closed.unwrap().number), (0, 1));
    assert_eq!(starts.queue.borrow().len(), 1);
}

#[tokio::test]
async fn starts_that_nobody_takes_are_dropped_and_counted() {
    let t0 = Instant::now();
    let seat = Rc::default();
    let starts = open(t0, 30, Duration::ZERO);
    starts.dispatch(t0).await.unwrap();
    assert_eq!(starts.next(&seat, t0, true).await, None);
    assert_eq!((starts.due(), starts.dropped()), (100, 100));
}
