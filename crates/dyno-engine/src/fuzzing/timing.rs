//! Server-Timing as the specification's algorithm puts it, one character after the
//! other: what `server_timing.rs` reads is held against it.

/// Name, and ns or none where there is a duration that is no number.
pub(super) type Metric = (Vec<u8>, Option<u64>);

/// The metrics with a duration in the value of one field.
pub(super) fn metrics(value: &[u8]) -> Vec<Metric> {
    let mut metrics = Vec::new();
    let mut input = value.iter().copied().peekable();
    while input.peek().is_some() {
        let name = collect(&mut input, b";,");
        let mut durations = Vec::new();
        while input.next_if_eq(&b';').is_some() {
            let parameter = collect(&mut input, b"=;,").to_ascii_lowercase();
            let mut value = Vec::new();
            if input.next_if_eq(&b'=').is_some() {
                while input.next_if(|byte| b" \t".contains(byte)).is_some() {}
                if input.next_if_eq(&b'"').is_some() {
                    value = quoted(&mut input);
                    collect(&mut input, b";,");
                } else {
                    value = collect(&mut input, b";,");
                }
            }
            if parameter == b"dur" {
                durations.push(value);
            }
        }
        input.next();
        if let (Some(first), false) = (durations.first(), name.is_empty()) {
            metrics.push((name, milliseconds(first)));
        }
    }
    metrics
}

type Input<'a> = std::iter::Peekable<std::iter::Copied<std::slice::Iter<'a, u8>>>;

/// What is before one of `ends`, without the white space around it.
fn collect(input: &mut Input<'_>, ends: &[u8]) -> Vec<u8> {
    let mut collected = Vec::new();
    while let Some(byte) = input.next_if(|byte| !ends.contains(byte)) {
        collected.push(byte);
    }
    collected.trim_ascii().to_vec()
}

/// What is before the closing quote, escapes as they stand there.
fn quoted(input: &mut Input<'_>) -> Vec<u8> {
    let mut text = Vec::new();
    while let Some(byte) = input.next() {
        match byte {
            b'"' => break,
            b'\\' => {
                text.push(byte);
                text.extend(input.next());
            }
            _ => text.push(byte),
        }
    }
    text
}

fn milliseconds(value: &[u8]) -> Option<u64> {
    let text = String::from_utf8(value.to_vec()).ok()?;
    if text.chars().any(|c| !"0123456789+-.eE".contains(c)) {
        return None;
    }
    let ms = text.parse::<f64>().ok()?;
    let day = 24.0 * 60.0 * 60.0 * 1000.0;
    (0.0..=day).contains(&ms).then(|| (ms * 1e6).round() as u64)
}
