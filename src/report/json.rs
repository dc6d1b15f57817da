//! The facts as JSON.

use super::Report;

pub(super) fn render(report: &Report) -> String {
    // Its keys are strings and its values plain, so that nothing can fail.
    let mut json = serde_json::to_string_pretty(report).expect("a report has a JSON form");
    json.push('\n');
    json
}
