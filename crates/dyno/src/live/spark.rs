//! Numbers as a row of little bars.

/// From the lowest to the highest.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// One sign a value, the highest as a full bar, the lowest for nothing but zero; `×` where there is none. Only
/// the latest that fit in `width` are shown.
pub(super) fn line(values: &[Option<u64>], width: usize) -> String {
    let latest = &values[values.len().saturating_sub(width)..];
    let most = latest.iter().flatten().copied().max().unwrap_or(0).max(1);
    let sign = |value: &Option<u64>| match value {
        None => '×',
        Some(value) => {
            let (value, most) = (u128::from(*value), u128::from(most));
            let highest = BARS.len() as u128 - 1;
            let step = ((value * highest + most / 2) / most).max(u128::from(value > 0));
            BARS[usize::try_from(step).unwrap_or(0)]
        }
    };
    latest.iter().map(sign).collect()
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn bars_grow_with_their_values() {
        let check = |values: &[u64], width, expected: &str| {
            let values: Vec<_> = values.iter().map(|value| Some(*value)).collect();
            assert_eq!(line(&values, width), expected, "{values:?}");
        };
        check(&[], 10, "");
        check(&[0, 0], 10, "▁▁");
        check(&[0, 1, 2, 3, 4, 5, 6, 7], 10, "▁▂▃▄▅▆▇█");
        check(&[0, 1, 1000], 10, "▁▂█");
        check(&[1000, 1, 1], 2, "██");
        check(&[40, 41, 42, 43, 20], 9, "████▄");
        check(&[u64::MAX, u64::MAX / 4 * 3], 2, "█▆");
        assert_eq!(line(&[Some(1), None], 5), "█×");
    }
}
