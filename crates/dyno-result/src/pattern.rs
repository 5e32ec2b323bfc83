//! Times that give away their cause: steps of the kernel's own clocks in the
//! histograms of response and connect times.

use crate::Histogram;

/// From here a connection was neither refused nor served: the first SYN is
/// sent again after one second. Some room for clocks, ns.
pub const FIRST_RETRY_NS: u64 = 900_000_000;

/// After how many seconds Linux has sent a SYN again: doubled each time, since
/// Linux 6.5 four times at one second first.
const RETRIES_S: &[u64] = &[1, 2, 3, 4, 5, 7, 11, 15, 31];

/// How long after the retry a connection may be open, ns.
const AFTER_RETRY_NS: u64 = 250_000_000;

/// Linux delays an acknowledgement for at least 40 ms, to the next tick of the
/// kernel (10 ms where it is slow) and then some for the answer itself, ns.
const DELAYED_ACK_NS: (u64, u64) = (39_000_000, 55_000_000);

/// What lies beside it, ns: as wide on both sides.
const BESIDE_NS: [(u64, u64); 2] = [(20_000_000, 36_000_000), (58_000_000, 74_000_000)];

/// How many times as many values as beside it make a step.
const STEP: u64 = 3;

/// Fewest values that make a pattern, and their least share.
const LEAST: (u64, f64) = (10, 0.01);

const SECOND_NS: u64 = 1_000_000_000;

/// Connections that were opened by a later SYN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SynRetries {
    /// How many.
    pub connections: u64,
    /// After how many seconds, rising, and how many connections there.
    pub after: Vec<(u64, u64)>,
    /// The slowest, ns.
    pub slowest_ns: u64,
}

/// Connections that took about as long as Linux needs to send a SYN again: the
/// listen backlog was full and the first SYN was not heard. None where slow
/// connections lie anywhere: that is a slow network.
pub fn syn_retries(connect: &Histogram) -> Option<SynRetries> {
    let slow = connect.count_between(FIRST_RETRY_NS, connect.max().max(FIRST_RETRY_NS));
    let at = |seconds: &u64| {
        let due = seconds * SECOND_NS;
        let (from, to) = (due - due / 10, due + AFTER_RETRY_NS);
        (*seconds, connect.count_between(from, to - 1))
    };
    // The windows of the last retries are wide, but never touch each other.
    let after: Vec<_> = RETRIES_S.iter().map(at).filter(|(_, n)| *n > 0).collect();
    let connections: u64 = after.iter().map(|(_, count)| count).sum();
    (slow > 0 && connections * 5 >= slow * 4).then(|| SynRetries {
        connections,
        after,
        slowest_ns: connect.max(),
    })
}

/// Answers whose end came about 40 ms after their head: the server wrote the
/// two apart, Nagle's algorithm held back the second until the first was
/// acknowledged, and the acknowledgement was delayed. How many; none without such
/// a step, or where the first byte is as late.
pub fn delayed_acks(response: &Histogram, first_byte: &Histogram) -> Option<u64> {
    let between = |of: &Histogram, (from, to)| of.count_between(from, to);
    let whole = between(response, DELAYED_ACK_NS);
    let late_heads = between(first_byte, DELAYED_ACK_NS);
    let step = whole.saturating_sub(late_heads);
    let beside = BESIDE_NS.into_iter().map(|band| between(response, band));
    let is_step = beside.max().is_some_and(|most| whole > STEP * most);
    let is_enough = step >= LEAST.0 && step as f64 >= LEAST.1 * response.len() as f64;
    (is_step && is_enough).then_some(step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::new_histogram;

    const MS: u64 = 1_000_000;

    fn of(values: &[(u64, u64)]) -> Histogram {
        let mut histogram = new_histogram();
        for (value, count) in values {
            histogram.record_n(*value, *count).unwrap();
        }
        histogram
    }

    #[test]
    fn retried_syns_are_told_from_a_slow_network() {
        let check = |values: &[(u64, u64)], expected: Option<(u64, &[(u64, u64)])>| {
            let seen = syn_retries(&of(values));
            let seen = seen
                .as_ref()
                .map(|seen| (seen.connections, &seen.after[..]));
            assert_eq!(seen, expected, "{values:?}");
        };
        let quick = (60_000, 9_000);
        check(&[quick], None);
        check(&[], None);
        let backlog = [quick, (1_020 * MS, 20), (3_040 * MS, 4), (7_100 * MS, 1)];
        check(&backlog, Some((25, &[(1, 20), (3, 4), (7, 1)])));
        check(&[(1_001 * MS, 1)], Some((1, &[(1, 1)])));
        // Evenly from 1 s to 10 s: a slow network.
        let slow: Vec<_> = (100..1_000).map(|n| (n * 10 * MS, 1)).collect();
        check(&slow, None);
        check(&[quick, (600 * MS, 50)], None);
    }

    #[test]
    fn the_40_ms_step_is_seen_only_behind_quick_heads() {
        let check = |response: &[(u64, u64)], first_byte: &[(u64, u64)], expected| {
            let seen = delayed_acks(&of(response), &of(first_byte));
            assert_eq!(seen, expected, "{response:?} {first_byte:?}");
        };
        let quick = [(MS, 1_000)];
        check(&[(41 * MS, 1_000)], &quick, Some(1_000));
        check(&[(MS, 950), (44 * MS, 50)], &quick, Some(50));
        // A server on a busy machine: from 41 ms to 53 ms.
        let busy: Vec<_> = (0..13).map(|n| ((41 + n) * MS, 10)).collect();
        check(&busy, &quick, Some(130));
        // The server takes 41 ms before it says anything.
        check(&[(41 * MS, 1_000)], &[(41 * MS, 1_000)], None);
        // Too few, and too small a share.
        check(&[(MS, 991), (41 * MS, 9)], &quick, None);
        check(&[(MS, 9_950), (41 * MS, 50)], &[(MS, 10_000)], None);
        // A long body spreads over all times.
        let wide: Vec<_> = (0..100).map(|n| (n * MS, 10)).collect();
        check(&wide, &quick, None);
    }
}
