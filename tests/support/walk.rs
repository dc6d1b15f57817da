//! A responder who goes along with whatever a page proposes.

use super::Terminal;

/// What a walk through a page came to.
pub(crate) struct Walk {
    /// The program's exit code.
    pub(crate) exit: i32,
    /// The words that had to be typed before something ran.
    pub(crate) words: Vec<String>,
    /// All that was on the screen.
    pub(crate) screen: String,
}

/// Questions, and what such a responder says. Those of the caller come first.
const ANSWERS: [(&str, &str); 7] = [
    ("Is this done?", "d"),
    ("Which way?", ""),
    ("Which one?", ""),
    ("commit (or yes)", "commit"),
    ("Enter: no", "yes"),
    ("Enter: yes", ""),
    ("This failed:", "accept the walk goes on"),
];

impl Terminal {
    /// Goes to the end of the run. `answers` are those to questions of the
    /// page's own; each is a text on the screen and the line typed for it.
    ///
    /// # Panics
    /// If a question comes that has no answer here.
    #[track_caller]
    pub(crate) fn walk(&mut self, answers: &[(&str, &str)]) -> Walk {
        const END: &str = "Report  ";
        const TO_TYPE: &str = "To run it, type `";
        const MENU: [&str; 3] = ["Run this?", "What now?", "Fill it in and run it?"];
        let known: Vec<(&str, &str)> = answers.iter().chain(&ANSWERS).copied().collect();
        let mut texts = vec![END, TO_TYPE];
        texts.extend(MENU);
        texts.extend(known.iter().map(|(question, _)| *question));
        let mut words = Vec::new();
        loop {
            match self.expect_any(&texts) {
                0 => break,
                1 => {
                    let word = self.expect("`");
                    self.send_line(&word);
                    words.push(word);
                }
                2 => {
                    // What is skipped by itself is left so.
                    let menu = self.expect("> ");
                    self.send_line(if menu.contains("Enter: skip") { "" } else { "r" });
                }
                3 | 4 => {
                    self.expect("> ");
                    self.send_line("s it cannot be run here");
                }
                found => {
                    self.expect("> ");
                    self.send_line(known[found - 2 - MENU.len()].1);
                }
            }
        }
        Walk { exit: self.wait_exit(), words, screen: self.screen() }
    }
}
