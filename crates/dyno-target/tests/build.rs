//! The build cache: what is built once, what again, and what failed.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use std::fs;
use std::path::Path;

use dyno_target::{Built, Error, Manifest, build, build_cold};

/// A target whose build counts how often it ran, in `count` in its folder.
const COUNTING: &str = r#"
schema = 1
id = "t"
name = "T"
contract = "greet/1"
class = "stock"
language = "sh"
source = ["*.txt"]
[build]
steps = [["sh", "-c", "echo ran >> count; mkdir -p {work}/out; cp in.txt {work}/out/"]]
inputs = ["*.txt", "deep/**"]
artefacts = ["{work}/out"]
[run]
command = ["true"]
"#;

struct Bench {
    folder: tempfile::TempDir,
    text: String,
}

impl Bench {
    fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("t/deep/er")).unwrap();
        let bench = Self {
            folder,
            text: text.to_owned(),
        };
        bench.write("in.txt", "12345");
        bench.write("deep/er/file", "");
        bench
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.dir().join(name), text).unwrap();
    }

    fn dir(&self) -> std::path::PathBuf {
        self.folder.path().join("t")
    }

    fn build(&self) -> Result<Built, Error> {
        let manifest = self.manifest()?;
        runtime().block_on(build(&manifest, &self.cache()))
    }

    fn build_cold(&self) -> Result<Built, Error> {
        let manifest = self.manifest()?;
        runtime().block_on(build_cold(&manifest, &self.cache()))
    }

    fn manifest(&self) -> Result<Manifest, Error> {
        self.write("target.toml", &self.text);
        Manifest::read(&self.dir().join("target.toml"))
    }

    fn cache(&self) -> std::path::PathBuf {
        self.folder.path().join("cache")
    }

    fn runs(&self) -> usize {
        let count = fs::read_to_string(self.dir().join("count"));
        count.unwrap_or_default().lines().count()
    }
}

fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap()
}

fn stamp(work: &Path) -> std::path::PathBuf {
    work.join(".built.json")
}

#[test]
fn the_same_inputs_are_built_once() {
    let bench = Bench::new(COUNTING);
    let first = bench.build().unwrap();
    let second = bench.build().unwrap();
    assert_eq!(bench.runs(), 1);
    assert_eq!(first.work, second.work);
    let (first, second) = (first.build.unwrap(), second.build.unwrap());
    assert_eq!(first.artefact_bytes, 5);
    assert_eq!((first.cached, second.cached), (false, true));
    assert_eq!(
        first.duration_s, second.duration_s,
        "of the build that made it"
    );
}

#[test]
fn a_cold_build_is_timed_twice_and_its_times_stay() {
    let bench = Bench::new(&COUNTING.replace("echo ran", "echo $GOCACHE; echo ran"));
    let first = bench.build().unwrap().build.unwrap();
    assert_eq!((first.cold_s, first.warm_s), (None, None));
    assert_eq!(bench.runs(), 1);
    let built = bench.build_cold().unwrap();
    let cold = built.build.unwrap();
    assert_eq!(bench.runs(), 3, "from nothing, and once more");
    assert_eq!(cold.cold_s, Some(cold.duration_s));
    assert!(cold.warm_s.is_some_and(|seconds| seconds > 0.0));
    assert_eq!((cold.cached, cold.artefact_bytes), (false, 5));
    let said = fs::read_to_string(&built.log).unwrap();
    let go = Path::new(said.lines().last().unwrap());
    assert!(go.is_absolute() && go.ends_with("go"), "{said}");
    assert!(!go.parent().unwrap().exists(), "nothing of it is left");
    let later = bench.build().unwrap().build.unwrap();
    assert!(later.cached);
    assert_eq!((later.cold_s, later.warm_s), (cold.cold_s, cold.warm_s));
    assert_eq!(bench.runs(), 3);
}

#[test]
fn a_changed_added_or_renamed_input_or_manifest_is_built_again() {
    let mut bench = Bench::new(COUNTING);
    let mut keys = vec![bench.build().unwrap().build.unwrap().inputs_sha256];
    let mut again = |bench: &Bench| {
        let key = bench.build().unwrap().build.unwrap().inputs_sha256;
        assert!(!keys.contains(&key));
        keys.push(key);
        assert_eq!(bench.runs(), keys.len());
    };
    bench.write("in.txt", "123456");
    again(&bench);
    bench.write("deep/er/file", "1");
    again(&bench);
    bench.write("more.txt", "");
    again(&bench);
    fs::rename(bench.dir().join("more.txt"), bench.dir().join("other.txt")).unwrap();
    again(&bench);
    bench.text += "# a remark\n";
    again(&bench);
    bench.write("not-an-input", "");
    assert!(bench.build().unwrap().build.unwrap().cached);
}

#[test]
fn a_build_that_was_killed_is_not_taken_for_whole() {
    let bench = Bench::new(COUNTING);
    let built = bench.build().unwrap();
    // What a kill before the last rename leaves.
    fs::rename(stamp(&built.work), built.work.join(".built.json.part")).unwrap();
    fs::write(built.work.join("half"), "").unwrap();
    assert!(!bench.build().unwrap().build.unwrap().cached);
    assert!(!built.work.join("half").exists(), "begun afresh");
    assert_eq!(bench.runs(), 2);
    fs::write(stamp(&built.work), "{\"inputs_sha256\": \"torn").unwrap();
    assert!(!bench.build().unwrap().build.unwrap().cached);
}

#[test]
fn a_target_without_a_build_has_a_work_folder_and_no_record() {
    let (head, rest) = COUNTING.split_once("[build]").unwrap();
    let (_, run) = rest.split_once("[run]").unwrap();
    let bench = Bench::new(&format!("{head}[run]{run}"));
    let built = bench.build().unwrap();
    assert_eq!(built.build, None);
    assert!(built.work.is_dir());
}

/// The build of the counting target with one part replaced must fail; gives
/// the headline and the log's end.
fn failure(from: &str, to: &str) -> (String, Vec<String>) {
    assert!(COUNTING.contains(from), "{from}");
    let bench = Bench::new(&COUNTING.replace(from, to));
    let error = bench.build().unwrap_err();
    let log = error.log().cloned().unwrap_or_default().lines;
    (error.to_string(), log)
}

#[test]
fn what_went_wrong_is_told() {
    let (headline, log) = failure("echo ran >> count;", "echo oh; echo no >&2; exit 3;");
    assert!(
        headline.starts_with("could not build t: `sh -c '"),
        "{headline}"
    );
    assert!(headline.ends_with("` ended with exit 3"), "{headline}");
    assert_eq!(log[1..], ["oh", "no"]);

    let (headline, _) = failure("\"sh\"", "\"no-such-tool\"");
    assert!(
        headline.ends_with("ended with No such file or directory (os error 2)"),
        "{headline}"
    );

    let (headline, _) = failure("\"deep/**\"", "\"*.nothing\"");
    assert_eq!(
        headline,
        "t: `build.inputs` names \"*.nothing\", which is not there"
    );

    let (headline, _) = failure("[\"{work}/out\"]", "[\"{work}/exe\"]");
    assert_eq!(
        headline,
        "t: `build.artefacts` names \"{work}/exe\", which is not there"
    );

    let tools =
        "require = [{ tool = \"no-such-tool\" }, { tool = \"cargo\", min = \"999.0\" }]\n[build]";
    let (headline, _) = failure("[build]", tools);
    assert!(
        headline.starts_with("t cannot be built here: no-such-tool is not installed; cargo is "),
        "{headline}"
    );
}
