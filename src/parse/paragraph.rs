//! What a single paragraph says about itself.

/// What of a paragraph is bold.
#[derive(Default)]
pub(super) struct Bold {
    pub(super) depth: usize,
    inside: String,
    /// Anything but a colon stands outside.
    pub(super) mixed: bool,
    colon: bool,
}

impl Bold {
    pub(super) fn take(&mut self, text: &str) {
        if self.depth > 0 {
            self.inside.push_str(text);
        } else {
            match text.trim() {
                "" => {}
                ":" if !self.inside.is_empty() => self.colon = true,
                _ => self.mixed = true,
            }
        }
    }

    /// The title of a lead-in and whether a colon ended it, if it is one.
    pub(super) fn lead_in(self) -> Option<(String, bool)> {
        let text = self.inside.trim();
        let title = text.trim_end_matches([':', '：']).trim_end();
        (!self.mixed && !title.is_empty()).then(|| (title.to_owned(), self.colon || title.len() < text.len()))
    }
}

/// Whether a paragraph is nothing but a site generator's shortcode.
pub(super) fn is_shortcode(text: &str) -> bool {
    text.starts_with('{')
        && text.lines().all(|line| {
            let line = line.trim();
            [("{{<", ">}}"), ("{{%", "%}}"), ("{%", "%}")].iter().any(|(open, close)| {
                line.starts_with(open)
                    && line.ends_with(close)
                    && line.matches(open).count() == line.matches(close).count()
            })
        })
}

/// The lines of an item's text without the indent of the list it stands in.
pub(super) fn without_indent(text: &str) -> String {
    let mut lines = text.lines();
    let mut out = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        out.push('\n');
        out.push_str(line.trim_start_matches([' ', '\t', '>']));
    }
    out
}
