//! What the program says of its own workings, for whoever mends it:
//! `RUNBOOK_LOG=debug` writes it to standard error.

use tracing_subscriber::filter::{EnvFilter, filter_fn};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

const VARIABLE: &str = "RUNBOOK_LOG";

/// Starts the log if it is asked for. Only this program's own messages are in
/// it, which hold no values: a library's might hold a statement, and with it
/// a secret.
pub(super) fn start() {
    let Some(level) = std::env::var_os(VARIABLE) else { return };
    let level = level.to_string_lossy();
    let ours = filter_fn(|metadata| metadata.target().starts_with("runbook"));
    let written = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false).without_time();
    let filter = EnvFilter::builder().parse_lossy(&*level);
    // A second subscriber, which only a test could have set, is no harm.
    let _ = tracing_subscriber::registry().with(written.with_filter(ours).with_filter(filter)).try_init();
}
