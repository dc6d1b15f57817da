//! Whether the WHERE of an UPDATE or DELETE picks rows at all.

use super::classify::Word;

/// What an UPDATE or DELETE says about which rows it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Selection {
    /// A condition that looks at the rows.
    Some,
    /// No WHERE.
    NoWhere,
    /// A WHERE that is true, or not, for all rows alike.
    Vacuous,
}

/// Words of a condition that name no column.
const NO_COLUMN: &[&str] = &[
    "TRUE",
    "FALSE",
    "NULL",
    "NOT",
    "IN",
    "IS",
    "LIKE",
    "ILIKE",
    "BETWEEN",
    "AND",
    "OR",
    "EXISTS",
    "SELECT",
    "DISTINCT",
    "FROM",
    "ANY",
    "ALL",
    "CAST",
    "AS",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "CURRENT_TIMESTAMP",
    "CURRENT_DATE",
    "INTERVAL",
    "ARRAY",
    "BOOLEAN",
    "BOOL",
    "INT",
    "INTEGER",
    "TEXT",
    "UNKNOWN",
];

/// What may follow a condition in an UPDATE or DELETE.
const AFTER_CONDITION: &[&str] = &["RETURNING", "ORDER", "LIMIT", "ON", "WHEN"];

/// How deep in parentheses a condition is looked into.
const DEEPEST: usize = 60;

/// Looks at the statement whose verb, UPDATE or DELETE, is `words[0]`; ends
/// where the parenthesis that holds it does.
pub(super) fn selection(words: &[Word<'_>]) -> Selection {
    let Some(verb) = words.first() else { return Selection::NoWhere };
    let depth = verb.depth;
    let end = words.iter().position(|word| word.depth < depth || word.text == ";").unwrap_or(words.len());
    let own = &words[..end];
    let Some(at) = own.iter().position(|word| word.depth == depth && word.is("WHERE")) else {
        return Selection::NoWhere;
    };
    let condition = &own[at + 1..];
    let end = condition
        .iter()
        .position(|word| word.depth == depth && AFTER_CONDITION.iter().any(|after| word.is(after)))
        .unwrap_or(condition.len());
    let condition = &condition[..end];
    let is_of_others = || Target::of(own, at).is_some_and(|target| target.is_left_out_of(condition));
    if is_vacuous(condition) || is_of_others() { Selection::Vacuous } else { Selection::Some }
}

/// Looks at the MERGE that is `words[0]`: whether its ON says for all rows alike
/// that they are the ones to change.
pub(super) fn merges_all(words: &[Word<'_>]) -> bool {
    let at = |keyword| words.iter().position(|word: &Word<'_>| word.depth == words[0].depth && word.is(keyword));
    let (Some(on), Some(when)) = (at("ON"), at("WHEN")) else { return false };
    let changes = |pair: &[Word<'_>]| pair[0].is("THEN") && pair[1].is_any(&["UPDATE", "DELETE"]);
    on < when && words[when..].windows(2).any(changes) && is_vacuous(&words[on + 1..when])
}

/// The changed table of a statement that reads others beside it, by the name
/// that its columns are qualified with.
struct Target<'a>(&'a str);

impl<'a> Target<'a> {
    /// That of `UPDATE a SET … FROM b WHERE` and of `DELETE FROM a USING b
    /// WHERE`, where `own[condition]` is that WHERE.
    fn of(own: &[Word<'a>], condition: usize) -> Option<Self> {
        let depth = own[0].depth;
        let at = |keyword| own[..condition].iter().rposition(|word| word.depth == depth && word.is(keyword));
        let is_update = own[0].is("UPDATE");
        let (ends, _others) = if is_update { (at("SET")?, at("FROM")?) } else { (at("USING")?, at("USING")?) };
        // The last word before: the alias, or the last part of the name.
        own[1..ends].last().filter(|word| word.is_name()).map(|word| Self(word.text))
    }

    /// Whether all columns of the condition are said to be those of other
    /// tables.
    fn is_left_out_of(&self, condition: &[Word<'_>]) -> bool {
        let mut qualifiers = 0;
        for (place, word) in condition.iter().enumerate() {
            let is_before = |text: &str| place.checked_sub(1).is_some_and(|before| condition[before].text == text);
            let is_followed = |text: &str| condition.get(place + 1).is_some_and(|next| next.text == text);
            if !word.is_name() || is_before(".") || (!word.quoted && NO_COLUMN.iter().any(|known| word.is(known))) {
                continue;
            }
            if is_followed(".") {
                let bare = |text: &str| text.trim_matches(['"', '`']).to_lowercase();
                if bare(word.text) == bare(self.0) {
                    return false;
                }
                qualifiers += 1;
            } else if !is_followed("(") {
                return false;
            }
        }
        qualifiers > 0
    }
}

/// Whether the condition says the same of every row. A condition that is not
/// understood is not vacuous; one without any column is.
fn is_vacuous(condition: &[Word<'_>]) -> bool {
    let Some(first) = condition.first() else { return true };
    let depth = first.depth.min(condition.last().map_or(first.depth, |last| last.depth));
    // No person writes this; believe the worst before the stack runs out.
    if depth > DEEPEST {
        return true;
    }
    let parts = |separator: &str| -> Vec<&[Word<'_>]> {
        condition.split(|word| word.depth == depth && word.is(separator)).collect()
    };
    let alternatives = parts("OR");
    if alternatives.len() > 1 {
        return covers_all(&alternatives) || alternatives.into_iter().any(is_vacuous);
    }
    if is_between_itself(condition, depth) {
        return true;
    }
    let conjuncts = parts("AND");
    if conjuncts.len() > 1 {
        return conjuncts.into_iter().all(is_vacuous);
    }
    if let Some(inner) = without_parentheses(condition) {
        return is_vacuous(inner);
    }
    if let [not, rest @ ..] = condition
        && not.is("NOT")
    {
        return is_vacuous(rest);
    }
    exists_for_all(condition)
        || names_no_column(condition)
        || compares_with_itself(condition, depth)
        || is_among_itself(condition, depth)
}

/// `a OR NOT a`, `a IS NULL OR a IS NOT NULL`.
fn covers_all(alternatives: &[&[Word<'_>]]) -> bool {
    let without_not = |condition: &[Word<'_>]| -> Option<Vec<String>> {
        let at = condition.iter().position(|word| word.is("NOT"))?;
        let rest = condition[..at].iter().chain(&condition[at + 1..]);
        Some(rest.map(|word| word.text.to_ascii_uppercase()).collect())
    };
    let denied: Vec<_> = alternatives.iter().filter_map(|condition| without_not(condition)).collect();
    alternatives.iter().any(|condition| {
        let plain: Vec<String> = condition.iter().map(|word| word.text.to_ascii_uppercase()).collect();
        denied.contains(&plain)
    })
}

/// `id BETWEEN id AND id`.
fn is_between_itself(condition: &[Word<'_>], depth: usize) -> bool {
    let at = |keyword| condition.iter().position(|word: &Word<'_>| word.depth == depth && word.is(keyword));
    let (Some(between), Some(and)) = (at("BETWEEN"), at("AND")) else { return false };
    between < and
        && same(&condition[..between], &condition[between + 1..and])
        && same(&condition[..between], &condition[and + 1..])
}

/// `id IN (id)`, `name LIKE '%'`.
fn is_among_itself(condition: &[Word<'_>], depth: usize) -> bool {
    let Some(at) = condition.iter().position(|word| word.depth == depth && word.is_any(&["IN", "LIKE", "ILIKE"]))
    else {
        return false;
    };
    let (left, right) = (&condition[..at], &condition[at + 1..]);
    if !condition[at].is("IN") {
        return matches!(right, [pattern] if pattern.text.len() > 2 && pattern.text.trim_matches('\'').chars().all(|c| c == '%'));
    }
    let Some(inner) = without_parentheses(right) else { return false };
    let inner_depth = depth + 1;
    inner.split(|word| word.depth == inner_depth && word.text == ",").any(|each| same(left, each))
}

/// Whether both say the same, but for parentheses around them.
fn same(left: &[Word<'_>], right: &[Word<'_>]) -> bool {
    let (left, right) = (bare(left), bare(right));
    !left.is_empty() && left.len() == right.len() && left.iter().zip(right).all(|(l, r)| l.same_as(r))
}

fn bare<'w, 'c>(mut words: &'w [Word<'c>]) -> &'w [Word<'c>] {
    while let Some(inner) = without_parentheses(words) {
        words = inner;
    }
    words
}

/// What stands in the one pair of parentheses that encloses all of it.
fn without_parentheses<'w, 'c>(condition: &'w [Word<'c>]) -> Option<&'w [Word<'c>]> {
    let [open, inner @ .., close] = condition else { return None };
    let encloses = open.text == "(" && close.text == ")" && inner.iter().all(|word| word.depth > open.depth);
    encloses.then_some(inner)
}

fn names_no_column(condition: &[Word<'_>]) -> bool {
    condition.iter().enumerate().all(|(at, word)| {
        let is_call = condition.get(at + 1).is_some_and(|next| next.text == "(");
        !word.is_name() || (is_call && !word.quoted) || NO_COLUMN.iter().any(|known| word.is(known))
    })
}

/// `EXISTS (SELECT 1 FROM parent)`: without a condition of its own it looks at
/// no row of the changed table.
fn exists_for_all(condition: &[Word<'_>]) -> bool {
    let [exists, inner @ ..] = condition else { return false };
    let looks = |word: &Word<'_>| word.is_any(&["WHERE", "ON", "USING", "HAVING", "LATERAL", "NATURAL"]);
    exists.is("EXISTS") && without_parentheses(inner).is_some_and(|inner| !inner.iter().any(looks))
}

/// `id = id`, `id <= id`, `id IS NOT DISTINCT FROM id`.
fn compares_with_itself(condition: &[Word<'_>], depth: usize) -> bool {
    let is_operator = |word: &Word<'_>| word.depth == depth && matches!(word.text, "=" | "<" | ">" | "!");
    if let Some(from) = condition.iter().position(|word| word.depth == depth && word.is("FROM")) {
        let left = condition.iter().position(|word| word.is("IS")).map_or(&[][..], |is| &condition[..is]);
        return same(left, &condition[from + 1..]);
    }
    let Some(first) = condition.iter().position(is_operator) else { return false };
    let last = condition.iter().rposition(is_operator).unwrap_or(first);
    same(&condition[..first], &condition[last + 1..])
}
