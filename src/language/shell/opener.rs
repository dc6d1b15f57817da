//! Commands that open another shell or a prompt of their own, and how the
//! lines after them are given to it.

use super::command;
use super::nested::{SHELLS, SSH_WITH_VALUE, strip_options};
use super::table::{fits, is_in};
use super::word::{Input, Word};
use crate::language::letters::Needles;

/// How the lines after a command reach what it opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As one more argument: nothing reads it but the shell that it is for.
    Argument,
    /// As the value of `--command`.
    Option,
    /// As the input of a shell, where arguments would not arrive as they are.
    Input,
    /// As the input of a prompt that is no shell's.
    Prompt,
}

/// How a command is called so that it takes its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Opener {
    pub(super) form: Form,
    /// Words of the command, by index, that are written otherwise; empty where
    /// they are left out.
    pub(super) rewritten: Vec<(usize, String)>,
    /// What stands between the command and its lines.
    pub(super) added: &'static str,
    /// Whether its programs and files are not those of this machine.
    pub(super) elsewhere: bool,
    /// The host, where it is one: the index of its word.
    pub(super) host: Option<usize>,
    /// The program that reads the lines of [`Form::Prompt`]: the index of its
    /// word.
    pub(super) reader: usize,
}

impl Opener {
    fn new(form: Form, added: &'static str) -> Self {
        Self { form, rewritten: Vec::new(), added, elsewhere: false, host: None, reader: 0 }
    }

    /// The same behind `count` more words.
    fn behind(mut self, count: usize) -> Self {
        self.rewritten.iter_mut().for_each(|(at, _)| *at += count);
        self.host = self.host.map(|at| at + count);
        self.reader += count;
        self
    }

    fn elsewhere(mut self) -> Self {
        self.elsewhere = true;
        self
    }
}

/// What the command that `words` make opens, if it opens something whose lines
/// can be given to it.
pub(super) fn read(words: &[Word]) -> Option<Opener> {
    let (name, arguments) = words.split_first()?;
    if name.is_open() {
        return None;
    }
    let program = name.rsplit('/').next().unwrap_or(name);
    let opener = match program {
        _ if is_in(SHELLS, program) && program != "fish" => shell(arguments),
        "sudo" | "doas" => sudo(arguments),
        "su" => su(arguments),
        "ssh" => ssh(arguments),
        "docker" | "podman" | "nerdctl" | "docker-compose" => container(program, arguments),
        "kubectl" | "oc" => pod(program, arguments),
        "lxc" | "incus" => after_dashes(arguments).map(Opener::elsewhere),
        "chroot" => chroot(arguments),
        "nsenter" => nsenter(arguments),
        "vagrant" => vagrant(arguments),
        "gcloud" => gcloud(arguments),
        "heroku" => heroku(arguments),
        _ if PROMPTS.contains(&program) && command::is_interactive(program, arguments, Input::Own) => {
            return Some(Opener::new(Form::Prompt, ""));
        }
        _ => None,
    };
    opener.map(|opener| opener.behind(1))
}

/// Programs that read statements of their own at a prompt.
pub(super) const PROMPTS: &[&str] =
    &["psql", "mysql", "mariadb", "sqlite3", "redis-cli", "mongo", "mongosh", "python", "python3", "node", "irb"];

/// The same to be looked for in a text.
pub(super) static MAY_PROMPT: Needles = Needles::new(PROMPTS);

/// The words from `at` on as a command of their own.
fn rest(arguments: &[Word], at: usize) -> Option<Opener> {
    read(arguments.get(at..)?).map(|opener| opener.behind(at))
}

fn shell(arguments: &[Word]) -> Option<Opener> {
    let only_options = arguments.iter().all(|argument| {
        argument.starts_with('-') && argument.len() > 1 && !fits("-c -*c -s -*s -- --version --help", argument)
    });
    only_options.then(|| Opener::new(Form::Argument, " -c"))
}

fn sudo(arguments: &[Word]) -> Option<Opener> {
    let mut at = 0;
    let mut shell = false;
    while let Some(option) = arguments.get(at).filter(|word| word.starts_with('-') && word.len() > 1) {
        at += 1;
        if *option == *"--" {
            break;
        }
        if option.starts_with("--") {
            shell |= fits("--login --shell", option);
            at += usize::from(is_in("--user --group --host --prompt --chdir --role --type", option));
            continue;
        }
        // In a cluster, the first letter that takes a value ends it.
        let valued = option[1..].find(|letter| "ughpCDRrtTU".contains(letter));
        let letters = &option[1..valued.map_or(option.len(), |place| place + 1)];
        if letters.contains(['l', 'v', 'k', 'K', 'V', 'e', 'b']) {
            return None;
        }
        shell |= letters.contains(['i', 's']);
        at += usize::from(valued.is_some_and(|place| place + 2 == option.len()));
    }
    at += arguments.iter().skip(at).take_while(|word| word.contains('=')).count();
    if at >= arguments.len() {
        return shell.then(|| Opener::new(Form::Input, ""));
    }
    let mut opener = rest(arguments, at)?;
    // Its own shell would read the argument before the other one does.
    if shell && opener.form != Form::Prompt {
        if opener.form == Form::Option {
            return None;
        }
        (opener.form, opener.added) = (Form::Input, "");
    }
    Some(opener)
}

fn su(arguments: &[Word]) -> Option<Opener> {
    let with_value = "-s --shell -g --group -G --supp-group -w --whitelist-environment";
    let mut operands = 0;
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        if fits("-c* --command* --session-command* --help --version -h -V", word) {
            return None;
        }
        if is_in(with_value, word) {
            words.next();
        } else if !word.starts_with('-') {
            operands += 1;
        }
    }
    (operands <= 1).then(|| Opener::new(Form::Argument, " -c"))
}

fn ssh(arguments: &[Word]) -> Option<Opener> {
    let host = arguments.len() - strip_options(arguments, SSH_WITH_VALUE, 0).len();
    let remote = arguments.len() - strip_options(arguments.get(host + 1..)?, SSH_WITH_VALUE, 0).len();
    let own = arguments.iter().take(remote).enumerate().filter(|(at, _)| *at != host);
    // What only forwards, or asks the other ssh, opens no shell to work in.
    let mut own = own.map(|(_, word)| word);
    if own.any(|word| fits("-N -*N -f -*f -V -Q -G -W* -O* -L* -R* -D*", word) && !word.starts_with("-o")) {
        return None;
    }
    let mut opener = if remote < arguments.len() {
        let mut opener = rest(arguments, remote)?;
        // The words are put together to a text that a shell reads again.
        match opener.form {
            Form::Option => return None,
            Form::Argument => (opener.form, opener.added) = (Form::Input, ""),
            Form::Input | Form::Prompt => {}
        }
        let terminal = |(at, word): (usize, &Word)| fits("-t -tt", word).then(|| (at, String::new()));
        opener.rewritten.extend(arguments[..remote].iter().enumerate().filter_map(terminal));
        opener
    } else {
        Opener::new(Form::Argument, "")
    };
    opener.host = Some(host);
    Some(opener.elsewhere())
}

/// Options of `exec`, `run`, `rsh` and `debug` that take a value.
const WITH_VALUE: &str = "-n --namespace -c --container -u --user -w --workdir -e --env --env-file --index --context \
    --kubeconfig -f --file -p --project-name --image --profile --cluster -s --server --as --name -v --volume \
    --network --mount --entrypoint -h --hostname --add-host --label -l --pod-running-timeout -H --host --log-level";

fn container(program: &str, arguments: &[Word]) -> Option<Opener> {
    let mut verb = arguments.len() - strip_options(arguments, WITH_VALUE, 0).len();
    let mut compose = program == "docker-compose";
    if !compose && arguments.get(verb).is_some_and(|word| is_in("compose container", word)) {
        compose = **arguments.get(verb)? == *"compose";
        verb += 1;
        verb += arguments[verb..].len() - strip_options(&arguments[verb..], WITH_VALUE, 0).len();
    }
    if !is_in("exec run", arguments.get(verb)?) {
        return None;
    }
    let after = strip_options(&arguments[verb + 1..], WITH_VALUE, 1);
    let inner = arguments.len() - after.len();
    let mut opener = rest(arguments, inner).filter(|_| inner < arguments.len())?;
    if opener.form == Form::Option {
        return None;
    }
    let own = || arguments.iter().enumerate().take(inner).skip(verb + 1);
    opener.rewritten.extend(own().filter_map(|(at, word)| without_terminal(word).map(|text| (at, text))));
    let name = &arguments[verb];
    if compose && !own().any(|(_, word)| is_in("-T --no-TTY", word)) {
        opener.rewritten.push((verb, format!("{name} -T")));
    } else if !compose && !own().any(|(_, word)| fits("-i --interactive -*i", word)) {
        opener.rewritten.push((verb, format!("{name} -i")));
    }
    Some(opener.elsewhere())
}

/// There is no terminal to give away while the lines are not typed: the option
/// without it, empty where nothing is left, `None` where it does not ask for
/// one.
fn without_terminal(word: &str) -> Option<String> {
    if is_in("-t --tty --tty=true", word) {
        return Some(String::new());
    }
    let letters = word.strip_prefix('-').filter(|letters| letters.len() > 1)?;
    let cluster = letters.contains('t') && letters.chars().all(|letter| "itd".contains(letter));
    cluster.then(|| format!("-{}", letters.replace('t', "")))
}

fn pod(program: &str, arguments: &[Word]) -> Option<Opener> {
    let verb = arguments.len() - strip_options(arguments, WITH_VALUE, 0).len();
    let is = |name: &str| arguments.get(verb).is_some_and(|word| **word == *name);
    let dashes = arguments.iter().position(|word| **word == *"--");
    let mut opener = match dashes {
        Some(dashes) if is("exec") || is("run") || is("debug") || is("rsh") => rest(arguments, dashes + 1)?,
        None if is("debug") && (program == "oc" || arguments.iter().any(|word| fits("-i --stdin -*i", word))) => {
            Opener::new(Form::Argument, " -- /bin/sh -c")
        }
        None if is("exec") || (program == "oc" && is("rsh")) => {
            let after = strip_options(&arguments[verb + 1..], WITH_VALUE, 1);
            let after = strip_options(after, WITH_VALUE, 0);
            match arguments.len() - after.len() {
                inner if inner < arguments.len() => {
                    let mut opener = rest(arguments, inner)?;
                    if is("exec") {
                        // It refuses a command that no dashes tell from its own words,
                        // and would take the `-c` for a container.
                        opener.rewritten.push((inner, format!("-- {}", arguments[inner].written)));
                    }
                    opener
                }
                _ if is("rsh") && arguments.len() > verb + 1 => Opener::new(Form::Argument, " /bin/sh -c"),
                _ => return None,
            }
        }
        _ => return None,
    };
    if opener.form == Form::Option {
        return None;
    }
    let end = dashes.unwrap_or(arguments.len());
    let own = arguments.iter().enumerate().take(end).skip(verb + 1);
    opener.rewritten.extend(own.filter_map(|(at, word)| without_terminal(word).map(|text| (at, text))));
    Some(opener.elsewhere())
}

fn after_dashes(arguments: &[Word]) -> Option<Opener> {
    if arguments.first().is_none_or(|verb| **verb != *"exec") {
        return None;
    }
    rest(arguments, arguments.iter().position(|word| **word == *"--")? + 1)
}

fn chroot(arguments: &[Word]) -> Option<Opener> {
    let folder = arguments.len() - strip_options(arguments, "", 0).len();
    arguments.get(folder)?;
    let opener = match arguments.get(folder + 1) {
        None => Opener::new(Form::Argument, " /bin/sh -c"),
        Some(_) => rest(arguments, folder + 1)?,
    };
    Some(opener.elsewhere())
}

fn nsenter(arguments: &[Word]) -> Option<Opener> {
    let mut at = 0;
    while let Some(option) = arguments.get(at).filter(|word| word.starts_with('-')) {
        at += 1;
        if *option == *"--" {
            break;
        }
        // Of a cluster only the last letter takes the next word.
        let takes_next = is_in("--target --setuid --setgid", option)
            || (!option.starts_with("--") && option.ends_with(['t', 'S', 'G']));
        at += usize::from(takes_next);
    }
    let opener = match arguments.get(at) {
        None if at > 0 => Opener::new(Form::Argument, " /bin/sh -c"),
        _ => rest(arguments, at)?,
    };
    Some(opener.elsewhere())
}

fn vagrant(arguments: &[Word]) -> Option<Opener> {
    let opens = arguments.first().is_some_and(|verb| **verb == *"ssh")
        && !arguments.iter().any(|word| fits("-c --command* -- -h --help", word));
    opens.then(|| Opener::new(Form::Argument, " -c").elsewhere())
}

fn gcloud(arguments: &[Word]) -> Option<Opener> {
    let verb = arguments.windows(2).position(|pair| *pair[0] == *"compute" && *pair[1] == *"ssh")?;
    let opens = arguments.len() > verb + 2
        && !arguments.iter().any(|word| fits("--command* -- --dry-run --help", word) || word.starts_with("--ssh-flag"));
    opens.then(|| Opener::new(Form::Option, " --command=").elsewhere())
}

fn heroku(arguments: &[Word]) -> Option<Opener> {
    if arguments.first().is_none_or(|verb| **verb != *"run") {
        return None;
    }
    let with_value = "-a --app -r --remote -s --size --type -e --env";
    let after = strip_options(&arguments[1..], with_value, 0);
    let inner = after.first()?;
    // Its own options may stand behind the shell.
    if !is_in(SHELLS, inner) || !strip_options(&after[1..], with_value, 0).is_empty() {
        return None;
    }
    let mut opener = Opener::new(Form::Input, "");
    if !arguments.iter().any(|word| is_in("--no-tty", word)) {
        opener.rewritten.push((0, "run --no-tty".to_owned()));
    }
    Some(opener.elsewhere())
}

/// Whether `line` ends a prompt that `program` shows.
pub(super) fn is_quit(program: &str, line: &str) -> bool {
    let comment = [" #", "\t#", " --", " //"].iter().filter_map(|mark| line.find(mark)).min();
    let line = line[..comment.unwrap_or(line.len())].trim().trim_end_matches(';').trim_end();
    let words = match program {
        "psql" | "mysql" | "mariadb" => "\\q exit quit",
        "sqlite3" => ".quit .exit .q",
        "redis-cli" => "exit quit EXIT QUIT",
        "python" | "python3" => "exit() quit() exit quit",
        "node" => ".exit process.exit()",
        _ => "exit quit exit() quit()",
    };
    is_in(words, line) || is_in(END_OF_INPUT, line)
}

/// How the end of the input is written down.
pub(super) const END_OF_INPUT: &str =
    "^D ^d Ctrl-D Ctrl+D CTRL-D CTRL+D ctrl-d ctrl+d <Ctrl-D> <Ctrl+D> [Ctrl-D] [Ctrl+D]";

/// Whether `line` looks like something typed at the prompt of `program`: a
/// block that never leaves the prompt may go on with commands for the shell.
pub(super) fn is_for(program: &str, line: &str) -> bool {
    let line = line.trim_start();
    let word = line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next().unwrap_or_default();
    match program {
        "psql" | "mysql" | "mariadb" | "sqlite3" => {
            line.starts_with(['\\', '.']) && line.len() > 1 && !line.starts_with("./")
                || is_in(SQL, &word.to_ascii_uppercase())
        }
        "redis-cli" => word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'),
        "mongo" | "mongosh" => line.starts_with("db.") || line.starts_with("rs.") || is_in("use show", word),
        _ => is_in("import from print require const let console puts", word),
    }
}

const SQL: &str = "SELECT INSERT UPDATE DELETE WITH BEGIN START COMMIT ROLLBACK CREATE ALTER DROP TRUNCATE GRANT REVOKE \
    SHOW SET EXPLAIN ANALYZE VACUUM DESCRIBE DESC USE FLUSH KILL PRAGMA REINDEX CALL VALUES REFRESH";

/// Whether `words` leave a shell: what else they would do is to end it.
pub(super) fn leaves(words: &[Word]) -> bool {
    match words {
        [name] => is_in("exit logout", name) || is_in(END_OF_INPUT, name),
        [name, code] => is_in("exit logout", name) && code.bytes().all(|byte| byte.is_ascii_digit()),
        _ => false,
    }
}
