//! Any text as shell: nothing panics, and whatever is found has its place.
#![no_main]

use libfuzzer_sys::fuzz_target;
use runbook::language::shell;
use runbook::runbook::Effect;
use runbook_fuzz::{assert_in_order, assert_within};

fuzz_target!(|code: &str| {
    let facts = shell::analyse(code, &|_| false, &|_| false);
    assert_in_order(code, facts.placeholders.iter().map(|found| found.span));
    for unset in &facts.unset {
        assert_within(code, unset.span);
    }
    if facts.effect == Effect::Destructive {
        assert!(!facts.reasons.is_empty(), "what destroys has a reason");
    }

    let commands = shell::split(code);
    assert_in_order(code, commands.iter().copied());
    assert!(commands.iter().all(|command| !code[command.start..command.end].trim().is_empty()));

    for at in [0, code.len() / 3, code.len()] {
        let _ = shell::places_at(code, &[code.floor_char_boundary(at)]);
    }
});
