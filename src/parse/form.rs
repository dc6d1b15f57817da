//! Whether a text has the form of the file that its label names.

/// Whether nothing in `code` has the form of `language`, so that no such file
/// could hold it: a lone `tool config >> tool.yaml` is no YAML.
pub(super) fn is_missing(language: &str, code: &str) -> bool {
    let text = code.trim();
    match language {
        "yaml" => text.lines().map(str::trim).all(|line| {
            !line.starts_with(['-', '#', '{', '[', '"', '\'', '%', '&', '*', '!', '|', '>', '<'])
                && !line.ends_with(':')
                && !line.contains(": ")
        }),
        "json" => !text.starts_with(['{', '[', '"', '/', '-', '<', '.']) && !text.contains("\": "),
        "xml" => !text.contains('<'),
        "hcl" => !text.contains(['{', '}']) && !text.contains(" = ") && !text.contains('\n'),
        _ => false,
    }
}

/// Whether `code` is nothing but heads of sections and settings, as files of
/// `language` hold them.
pub(super) fn is_of_settings(language: &str, code: &str) -> bool {
    matches!(language, "ini" | "toml")
        && code.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', ';'])).all(|line| {
            let name = line.split_once('=').map(|(name, _)| name.trim_end());
            line.starts_with('[') || name.is_some_and(|name| !name.is_empty() && !name.contains(char::is_whitespace))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_under_the_label_of_a_file_has_not_its_form() {
        for (language, code) in [
            ("yaml", "  tool config >> tool.yaml\n"),
            ("json", "tool show --json\n"),
            ("xml", "tool show | head\n"),
            ("hcl", "tool apply A=1\n"),
        ] {
            assert!(is_missing(language, code), "{code}");
        }
        for (language, code) in [
            ("yaml", "a: b\n"),
            ("yaml", "a:\n"),
            ("yaml", "- a\n"),
            ("yaml", "# later\n"),
            ("yaml", "{a}\n"),
            ("yaml", "<values>\n"),
            ("json", "{}\n"),
            ("json", "\"a\": 1\n"),
            ("json", "// later\n"),
            ("json", "  \"a\": [\n"),
            ("xml", "<a/>\n"),
            ("ini", "tool\n"),
            ("hcl", "a = 1\n"),
            ("hcl", "locals {}\n"),
        ] {
            assert!(!is_missing(language, code), "{code}");
        }
    }

    #[test]
    fn settings_and_heads_of_sections_make_a_file_of_settings() {
        for code in ["ExecStart=/usr/bin/tool serve\n", "[Unit]\nAfter = a.target\n; b\n\n# c\n"] {
            assert!(is_of_settings("ini", code), "{code}");
            assert!(!is_of_settings("yaml", code), "{code}");
        }
        for code in ["sudo sysctl -w a=b\n", "A=b\ntool\n", "=a\n"] {
            assert!(!is_of_settings("ini", code), "{code}");
        }
    }
}
