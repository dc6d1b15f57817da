//! What a block's statements do, and which of them are never sent.

use super::facts::{Disposition, Facts, Found};
use crate::language::sql::{self, Refusal, SqlDialect, StatementKind};
use crate::runbook::{Block, Effect};
use crate::source::Span;
use std::collections::HashMap;

/// Something in a block's `run` text that is never sent to a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeverSent {
    /// What.
    pub found: Found,
    /// Why, in words that follow its text.
    pub why: String,
    /// What to do instead.
    pub mend: String,
}

impl Facts {
    /// `first_line` is that of the text in the page, where it is the page's own.
    pub(super) fn take_sql(&mut self, text: &str, dialect: SqlDialect, first_line: Option<usize>) {
        let statements = sql::split(text, dialect);
        self.effect = statements.iter().map(|statement| statement.effect).max().unwrap_or(Effect::Read);
        self.nothing_to_do = statements.iter().all(|statement| statement.kind == StatementKind::LeftOut);
        self.reasons = reasons(text, &statements, first_line.filter(|_| statements.len() > 1));
        for statement in &statements {
            let found = |span: Span| Found::new(&text[span.start..span.end], span);
            if let Some(Refusal { span, why, mend }) = &statement.refusal {
                self.never_sent.push(NeverSent { found: found(*span), why: why.clone(), mend: mend.clone() });
            } else if statement.kind == StatementKind::LeftOut {
                self.left_out.push(found(statement.span));
            }
        }
        self.reasons.extend(super::losses::at_once(text, &statements, dialect));
        self.table = super::losses::lost(&statements);
        let placeholders = sql::placeholders(text, dialect);
        self.placeholders = placeholders.into_iter().map(Found::from).collect();
        if self.nothing_to_do {
            self.default = Disposition::Skip;
            let and_more = if self.left_out.is_empty() { "" } else { " and what the database's client shows" };
            self.why = format!("nothing to do: it holds only comments{and_more}");
        }
    }

    /// Sees whether the text is for a server that cannot be run here; `block`
    /// where it is the page's own, with the label that its author gave it.
    pub(super) fn find_other_server(&mut self, text: &str, dialect: SqlDialect, block: Option<&Block>) {
        let labelled = block.and_then(|block| sql::OtherServer::labelled(&block.language));
        let labelled = labelled.map(|server| (server, Span::new(0, text.lines().next().map_or(0, str::len))));
        let Some((server, span)) = sql::other_server(text, dialect).or(labelled) else { return };
        let never = NeverSent {
            found: Found::new(&text[span.start..span.end], span),
            why: format!("is for {}, which cannot be run here", server.name()),
            mend: format!("run it with {} in a shell block", server.client()),
        };
        self.never_sent.insert(0, never);
    }
}

/// What the statements do, each thing once. With `first_line`, that of the text
/// in the page, each says where.
fn reasons(text: &str, statements: &[sql::Statement], first_line: Option<usize>) -> Vec<String> {
    let mut told: Vec<(&str, Vec<usize>)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    let (mut line, mut at) = (0, 0);
    for statement in statements {
        line += text[at..statement.span.start].matches('\n').count();
        at = statement.span.start;
        for reason in &statement.reasons {
            let place = *places.entry(reason).or_insert(told.len());
            if place == told.len() {
                told.push((reason, Vec::new()));
            }
            told[place].1.push(line);
        }
    }
    let in_words = |(reason, lines): (&str, Vec<usize>)| match first_line {
        Some(first) => format!("{reason} ({})", at_lines(&lines, first)),
        None => reason.to_owned(),
    };
    told.into_iter().map(in_words).collect()
}

/// `line 12`, `lines 12, 15`, the first ones of many. Counted from `first`.
fn at_lines(lines: &[usize], first: usize) -> String {
    const SHOWN: usize = 4;
    let shown: Vec<String> = lines.iter().take(SHOWN).map(|line| (first + line).to_string()).collect();
    let more = if lines.len() > SHOWN { " …" } else { "" };
    format!("line{} {}{more}", if lines.len() == 1 { "" } else { "s" }, shown.join(", "))
}
