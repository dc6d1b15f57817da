//! How each interpreter's language says what the suite asks for.

/// Something that a block makes, and a later one uses.
#[derive(Debug, Clone, Copy)]
pub(super) struct Carried {
    pub(super) makes: &'static str,
    pub(super) uses: &'static str,
}

/// One language.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dialect {
    pub(super) name: &'static str,
    /// Prints `before`, ends with 3, and would print `after`.
    pub(super) exits: &'static str,
    /// Prints `out` and `err`, each to its own stream.
    pub(super) streams: &'static str,
    /// Prints how many bytes its input has.
    pub(super) reads_input: &'static str,
    /// Prints how many arguments it has.
    pub(super) counts_arguments: &'static str,
    pub(super) fails_on_line_3: &'static str,
    /// How the message for that names the place.
    pub(super) names_line_3: &'static str,
    /// Makes the folder `new` and cannot be parsed.
    pub(super) broken_on_line_2: &'static str,
    /// Prints `$LEFT` and nothing else.
    pub(super) prints_left: &'static str,
    /// Makes the folder `new` with mode 777.
    pub(super) makes_a_folder: &'static str,
    /// Exports `LEFT` with the value of `GIVEN`, takes `GONE` out of the
    /// environment, sets the umask to 027 and goes to `else where`.
    pub(super) changes: &'static str,
    /// Sends itself a signal: `SIGNAL` stands for its name.
    kills: &'static str,
    /// Has something run at its end, and spoils what a hook may rely on.
    pub(super) has_hooks: &'static str,
    /// Prints `$RUNBOOK_SECRET_T`, a line end, and what a child finds in its
    /// environment.
    pub(super) prints_given_and_environment: &'static str,
    /// Starts `sleep 600` with its id in the file `id`, prints `started`, and
    /// waits for it.
    pub(super) starts_a_sleep: &'static str,
    /// A variable that is not exported: `ours` is made from `theirs`, and
    /// `lost` unset; prints `ours`.
    pub(super) plain: Option<Carried>,
    /// A function that prints `called`.
    pub(super) function: Option<Carried>,
}

impl Dialect {
    pub(super) fn kills(&self, signal: &str) -> String {
        self.kills.replace("SIGNAL", signal)
    }
}

/// The language of an interpreter.
pub(super) fn of(name: &str) -> Dialect {
    *DIALECTS.iter().find(|dialect| dialect.name == name).unwrap_or_else(|| panic!("{name} is in the table"))
}

const POSIX: Dialect = Dialect {
    name: "sh",
    exits: "echo before\nexit 3\necho after",
    streams: "echo out; echo err >&2",
    reads_input: "cat | wc -c | tr -d ' '",
    counts_arguments: "echo $#",
    fails_on_line_3: "true\ntrue\nnosuch",
    names_line_3: "block-at-line-7: 3: ",
    broken_on_line_2: "mkdir new\nfi",
    prints_left: "printf %s \"$LEFT\"",
    makes_a_folder: "mkdir new",
    changes: "export LEFT=\"$GIVEN\"; unset GONE; umask 027; cd 'else where' 2>/dev/null || cd /",
    kills: "kill -SIGNAL $$",
    has_hooks: "command() { echo mine; }; printf() { echo mine; }; alias set=false 2>/dev/null
trap 'echo bye' EXIT; (exit 4); unset PATH; IFS=e; set -f; set -u; set -C; (exit 0)",
    prints_given_and_environment: "printf '%s\\n' \"$RUNBOOK_SECRET_T\"; env",
    starts_a_sleep: "sleep 600 & echo $! >id; echo started; wait",
    plain: Some(Carried {
        makes: "ours=$theirs; unset lost; array=1; : $fixed",
        uses: "ours=$ours; printf %s \"$ours\"",
    }),
    function: Some(Carried { makes: "f() { echo called; }", uses: "f" }),
};

const DIALECTS: [Dialect; 9] = [
    POSIX,
    Dialect {
        name: "bash",
        names_line_3: "block-at-line-7: line 3: ",
        plain: Some(Carried { makes: "ours=$theirs; unset lost", uses: "ours=$ours; printf %s \"$ours\"" }),
        ..POSIX
    },
    Dialect {
        name: "zsh",
        names_line_3: "block-at-line-7:3: ",
        has_hooks: "command() { echo mine }; TRAPEXIT() { echo bye }; zshexit() { echo mine }
(exit 4); unset PATH; setopt noglob nounset noclobber ksharrays errexit; IFS=e; true",
        ..POSIX
    },
    Dialect {
        name: "fish",
        counts_arguments: "count $argv; or true",
        names_line_3: "block-at-line-7 (line 3): ",
        broken_on_line_2: "mkdir new\nend",
        prints_left: "printf %s \"$LEFT\"",
        changes: "set -gx LEFT \"$GIVEN\"; set -e GONE; umask 027; cd 'else where' 2>/dev/null; or cd /",
        kills: "kill -SIGNAL $fish_pid",
        has_hooks: "function command; echo mine; end\nfunction at_end --on-event fish_exit; echo bye; end
false; set -e PATH; true",
        prints_given_and_environment: "printf '%s\\n' \"$RUNBOOK_SECRET_T\"; env",
        starts_a_sleep: "sleep 600 &\necho $last_pid >id; echo started; wait",
        plain: Some(Carried { makes: "set -g ours $theirs; set -e lost; true", uses: "printf %s \"$ours\"" }),
        function: Some(Carried { makes: "function f; echo called; end", uses: "f" }),
        ..POSIX
    },
    Dialect {
        name: "python",
        exits: "import sys\nprint('before', flush=True)\nsys.exit(3)\nprint('after')",
        streams: "import sys\nprint('out')\nprint('err', file=sys.stderr)",
        reads_input: "import sys\nprint(len(sys.stdin.read()))",
        counts_arguments: "import sys\nprint(len(sys.argv) - 1)",
        fails_on_line_3: "x = 1\ny = 2\nnosuch()",
        names_line_3: "block-at-line-7.py\", line 3, in <module>",
        broken_on_line_2: "import os; os.mkdir('new')\n)",
        prints_left: "import os, sys\nsys.stdout.buffer.write(os.environb[b'LEFT'])",
        makes_a_folder: "import os\nos.mkdir('new')",
        changes: "import os\nos.environ['LEFT'] = os.environ['GIVEN']\ndel os.environ['GONE']\nos.umask(0o27)\n\
                  os.chdir('else where' if os.path.isdir('else where') else '/')",
        kills: "import os, signal\nos.kill(os.getpid(), signal.SIGSIGNAL)",
        has_hooks: "import atexit, os, sys\natexit.register(print, 'bye')\ndel os.environ['PATH']\n\
                    assert 'PYTHONPATH' not in os.environ and not any('runbook' in name for name in os.environ)\n\
                    assert not any('hook' in path for path in sys.path), sys.path\n\
                    if os.fork() == 0: sys.exit(1)\nos.wait()",
        prints_given_and_environment: "import os, subprocess\nprint(os.environ['RUNBOOK_SECRET_T'], flush=True)\n\
                                       subprocess.run(['env'])",
        starts_a_sleep: "import subprocess\nchild = subprocess.Popen(['sleep', '600'])\n\
                         open('id', 'w').write(str(child.pid))\nprint('started', flush=True)\nchild.wait()",
        plain: None,
        function: None,
    },
    Dialect {
        name: "node",
        exits: "console.log('before')\nprocess.exit(3)\nconsole.log('after')",
        streams: "console.log('out')\nconsole.error('err')",
        reads_input: "console.log(require('fs').readFileSync(0).length)",
        counts_arguments: "console.log(process.argv.length - 2)",
        fails_on_line_3: "let x = 1\nlet y = 2\nnosuch()",
        names_line_3: "block-at-line-7.js:3",
        broken_on_line_2: "require('fs').mkdirSync('new')\n)",
        prints_left: "process.stdout.write(require('child_process').execSync('printf %s \"$LEFT\"'))",
        makes_a_folder: "require('fs').mkdirSync('new')",
        changes: "process.env.LEFT = process.env.GIVEN\ndelete process.env.GONE\nprocess.umask(0o27)\n\
                  process.chdir(require('fs').existsSync('else where') ? 'else where' : '/')",
        kills: "process.kill(process.pid, 'SIGSIGNAL')\nsetInterval(() => {}, 1000)",
        has_hooks: "process.on('exit', () => console.log('bye'))",
        prints_given_and_environment: "console.log(process.env.RUNBOOK_SECRET_T)\n\
                                       console.log(require('child_process').execSync('env').toString())",
        starts_a_sleep: "",
        plain: None,
        function: None,
    },
    Dialect {
        name: "ruby",
        exits: "puts 'before'\nexit 3\nputs 'after'",
        streams: "puts 'out'\nwarn 'err'",
        reads_input: "puts STDIN.read.size",
        counts_arguments: "puts ARGV.size",
        fails_on_line_3: "x = 1\ny = 2\nnosuch()",
        names_line_3: "block-at-line-7.rb:3:",
        broken_on_line_2: "Dir.mkdir 'new'\n)",
        prints_left: "print ENV['LEFT']",
        makes_a_folder: "Dir.mkdir 'new'",
        changes: "ENV['LEFT'] = ENV['GIVEN']\nENV.delete 'GONE'\nFile.umask 027\n\
                  Dir.chdir(Dir.exist?('else where') ? 'else where' : '/')",
        kills: "Process.kill :SIGNAL, $$\nsleep 60",
        has_hooks: "at_exit { puts 'bye' }\nENV.delete 'PATH'\ndef system(*) = puts('mine')\n\
                    raise 'a trace' if ENV.keys.any? { |name| name.include?('runbook') }\n\
                    fork { exit 1 }\nProcess.wait",
        prints_given_and_environment: "puts ENV['RUNBOOK_SECRET_T']\n$stdout.flush\nsystem 'env'",
        starts_a_sleep: "",
        plain: None,
        function: None,
    },
    Dialect {
        name: "perl",
        exits: "print \"before\\n\";\nexit 3;\nprint \"after\\n\";",
        streams: "print \"out\\n\";\nprint STDERR \"err\\n\";",
        reads_input: "my @lines = <STDIN>;\nprint scalar(@lines), \"\\n\";",
        counts_arguments: "print scalar(@ARGV), \"\\n\";",
        fails_on_line_3: "my $x = 1;\nmy $y = 2;\nnosuch();",
        names_line_3: "block-at-line-7.pl line 3.",
        broken_on_line_2: "mkdir 'new';\n)",
        prints_left: "print $ENV{LEFT};",
        makes_a_folder: "mkdir 'new';",
        changes: "$ENV{LEFT} = $ENV{GIVEN};\ndelete $ENV{GONE};\numask 027;\nchdir(-d 'else where' ? 'else where' : '/');",
        kills: "kill 'SIGNAL', $$;\nsleep 60;",
        has_hooks: "END { print \"bye\\n\" }\ndelete $ENV{PATH};\n$SIG{CHLD} = 'IGNORE';\n\
                    die 'a trace' if grep { /runbook/ } keys %ENV, @INC;\nif (!fork) { exit 1 }\nwait;",
        prints_given_and_environment: "$| = 1;\nprint $ENV{RUNBOOK_SECRET_T}, \"\\n\";\nsystem 'env';",
        starts_a_sleep: "",
        plain: None,
        function: None,
    },
    Dialect {
        name: "pwsh",
        exits: "Write-Output before\nexit 3\nWrite-Output after",
        streams: "Write-Output out\n[Console]::Error.WriteLine('err')",
        reads_input: "[Console]::In.ReadToEnd().Length",
        counts_arguments: "$args.Count",
        fails_on_line_3: "$x = 1\n$y = 2\nthrow 'nosuch'",
        names_line_3: "block-at-line-7.ps1:3",
        broken_on_line_2: "New-Item -ItemType Directory new\n)",
        prints_left: "[Console]::OpenStandardOutput().Flush(); bash -c 'printf %s \"$LEFT\"'",
        makes_a_folder: "mkdir new > $null",
        changes: "$env:LEFT = $env:GIVEN\nRemove-Item Env:GONE\nif (Test-Path 'else where') { cd 'else where' } else { cd / }",
        kills: "kill -SIGNAL $PID",
        has_hooks: "Register-EngineEvent PowerShell.Exiting -Action { 'bye' } > $null",
        prints_given_and_environment: "Write-Output $env:RUNBOOK_SECRET_T\nenv",
        starts_a_sleep: "",
        plain: None,
        function: None,
    },
];
