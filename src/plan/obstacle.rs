//! What keeps a block's text from being run as it is.

use super::{Facts, NeverSent, mending, position};
use crate::runbook::Block;
use crate::source::{SourceFile, Span};

impl Facts {
    /// What keeps a text with these facts from being run as it is, beside what
    /// it leaves open.
    #[must_use]
    pub fn obstacle(&self, file: &SourceFile, block: &Block, text: &str) -> Option<String> {
        let at = |span: Span| position(file, block, text, span);
        if let Some(NeverSent { found, why, mend }) = self.never_sent.first() {
            return Some(format!("{}: `{}` {why}, and is never sent: {mend}", at(found.span), first_line(&found.text)));
        }
        if let Some(mistyped) = self.mistyped.first() {
            let written = &text[mistyped.span.start..mistyped.span.end];
            let what = mending::describe(written, mistyped);
            return Some(format!("{}: {what}: --mend mends it, or edit the block", at(mistyped.span)));
        }
        // Who has edited it has seen it.
        if let Some(found) = self.garbled.as_ref().filter(|_| text == block.run) {
            return Some(format!(
                "{}: `{}` was garbled on its way here: --mend mends it, or edit the block",
                at(found.span),
                found.text
            ));
        }
        None
    }
}

/// The first line of a text, and a sign that there are more.
pub(super) fn first_line(text: &str) -> String {
    match text.trim_end().split_once('\n') {
        Some((line, _)) => format!("{} …", line.trim_end()),
        None => text.trim_end().to_owned(),
    }
}
