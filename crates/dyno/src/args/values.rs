//! Values of flags, as people write them.

/// CPUs by number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cpus(pub(crate) Vec<u32>);

/// `500` or anything that a scenario takes: `500/s`, `30/m`.
pub(super) fn rate(text: &str) -> Result<dyno_scenario::Rate, String> {
    let with_unit = match text.contains('/') {
        true => text.to_owned(),
        false => format!("{text}/s"),
    };
    dyno_scenario::parse_rate(&with_unit).map_err(|error| error.to_string())
}

pub(super) fn pacing(text: &str) -> Result<dyno_result::Pacing, String> {
    use dyno_result::Pacing::{Hybrid, Sleep, Spin};
    match text {
        "sleep" => Ok(Sleep),
        "hybrid" => Ok(Hybrid),
        "spin" => Ok(Spin),
        _ => Err("use sleep, hybrid or spin".to_owned()),
    }
}

pub(super) fn without_password(text: &str) -> Result<String, String> {
    let has_one = |url: &url::Url| {
        url.password().is_some() || url.query_pairs().any(|(name, _)| name == "password")
    };
    match url::Url::parse(text) {
        Ok(url) if has_one(&url) => {
            Err("results keep the command line: let the server trust this user".to_owned())
        }
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

pub(super) fn cpus(text: &str) -> Result<Cpus, String> {
    let list = dyno_target::host::parse_cpu_list(text);
    let list = list.filter(|list| !list.is_empty());
    list.map(Cpus)
        .ok_or_else(|| "write numbers and ranges, such as 1 or 0-1,4".to_owned())
}

pub(super) fn duration(text: &str) -> Result<std::time::Duration, String> {
    let time = dyno_scenario::parse_duration(text).map_err(|error| error.to_string())?;
    if time.is_zero() {
        return Err("must be longer than nothing".to_owned());
    }
    Ok(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_results_may_keep_has_no_password() {
        for (text, expected) in [
            ("postgres://dyno@127.0.0.1:5432/x", true),
            ("postgres://dyno:secret@127.0.0.1:5432/x", false),
            ("postgres://dyno@127.0.0.1/x?password=secret", false),
            ("127.0.0.1", false),
        ] {
            assert_eq!(without_password(text).is_ok(), expected, "{text}");
        }
    }
}
