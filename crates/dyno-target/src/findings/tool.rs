//! What builds and runs the targets.

use dyno_result::Environment;

use super::{Finding, Level};

pub(super) fn tools(env: &Environment) -> impl Iterator<Item = Finding> {
    let needs = [
        (
            "go",
            "Go targets can be built",
            "Go targets cannot be built",
        ),
        (
            "python3",
            "Python targets can run",
            "Python targets cannot run",
        ),
        (
            "rustc",
            "Rust targets can be built",
            "Rust targets cannot be built",
        ),
    ];
    needs
        .into_iter()
        .map(|(tool, present, missing)| match env.tools.get(tool) {
            Some(version) => Finding::ok(tool, version.as_str(), present),
            None => Finding::ok(tool, "not found", missing)
                .at(Level::Warn)
                .mended_by(install(tool, env)),
        })
}

/// The line that installs a tool. Go and Rust come from their makers, since
/// distributions carry versions too old for the targets.
fn install(tool: &str, env: &Environment) -> String {
    let os = env.os.as_deref().unwrap_or_default();
    let is = |names: &[&str]| names.iter().any(|name| os.contains(name));
    match tool {
        "go" => {
            let arm = env.kernel.ends_with("aarch64");
            let machine = if arm { "arm64" } else { "amd64" };
            format!(
                "curl -L https://go.dev/dl/go1.26.8.linux-{machine}.tar.gz | sudo tar -C /usr/local -xz && export PATH=$PATH:/usr/local/go/bin"
            )
        }
        "rustc" => "curl -sSf https://sh.rustup.rs | sh".to_owned(),
        _ if is(&["Fedora", "Red Hat", "CentOS", "Rocky", "Alma", "Amazon"]) => {
            format!("sudo dnf install {tool}")
        }
        _ if is(&["Alpine"]) => format!("sudo apk add {tool}"),
        _ if is(&["Arch"]) => "sudo pacman -S python".to_owned(),
        _ if is(&["SUSE"]) => format!("sudo zypper install {tool}"),
        _ => format!("sudo apt-get install {tool} {tool}-venv"),
    }
}
