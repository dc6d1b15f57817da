//! A bash that waits for its block.
//!
//! To start one and have it read the driver takes longer than many a block. So
//! the next one is started as soon as a block has ended, and gets ready while the
//! engine writes its record and shows what comes next. Two rules keep it from
//! being noticed. It is there between two blocks, never beside one. And it is of
//! use for a moment only: what it has taken from the world, such as the folder
//! that the path led to, is that of its start.
//!
//! It waits for a line on its input. Where that ends without one, as it does
//! when the engine is killed, so does the shell.

use super::child::Child;
use super::stdio::Channel;
use std::io::{self, PipeWriter, Write};
use std::process::Command;
use std::time::{Duration, Instant};

/// How long it is of use.
const MOMENT: Duration = Duration::from_secs(1);

/// The waiting shell. It is killed if this is dropped.
#[derive(Debug)]
pub(super) struct ReadyShell {
    started: Instant,
    child: Child,
    channel: Channel,
    wake: PipeWriter,
}

impl ReadyShell {
    /// Starts one by `command`.
    pub(super) fn start(command: Command) -> io::Result<Self> {
        let (input, wake) = io::pipe()?;
        let (channel, streams) = Channel::piped(input.into())?;
        let started = Instant::now();
        Ok(Self { started, child: Child::lead(command, streams)?, channel, wake })
    }

    /// Whether it is still of use.
    pub(super) fn is_of_use(&self) -> bool {
        self.started.elapsed() < MOMENT
    }

    /// Has it go on, as if it had only been started now.
    pub(super) fn wake(mut self) -> io::Result<(Child, Channel)> {
        self.wake.write_all(b"\n")?;
        Ok((self.child, self.channel))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    /// The driver, waiting in `folder`, with nothing but `code` to restore.
    fn waiting(folder: &Path, code: &str) -> ReadyShell {
        let place = |name: &str| folder.join(name);
        fs::write(place("driver"), include_str!("driver.bash")).unwrap();
        fs::write(place("block"), "echo ran").unwrap();
        fs::write(place("restore"), format!("__runbook_file='{}'\n{code}", place("block").display())).unwrap();
        let mut command = Command::new("/bin/bash");
        command.args(["--norc", "--noprofile"]).arg(place("driver")).arg("wait");
        command.args([place("restore"), place("state")]).env_clear().current_dir(folder);
        ReadyShell::start(command).unwrap()
    }

    async fn output(channel: &mut Channel) -> String {
        let mut output = Vec::new();
        while let Some((_, bytes)) = channel.read().await {
            output.extend_from_slice(bytes);
        }
        String::from_utf8(output).unwrap()
    }

    #[tokio::test]
    async fn it_runs_its_block_once_it_is_woken_and_its_input_is_empty() {
        let folder = tempfile::tempdir().unwrap();
        let shell = waiting(folder.path(), "cat");
        fs::write(folder.path().join("block"), "cat; echo \"late ${#REPLY} $SECONDS\"").unwrap();
        let (mut child, mut channel) = shell.wake().unwrap();
        assert_eq!(output(&mut channel).await, "late 0 0\n");
        assert!(child.wait().await.unwrap().success());
        assert!(fs::read(folder.path().join("state")).unwrap().ends_with(b"\0end \n\0"));
    }

    #[tokio::test]
    async fn it_ends_and_does_nothing_when_nobody_can_wake_it_any_more() {
        let folder = tempfile::tempdir().unwrap();
        let ReadyShell { mut child, mut channel, wake, .. } = waiting(folder.path(), "");
        drop(wake);
        assert_eq!(output(&mut channel).await, "");
        child.wait().await.unwrap();
        assert!(!folder.path().join("state").exists());
    }
}
