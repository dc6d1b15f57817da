//! A list of names, each once, in the order in which they were found.

use std::collections::BTreeSet;

/// Names, each once. A text can hold as many as it has words, so that looking
/// through the list for each would take too long.
#[derive(Debug, Clone, Default)]
pub(super) struct Once {
    names: Vec<String>,
    known: BTreeSet<String>,
}

impl Once {
    /// Adds `name`, if it is new.
    pub(super) fn add(&mut self, name: &str) {
        if !self.known.contains(name) {
            self.known.insert(name.to_owned());
            self.names.push(name.to_owned());
        }
    }

    /// Adds what is new in `other`.
    pub(super) fn extend(&mut self, other: &Once) {
        other.names.iter().for_each(|name| self.add(name));
    }

    /// Forgets them all.
    pub(super) fn clear(&mut self) {
        self.names.clear();
        self.known.clear();
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &String> {
        self.names.iter()
    }

    pub(super) fn into_names(self) -> Vec<String> {
        self.names
    }
}

impl<'a> FromIterator<&'a str> for Once {
    fn from_iter<I: IntoIterator<Item = &'a str>>(names: I) -> Self {
        let mut once = Self::default();
        names.into_iter().for_each(|name| once.add(name));
        once
    }
}
