//! What the words that lines begin with tell: a language, a program, a message.

use super::labels;

/// The language that a first line such as `:::console` names where no fence
/// could, in lower case, and what stands below it.
pub(super) fn language(code: &str) -> Option<(String, &str)> {
    let (first, rest) = code.trim_start().split_once('\n')?;
    let named = first.trim_end().strip_prefix(":::")?.to_lowercase();
    labels::meaning(&named)?;
    Some((named, rest))
}

/// Whether its first line is a comment that holds the path of a file and
/// nothing else: `# /etc/app.conf`. A path that is named again below is only
/// spoken of.
pub(super) fn is_path_of_file(code: &str) -> bool {
    let Some((first, rest)) = code.trim_start().split_once('\n') else { return false };
    let Some(path) = ["#", "//", ";"].iter().find_map(|sign| first.strip_prefix(sign)).map(str::trim) else {
        return false;
    };
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_path = path.starts_with("/etc/") || path.starts_with("~/.") || name.rsplit_once('.').is_some_and(is_named);
    let is_word = !path.contains(|c: char| !(c.is_ascii_alphanumeric() || "/._-~$@".contains(c)));
    is_path && is_word && !name.is_empty() && !rest.trim().is_empty() && !rest.contains(path)
}

/// Whether the parts of a name around its last `.` are those of a file's.
fn is_named((stem, ending): (&str, &str)) -> bool {
    const ENDINGS: &str = "conf cfg ini env yml yaml json toml properties service timer socket rules list repo";
    !stem.is_empty() && ENDINGS.split(' ').any(|other| other == ending)
}

/// Whether its first line begins with what may name a program, and nothing is
/// compared or set there.
pub(super) fn begins_like_command(code: &str) -> bool {
    let mut lines = code.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut words = lines.next().unwrap_or_default().split_whitespace();
    let name = words.next().unwrap_or_default();
    let is_name =
        name.starts_with(|c: char| c.is_ascii_lowercase() || "/~|$\\".contains(c) || c == '.' && name.len() > 1);
    // `FLUSHALL`, which some consoles take, and `C:\tools\check.exe`.
    let is_loud = name.len() > 1 && name.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_path = name.get(1..).is_some_and(|rest| rest.starts_with(":\\"));
    let is_operator = |word: &str| matches!(word, "=" | ":=" | "==" | "!=" | ">=" | "<=" | "+" | "*");
    let is_list = name.starts_with("...") || name.contains("://");
    (is_name || is_loud || is_path) && !is_list && !words.next().is_some_and(is_operator)
}

/// Whether every line begins with a word and a colon, which no command does:
/// `upload: ./a to s3://b/a`.
pub(super) fn is_list_of_messages(text: &str) -> bool {
    let is_message = |line: &str| {
        line.split_whitespace().next().and_then(|word| word.strip_suffix(':')).is_some_and(|word| {
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        })
    };
    let mut lines = text.lines().filter(|line| !line.trim().is_empty()).peekable();
    lines.peek().is_some() && lines.all(is_message)
}

#[cfg(test)]
mod tests {
    use super::is_path_of_file;

    #[test]
    fn a_comment_that_is_a_path_alone_names_the_file() {
        for code in ["# /etc/app/app\nlevel 3\n", "// conf/app.yaml\nlevel 3\n", "# app.service\nlevel 3\n"] {
            assert!(is_path_of_file(code), "{code}");
        }
        for code in [
            "# /etc/hosts\ncat /etc/hosts\n",
            "# see /etc/hosts\nls\n",
            "# 1.5\nls\n",
            "# list\nls\n",
            "# /etc/hosts\n",
            "ls\n# /etc/hosts\n",
        ] {
            assert!(!is_path_of_file(code), "{code}");
        }
    }
}
