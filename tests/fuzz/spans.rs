//! What must hold of every span that the library gives.

use runbook::source::Span;

/// Asserts that `span` is one of `text`: not backwards, within it, and on the
/// boundaries of characters.
#[track_caller]
pub fn assert_within(text: &str, span: Span) {
    assert!(text.get(span.start..span.end).is_some(), "{span:?} is none of a text of {} bytes", text.len());
}

/// Asserts that each of `spans` is one of `text`, and that none begins before
/// the one before it has ended.
#[track_caller]
pub fn assert_in_order(text: &str, spans: impl IntoIterator<Item = Span>) {
    let mut end = 0;
    for span in spans {
        assert_within(text, span);
        assert!(span.start >= end, "{span:?} begins before {end}");
        end = span.end;
    }
}
