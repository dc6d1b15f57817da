//! What a runbook is: sections, steps, blocks, variables, connections.
//!
//! Plain data without I/O. The parser makes it, everything else reads it, and
//! nothing changes it afterwards.

mod block;
mod configuration;
mod duration;
mod front_matter;
mod reading;
mod settings;
mod value;

pub use block::{Block, Class, Effect};
pub use configuration::{Configuration, Interpreter};
pub use duration::HumanDuration;
pub use front_matter::{Access, Connection, FrontMatter, Rehearsal, RehearsalDatabase, Variable, VariableKind};
pub use reading::Reading;
pub use settings::{
    BlockKey, Capture, Comparison, Confirm, Expect, Jump, OnFailure, OneOrMany, Reaction, Relation, Retry, Settings,
    TextExpectation, Until,
};
pub use value::{Value, ValueError};

use crate::source::Span;
use std::sync::Arc;

/// A whole page, read and understood.
#[derive(Debug, Clone)]
pub struct Runbook {
    /// The front matter's title, else the first heading, else the file's name.
    pub title: String,
    /// The annotations, or their defaults on a page that has none.
    pub front_matter: FrontMatter,
    /// Every heading, in page order.
    pub sections: Vec<Section>,
    /// Everything there is to do or to see, in page order.
    pub steps: Vec<Step>,
}

/// A heading and what stands under it, up to the next heading of its level.
#[derive(Debug, Clone)]
pub struct Section {
    /// The anchor that GitHub gives the heading.
    pub anchor: String,
    /// The heading's text without its markup.
    pub title: String,
    /// 1 to 6.
    pub level: u8,
    /// Line of the heading, from 1.
    pub line: usize,
    /// From the heading to the end of the last subsection.
    pub extent: Span,
    /// Anchor of the section this one stands in.
    pub parent: Option<String>,
}

/// A section, or a part of one under a bold lead-in, that holds something to
/// do or a block to look at.
#[derive(Debug, Clone)]
pub struct Step {
    /// The section's anchor; a lead-in's step adds `/` and the lead-in's own
    /// anchor: `step-2-restart/railway-cli`.
    pub id: String,
    /// The heading's or lead-in's text.
    pub title: String,
    /// Line of the heading or lead-in, from 1.
    pub line: usize,
    /// From the heading or lead-in to the end of its last item.
    pub span: Span,
    /// Anchor of the section it stands in; empty before the first heading.
    pub section: String,
    /// What kind of work it is.
    pub kind: StepKind,
    /// The title of what it stands in, where other steps of the page have the
    /// same title.
    pub scenario: Option<String>,
    /// Where this step is one of several ways to do the same thing: the id of
    /// the step (of kind [`StepKind::Choice`]) that asks which. That step
    /// names itself here if its own items are the first of the ways.
    pub option_of: Option<String>,
    /// The way that it is, or is a part of: a way may be several steps. Absent
    /// where `option_of` is.
    pub way: Option<Way>,
    /// Why it is no part of the procedure, where it is none: it is passed over
    /// unless it is asked for.
    pub aside: Option<String>,
    /// What must be so for the step to be needed, in the page's own words: "the
    /// problem persists". The responder is asked.
    pub only_if: Option<String>,
    /// What stands in it, in page order.
    pub items: Vec<Item>,
    /// Its annotations, and those of the heading it hangs under.
    pub settings: Arc<Settings>,
}

/// One of several ways to do the same thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Id of the first of its steps.
    pub first: String,
    /// What it is called: its heading, its lead-in, or its first command.
    pub title: String,
}

/// What a responder does in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum StepKind {
    /// Runs blocks.
    Step,
    /// Does something by hand, or only reads.
    Manual,
    /// Chooses one of several ways.
    Choice,
}

/// One piece of a step.
#[derive(Debug, Clone)]
pub enum Item {
    /// Text to read: its Markdown, as it stands in the page.
    Prose(Span),
    /// Code.
    Block(Box<Block>),
    /// Something to do by hand: a task (`- [ ]`) or a numbered action.
    Action(Action),
}

/// A task or a numbered action.
#[derive(Debug, Clone)]
pub struct Action {
    /// What to do, as Markdown without the list marker.
    pub text: String,
    /// Line, from 1.
    pub line: usize,
    /// The item without what is nested in it.
    pub span: Span,
    /// `Some(checked)` for a task, `None` for a numbered action.
    pub task: Option<bool>,
}

impl Runbook {
    /// The step with this id.
    #[must_use]
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == id)
    }

    /// A step's title; of one of several ways, after that of what it is a way
    /// to do; of one whose title the page has more than once, after that of the
    /// scenario.
    #[must_use]
    pub fn full_title(&self, step: &Step) -> String {
        let head = step.option_of.as_ref().filter(|head| **head != step.id);
        let titled = |step: &Step| match &step.scenario {
            Some(scenario) => format!("{scenario} › {}", step.title),
            None => step.title.clone(),
        };
        match (head.and_then(|head| self.step(head)), &step.way) {
            (Some(head), Some(way)) if way.first != step.id || way.title != step.title => {
                format!("{} › {} › {}", titled(head), way.title, step.title)
            }
            (Some(head), _) => format!("{} › {}", titled(head), step.title),
            (None, _) => titled(step),
        }
    }

    /// Whether `step` is a part of the way that begins with the step `first`,
    /// or of a choice within that way, however deep.
    #[must_use]
    pub fn is_within_way(&self, step: &Step, first: &str) -> bool {
        let mut at = Some(step);
        while let Some(step) = at {
            let Some(way) = &step.way else { return false };
            if way.first == first {
                return true;
            }
            // A step that asks and is the first of its ways is in none of the others.
            let head = step.option_of.as_deref().and_then(|head| self.step(head));
            at = head.filter(|head| head.option_of.as_ref() != Some(&head.id));
        }
        false
    }

    /// The section with this anchor.
    #[must_use]
    pub fn section(&self, anchor: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.anchor == anchor)
    }

    /// Every block of the page, in page order.
    pub fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.steps.iter().flat_map(Step::blocks)
    }
}

impl Item {
    /// Where it stands in the page.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::Prose(span) => *span,
            Self::Block(block) => block.span,
            Self::Action(action) => action.span,
        }
    }
}

impl Step {
    /// The step's blocks, in page order.
    pub fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.items.iter().filter_map(|item| match item {
            Item::Block(block) => Some(block.as_ref()),
            Item::Prose(_) | Item::Action(_) => None,
        })
    }

    /// The step's tasks and numbered actions, in page order.
    pub fn actions(&self) -> impl Iterator<Item = &Action> {
        self.items.iter().filter_map(|item| match item {
            Item::Action(action) => Some(action),
            Item::Prose(_) | Item::Block(_) => None,
        })
    }
}
