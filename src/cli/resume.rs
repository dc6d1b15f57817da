//! `runbook resume`

use super::args::{Global, ResumeArgs};
use super::configuration::surroundings;
use super::exit::{CliError, Exit};
use super::journal::SystemClock;
use super::plan::environment;
use super::preflight::{self, Missing};
use super::print::Printer;
use super::rehearse::rehearse;
use super::run::{ask_for_addresses, attended, prompter};
use super::runs::store;
use super::runtime::on_runtime;
use super::session::{Beginning, Responder, Session, conclude};
use super::{blanks, connections, values};
use crate::engine::{CutOff, Given, Progress, Stay, Unfinished, dialect};
use crate::language::{shell, sql};
use crate::plan::{Mending, Plan};
use crate::run::{BlockOutcome, BlockRef, Event, Run, RunStarted, StepOutcome};
use crate::runbook::Class;
use crate::shell::leftover;
use crate::source::{Digest, SourceFile, decode};
use crate::sql::Target;
use crate::terminal::Device;
use similar::TextDiff;
use std::collections::BTreeMap;
use std::path::Path;

pub(super) fn resume(global: &Global, args: ResumeArgs, printer: &Printer) -> Result<Exit, CliError> {
    on_runtime(resume_run(global, args, printer))
}

async fn resume_run(global: &Global, args: ResumeArgs, printer: &Printer) -> Result<Exit, CliError> {
    let store = store(global)?;
    let id = store.find(&args.run.run)?;
    let responder = Responder::here();
    let device = Device::stderr(printer.color());
    let mut prompter = prompter(None, &device, &responder.user)?;
    let clock = SystemClock::new();
    let resumed = store.resume(&id, &responder.holder(), clock.stamps())?;
    let run = &resumed.run;
    if resumed.dropped > 0 {
        printer.note(&format!(
            "The record broke off in the middle of a line: {} bytes that were never acknowledged are dropped.",
            resumed.dropped
        ));
    }
    return_to(&run.header.cwd, printer);
    for (process, name) in leftover(id.as_str()) {
        printer.note(&format!("Still running from before: {name} (process {process})."));
    }
    let approved = String::from_utf8_lossy(&resumed.runbook).into_owned();
    let changed = show_changes(&run.header, &approved, printer);
    let file = SourceFile::new(run.header.path.clone(), approved);
    let mut plan = Plan::read(&file, surroundings()?);
    let steps: Vec<_> = run
        .header
        .steps
        .iter()
        .filter_map(|outline| plan.runbook.steps.iter().position(|step| step.id == outline.id))
        .collect();
    plan.ask_for(&steps, None);
    let given = values_of(run, values::given(&args.values, &plan)?);
    blanks::list(&file, &plan, &steps, &given, printer);
    let page = Path::new(&run.header.path);
    let (rehearsal, targets) = if run.header.rehearsal {
        printer.banner("REHEARSAL: taken up in a new place; what earlier steps changed in the old one is gone.");
        let (rehearsal, targets) = rehearse(page, &plan.runbook.front_matter, printer).await?;
        (Some(rehearsal), targets)
    } else {
        let needed = connections::needed(&plan, &steps);
        let mut targets = connections::resolve(&plan, &needed, &args.values.connections)?;
        let unknown: Vec<_> = needed.into_iter().filter(|name| !targets.contains_key(name)).collect();
        for name in &unknown {
            printer.note(&format!("the connection `{name}` leads nowhere: {}", connections::mend(&plan, name)));
        }
        ask_for_addresses(&plan, &unknown, &mut targets, &mut *prompter).await?;
        (None, targets)
    };
    plan.heed_servers(&|name| targets.get(name).and_then(Target::kind).map(dialect));
    let left: Vec<usize> = steps.iter().copied().filter(|index| !run.is_done(&plan.runbook.steps[*index].id)).collect();
    let place = rehearsal.as_ref().map(|rehearsed| &rehearsed.place);
    preflight::say(&plan, &Missing::look(&plan, &left, place, &targets)?, printer);
    let event = Event::RunResumed {
        by: responder.user,
        host: responder.host,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        changed,
        salvaged: resumed.salvaged.clone(),
        salvaged_rows: resumed.salvaged_rows.clone(),
        dropped: resumed.dropped,
    };
    let shell_state = resumed.writer.folder().state().ok().flatten();
    let session = Session {
        id: &id,
        file: &file,
        plan: &plan,
        steps,
        given,
        progress: progress_of(run),
        connections: targets,
        rehearsal: place,
        device,
        terminal: attended(None),
        prompter,
    };
    let ended = session.run(resumed.writer, &clock, Beginning::Resumed { event: Box::new(event), shell_state }).await;
    let exit = conclude(&store, &id, &ended, printer)?;
    ended.map(|_| exit)
}

/// Goes to the folder that the run began in: its paths are meant from there.
fn return_to(folder: &str, printer: &Printer) {
    if let Err(error) = std::env::set_current_dir(folder) {
        printer
            .note(&format!("The run began in {folder}, which cannot be gone to: {error}. It goes on in this folder."));
    }
}

/// Shows what is no longer as it was approved, and gives the page's digest
/// now. The run goes on with the bytes that were approved.
fn show_changes(header: &RunStarted, approved: &str, printer: &Printer) -> Option<Digest> {
    let path = &header.path;
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            printer.note(&format!(
                "{path} cannot be read now: {error}. The run goes on with the page as it was approved."
            ));
            return None;
        }
    };
    let digest = Digest::of(&bytes);
    let original = header.mended.as_ref().map_or(&header.digest, |mended| &mended.original);
    if digest == *original {
        return None;
    }
    let mut now = String::from_utf8_lossy(&bytes).into_owned();
    if header.mended.is_some() {
        // What was mended then is no change now.
        let file = SourceFile::new(
            path.clone(),
            decode(bytes).unwrap_or_else(|error| error.likely.map_or(now, |(_, text)| text)),
        );
        now = Mending::propose(&file, &environment()).map_or(file, |mending| mending.file).text().to_owned();
    }
    printer
        .note(&format!("{path} has changed since this run began. The run goes on with the page as it was approved:"));
    let diff = TextDiff::from_lines(approved, &now);
    let diff = diff.unified_diff().context_radius(2).header("approved", "now").to_string();
    printer.as_it_is(diff.trim_end());
    Some(digest)
}

/// The values of before, but where a flag gives another. Secrets were never
/// recorded, and are asked for again.
fn values_of(run: &Run, mut given: BTreeMap<String, Given>) -> BTreeMap<String, Given> {
    for variable in &run.variables {
        if let Some(text) = &variable.value {
            let (text, source) = (text.clone(), variable.source.clone());
            let given_before = Given { text, source, recorded: true, kind: variable.kind };
            given.entry(variable.name.clone()).or_insert(given_before);
        }
    }
    given
}

/// What has been done of a run.
fn progress_of(run: &Run) -> Progress {
    let mut progress = Progress::default();
    let point = run.resume_point();
    for step in &run.steps {
        let id = &step.outline.id;
        if run.is_done(id) {
            progress.steps.insert(id.clone());
        }
        progress.failed |= step.outcome == Some(StepOutcome::Failed);
        for block in &step.blocks {
            let reference = BlockRef { step: id.clone(), number: block.number };
            for attempt in &block.attempts {
                let first = attempt.started.part.map_or(0, |part| part.number);
                *progress.attempts.entry((reference.clone(), first)).or_default() += 1;
                if let Some(session) = &attempt.session {
                    let set = attempt
                        .statements
                        .iter()
                        .map(|statement| &statement.end)
                        .filter(|end| end.error.is_none() && sql::sets_session(&end.sql, sql::SqlDialect::Unknown));
                    let settings = progress.session_settings.entry(session.connection.clone()).or_default();
                    settings.extend(set.map(|end| end.sql.clone()));
                }
                if attempt.started.class != Class::Sql {
                    let defines = shell::analyse(&attempt.started.code, &|_| true, &|_| false).defines;
                    progress.defined.extend(defines);
                }
            }
            if let Some(parts) = block.parts.filter(|parts| parts.over < parts.of) {
                progress.parts.insert(reference.clone(), parts);
            }
            if run.blocks_done(id).contains(&block.number) {
                progress.blocks.insert(reference);
            } else if let Some(problem) = block.last_failure() {
                progress.last_failures.insert(reference, problem.to_owned());
            }
        }
        let ran = step.blocks.iter().flat_map(|block| &block.attempts).filter_map(|attempt| attempt.finished.as_ref());
        if ran.into_iter().any(|finished| finished.outcome != BlockOutcome::RolledBack) {
            progress.acted.push(id.clone());
        }
        for action in &step.actions {
            progress.actions.insert((id.clone(), action.line));
        }
    }
    for choice in &run.choices {
        match choice.block {
            Some(number) => {
                let block = BlockRef { step: choice.step.clone(), number };
                progress.variants.insert(block, choice.choice.clone());
            }
            None => {
                progress.chosen.insert(choice.step.clone(), choice.choice.clone());
            }
        }
    }
    let carried = run.carried.iter().filter_map(|setting| setting.code.as_deref());
    progress.defined.extend(carried.flat_map(|code| shell::analyse(code, &|_| true, &|_| false).defines));
    let latest = run.within.last().filter(|record| !record.within.is_empty());
    progress.inside = latest.map(|record| Stay {
        within: record.within.clone(),
        section: record.section.clone(),
        carried: run.carried.clone(),
    });
    progress.unknown = point.unknown.and_then(|block| {
        let attempt = run.block_record(&block)?.attempts.last()?;
        let part = attempt.started.part;
        Some(Unfinished {
            part,
            code: attempt.started.code.clone(),
            started: attempt.at.at.clone(),
            hint: part.map(|part| format!("It is {part} of its block.")),
            cut_off: CutOff::of(attempt),
            block,
        })
    });
    progress
}
