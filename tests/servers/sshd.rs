//! A private OpenSSH server on loopback, which lets this user in as `web`.
//!
//! It lives in a folder of its own and is gone with the process that started
//! it, however that ends: a shell beside it waits on a pipe that only this
//! process holds open.
#![allow(dead_code, reason = "each test binary uses a part of this")]

use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running server. It ends when this is dropped.
pub(crate) struct Server {
    folder: PathBuf,
    port: u16,
    /// Ends the server once its input is closed.
    _keeper: Child,
}

impl Server {
    /// Starts one and waits until it listens.
    ///
    /// # Panics
    /// If OpenSSH is not installed, or does not start.
    pub(crate) fn start() -> Self {
        let sshd = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/lib/ssh/sshd"];
        let sshd = sshd.iter().find(|path| Path::new(path).is_file());
        let sshd = sshd.expect("OpenSSH's server is needed for this test: apt-get install openssh-server");
        let folder = tempfile::Builder::new().prefix("runbook-sshd-").tempdir().expect("a temporary folder").keep();
        // Held until the moment before the server takes it.
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let script = r#"
            # Where the server changes to before anybody is let in.
            if [ "$(id -u)" = 0 ]; then mkdir -p /run/sshd; fi
            for key in host user; do ssh-keygen -q -t ed25519 -N '' -f $key || exit 1; done
            cp user.pub authorized
            cat >sshd.conf <<CONF
ListenAddress 127.0.0.1
Port $2
HostKey $PWD/host
AuthorizedKeysFile $PWD/authorized
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin yes
CONF
            cat >ssh.conf <<CONF
Host web
  HostName 127.0.0.1
  Port $2
  User $(id -un)
  IdentityFile $PWD/user
  IdentitiesOnly yes
  BatchMode yes
  StrictHostKeyChecking no
  UserKnownHostsFile /dev/null
  GlobalKnownHostsFile /dev/null
  LogLevel ERROR
CONF
            "$1" -D -e -f "$PWD/sshd.conf" >sshd.log 2>&1 &
            server=$!
            echo started
            # The tests' own output must not wait for the server's end.
            exec >/dev/null 2>&1
            cat
            kill $server
            rm -rf "$PWD"
        "#;
        let mut command = Command::new("sh");
        command.arg("-c").arg(script).arg("sshd-keeper").arg(sshd).arg(port.to_string()).current_dir(&folder);
        // A group of its own: Ctrl-C at the tests must not end the keeper first.
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        drop(listener);
        let mut keeper = command.spawn().expect("sh is there");
        let mut said = String::new();
        let read = BufReader::new(keeper.stdout.take().expect("its output is piped")).read_line(&mut said);
        assert!(read.is_ok() && said == "started\n", "the server's keys could not be made: {said}");
        // Only a hang takes this long.
        let deadline = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let log = || std::fs::read_to_string(folder.join("sshd.log")).unwrap_or_default();
            assert!(Instant::now() < deadline, "the ssh server does not listen:\n{}", log());
            std::thread::sleep(Duration::from_millis(5));
        }
        Self { folder, port, _keeper: keeper }
    }

    /// A script that calls the real ssh, which knows the server as `web`.
    pub(crate) fn client(&self) -> String {
        format!("#!/bin/sh\nexec /usr/bin/ssh -F {} \"$@\"\n", self.folder.join("ssh.conf").display())
    }
}
