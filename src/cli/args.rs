//! The command line.

use crate::runbook::Effect;
use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use std::path::PathBuf;

/// Run a Markdown runbook step by step, with a record that nothing can lose.
#[derive(Debug, Parser)]
#[command(name = "runbook", version, max_term_width = 100, disable_help_subcommand = true)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
pub(super) struct Global {
    /// The folder that holds the records of runs
    #[arg(long, global = true, env = "RUNBOOK_STATE_DIR", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(super) state_dir: Option<PathBuf>,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_possible_values = true)]
    pub(super) color: ColorWhen,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorWhen {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Walk through a runbook, running its blocks one at a time
    Run(RunArgs),
    /// List the runbooks that can be run by name
    List(JsonArgs),
    /// Show a runbook
    Show(ShowArgs),
    /// Show what a run would do
    Plan(PlanArgs),
    /// Look for what would hurt, in files and folders
    Check(CheckArgs),
    /// List the runs on record
    Runs(JsonArgs),
    /// Make the incident report of a run
    Report(ReportArgs),
    /// Take up a run where it was left
    Resume(ResumeArgs),
    /// Prove that a run's record is as it was written
    Verify(RunIdArgs),
    /// Write a note into a run's record
    Note(NoteArgs),
    /// Print a JSON Schema
    Schema(SchemaArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
    /// Run SQL on a rehearsal's database, for stand-in commands
    #[command(hide = true)]
    RehearsalSql(RehearsalSqlArgs),
}

#[derive(Debug, Args)]
pub(super) struct RunArgs {
    /// A path, or a name found in ./runbooks; `#anchor` names a section or a step
    #[arg(value_name = "RUNBOOK[#ANCHOR]", value_hint = ValueHint::FilePath)]
    pub(super) page: String,
    #[command(flatten)]
    pub(super) values: ValueArgs,
    #[command(flatten)]
    pub(super) selection: SelectionArgs,
    /// Answer yes to everything up to this effect, without asking
    #[arg(long, value_name = "EFFECT", num_args = 0..=1, require_equals = true, default_missing_value = "write")]
    pub(super) yes: Option<Covered>,
    /// Print every block with its values filled in, and run nothing
    #[arg(long, conflicts_with = "yes")]
    pub(super) dry_run: bool,
    #[command(flatten)]
    pub(super) mend: MendArgs,
    /// Run it where nothing is real
    #[arg(long, conflicts_with = "dry_run")]
    pub(super) rehearse: bool,
    /// The incident's id, for the report
    #[arg(long, value_name = "ID")]
    pub(super) incident: Option<String>,
}

/// Consent to mended text.
#[derive(Debug, Args)]
pub(super) struct MendArgs {
    /// Take garbled and mistyped text as it was meant; the file stays as it is
    #[arg(long)]
    pub(super) mend: bool,
}

/// Values and connections.
#[derive(Debug, Args)]
pub(super) struct ValueArgs {
    /// Set a variable
    #[arg(long = "var", value_name = "NAME=VALUE")]
    pub(super) vars: Vec<String>,
    /// Set variables from a YAML file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) vars_file: Option<PathBuf>,
    /// The database that SQL blocks run on; NAME where the runbook has several
    #[arg(long = "connection", value_name = "[NAME=]URL")]
    pub(super) connections: Vec<String>,
}

/// Which steps.
#[derive(Debug, Args)]
pub(super) struct SelectionArgs {
    /// Start at this step
    #[arg(long, value_name = "STEP")]
    pub(super) from: Option<String>,
    /// Run only this step
    #[arg(long, value_name = "STEP", conflicts_with = "from")]
    pub(super) only: Option<String>,
}

/// What `--yes` covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Covered {
    /// What only looks
    Read,
    /// What changes something
    Write,
    /// What cannot be had back
    Destructive,
}

impl From<Covered> for Effect {
    fn from(covered: Covered) -> Self {
        match covered {
            Covered::Read => Self::Read,
            Covered::Write => Self::Write,
            Covered::Destructive => Self::Destructive,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct JsonArgs {
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct PageArgs {
    /// A path, or a name found in ./runbooks
    #[arg(value_name = "RUNBOOK[#ANCHOR]", value_hint = ValueHint::FilePath)]
    pub(super) page: String,
}

#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    #[command(flatten)]
    pub(super) page: PageArgs,
    #[command(flatten)]
    pub(super) mend: MendArgs,
}

#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    #[command(flatten)]
    pub(super) page: PageArgs,
    #[command(flatten)]
    pub(super) mend: MendArgs,
    #[command(flatten)]
    pub(super) selection: SelectionArgs,
    #[command(flatten)]
    pub(super) json: JsonArgs,
}

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// Files, or folders whose Markdown files are looked at
    #[arg(value_name = "PATH", required = true, value_hint = ValueHint::AnyPath)]
    pub(super) paths: Vec<PathBuf>,
    /// Show also what is only good to know
    #[arg(long)]
    pub(super) notes: bool,
    #[command(flatten)]
    pub(super) json: JsonArgs,
}

#[derive(Debug, Args)]
pub(super) struct RunIdArgs {
    /// An id, the beginning of one, or `latest`
    #[arg(value_name = "RUN", default_value = "latest")]
    pub(super) run: String,
}

#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    #[command(flatten)]
    pub(super) run: RunIdArgs,
    /// In which form
    #[arg(long, value_name = "FORMAT", default_value = "md")]
    pub(super) format: ReportFormat,
    /// Write to a file instead of standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) output: Option<PathBuf>,
}

/// The forms of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ReportFormat {
    /// Markdown
    Md,
    /// One self-contained page
    Html,
    /// JSON
    Json,
}

#[derive(Debug, Args)]
pub(super) struct ResumeArgs {
    #[command(flatten)]
    pub(super) run: RunIdArgs,
    #[command(flatten)]
    pub(super) values: ValueArgs,
}

#[derive(Debug, Args)]
#[command(override_usage = "runbook note [RUN] <TEXT>")]
pub(super) struct NoteArgs {
    /// The run (an id, the beginning of one, or `latest`) and the text; the
    /// run can be left out
    #[arg(value_names = ["RUN", "TEXT"], num_args = 1..=2, required = true)]
    pub(super) run_and_text: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct SchemaArgs {
    /// Of what
    pub(super) which: SchemaOf,
}

/// What a schema describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaOf {
    /// A runbook's front matter
    Runbook,
    /// A line of a transcript
    Transcript,
    /// The output of `plan --json`
    Plan,
    /// The user's own settings
    Config,
}

#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// For which shell
    pub(super) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(super) struct RehearsalSqlArgs {
    /// The database's file
    pub(super) database: PathBuf,
    /// What to run
    pub(super) sql: String,
}
