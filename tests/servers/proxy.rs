//! A connection to PostgreSQL that breaks around COMMIT, at a place that is
//! named to the byte.
#![allow(dead_code, reason = "each test binary uses a part of this")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// COMMIT as the driver sends it: a message of the simple protocol.
pub(crate) const COMMIT: &[u8] = b"Q\0\0\0\x0bCOMMIT\0";

/// Bytes of the answer to a COMMIT that worked: that it is complete, and that
/// the server is ready.
const ANSWER: usize = 12 + 6;

/// How a connection that sends COMMIT is cut.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut {
    pub(crate) place: Place,
    /// By a reset; otherwise in good order.
    pub(crate) reset: bool,
    /// How much later the server learns of it than the client.
    pub(crate) server_later: Duration,
}

/// Where it is cut.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place {
    /// Once the server has so many bytes of COMMIT.
    Sent(usize),
    /// Once the client has so many bytes of the answer.
    Answered(usize),
    /// So long after the server was given all of COMMIT.
    After(Duration),
    /// Before the server has any of COMMIT; it gets all of it this much later,
    /// when the client has long been cut.
    Late(Duration),
    /// Not at all: COMMIT gets no further, and nobody is told.
    Held,
}

/// Passes connections on to a server, and cuts the first one that commits.
pub(crate) struct Proxy {
    address: SocketAddr,
    accepting: tokio::task::JoinHandle<()>,
    is_cut: Arc<AtomicBool>,
    is_frozen: Arc<AtomicBool>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Proxy {
    /// To the server on this port. Once a connection was cut, further ones are
    /// passed on if `open_after`, and refused otherwise.
    pub(crate) async fn start(port: u16, cut: Cut, open_after: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let is_cut = Arc::new(AtomicBool::new(false));
        let state = Arc::clone(&is_cut);
        let is_frozen = Arc::new(AtomicBool::new(false));
        let frozen = Arc::clone(&is_frozen);
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if state.load(Ordering::SeqCst) && !open_after {
                    drop(client);
                    continue;
                }
                let server = TcpStream::connect(("127.0.0.1", port)).await.expect("the server listens");
                tokio::spawn(pass_on(client, server, cut, Arc::clone(&state), Arc::clone(&frozen)));
            }
        });
        Self { address, accepting, is_cut, is_frozen }
    }

    /// `url` with this in the server's place.
    pub(crate) fn url(&self, url: &str) -> String {
        let (before, rest) = url.rsplit_once('@').expect("a URL with a user");
        let database = rest.split_once('/').expect("a URL with a database").1;
        format!("{before}@{}/{database}?sslmode=disable", self.address)
    }

    /// From now on nothing is passed on, and nobody is told of anything.
    pub(crate) fn freeze(&self) {
        self.is_frozen.store(true, Ordering::SeqCst);
    }

    /// Whether a connection has been cut.
    pub(crate) fn has_cut(&self) -> bool {
        self.is_cut.load(Ordering::SeqCst)
    }
}

/// One connection, to its end.
async fn pass_on(client: TcpStream, server: TcpStream, cut: Cut, is_cut: Arc<AtomicBool>, is_frozen: Arc<AtomicBool>) {
    for stream in [&client, &server] {
        stream.set_nodelay(true).expect("a TCP socket");
        if cut.reset {
            stream.set_zero_linger().expect("a TCP socket");
        }
    }
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let mut buffer = vec![0; 1 << 16];
    let mut answer = vec![0; 1 << 16];
    loop {
        let message = tokio::select! {
            read = from_client.read(&mut buffer) => match read {
                _ if is_frozen.load(Ordering::SeqCst) => return std::future::pending().await,
                Ok(length @ 1..) => &buffer[..length],
                _ => return,
            },
            read = from_server.read(&mut answer) => match read {
                Ok(length @ 1..) => {
                    if to_client.write_all(&answer[..length]).await.is_err() {
                        return;
                    }
                    continue;
                }
                _ => return,
            },
        };
        if message.ends_with(COMMIT) && !is_cut.swap(true, Ordering::SeqCst) {
            let client = (from_client, to_client);
            return cut_at(cut, client, (from_server, to_server)).await;
        }
        if to_server.write_all(message).await.is_err() {
            return;
        }
    }
}

type Halves = (OwnedReadHalf, OwnedWriteHalf);

async fn cut_at(cut: Cut, client: Halves, server: Halves) {
    let (mut from_server, mut to_server) = server;
    match cut.place {
        Place::Sent(bytes) => {
            let _ = to_server.write_all(&COMMIT[..bytes]).await;
            drop(client);
        }
        Place::Answered(bytes) => {
            let _ = to_server.write_all(COMMIT).await;
            let mut client = client;
            copy(&mut from_server, &mut client.1, bytes).await;
            drop(client);
        }
        Place::After(time) => {
            let _ = to_server.write_all(COMMIT).await;
            tokio::time::sleep(time).await;
            drop(client);
        }
        Place::Late(time) => {
            drop(client);
            tokio::time::sleep(time).await;
            let _ = to_server.write_all(COMMIT).await;
        }
        Place::Held => return std::future::pending().await,
    }
    // The answer is thrown away, for as long as the server is not told.
    let _ = tokio::time::timeout(cut.server_later, async {
        let mut rest = [0; 1024];
        while matches!(from_server.read(&mut rest).await, Ok(1..)) {}
    })
    .await;
}

/// Passes on so many bytes and no more, or all of them where that is less. To
/// pass on none of an answer is to wait for its first byte.
async fn copy(from: &mut (impl AsyncRead + Unpin), to: &mut (impl AsyncWrite + Unpin), bytes: usize) {
    let mut passed = 0;
    let mut byte = [0; 1];
    while matches!(from.read(&mut byte).await, Ok(1)) && passed < bytes {
        if to.write_all(&byte).await.is_err() {
            return;
        }
        passed += 1;
        if passed == bytes.min(ANSWER) {
            return;
        }
    }
}
