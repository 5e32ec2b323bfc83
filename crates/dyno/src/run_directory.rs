//! A run on disk. Every file is written to a temporary name, synced and renamed,
//! and `run.json` last: a kill at any instant leaves a readable run marked
//! unfinished, or nothing.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use dyno_result::{ReadError, Recording, Run, TrialRecording};

use crate::failure::Failure;

/// What trials are written into.
const FOLDERS: [&str; 3] = ["histograms", "series", "logs"];

/// The folder of one run.
#[derive(Debug)]
pub(crate) struct RunDirectory {
    path: PathBuf,
    /// Held by the one dyno that writes; the kernel lets go of it when that ends,
    /// however it does.
    _lock: Option<File>,
}

impl RunDirectory {
    /// Makes the folder with everything known before the first trial.
    pub(crate) fn create(path: &Path, run: &Run) -> anyhow::Result<Self> {
        if path.exists() {
            anyhow::bail!("{} is already there", path.display());
        }
        let parent = parent(path);
        fs::create_dir_all(parent).with_context(|| could_not_write(parent))?;
        remove_abandoned(parent);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let partial = parent.join(format!(".{name}.{}", std::process::id()));
        let new = Self {
            path: partial.clone(),
            _lock: None,
        };
        let filled = FOLDERS
            .iter()
            .try_for_each(|folder| fs::create_dir_all(partial.join(folder)))
            .with_context(|| could_not_write(&partial))
            .and_then(|()| new.write("command.txt", (run.command.join(" ") + "\n").as_bytes()))
            .and_then(|()| new.save(run))
            .and_then(|()| {
                fs::rename(&partial, path)
                    .and_then(|()| sync(parent))
                    .with_context(|| could_not_write(path))
            });
        if filled.is_err() {
            // Half a folder is worth nothing; the first error is what matters.
            let _ = fs::remove_dir_all(&partial);
        }
        filled?;
        Ok(Self {
            path: path.to_owned(),
            _lock: lock(path).ok().flatten(),
        })
    }

    /// An existing one, to be read.
    pub(crate) fn open(path: &Path) -> Self {
        let run_json = path.file_name().is_some_and(|name| name == "run.json");
        let path = if run_json { parent(path) } else { path };
        Self {
            path: path.to_owned(),
            _lock: None,
        }
    }

    /// An existing one, to be gone on with. Refused while another dyno writes it.
    pub(crate) fn take_up(path: &Path) -> Result<Self, Failure> {
        let found = Self::open(path);
        match lock(&found.path) {
            Ok(lock) => Ok(Self {
                _lock: lock,
                ..found
            }),
            Err(_) => {
                let message = format!("another dyno is at work on {}", path.display());
                let hint = "wait for its end, or end it with Ctrl-C";
                Err(Failure::input(message, hint))
            }
        }
    }

    /// Removes all that a trial has written, by its number.
    pub(crate) fn forget(&self, number: u32) -> anyhow::Result<()> {
        let stem = format!("{number:03}-");
        for folder in FOLDERS.map(|folder| self.path.join(folder)) {
            fs::create_dir_all(&folder).with_context(|| could_not_write(&folder))?;
            for entry in fs::read_dir(&folder)?.flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                if name.trim_start_matches('.').starts_with(&stem) {
                    let path = entry.path();
                    fs::remove_file(&path).with_context(|| could_not_write(&path))?;
                }
            }
        }
        Ok(())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where a trial's target writes.
    pub(crate) fn log(&self, stem: &str) -> PathBuf {
        self.path.join("logs").join(format!("{stem}.log"))
    }

    /// Writes `run.json`.
    pub(crate) fn save(&self, run: &Run) -> anyhow::Result<()> {
        self.write("run.json", run.to_json().as_bytes())
    }

    /// Writes what the last trial of `run` recorded, then `run.json`.
    pub(crate) fn save_trial(&self, run: &Run, recording: &TrialRecording) -> anyhow::Result<()> {
        let created: jiff::Timestamp = run.created_at.parse()?;
        if let Some(trial) = run.trials.last() {
            for (file, text) in recording.files(trial, created.as_second() as f64) {
                self.write(&file, text.as_bytes())?;
            }
        }
        self.save(run)
    }

    /// Writes one file within the folder.
    pub(crate) fn write(&self, file: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let path = self.path.join(file);
        replace(&path, bytes).with_context(|| could_not_write(&path))
    }

    /// Reads `run.json`.
    pub(crate) fn read_run(&self) -> Result<Run, ReadError> {
        let file = "run.json";
        let text = fs::read_to_string(self.path.join(file)).map_err(|source| ReadError::Io {
            file: file.to_owned(),
            source,
        })?;
        Run::from_json(file, &text)
    }

    /// Reads the run and everything measured in it.
    pub(crate) fn read(&self) -> Result<Recording, ReadError> {
        Recording::from_files(|file| fs::read_to_string(self.path.join(file)))
    }
}

/// Keeps others from writing there; an error if one of them does. Where there are no
/// locks, or no folder, there is nothing to hold.
fn lock(folder: &Path) -> Result<Option<File>, TryLockError> {
    let Ok(folder) = File::open(folder) else {
        return Ok(None);
    };
    match folder.try_lock() {
        Err(TryLockError::WouldBlock) => Err(TryLockError::WouldBlock),
        Err(TryLockError::Error(_)) => Ok(None),
        Ok(()) => Ok(Some(folder)),
    }
}

fn could_not_write(path: &Path) -> String {
    format!("could not write {}", path.display())
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// Puts `bytes` in the place of the file, all or nothing.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let parent = parent(path);
    fs::create_dir_all(parent)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let partial = parent.join(format!(".{name}.partial"));
    let mut file = File::create(&partial)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if let Err(error) = written {
        let _ = fs::remove_file(&partial);
        return Err(error);
    }
    fs::rename(&partial, path)?;
    sync(parent)
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Removes folders that a killed dyno had begun and not yet named.
fn remove_abandoned(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let pid = name
            .strip_prefix('.')
            .and_then(|rest| rest.rsplit_once('.'));
        let abandoned = pid
            .and_then(|(_, pid)| pid.parse::<u32>().ok())
            .is_some_and(|pid| !Path::new(&format!("/proc/{pid}")).exists());
        if abandoned {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
