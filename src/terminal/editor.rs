//! A text in the responder's own editor.

use std::ffi::OsString;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What came back from the editor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Edited {
    /// Another text.
    Changed(String),
    /// The same text.
    Unchanged,
    /// Nothing but white space.
    Emptied,
}

/// Why there is no text.
#[derive(Debug, thiserror::Error)]
pub(super) enum EditorError {
    #[error("no editor was found: set VISUAL or EDITOR")]
    None,
    #[error("the text could not be handed to the editor")]
    File(#[source] io::Error),
    #[error("the editor `{editor}` ended with an error: the text is as it was")]
    Failed { editor: String },
    #[error("what the editor saved is not UTF-8: the text is as it was")]
    NotText,
}

/// Tried where neither `VISUAL` nor `EDITOR` is set, the gentlest first.
const EDITORS: [&str; 3] = ["nano", "vim", "vi"];

/// Lets the responder change `text`. The file has a private folder of its
/// own, which is gone afterwards: secrets may be in it.
///
/// # Errors
/// If there is no editor, it failed, or saved something that is no text.
pub(super) fn edit(text: &str, extension: &str) -> Result<Edited, EditorError> {
    edit_with(&editor()?, text, extension)
}

fn edit_with(editor: &OsString, text: &str, extension: &str) -> Result<Edited, EditorError> {
    let folder = PrivateFolder::create().map_err(EditorError::File)?;
    let path = folder.0.join(format!("block.{extension}"));
    std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(EditorError::File)?;
    let failed = || EditorError::Failed { editor: editor.to_string_lossy().into_owned() };
    // The variable holds a command line, arguments and quotes included, which
    // the shell takes apart as it does for git.
    let mut line = editor.clone();
    line.push(" \"$@\"");
    let status = Command::new("sh")
        .arg("-c")
        .arg(line)
        .arg("editor")
        .arg(&path)
        .stdout(terminal_output().map_err(EditorError::File)?)
        .status()
        .map_err(EditorError::File)?;
    if !status.success() {
        return Err(failed());
    }
    let saved = std::fs::read(&path).map_err(EditorError::File)?;
    let mut saved = String::from_utf8(saved).map_err(|_| EditorError::NotText)?;
    // Editors end the last line; where it had no end, that is no change.
    if !text.ends_with('\n') && saved.ends_with('\n') {
        saved.pop();
    }
    Ok(if saved.trim().is_empty() {
        Edited::Emptied
    } else if saved == text {
        Edited::Unchanged
    } else {
        Edited::Changed(saved)
    })
}

/// Standard output may lead to a file; the editor needs the terminal.
fn terminal_output() -> io::Result<Stdio> {
    Ok(io::stderr().as_fd().try_clone_to_owned()?.into())
}

fn editor() -> Result<OsString, EditorError> {
    let set = |name| std::env::var_os(name).filter(|value| !value.to_string_lossy().trim().is_empty());
    set("VISUAL")
        .or_else(|| set("EDITOR"))
        .or_else(|| EDITORS.iter().find(|name| on_path(name)).map(OsString::from))
        .ok_or(EditorError::None)
}

fn on_path(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| is_executable(&folder.join(name)))
}

fn is_executable(path: &Path) -> bool {
    path.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
}

struct PrivateFolder(PathBuf);

impl PrivateFolder {
    fn create() -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("runbook-edit-{}", uuid::Uuid::now_v7()));
        // Fails where something is there already, a link included.
        std::fs::DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }
}

impl Drop for PrivateFolder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(editor: &str, text: &str) -> Result<Edited, EditorError> {
        edit_with(&OsString::from(editor), text, "sh")
    }

    #[test]
    fn a_changed_text_comes_back_and_arguments_with_quotes_work() {
        let result = edited("sed -i 's/old text/new/'", "the old text\n").expect("sed");
        assert_eq!(result, Edited::Changed("the new\n".to_owned()));
    }

    #[test]
    fn the_same_text_is_no_change_even_with_the_last_line_ended() {
        assert_eq!(edited("true", "a\n").expect("true"), Edited::Unchanged);
        assert_eq!(edited("sh -c 'echo >> \"$0\"'", "a").expect("sh"), Edited::Unchanged);
    }

    #[test]
    fn an_emptied_text_is_told_from_a_change() {
        assert_eq!(edited("truncate -s 0", "a\n").expect("truncate"), Edited::Emptied);
    }

    #[test]
    fn an_editor_that_fails_changes_nothing() {
        assert!(matches!(edited("false", "a\n"), Err(EditorError::Failed { .. })));
        assert!(matches!(edited("no-such-editor-anywhere 2>/dev/null", "a"), Err(EditorError::Failed { .. })));
    }

    #[test]
    fn the_file_is_private_has_its_extension_and_is_gone_afterwards() {
        let folder = tempfile::tempdir().expect("a folder");
        let seen = folder.path().join("seen");
        let editor = format!("sh -c 'stat -c \"%a %n\" \"$(dirname \"$0\")\" \"$0\" > {}'", seen.display());
        edited(&editor, "a\n").expect("sh");
        let seen = std::fs::read_to_string(seen).expect("what stat saw");
        let lines: Vec<(&str, &str)> = seen.lines().filter_map(|line| line.split_once(' ')).collect();
        assert_eq!(lines.iter().map(|(mode, _)| *mode).collect::<Vec<_>>(), ["700", "600"]);
        assert!(lines[1].1.ends_with("/block.sh"), "{seen}");
        assert!(!Path::new(lines[0].1).exists());
    }
}
