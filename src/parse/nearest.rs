//! The nearest right name for a wrong one.

/// How alike two names must be for one to be offered for the other, by
/// Jaro-Winkler: 1 is the same.
const ALIKE: f64 = 0.8;

/// The one of `names` that is most like `wrong`, if one is alike enough: a
/// slip of the fingers before a name that only begins alike.
pub(super) fn name<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str> + Clone) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    let slips = (wrong.chars().count() / 3).max(1);
    let slip = names
        .clone()
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&wrong, &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance <= slips && *distance < name.chars().count())
        .min_by_key(|(distance, _)| *distance);
    let alike = || {
        names
            .into_iter()
            .map(|name| (strsim::jaro_winkler(&wrong, &name.to_lowercase()), name))
            .filter(|(alike, _)| *alike >= ALIKE)
            .max_by(|(a, _), (b, _)| a.total_cmp(b))
    };
    slip.map(|(_, name)| name).or_else(|| alike().map(|(_, name)| name))
}

/// How to mend `wrong`: the nearest name, or else all of them, if they are few.
pub(super) fn suggestion<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str> + Clone) -> String {
    /// More are of no help.
    const SHOWN: usize = 12;
    if let Some(near) = name(wrong, names.clone()) {
        return format!("did you mean `{near}`?");
    }
    let mut all: Vec<String> = names.into_iter().take(SHOWN + 1).map(|name| format!("`{name}`")).collect();
    if all.is_empty() {
        return "there are none to name here".to_owned();
    }
    if all.len() > SHOWN {
        all[SHOWN] = "…".to_owned();
    }
    format!("write one of {}", all.join(", "))
}
