//! A code block of the page to a [`Block`] of the model.

use super::Findings;
use super::class::{self, Context, Recognise};
use super::info::Info;
use super::outline::Code;
use crate::runbook::{Block, Settings};
use crate::source::{Diagnostic, SourceFile, Span};
use std::sync::Arc;

/// Makes the block, without the id and number that its step gives it.
pub(super) fn read(
    file: &SourceFile,
    code: Code,
    context: Context,
    recognise: &Recognise<'_>,
    findings: &mut Findings,
) -> Block {
    let info = if code.fenced { Info::read(file, info_span(file, &code), findings) } else { Info::default() };
    if code.fenced && !is_closed(file, &code) {
        findings.diagnostics.push(unclosed(file, &code));
    }
    let line_start = file.line(code.span.start);
    let last_byte = file.slice(code.span).trim_end_matches(['\n', '\r']).len().max(1) - 1;
    let line_end = file.line(code.span.start + last_byte);
    let told = class::tell(&info.label, &code.text, context, recognise);
    Block {
        id: String::new(),
        name: info.name,
        number: 0,
        line_start,
        line_end,
        code_line: if code.fenced { line_start + 1 } else { line_start },
        span: Span::new(code.span.start, code.span.start + last_byte + 1),
        label: info.label,
        language: told.language,
        class: told.class,
        why: told.why,
        doubtful: told.doubtful,
        run: told.run.unwrap_or_else(|| code.text.clone()),
        code: code.text,
        expects: told.expects,
        expects_not: None,
        aside: None,
        settings: info.settings.map_or_else(Settings::none, Arc::new),
    }
}

/// The info string, sliced from the page: the parser decodes entities in it.
fn info_span(file: &SourceFile, code: &Code) -> Span {
    let opening = Span::new(code.span.start, code.text_start.max(code.span.start));
    let line = file.slice(opening);
    let fence = line.chars().next().map_or(line, |c| line.trim_start_matches(c));
    let start = opening.end - fence.trim_start().len();
    Span::new(start, start + fence.trim().len())
}

/// Whether a closing fence follows the content. An open fence ends with its
/// list, quote or page, and then nothing but their markers follows.
fn is_closed(file: &SourceFile, code: &Code) -> bool {
    let after = &file.text()[code.text_end.min(code.span.end)..code.span.end];
    after.trim_start_matches([' ', '\t', '\r', '\n', '>']).starts_with(['`', '~'])
}

fn unclosed(file: &SourceFile, code: &Code) -> Diagnostic {
    let opening = &file.text()[code.span.start..];
    let line = opening.lines().next().unwrap_or_default().trim_end();
    let fence: String = {
        let mark = opening.chars().next().unwrap_or('`');
        opening.chars().take_while(|c| *c == mark).collect()
    };
    let span = Span::new(code.span.start, code.span.start + line.len());
    let last = file.line(code.span.end.saturating_sub(1).max(code.span.start));
    let swallowed = if file.text()[code.span.end..].trim_start().is_empty() {
        "everything after it, to the end of the page, is taken for code".to_owned()
    } else {
        format!("the list or quote around it ends on line {last}, and the code with it")
    };
    Diagnostic::error("unclosed-fence", span, "this code fence is never closed")
        .with_label(swallowed)
        .with_help(format!("where the code ends, write {fence} on a line of its own, as far in as this one"))
}
