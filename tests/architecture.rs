//! The floors of `src/lib.rs`, held: who may import whom, and the few rules
//! about files that keep the house easy to find one's way in.

mod architecture {
    pub(crate) mod paths;
    pub(crate) mod tokens;
}

use architecture::{paths, tokens};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Every module of the library with its floor. A file imports from floors
/// strictly below its own, and from its own module.
const FLOORS: &[(&str, u8)] = &[
    ("source", 0),
    ("redact", 0),
    ("runbook", 1),
    ("run", 2),
    ("parse", 2),
    ("language", 2),
    ("template", 2),
    ("plan", 3),
    ("transcript", 3),
    ("report", 3),
    ("effect", 3),
    ("engine", 4),
    ("shell", 4),
    ("sql", 4),
    ("terminal", 4),
    ("rehearsal", 4),
    ("cli", 5),
];

/// The modules, as paths below `src`, that may hold `unsafe`.
const UNSAFE: &[&str] = &[];

/// Longer files hold more than one thing.
const MOST_LINES: usize = 500;

/// Names that say nothing of what is in a file.
const EMPTY_NAMES: &[&str] = &["util", "utils", "helper", "helpers", "common", "misc"];

fn floor(module: &str) -> Option<u8> {
    FLOORS.iter().find(|(name, _)| *name == module).map(|(_, floor)| *floor)
}

/// Fails with all that is wrong, one line each.
#[track_caller]
fn none_wrong(rule: &str, wrong: &[String]) {
    let mut message = String::new();
    for line in wrong {
        let _ = write!(message, "\n  {line}");
    }
    assert!(wrong.is_empty(), "{rule}{message}");
}

#[test]
fn a_file_imports_only_from_floors_below_its_own() {
    let mut wrong = Vec::new();
    for file in rust_files("src") {
        let module = file.module_path();
        // The crate's root wires nothing: `main` calls `cli`, `lib` lists the modules.
        let own = module.first().map(String::as_str);
        for import in paths::internal(&tokens::tokenize(&file.text), &module, file.is_binary()) {
            let place = format!("{}:{}", file.path, import.line);
            let target = import.module.as_str();
            match (own, floor(target)) {
                _ if own == Some(target) => {}
                (_, None) if target == "*" => wrong.push(format!("{place} imports everything from the crate's root")),
                (_, None) => wrong.push(format!("{place} imports crate::{target}, which has no floor")),
                (None, Some(_)) if target == "cli" => {}
                (None, Some(_)) => wrong.push(format!("{place} imports {target}: the program itself calls only cli")),
                (Some(own), Some(theirs)) => {
                    let Some(ours) = floor(own) else {
                        wrong.push(format!("{place} stands in {own}, which has no floor"));
                        continue;
                    };
                    if theirs >= ours {
                        wrong.push(format!("{place} imports {target} (floor {theirs}) into {own} (floor {ours})"));
                    }
                }
            }
        }
    }
    none_wrong("a file imports only from floors strictly below its own, and from its own module:", &wrong);
}

#[test]
fn lib_rs_names_every_module_with_its_floor() {
    let text = fs::read_to_string(root().join("src/lib.rs")).expect("src/lib.rs");
    let mut table = BTreeMap::new();
    for line in text.lines() {
        let cells: Vec<&str> = line.trim_start_matches("//!").split('|').map(str::trim).collect();
        let [_, floor, modules, what, _] = cells[..] else { continue };
        let Ok(floor) = floor.parse::<u8>() else { continue };
        assert!(!what.is_empty(), "{line:?} does not say what is there");
        for module in modules.split(',') {
            table.insert(module.trim().trim_matches(['[', '`', ']']).to_owned(), floor);
        }
    }
    let floors: BTreeMap<String, u8> = FLOORS.iter().map(|(name, floor)| ((*name).to_owned(), *floor)).collect();
    assert_eq!(table, floors, "the table at the head of src/lib.rs, against the floors of this test");

    let mut modules: Vec<String> = fs::read_dir(root().join("src"))
        .expect("src")
        .map(|entry| entry.expect("an entry of src").path())
        .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
        .filter(|name| !["lib", "main"].contains(&name.as_str()))
        .collect();
    modules.sort();
    let mut named: Vec<&str> = FLOORS.iter().map(|(name, _)| *name).collect();
    named.sort_unstable();
    assert_eq!(modules, named, "the modules in src, against those with a floor");
}

#[test]
fn no_file_is_too_long() {
    let mut wrong = Vec::new();
    for file in rust_files("src").into_iter().chain(rust_files("tests")) {
        let lines = file.text.lines().count();
        if lines > MOST_LINES {
            wrong.push(format!("{} has {lines}", file.path));
        }
    }
    none_wrong("no file has more than 500 lines:", &wrong);
}

#[test]
fn names_say_what_is_there() {
    let mut wrong = Vec::new();
    for file in rust_files("src").into_iter().chain(rust_files("tests")) {
        let names = Path::new(&file.path).with_extension("");
        for name in names.iter().filter_map(|name| name.to_str()) {
            if EMPTY_NAMES.contains(&name) {
                wrong.push(format!("{} is called {name}", file.path));
            }
        }
        let tokens = tokens::tokenize(&file.text);
        for pair in tokens.windows(2) {
            if pair[0].text == "mod" && EMPTY_NAMES.contains(&pair[1].text.as_str()) {
                wrong.push(format!("{}:{} has a module called {}", file.path, pair[1].line, pair[1].text));
            }
        }
    }
    none_wrong("a name says what is there:", &wrong);
}

#[test]
fn unsafe_code_stands_only_where_it_is_allowed() {
    let mut wrong = Vec::new();
    for file in rust_files("src").into_iter().chain(rust_files("tests")) {
        if UNSAFE.iter().any(|allowed| file.path == format!("src/{allowed}")) {
            continue;
        }
        for token in tokens::tokenize(&file.text) {
            if token.text == "unsafe" {
                wrong.push(format!("{}:{}", file.path, token.line));
            }
        }
    }
    none_wrong("`unsafe` stands only in the modules that this test names:", &wrong);
}

/// A source file.
struct RustFile {
    /// Below the package's folder, with `/`.
    path: String,
    text: String,
}

impl RustFile {
    /// The file's module, from below the crate's root: `src/plan/check.rs` is
    /// `plan`, `check`.
    fn module_path(&self) -> Vec<String> {
        let inner = self.path.trim_start_matches("src/").trim_end_matches(".rs");
        let mut names: Vec<String> = inner.split('/').map(str::to_owned).collect();
        if matches!(names.last().map(String::as_str), Some("mod" | "lib" | "main")) {
            names.pop();
        }
        names
    }

    /// Whether it belongs to the program and not to the library.
    fn is_binary(&self) -> bool {
        self.path == "src/main.rs"
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below `folder`, in a fixed order.
fn rust_files(folder: &str) -> Vec<RustFile> {
    let mut folders = vec![root().join(folder)];
    let mut paths: Vec<PathBuf> = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("an entry of a source folder").path();
            if path.is_dir() {
                // A nested package is built in its own folder.
                if !path.ends_with("fuzz/target") {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    assert!(!paths.is_empty(), "no Rust file below {folder}");
    paths
        .into_iter()
        .map(|path| RustFile {
            text: fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())),
            path: path.strip_prefix(root()).expect("below the package").to_string_lossy().replace('\\', "/"),
        })
        .collect()
}
