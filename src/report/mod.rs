//! The incident report: what happened, told from the run alone.
//!
//! `Run → Report → page → Markdown or HTML`, and `Report → JSON`. [`Report`]
//! holds the facts, `page` the words, and each format only how it is written
//! down. Nothing here looks at a clock, the environment or the machine, so
//! the same run gives the same bytes each time.

mod build;
mod changes;
mod compare;
mod deviation;
mod excerpt;
mod follow_up;
mod html;
mod json;
mod markdown;
mod model;
mod page;
mod rows;
mod step_page;
mod summary;
mod timeline;
mod visible;
mod wording;

#[cfg(test)]
mod tests;

pub use excerpt::{Excerpt, Outputs};
pub use model::{
    ActionReport, BlockReport, ChangeFate, CheckReport, Comparison, DatabaseChange, Decision, Deviation, DeviationKind,
    FollowUp, Happening, Integrity, KeptReport, Milestone, NoteReport, OutputReport, Report, StatementReport,
    StepReport, TimelineEntry, TransactionReport, TryReport, UnknownBlock,
};

/// What a report is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Markdown, as GitHub renders it.
    Markdown,
    /// One HTML file that needs nothing beside it.
    Html,
    /// The report's facts.
    Json,
}

impl Report {
    /// The report as text.
    #[must_use]
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::Markdown => markdown::render(&page::page(self)),
            Format::Html => html::render(&self.title, &page::page(self)),
            Format::Json => json::render(self),
        }
    }
}
