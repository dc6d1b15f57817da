//! Steps of one title in several scenarios: each is called after its own.

use crate::runbook::{Section, Step};
use std::collections::HashMap;

/// Gives each step whose title other steps have too the title of what it
/// stands in.
pub(super) fn name(steps: &mut [Step], sections: &[Section]) {
    let mut uses: HashMap<String, usize> = HashMap::new();
    for step in steps.iter() {
        *uses.entry(step.title.to_lowercase()).or_default() += 1;
    }
    let by_anchor: HashMap<&str, &Section> =
        sections.iter().map(|section| (section.anchor.as_str(), section)).collect();
    for step in steps.iter_mut().filter(|step| uses[&step.title.to_lowercase()] > 1) {
        let mut section = by_anchor.get(step.section.as_str()).copied();
        // A section's own step is called what the section is.
        while let Some(own) = section.filter(|own| own.title == step.title) {
            section = own.parent.as_deref().and_then(|parent| by_anchor.get(parent)).copied();
        }
        step.scenario = section.map(|section| section.title.trim().to_owned()).filter(|title| !title.is_empty());
    }
}
