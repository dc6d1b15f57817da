//! `runbook run`

use super::args::{Global, RunArgs};
use super::configuration::surroundings;
use super::exit::{CliError, Exit};
use super::journal::SystemClock;
use super::locate::{Located, locate};
use super::plan::{not_selected, selection};
use super::preflight::{self, Missing};
use super::print::Printer;
use super::rehearse::{Rehearsed, rehearse};
use super::runs::store;
use super::runtime::on_runtime;
use super::session::{Beginning, Responder, Session, conclude};
use super::{connections, dry_run, values};
use crate::effect::{AddressQuestion, ChoiceQuestion, Prompter};
use crate::engine::Progress;
use crate::plan::{Plan, SelectError, Selection, select};
use crate::run::{RunId, RunStarted, StepOutline};
use crate::runbook::Effect;
use crate::source::Severity;
use crate::sql::Target;
use crate::terminal::{Device, OwnTerminal, Prompts, Unattended};
use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::Path;

pub(super) fn run(global: &Global, args: RunArgs, printer: &Printer) -> Result<Exit, CliError> {
    on_runtime(run_page(global, args, printer))
}

/// Whether there is somebody to ask.
pub(super) fn has_terminal() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// The terminal that blocks are joined to, where somebody attends the run.
pub(super) fn attended(yes: Option<Effect>) -> Option<OwnTerminal> {
    (yes.is_none() && has_terminal()).then_some(OwnTerminal)
}

/// The one who answers: nobody is asked where `--yes` does.
pub(super) fn prompter(yes: Option<Effect>, device: &Device, user: &str) -> Result<Box<dyn Prompter>, CliError> {
    match yes {
        Some(covered) => Ok(Box::new(Unattended::new(covered))),
        None if has_terminal() => Ok(Box::new(Prompts::new(user, device.clone()))),
        None => Err(CliError::new(
            Exit::NoTerminal,
            "nothing was run: each block is asked about, and there is no terminal to ask on (--yes runs without asking)",
        )),
    }
}

async fn run_page(global: &Global, args: RunArgs, printer: &Printer) -> Result<Exit, CliError> {
    let mut located = locate(&args.page, args.mend.mend)?;
    if args.mend.mend {
        located.mend();
    }
    let mut plan = Plan::read(&located.file, surroundings()?);
    let broken = plan.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    if broken {
        printer.diagnostics(&located.file, &plan.diagnostics);
        return Err(CliError::usage(format!("{} cannot run until this is mended", located.file.name())));
    }
    let given = values::given(&args.values, &plan)?;
    let wanted = selection(located.anchor.clone(), &args.selection);
    if args.dry_run {
        let steps = select(&plan.runbook, &wanted).map_err(|error| not_selected(&located.file, &error))?;
        plan.ask_for(&steps, args.selection.from.as_deref());
        let needed = connections::needed(&plan, &steps);
        let targets = connections::resolve(&plan, &needed, &args.values.connections)?;
        return dry_run::dry_run(&located.file, &plan, &steps, &given, targets, printer);
    }
    // A wrong anchor is told of, whoever is there to be asked.
    if let Err(error @ (SelectError::Unknown { .. } | SelectError::Empty(_))) = select(&plan.runbook, &wanted) {
        return Err(not_selected(&located.file, &error));
    }
    let responder = Responder::here();
    let device = Device::stderr(printer.color());
    let mut prompter = prompter(args.yes.map(Effect::from), &device, &responder.user)?;
    if args.yes.is_none() && !args.mend.mend && located.offer_to_mend(&mut *prompter, printer).await? {
        plan = Plan::read(&located.file, surroundings()?);
    }
    let (anchor, steps) = choose_steps(&located, &plan, wanted, &mut *prompter, args.yes.is_none()).await?;
    plan.ask_for(&steps, args.selection.from.as_deref());
    printer.concerns(&located.file, &plan, &steps);

    let ready = make_ready(&located, &plan, &steps, &args, &mut *prompter, printer).await?;
    let store = store(global)?;
    let clock = SystemClock::new();
    let name = located.path.file_stem().map_or_else(|| "runbook".into(), |stem| stem.to_string_lossy());
    let id = RunId::generate(jiff::Timestamp::now(), &name);
    let writer = store.create(&id, located.file.text().as_bytes(), &responder.holder(), clock.stamps())?;
    let started = RunStarted {
        run: id.to_string(),
        path: located.file.name().to_owned(),
        title: title(&plan, anchor.as_deref()),
        summary: plan.runbook.front_matter.summary.clone(),
        severity: plan.runbook.front_matter.severity.clone(),
        owner: plan.runbook.front_matter.owner.clone(),
        incident: args.incident,
        digest: located.file.digest(),
        mended: located.mended.clone(),
        revision: revision(&located.path),
        anchor,
        steps: steps.iter().map(|index| outline(&plan, *index)).collect(),
        user: responder.user,
        host: responder.host,
        cwd: std::env::current_dir().map(|cwd| cwd.display().to_string()).unwrap_or_default(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        rehearsal: ready.rehearsal.is_some(),
        unattended: args.yes.map(Effect::from),
    };
    let session = Session {
        id: &id,
        file: &located.file,
        plan: &plan,
        steps,
        given,
        progress: Progress::default(),
        connections: ready.targets,
        rehearsal: ready.rehearsal.as_ref().map(|rehearsed| &rehearsed.place),
        device,
        terminal: attended(args.yes.map(Effect::from)),
        prompter,
    };
    let ended = session.run(writer, &clock, Beginning::Started(Box::new(started))).await;
    let exit = conclude(&store, &id, &ended, printer)?;
    ended.map(|_| exit)
}

/// The page's title, and that of the part of it that is walked.
fn title(plan: &Plan, anchor: Option<&str>) -> String {
    let page = plan.runbook.title.trim();
    let of_section = anchor.and_then(|anchor| plan.runbook.section(anchor)).map(|section| section.title.trim());
    let of_step = || anchor.and_then(|anchor| plan.runbook.step(anchor)).map(|step| step.title.trim());
    match of_section.or_else(of_step).filter(|part| *part != page) {
        Some(part) => format!("{page} › {part}"),
        None => page.to_owned(),
    }
}

fn outline(plan: &Plan, index: usize) -> StepOutline {
    let step = &plan.runbook.steps[index];
    StepOutline {
        id: step.id.clone(),
        title: plan.runbook.full_title(step),
        line: step.line,
        kind: step.kind,
        blocks: step.blocks().count(),
        option_of: step.option_of.clone(),
    }
}

/// The steps to walk through; of several scenarios one is chosen, in a
/// terminal by asking.
async fn choose_steps(
    located: &Located,
    plan: &Plan,
    wanted: Selection,
    prompter: &mut dyn Prompter,
    may_ask: bool,
) -> Result<(Option<String>, Vec<usize>), CliError> {
    let error = match select(&plan.runbook, &wanted) {
        Ok(steps) => return Ok((wanted.anchor, steps)),
        Err(error) => error,
    };
    let SelectError::Several { scenarios } = &error else { return Err(not_selected(&located.file, &error)) };
    if !may_ask {
        return Err(not_selected(&located.file, &error));
    }
    let question = ChoiceQuestion {
        question: format!("{} holds several procedures. Which one?", plan.runbook.title),
        options: scenarios.iter().map(|(_, title)| (title.clone(), None)).collect(),
        about: Vec::new(),
        default: None,
    };
    let chosen = prompter.choice(&question).await?.index;
    let anchor = scenarios.get(chosen).map(|(anchor, _)| anchor.clone());
    let wanted = Selection { anchor: anchor.clone(), ..wanted };
    let steps = select(&plan.runbook, &wanted).map_err(|error| not_selected(&located.file, &error))?;
    Ok((anchor, steps))
}

/// Where the run will happen.
struct Ready {
    targets: BTreeMap<String, Target>,
    rehearsal: Option<Rehearsed>,
}

/// Says what is missing here, before anything runs; offers the rehearsal.
async fn make_ready(
    located: &Located,
    plan: &Plan,
    steps: &[usize],
    args: &RunArgs,
    prompter: &mut dyn Prompter,
    printer: &Printer,
) -> Result<Ready, CliError> {
    let front_matter = &plan.runbook.front_matter;
    if args.rehearse {
        return ready_to_rehearse(located, plan, steps, printer).await;
    }
    let needed = connections::needed(plan, steps);
    let mut targets = connections::resolve(plan, &needed, &args.values.connections)?;
    let missing = Missing::look(plan, steps, None, &targets)?;
    preflight::say(plan, &missing, printer);
    if !missing.is_empty() && args.yes.is_none() && front_matter.rehearsal.is_some() {
        let question = "Rehearse it instead, where nothing is real?";
        if prompter.confirm(question, false).await? {
            return ready_to_rehearse(located, plan, steps, printer).await;
        }
    }
    if let (Some(name), true) = (missing.connections.first(), args.yes.is_some()) {
        return Err(
            CliError::usage(format!("the connection `{name}` leads nowhere")).hint(connections::mend(plan, name))
        );
    }
    ask_for_addresses(plan, &missing.connections, &mut targets, prompter).await?;
    Ok(Ready { targets, rehearsal: None })
}

/// Asks where each of these connections leads; one that nobody knows stays
/// unknown, and its blocks can be skipped.
pub(super) async fn ask_for_addresses(
    plan: &Plan,
    names: &[String],
    targets: &mut BTreeMap<String, Target>,
    prompter: &mut dyn Prompter,
) -> Result<(), CliError> {
    for name in names {
        let mut question = AddressQuestion { connection: name.clone(), problem: None };
        while let Some(url) = prompter.address(&question).await? {
            let target = connections::target(plan, name, url);
            question.problem = target.problem();
            if question.problem.is_none() {
                targets.insert(name.clone(), target);
                break;
            }
        }
    }
    Ok(())
}

async fn ready_to_rehearse(
    located: &Located,
    plan: &Plan,
    steps: &[usize],
    printer: &Printer,
) -> Result<Ready, CliError> {
    let front_matter = &plan.runbook.front_matter;
    if front_matter.rehearsal.is_none() {
        return Err(CliError::usage(format!("{} cannot be rehearsed", located.file.name()))
            .hint("add `rehearsal:` to its front matter: a seed for each connection, a stand-in for each command"));
    }
    let (rehearsal, targets) = rehearse(&located.path, front_matter, printer).await?;
    preflight::say(plan, &Missing::look(plan, steps, Some(&rehearsal.place), &targets)?, printer);
    printer.banner("REHEARSAL: nothing here is real. The databases are throwaway copies, the commands stand-ins.");
    Ok(Ready { targets, rehearsal: Some(rehearsal) })
}

/// The git revision that holds the page, `-dirty` added where the page differs
/// from it. Without git, or outside a repository, there is none.
fn revision(page: &Path) -> Option<String> {
    let folder = page.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let git = |arguments: &[&str]| {
        let output = std::process::Command::new("git")
            .arg("-C")
            .arg(folder)
            .args(arguments)
            .stdin(std::process::Stdio::null())
            .output()
            .ok()
            .filter(|output| output.status.success())?;
        String::from_utf8(output.stdout).ok().map(|text| text.trim().to_owned())
    };
    let name = page.file_name()?.to_str()?;
    let commit = git(&["log", "-1", "--format=%h", "--", name]).filter(|commit| !commit.is_empty())?;
    let is_clean = git(&["status", "--porcelain", "--", name]).is_some_and(|changes| changes.is_empty());
    Some(if is_clean { commit } else { format!("{commit}-dirty") })
}
