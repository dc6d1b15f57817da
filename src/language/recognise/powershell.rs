//! PowerShell, known by its cmdlets.

use super::{Text, pattern};
use crate::runbook::{Class, Reading};

/// The verbs that cmdlets are named by, as the language prescribes them: a
/// capital on each side of a hyphen is in names of other things too.
const VERBS: &str = "Add Approve Assert Backup Block Checkpoint Clear Close Compare Complete Compress Confirm Connect \
    Convert ConvertFrom ConvertTo Copy Debug Deny Disable Disconnect Dismount Edit Enable Enter Exit Expand Export Find \
    ForEach Format Get Grant Group Hide Import Initialize Install Invoke Join Limit Lock Measure Merge Mount Move New \
    Open Optimize Out Ping Pop Protect Publish Push Read Receive Redo Register Remove Rename Repair Request Reset Resize \
    Resolve Restart Restore Resume Revoke Save Search Select Send Set Show Skip Sort Split Start Step Stop Submit Suspend \
    Switch Sync Test Trace Unblock Undo Uninstall Unlock Unprotect Unpublish Unregister Update Use Wait Watch Where Write";

/// Whether a cmdlet stands where a command does.
fn has_cmdlet(line: &str) -> bool {
    // Most lines have no hyphen with such a letter behind it.
    line.as_bytes().windows(2).any(|pair| pair[0] == b'-' && pair[1].is_ascii_uppercase())
        && line.split(['|', ';', '(', '{', '=', '&']).any(|part| {
            let part = part.trim_start();
            let part = part.strip_prefix("return ").unwrap_or(part);
            let word = part.split([' ', '\t', ')', '}', ',']).next().unwrap_or_default();
            word.split_once('-').is_some_and(|(verb, noun)| {
                noun.starts_with(|c: char| c.is_ascii_uppercase())
                    && noun.chars().all(|c| c.is_ascii_alphanumeric())
                    && VERBS.split(' ').any(|known| known == verb)
            })
        })
}

// What else its lines have.
pattern!(
    OTHER,
    r#"(?x)
        ^\s*\$env:\w+ | ^\s*\$(?:[A-Za-z_]\w*|\w+:\w+)(?:\.\w+|\[[^\]]*\])?\s*\+?=\s*\S
      | ^\s*\[[\w.]+\](?:::|\$) | ^\s*param\s*\( | ^\s*\[CmdletBinding | ^\s*(?:if|while|foreach|switch)\s*\(\s*(?:-not\s*)?\(?\$
      | ^\s*\.\\[\w.\\-]+ | @["']\s*$ | ^["']@ | \s-(?:eq|ne|like|match|contains)\s.*\{\s*$
    "#
);
// What no other language has.
pattern!(
    STRONG,
    |line| line.trim_start().starts_with(['$', '[', '.']) || line.contains('@'),
    r#"^\s*\$env:\w+\s*=|^\s*\[CmdletBinding|^\s*\.\\|^\s*\$\w+\s*=\s*(?:[@\[$(]|New-|Get-|"|')|@["']\s*$"#
);
// What PowerShell cannot read.
pattern!(
    BOURNE,
    r"^\s*(?:fi|done|esac|then|do|export \w+=|source )\b|;\s*(?:then|do)\b|<<-?\s*['\x22]?\w+|\[\[? .* \]\]?"
);

/// PowerShell.
pub(super) fn reading(text: &Text<'_>) -> Option<Reading> {
    let is_strong = |line: &str| has_cmdlet(line) || STRONG.is_match(line);
    let strong = text.content.iter().filter(|line| is_strong(line)).count();
    if strong == 0 || text.fitting(&BOURNE) > 0 {
        return None;
    }
    // `Get-Thing [-Name <String>] [<CommonParameters>]` explains a cmdlet.
    if is_strong(text.first()) && text.content.iter().all(|line| line.contains("[-") || line.contains("[<")) {
        return Some(Reading::certain(Class::Config, "text", "the synopsis of a command"));
    }
    let all = text.content.iter().filter(|line| has_cmdlet(line) || OTHER.is_match(line)).count();
    (is_strong(text.first()) || all.max(strong) * 3 >= text.content.len())
        .then(|| Reading::certain(Class::Script, "pwsh", "PowerShell"))
}
