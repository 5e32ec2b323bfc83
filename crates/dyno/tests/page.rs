//! The page in a real browser: nothing leaves it, nothing fails on it, no line
//! is wider than the window.

#![expect(clippy::unwrap_used, reason = "a test may panic, helpers included")]

mod common;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use common::root;

/// Serves `page` as `/`; everything else is noted and not found.
fn serve(page: String) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut line = String::new();
            BufReader::new((&mut stream).take(4096))
                .read_line(&mut line)
                .unwrap();
            if line.is_empty() {
                // A connection opened in advance and closed again.
                continue;
            }
            let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
            let (status, body) = match path.as_str() {
                "/" => ("200 OK", page.as_str()),
                _ => ("404 Not Found", ""),
            };
            seen.lock().unwrap().push(path);
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(head.as_bytes());
            let _ = stream.write_all(body.as_bytes());
        }
    });
    (url, asked)
}

/// What Chromium prints of the page: the document after its scripts ran, and
/// its log.
fn browse(url: &str, profile: &Path, more: &[&str]) -> (String, String) {
    let output = Command::new("chromium")
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--enable-logging=stderr",
            "--virtual-time-budget=2000",
        ])
        .arg(format!("--user-data-dir={}", profile.display()))
        .args(more)
        .arg(url)
        .output()
        .unwrap();
    assert!(output.status.success());
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

/// Measures the page at a width, in a frame (a window has a least width).
const PROBE: &str = r#"<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
<iframe id="frame" style="width:WIDTHpx;height:4000px;border:0"></iframe><pre id="seen"></pre>
<script>
const frame = document.getElementById('frame');
frame.onload = () => {
  const page = frame.contentDocument;
  const charts = [...page.querySelectorAll('svg')].filter(svg => svg.getBoundingClientRect().width > 0);
  const sizes = charts.flatMap(svg => {
    const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    return [...svg.querySelectorAll('text')].map(text => parseFloat(text.getAttribute('font-size')) * scale);
  });
  document.getElementById('seen').textContent = JSON.stringify({
    overflow: page.documentElement.scrollWidth - frame.clientWidth,
    charts: charts.length,
    smallest: Math.min(...sizes),
    requests: frame.contentWindow.performance.getEntriesByType('resource').length,
  });
};
frame.srcdoc = PAGE;
</script>"#;

#[test]
fn the_published_page_is_whole_at_every_width_in_light_and_dark() {
    let page = std::fs::read_to_string(root().join("results/examples/greet/report.html")).unwrap();
    for width in ["1280", "390"] {
        for dark in [false, true] {
            let quoted = serde_json::to_string(&page).unwrap().replace("</", "<\\/");
            let probe = PROBE.replace("WIDTH", width).replace("PAGE", &quoted);
            let (url, asked) = serve(probe);
            let profile = tempfile::tempdir().unwrap();
            let scheme = if dark { "0" } else { "1" };
            let scheme = format!("--blink-settings=preferredColorScheme={scheme}");
            let (document, log) = browse(
                &url,
                profile.path(),
                &["--dump-dom", "--window-size=1400,1000", &scheme],
            );
            let seen = document.split_once("<pre id=\"seen\">").unwrap().1;
            let seen: serde_json::Value =
                serde_json::from_str(seen.split_once('<').unwrap().0).unwrap();
            let place = format!("{width} px, dark {dark}: {seen}");
            assert!(seen["overflow"].as_f64().unwrap() <= 0.0, "{place}");
            assert!(seen["charts"].as_u64().unwrap() >= 4, "{place}");
            assert!(seen["smallest"].as_f64().unwrap() >= 10.5, "{place}");
            assert_eq!(seen["requests"], 0, "{place}");
            assert_eq!(*asked.lock().unwrap(), ["/"], "{place}");
            assert!(!log.contains("CONSOLE"), "{place}\n{log}");
        }
    }
}
