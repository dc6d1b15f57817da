//! The commands, one file each, and how they are wired to everything else.
//!
//! | command | file | | wiring | file |
//! |---|---|---|---|---|
//! | `run` | `run.rs` | | arguments | `args.rs` |
//! | `resume` | `resume.rs` | | a page by path or name | `locate.rs` |
//! | `list`, `show` | `list.rs`, `show.rs` | | values, connections | `values.rs`, `connections.rs` |
//! | `plan`, `check` | `plan.rs`, `check.rs` | | what is missing here | `preflight.rs` |
//! | `runs`, `report` | `runs.rs`, `report.rs` | | the world of a run | `session.rs` |
//! | `verify`, `note` | `verify.rs`, `note.rs` | | signals | `signals.rs` |
//! | | | | consent to mend a page | `mending.rs` |
//! | `schema`, `completions` | `schema.rs`, `completions.rs` | | where blocks find themselves | `rehearse.rs` |
//! | the user's settings | `configuration.rs` | | exit codes | `exit.rs` |

mod args;
mod blanks;
mod check;
mod completions;
mod configuration;
mod confined;
mod connections;
mod dry_run;
mod exit;
mod journal;
mod list;
mod locate;
mod logging;
mod mending;
mod note;
mod plan;
mod preface;
mod preflight;
mod print;
mod rehearsal_sql;
mod rehearse;
mod report;
mod resume;
mod run;
mod runs;
mod runtime;
mod schema;
mod session;
mod show;
mod signals;
mod values;
mod verify;

use crate::shell::LEADER;
use args::{Cli, ColorWhen, Command};
use clap::Parser;
use exit::{CliError, Exit};
use print::Printer;
use std::process::ExitCode;

/// Runs the command that the program was called with.
#[must_use]
pub fn main() -> ExitCode {
    let mut arguments = std::env::args_os();
    if arguments.next().is_some_and(|name| name == LEADER) {
        return crate::shell::lead(arguments);
    }
    restore_terminal_on_panic();
    let cli = Cli::parse();
    apply_color(cli.global.color);
    logging::start();
    let printer = Printer::new();
    let exit = dispatch(cli, &printer).unwrap_or_else(|error| {
        printer.error(&error);
        error.exit
    });
    ExitCode::from(exit as u8)
}

/// A panic in the middle of a question leaves the terminal as it was found.
fn restore_terminal_on_panic() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        crate::terminal::mode::restore();
        report(panic);
    }));
}

fn dispatch(cli: Cli, printer: &Printer) -> Result<Exit, CliError> {
    let global = &cli.global;
    match cli.command {
        Command::Run(args) => run::run(global, args, printer),
        Command::List(args) => list::list(&args, printer),
        Command::Show(args) => show::show(&args, printer),
        Command::Plan(args) => plan::plan(&args, printer),
        Command::Check(args) => check::check(&args, printer),
        Command::Runs(args) => runs::runs(global, &args, printer),
        Command::Report(args) => report::report(global, &args, printer),
        Command::Resume(args) => resume::resume(global, args, printer),
        Command::Verify(args) => verify::verify(global, &args, printer),
        Command::Note(args) => note::note(global, args, printer),
        Command::Schema(args) => schema::schema(&args, printer),
        Command::Completions(args) => completions::completions(&args, printer),
        Command::RehearsalSql(args) => rehearsal_sql::rehearsal_sql(&args, printer),
    }
}

/// `--color` goes before `NO_COLOR` and `CLICOLOR_FORCE`, which anstream and
/// console read by themselves.
fn apply_color(when: ColorWhen) {
    let choice = match when {
        ColorWhen::Auto => return,
        ColorWhen::Always => anstream::ColorChoice::Always,
        ColorWhen::Never => anstream::ColorChoice::Never,
    };
    choice.write_global();
}
