//! Finding a runbook by path or by name.

use super::exit::{CliError, Exit};
use crate::run::Mended;
use crate::source::{Digest, NotUtf8, SourceFile, decode};
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
    /// SHA-256 of the file's bytes.
    pub(super) original: Digest,
    /// What the text differs in from the file's, if it does.
    pub(super) mended: Option<Mended>,
}

/// Pages larger than this are not runbooks.
const LARGEST: u64 = 128 << 20;

/// Finds and reads `PAGE[#ANCHOR]`. A page that is not UTF-8 is read as what it
/// seems to be where `mend` allows it.
pub(super) fn locate(page: &str, mend: bool) -> Result<Located, CliError> {
    let (name, anchor) = match page.split_once('#') {
        // A file whose own name holds a `#` is taken for what it is.
        Some(_) if Path::new(page).is_file() => (page, None),
        Some((name, anchor)) => (name, Some(anchor.to_owned()).filter(|anchor| !anchor.is_empty())),
        None => (page, None),
    };
    let path = find(name)?;
    let bytes = read_bytes(&path)?;
    let original = Digest::of(&bytes);
    let name = path.display().to_string();
    let (file, mended) = match decode(bytes) {
        Ok(text) => (SourceFile::new(name, text), None),
        Err(NotUtf8 { likely: Some((written, text)), .. }) if mend => {
            let what = vec![format!("the file is not UTF-8, and was read as {written}")];
            (SourceFile::new(name, text), Some(Mended { original: original.clone(), what }))
        }
        Err(error) => return Err(not_utf8(&path, &error)),
    };
    Ok(Located { path, file, anchor, original, mended })
}

/// Reads a page that is UTF-8.
pub(super) fn read(path: &Path) -> Result<SourceFile, CliError> {
    let text = decode(read_bytes(path)?).map_err(|error| not_utf8(path, &error))?;
    Ok(SourceFile::new(path.display().to_string(), text))
}

fn read_bytes(path: &Path) -> Result<Vec<u8>, CliError> {
    let failed = |problem: String| CliError::usage(format!("{} cannot be read: {problem}", path.display()));
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(|error| failed(error.to_string()))?;
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| failed(error.to_string()))?;
    if bytes.len() as u64 > LARGEST {
        return Err(failed(format!("it is larger than {} MiB", LARGEST >> 20)));
    }
    Ok(bytes)
}

fn not_utf8(path: &Path, error: &NotUtf8) -> CliError {
    let place = format!("line {} is not UTF-8 (byte {} of the file)", error.line, error.offset);
    let failed = CliError::usage(format!("{} cannot be read: {place}", path.display()));
    match &error.likely {
        Some((written, _)) => failed.hint(format!(
            "it reads well as {written}: save the file as UTF-8; `run`, `plan` and `show` take it so with --mend"
        )),
        None => failed.hint("save the file as UTF-8"),
    }
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
