//! How a text reads by itself.

use super::Class;

/// What a text is, told from its content alone, whatever its label says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What kind of code it is.
    pub class: Class,
    /// Its language, under the name that [`Block::language`](super::Block::language) uses.
    pub language: &'static str,
    /// What it was recognised as, to follow "it reads as": `shell commands`.
    pub what: &'static str,
    /// Nothing else reads like this, so a label that says otherwise is wrong.
    pub certain: bool,
}

impl Reading {
    /// A text that nothing else reads like.
    #[must_use]
    pub fn certain(class: Class, language: &'static str, what: &'static str) -> Self {
        Self { class, language, what, certain: true }
    }

    /// A text that this is the best guess for.
    #[must_use]
    pub fn likely(class: Class, language: &'static str, what: &'static str) -> Self {
        Self { class, language, what, certain: false }
    }
}
