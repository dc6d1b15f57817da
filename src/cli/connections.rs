//! The databases of a run, from flags and the environment.

use super::exit::CliError;
use crate::plan::Plan;
use crate::runbook::Access;
use crate::sql::Target;
use std::collections::{BTreeMap, BTreeSet};

/// The names of the connections that these steps need.
pub(super) fn needed(plan: &Plan, steps: &[usize]) -> BTreeSet<String> {
    let steps = steps.iter().map(|index| &plan.runbook.steps[*index]);
    let blocks = steps.flat_map(|step| step.blocks()).filter(|block| block.is_sql());
    blocks
        .filter(|block| plan.facts(block).runs_by_default())
        .map(|block| plan.connection_of(&block.settings))
        .collect()
}

/// Where each connection leads, as far as flags and the environment say.
pub(super) fn resolve(
    plan: &Plan,
    needed: &BTreeSet<String>,
    flags: &[String],
) -> Result<BTreeMap<String, Target>, CliError> {
    let declared = &plan.runbook.front_matter.connections;
    let mut urls = BTreeMap::new();
    for flag in flags {
        let (name, url) = match named(flag) {
            Some((name, url)) => (name.to_owned(), url),
            None => (the_only(needed)?, flag.as_str()),
        };
        // On a page that declares none, `default` is what any block may need.
        let is_default = declared.is_empty() && name == "default";
        if !needed.contains(&name) && !declared.contains_key(&name) && !is_default {
            let known: BTreeSet<_> = needed.iter().chain(declared.keys()).map(String::as_str).collect();
            let error = CliError::usage(format!("the runbook has no connection `{name}`"));
            let known: Vec<_> = known.into_iter().collect();
            return Err(if known.is_empty() { error } else { error.hint(format!("it has {}", known.join(", "))) });
        }
        urls.insert(name, url.to_owned());
    }
    for name in needed {
        let env = declared.get(name).and_then(|connection| connection.env.as_deref());
        let env = env.or((name == "default").then_some("DATABASE_URL"));
        if let Some(url) = env.and_then(|env| std::env::var(env).ok()).filter(|url| !url.is_empty()) {
            urls.entry(name.clone()).or_insert(url);
        }
    }
    Ok(urls.into_iter().map(|(name, url)| (name.clone(), target(plan, &name, url))).collect())
}

/// A connection's URL with what the runbook may do there.
pub(super) fn target(plan: &Plan, name: &str, url: String) -> Target {
    let declared = plan.runbook.front_matter.connections.get(name).cloned().unwrap_or_default();
    let hold = declared.hold();
    Target::new(url, declared.access == Access::Read).holding(hold)
}

/// How to name a missing connection's URL.
pub(super) fn mend(plan: &Plan, name: &str) -> String {
    let declared = plan.runbook.front_matter.connections.get(name);
    match declared.and_then(|connection| connection.env.as_deref()) {
        Some(env) => format!("set {env}, or give --connection {name}=URL"),
        None if name == "default" => "set DATABASE_URL, or give --connection URL".to_owned(),
        None => format!("give --connection {name}=URL"),
    }
}

/// `NAME=URL`; a URL's own `=` comes after its `:`.
fn named(flag: &str) -> Option<(&str, &str)> {
    let (name, url) = flag.split_once('=')?;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    is_name.then_some((name, url))
}

fn the_only(needed: &BTreeSet<String>) -> Result<String, CliError> {
    let mut names = needed.iter();
    match (names.next(), names.next()) {
        (None, _) => Ok("default".to_owned()),
        (Some(only), None) => Ok(only.clone()),
        (Some(_), Some(_)) => {
            let names: Vec<_> = needed.iter().map(String::as_str).collect();
            Err(CliError::usage(format!("the runbook needs several connections: {}", names.join(", ")))
                .hint("say which one the URL is for: --connection NAME=URL"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn a_url_with_an_equals_sign_is_not_taken_for_a_name() {
        assert_eq!(named("ops=postgres://h/d?a=b"), Some(("ops", "postgres://h/d?a=b")));
        assert_eq!(named("postgres://h/d?a=b"), None);
        assert_eq!(named("sqlite:/a=b.db"), None);
    }
}
