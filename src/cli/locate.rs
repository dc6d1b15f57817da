//! Finding a runbook by path or by name.

use super::exit::{CliError, Exit};
use crate::source::SourceFile;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A runbook's file and the part of it that was asked for.
#[derive(Debug)]
pub(super) struct Located {
    /// The file.
    pub(super) path: PathBuf,
    /// Its text, read once.
    pub(super) file: SourceFile,
    /// What stood after `#`.
    pub(super) anchor: Option<String>,
}

/// Pages larger than this are not runbooks.
const LARGEST: u64 = 128 << 20;

/// Finds and reads `PAGE[#ANCHOR]`.
pub(super) fn locate(page: &str) -> Result<Located, CliError> {
    let (name, anchor) = match page.split_once('#') {
        // A file whose own name holds a `#` is taken for what it is.
        Some(_) if Path::new(page).is_file() => (page, None),
        Some((name, anchor)) => (name, Some(anchor.to_owned()).filter(|anchor| !anchor.is_empty())),
        None => (page, None),
    };
    let path = find(name)?;
    let file = read(&path)?;
    Ok(Located { path, file, anchor })
}

/// Reads a page.
pub(super) fn read(path: &Path) -> Result<SourceFile, CliError> {
    let failed = |problem: String| CliError::usage(format!("{} cannot be read: {problem}", path.display()));
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(|error| failed(error.to_string()))?;
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| failed(error.to_string()))?;
    if bytes.len() as u64 > LARGEST {
        return Err(failed(format!("it is larger than {} MiB", LARGEST >> 20)));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..valid].iter().filter(|byte| **byte == b'\n').count() + 1;
        failed(format!("line {line} is not UTF-8")).hint("save the file as UTF-8")
    })?;
    Ok(SourceFile::new(path.display().to_string(), text))
}

fn find(name: &str) -> Result<PathBuf, CliError> {
    let as_path = PathBuf::from(name);
    if as_path.is_file() {
        return Ok(as_path);
    }
    let is_bare = as_path.components().count() == 1;
    if is_bare {
        let file = if name.to_lowercase().ends_with(".md") { name.to_owned() } else { format!("{name}.md") };
        if let Some(found) = folders().into_iter().map(|folder| folder.join(&file)).find(|path| path.is_file()) {
            return Ok(found);
        }
    }
    let error = CliError::new(Exit::Usage, format!("there is no runbook `{name}`"));
    if as_path.is_dir() {
        return Err(error.hint("it is a folder: name a page in it"));
    }
    let pages = available();
    let nearest = pages
        .iter()
        .map(|(known, _)| (strsim::jaro_winkler(known, name), known))
        .filter(|(score, _)| *score > 0.75)
        .max_by(|(a, _), (b, _)| a.total_cmp(b));
    Err(match nearest {
        Some((_, known)) => error.hint(format!("did you mean `{known}`?")),
        None if is_bare => {
            let folders: Vec<_> = folders().iter().map(|folder| folder.display().to_string()).collect();
            error.hint(format!("looked in {}; a path works too", folders.join(", ")))
        }
        None => error,
    })
}

/// The folders in which runbooks are looked up by name, the nearest first.
fn folders() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    if let Ok(here) = std::env::current_dir() {
        // `ancestors` begins with the folder itself; its own `runbooks` is
        // written the short way.
        let near = here.ancestors().enumerate().map(|(depth, folder)| match depth {
            0 => PathBuf::from("runbooks"),
            _ => folder.join("runbooks"),
        });
        folders.extend(near.filter(|folder| folder.is_dir()));
    }
    if let Some(path) = std::env::var_os("RUNBOOK_PATH") {
        folders.extend(std::env::split_paths(&path).filter(|folder| !folder.as_os_str().is_empty()));
    }
    if let Some(data) = user_data() {
        folders.push(data.join("runbook/runbooks"));
    }
    if folders.is_empty() {
        folders.push(PathBuf::from("runbooks"));
    }
    folders
}

fn user_data() -> Option<PathBuf> {
    use etcetera::BaseStrategy;
    etcetera::choose_base_strategy().ok().map(|strategy| strategy.data_dir())
}

/// The runbooks that can be run by name: name and file, by name. A page in a
/// nearer folder hides one of the same name.
pub(super) fn available() -> Vec<(String, PathBuf)> {
    let mut found: Vec<(String, PathBuf)> = Vec::new();
    for folder in folders() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.filter_map(|entry| entry.ok().map(|entry| entry.path())) {
            let is_page = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("md"));
            let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
            let name = name.filter(|_| is_page && path.is_file());
            if let Some(name) = name.filter(|name| !found.iter().any(|(known, _)| known == name)) {
                found.push((name, path));
            }
        }
    }
    found.sort();
    found
}
