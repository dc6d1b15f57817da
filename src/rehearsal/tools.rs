//! The tools that a rehearsal has, with the reasons.

use super::{Folder, RehearsalError, quoted};
use std::path::{Path, PathBuf};

/// Tools that only read, compute and print, or start other commands by name,
/// which are then looked for like the block's own.
///
/// Left out for a reason: `sqlite3` opens any database file, `dd`, `install`,
/// `chown`, `shred` and `gzip` change files and devices in ways that the guard
/// does not know, `hostname` can set what it shows, `kill` ends real processes,
/// and whatever reaches another machine.
const PLAIN: [&str; 77] = [
    "[",
    "awk",
    "b2sum",
    "base32",
    "base64",
    "basename",
    "bash",
    "cat",
    "cksum",
    "cmp",
    "column",
    "comm",
    "cut",
    "df",
    "diff",
    "dirname",
    "du",
    "echo",
    "egrep",
    "env",
    "expand",
    "expr",
    "false",
    "fgrep",
    "fmt",
    "fold",
    "gawk",
    "grep",
    "groups",
    "head",
    "hexdump",
    "id",
    "join",
    "jq",
    "ls",
    "mawk",
    "md5sum",
    "nice",
    "nl",
    "nproc",
    "numfmt",
    "od",
    "paste",
    "printenv",
    "printf",
    "pwd",
    "readlink",
    "realpath",
    "rev",
    "seq",
    "sh",
    "sha1sum",
    "sha224sum",
    "sha256sum",
    "sha384sum",
    "sha512sum",
    "shuf",
    "sleep",
    "sort",
    "stat",
    "strings",
    "sum",
    "tac",
    "tail",
    "test",
    "timeout",
    "tr",
    "true",
    "tsort",
    "uname",
    "unexpand",
    "uniq",
    "wc",
    "which",
    "whoami",
    "xargs",
    "yes",
];

/// Tools that change files, or can: the guard lets them do so only inside the
/// rehearsal. `date` is one because it can set the clock.
const GUARDED: [&str; 14] =
    ["chmod", "cp", "date", "find", "ln", "mkdir", "mktemp", "mv", "rm", "rmdir", "sed", "tee", "touch", "truncate"];

/// What stands before a guarded tool; commented there.
const GUARD: &str = include_str!("guard.bash");

/// Puts the tools of this machine into `bin`.
pub(super) fn install(folder: &Folder, bash: &Path) -> Result<(), RehearsalError> {
    folder.add_folder("tools")?;
    let root = folder.path();
    let guard = format!(
        "#!{} -p\nroot={} tools={}\n{GUARD}",
        bash.display(),
        quoted(root.as_os_str()),
        quoted(root.join("tools").as_os_str()),
    );
    folder.write("guard", guard.as_bytes(), 0o500)?;
    for tool in PLAIN {
        if let Some(path) = find(tool) {
            folder.link(&format!("bin/{tool}"), &path)?;
        }
    }
    if let Some(realpath) = find("realpath") {
        folder.link("tools/realpath", &realpath)?;
    }
    for tool in GUARDED {
        if let Some(path) = find(tool) {
            folder.link(&format!("tools/{tool}"), &path)?;
            folder.link(&format!("bin/{tool}"), &root.join("guard"))?;
        }
    }
    Ok(())
}

/// Where a program of this machine is.
pub(super) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_absolute() && file.is_file() && is_executable(file))
}

pub(super) fn is_executable(file: &Path) -> bool {
    rustix::fs::access(file, rustix::fs::Access::EXEC_OK).is_ok()
}
