//! What is in view on the smallest terminals when it matters.

mod support;

use support::{Sandbox, Terminal};

/// A block that is longer than the screen, and loses something.
fn long_page() -> String {
    let looks: String = (1..=34).map(|number| format!("ls -d part-{number} || true\n")).collect();
    format!("# Make room\n\n## Clear the parts\n\n```bash\n{looks}rm -rf parts\n```\n")
}

/// The last rows of what was shown, as many as the screen has.
fn in_view(shown: &str, columns: usize, rows: usize) -> String {
    let broken = |line: &str| line.chars().count().max(1).div_ceil(columns);
    let mut left = rows;
    let lines =
        shown.lines().rev().take_while(|line| left.checked_sub(broken(line)).inspect(|rest| left = *rest).is_some());
    let mut lines: Vec<_> = lines.collect();
    lines.reverse();
    lines.join("\n")
}

#[test]
fn what_is_lost_and_where_is_in_view_when_its_word_is_typed() {
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    for columns in [80, 40] {
        let sandbox = Sandbox::new();
        sandbox.write("page.md", &long_page());
        let mut terminal = Terminal::spawn_sized(&sandbox.runbook(["run", "page.md"]), columns, 24);
        terminal.answer("Run this?", "r");
        terminal.expect("To run it, type `destroy`");
        let shown = terminal.screen();
        let view = in_view(&shown, columns.into(), 24);
        let words: Vec<_> = view.split_whitespace().collect();
        let view = words.join(" ");
        assert!(view.contains("DESTRUCTIVE: removes parts"), "at {columns} columns:\n{shown}");
        assert!(view.contains(&format!("on {host}")), "at {columns} columns:\n{shown}");
        terminal.answer("goes back.", "no");
        terminal.answer("Run this?", "s not now");
        terminal.expect("Report");
        terminal.wait_exit();
    }
}

#[test]
fn the_path_of_the_report_stands_whole_on_a_line_of_its_own_where_it_does_not_fit() {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", "# Look\n\n## At it\n\n```bash\ntrue\n```\n");
    let mut terminal = Terminal::spawn_sized(&sandbox.runbook(["run", "page.md"]), 40, 24);
    terminal.answer("Run this?", "");
    terminal.expect("report.html");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    let shown = terminal.screen();
    let path = shown.lines().find(|line| line.ends_with("/report.html")).expect("the path ends its line");
    assert!(std::path::Path::new(path).is_file(), "{path:?} in\n{shown}");
    assert!(shown.contains("Report\n/"), "{shown}");
}

#[test]
fn an_address_that_is_no_url_is_asked_for_again() {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", "# Look\n\n## At it\n\n```sql\nSELECT 6 * 7;\n```\n");
    let mut terminal = Terminal::spawn_sized(&sandbox.runbook(["run", "page.md"]), 80, 24);
    terminal.answer("Where is the database `default`?", "ops-db");
    terminal.expect("it is not a URL");
    let url = format!("sqlite:{}?mode=rwc", sandbox.work().join("x.db").display());
    terminal.answer("Where is the database `default`?", &url);
    terminal.answer("Run this?", "");
    terminal.expect("42");
    terminal.expect("report.html");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
}

#[test]
fn an_option_that_goes_on_below_stands_in_the_column_of_the_others() {
    let sandbox = Sandbox::new();
    let option = |name: &str| format!("### {name}\n\n```bash\ntrue\n```\n\n");
    let long = "Option 2: start all of the workers from nothing again";
    sandbox.write("page.md", &format!("# Page\n\n## Mend it\n\n{}{}", option("Option 1: restart"), option(long)));
    let mut terminal = Terminal::spawn_sized(&sandbox.runbook(["run", "page.md"]), 40, 24);
    terminal.expect("\n  1  Option 1: restart");
    terminal.expect("\n  2  Option 2: start all of the");
    terminal.answer("Enter:", "1");
    terminal.answer("Run this?", "");
    terminal.expect("report.html");
    terminal.wait_exit();
}
