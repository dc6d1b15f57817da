//! Programs that only look in the forms that are written down here.

/// A form of arguments in which a program only looks.
pub(in crate::language::shell) struct Form {
    pub(in crate::language::shell) programs: &'static str,
    /// Letters that are options without a value.
    pub(in crate::language::shell) letters: &'static str,
    /// Letters whose value is the rest of the word, or the next one.
    pub(in crate::language::shell) letters_with_value: &'static str,
    /// Letters whose value is the rest of the word, if there is one.
    pub(in crate::language::shell) letters_maybe_with_value: &'static str,
    pub(in crate::language::shell) long: &'static str,
    pub(in crate::language::shell) long_with_value: &'static str,
    /// How many operands there may be.
    pub(in crate::language::shell) operands: usize,
}

const ANY: usize = usize::MAX;

impl Form {
    const fn of(programs: &'static str, letters: &'static str, letters_with_value: &'static str) -> Self {
        Self {
            programs,
            letters,
            letters_with_value,
            letters_maybe_with_value: "",
            long: "--help --version",
            long_with_value: "",
            operands: ANY,
        }
    }

    const fn long(mut self, long: &'static str, long_with_value: &'static str) -> Self {
        self.long = long;
        self.long_with_value = long_with_value;
        self
    }

    const fn maybe(mut self, letters: &'static str) -> Self {
        self.letters_maybe_with_value = letters;
        self
    }

    const fn operands(mut self, operands: usize) -> Self {
        self.operands = operands;
        self
    }
}

/// Programs that only look, whatever they are given.
pub(in crate::language::shell) const READERS: &str = "apropos base64 basename bzcat cal cat cksum clear cmp column \
    comm cut df diff dig dirname du egrep expand expr fgrep fmt fold free getconf getent grep groups head hexdump host \
    htop id ifstat iostat iotop join jq last locale locate look ls lsblk lscpu lsmod lspci lsusb md5sum mpstat mtr \
    netstat nl nproc nslookup numfmt od paste pg_isready pgrep pidof ping ping6 pmap pr printenv ps pstree pwdx \
    readlink realpath rev seq sha1sum sha256sum sha512sum shasum sleep stat strings sum tac tail top tr tracepath \
    traceroute tsort tty uname uptime users vmstat w wc what whatis whereis which who whoami whois xzcat yes zcat zgrep";

/// Programs that only look in these forms.
pub(in crate::language::shell) const FORMS: &[Form] = &[
    Form::of("sort", "nruhVgfbdimMRszcC", "kt").long(
        "--reverse --numeric-sort --unique --human-numeric-sort --version-sort --general-numeric-sort --ignore-case \
         --month-sort --stable --check --zero-terminated --help --version",
        "--key --field-separator",
    ),
    Form::of("uniq", "cduiDz", "fsw").long("--count --repeated --unique --ignore-case --help --version", "").operands(1),
    Form::of("xxd", "buiepaC", "lscgo").operands(1),
    Form::of("iconv", "lcs", "ft").long("--list --help --version", "--from-code --to-code"),
    Form::of("tree", "adfishDtrCnpuglFxv", "LIP")
        .long("--du --dirsfirst --noreport --prune --gitignore --help --version", "--filelimit --charset"),
    Form::of("sar", "urqbdABSWpwvhHyFR", "nPfseim").operands(2),
    Form::of("less zless more", "NSRFXInEeErMmgK", "p").long("--help --version", ""),
    Form::of("man", "kfaw", "s").long("--help --version", ""),
    Form::of("journalctl", "frexkqamlN", "utpSUogcT")
        .maybe("bn")
        .long(
            "--no-pager --follow --reverse --dmesg --user --system --utc --no-tail --all --catalog --quiet --list-boots \
             --disk-usage --no-hostname --full --header --verify --pager-end --boot --help --version --no-full --merge",
            "--unit --user-unit --since --until --lines --output --priority --grep --identifier --facility \
             --output-fields --directory --field --case-sensitive",
        ),
    Form::of("date", "u", "dr").maybe("IR").long(
        "--utc --universal --iso-8601 --rfc-3339 --rfc-email --rfc-2822 --help --version",
        "--date --reference",
    ),
    Form::of("hostname", "fiIsdAay", "").long("--fqdn --long --short --all-ip-addresses --ip-address --domain", ""),
    Form::of("dmesg", "THkuxewWPLtrSdJ", "lf").long(
        "--human --ctime --kernel --userspace --decode --follow --reltime --notime --nopager --json --help --version",
        "--level --facility --since --until --time-format --color",
    ),
    Form::of("arp", "anevN", "i").operands(1),
    Form::of("ss", "anltupxmieosrH460wbZEOM", "f").long(
        "--all --numeric --listening --tcp --udp --unix --processes --memory --info --extended --options --summary \
         --no-header --oneline --ipv4 --ipv6 --resolve --raw --help --version",
        "--family --query",
    ),
    Form::of("hostnamectl", "", "").long("--static --transient --pretty --no-pager --json --help --version", ""),
    Form::of("lastlog", "", "utb").long("", "--user --time --before"),
    Form::of("pidstat", "urdthlsvRwI", "pCUGT"),
    Form::of("file", "biLzskhprNv0", "fme").long("--mime --brief --mime-type --mime-encoding --dereference --help", ""),
    Form::of("tcpdump", "nNvqetAXxlSpDKLUb#", "cisrTy"),
    Form::of("lsof", "nPtaUlRbwV", "pucgdL").maybe("i").long("", ""),
    Form::of("yq", "rjcePMCNnsS", "opI").long(
        "--prettyPrint --no-colors --colors --null-input --raw-output --exit-status --help --version",
        "--output-format --input-format --indent",
    ),
    Form::of("awk gawk mawk", "", "Fv").long("--posix --version --help --re-interval", "--field-separator --assign"),
    Form::of("sed", "nErszu", "el").long(
        "--quiet --silent --regexp-extended --separate --unbuffered --null-data --posix --sandbox --debug --help --version",
        "--expression --line-length",
    ),
    Form::of("rg", "iSsnNlLcovwxFUuHhpP0aqzI.", "ABCegtTmMjdrf").long(
        "--ignore-case --smart-case --case-sensitive --line-number --no-line-number --files-with-matches --count \
         --only-matching --invert-match --word-regexp --fixed-strings --multiline --hidden --no-ignore --no-filename \
         --with-filename --pretty --json --files --stats --heading --no-heading --column --pcre2 --text --quiet --help \
         --version --trim --no-messages --count-matches --files-without-match --follow --line-buffered --passthru",
        "--after-context --before-context --context --regexp --glob --iglob --type --type-not --max-count \
         --max-columns --max-depth --threads --replace --sort --sortr --color --colors --encoding --file",
    ),
    Form::of("wget", "qSvdn46", "TtU").long(
        "--spider --quiet --server-response --no-verbose --verbose --no-check-certificate --help --version",
        "--timeout --tries --user-agent --header --max-redirect --connect-timeout --read-timeout",
    ),
    Form::of("curl", "sSfLkIvgG46NlniZ#aq0", "HAumbrEyYzxCeUPtcoDKdFTXQw").long(
        "--silent --show-error --fail --fail-with-body --location --insecure --head --verbose --globoff --get --ipv4 \
         --ipv6 --no-buffer --include --compressed --http1.1 --http1.0 --http2 --http3 --http2-prior-knowledge --tlsv1.2 \
         --tlsv1.3 --no-progress-meter --progress-bar --retry-all-errors --retry-connrefused --path-as-is --raw \
         --location-trusted --anyauth --basic --digest --negotiate --ntlm --tcp-nodelay --no-keepalive --disable \
         --remote-name --remote-header-name --remote-name-all --remote-time --create-dirs --no-alpn --parallel \
         --fail-early --help --version",
        "--header --user-agent --user --max-time --cookie --referer --range --url --proxy --connect-timeout --retry \
         --retry-delay --retry-max-time --cert --key --cacert --capath --resolve --connect-to --interface --max-redirs \
         --noproxy --proxy-user --request --output --data --data-raw --data-binary --data-ascii --data-urlencode --form \
         --form-string --json --upload-file --write-out --cookie-jar --dump-header --url-query --limit-rate \
         --oauth2-bearer --unix-socket --speed-limit --speed-time --max-filesize --ciphers --aws-sigv4 --output-dir",
    ),
    Form::of("http https", "vhbjIq", "paA").long(
        "--verbose --headers --body --check-status --ignore-stdin --follow --quiet --help --version",
        "--print --timeout --verify --auth --auth-type --max-redirects --pretty --style",
    ),
    Form::of("psql", "AtqxXwWnbeES1lz0aV", "cdhpUFRTvPfoL").long(
        "--no-align --tuples-only --quiet --expanded --no-psqlrc --no-password --password --csv --html --echo-all \
         --echo-errors --echo-hidden --echo-queries --single-transaction --list --field-separator-zero --help --version",
        "--command --dbname --host --port --username --field-separator --record-separator --variable --set --pset \
         --table-attr --file --output --log-file",
    ),
    Form::of("mysql mariadb", "BNstvHXACfqnrwEGb", "hPuDSe").maybe("p").long(
        "--batch --skip-column-names --silent --table --verbose --html --xml --no-auto-rehash --compress --force \
         --quick --unbuffered --raw --wait --vertical --password --ssl --skip-ssl --no-defaults --help --version",
        "--host --port --user --database --socket --execute --protocol --ssl-mode --ssl-ca --ssl-cert --ssl-key \
         --default-character-set --connect-timeout --login-path",
    ),
    Form::of("pg_dump pg_dumpall", "abcCOsvxwWgrl", "dhpUntTNESFZ").long(
        "--schema-only --data-only --clean --create --no-owner --no-privileges --no-acl --if-exists --inserts --verbose \
         --no-password --globals-only --roles-only --help --version",
        "--dbname --host --port --username --schema --table --exclude-table --exclude-schema --format --encoding",
    ),
    Form::of("mysqldump", "fvqtdnBACRE", "hPuS").maybe("p").long(
        "--no-data --no-create-info --single-transaction --quick --routines --triggers --events --all-databases \
         --databases --skip-lock-tables --compact --password --help --version",
        "--host --port --user --socket --where --set-gtid-purged --column-statistics --default-character-set",
    ),
    Form::of("ssh", "46AaCfKkNnqTtVvXxYyG", "bciJlmpLRDWw").maybe("").long("", ""),
];

/// Predicates and options of `find` that only look.
pub(in crate::language::shell) const FIND: &str = "-H -L -P -O0 -O1 -O2 -O3 -D -a -and -o -or -not -name -iname -path \
    -ipath -wholename -iwholename -regex -iregex -regextype -type -xtype -size -empty -mtime -mmin -atime -amin -ctime \
    -cmin -newer -anewer -cnewer -newermt -newerct -newerat -newermm -daystart -user -group -uid -gid -nouser -nogroup \
    -perm -readable -writable -executable -links -inum -samefile -lname -ilname -fstype -maxdepth -mindepth -mount \
    -xdev -depth -d -follow -prune -quit -print -print0 -printf -ls -true -false -warn -nowarn -noleaf \
    -ignore_readdir_race -used -context -exec -execdir -ok -okdir";

/// What `ssh -o` may set without running anything here.
pub(in crate::language::shell) const SSH_OPTIONS: &str = "ConnectTimeout StrictHostKeyChecking BatchMode \
    UserKnownHostsFile LogLevel ServerAliveInterval ServerAliveCountMax IdentitiesOnly IdentityFile User Port HostName \
    PreferredAuthentications PasswordAuthentication PubkeyAuthentication ConnectionAttempts RequestTTY ForwardAgent \
    Compression AddressFamily TCPKeepAlive ProxyJump HostKeyAlgorithms KexAlgorithms Ciphers MACs";

/// Subcommands and options of `openssl` that only look.
pub(in crate::language::shell) const OPENSSL: &str = "s_client x509 version verify dgst crl req -connect -servername \
    -showcerts -noout -dates -enddate -startdate -subject -issuer -text -in -CAfile -CApath -serial -fingerprint -sha1 \
    -sha256 -sha512 -md5 -checkend -checkhost -verify_return_error -tls1_2 -tls1_3 -status -brief -inform -nocommands \
    -starttls -port -host -untrusted -hash -pubkey -modulus -a -purpose -ext -verify -quiet -ign_eof -alpn";

/// Options of the subcommands of a program that otherwise only look: program,
/// subcommands, options. What they do is write a file, or run a program.
pub(in crate::language::shell) const MORE_THAN_READS: &[(&str, &str, &str)] = &[
    (
        "git",
        "log diff show whatchanged blame shortlog describe rev-list stash:list stash:show reflog:show",
        "--output* --outp* --outpu* --out* --ext-diff --textconv -O* --paginate",
    ),
    ("git", "grep", "-O* -*O --open* --ext-grep --textconv"),
    ("git", "ls-remote remote:show", "--upload* --exec* --server-option* ext::* -o*"),
    ("git", "cat-file", "--textconv --filters --batch*"),
    ("git", "ls-files rev-parse merge-base for-each-ref show-ref cat-file status name-rev count-objects", ""),
    ("kubectl oc", "cluster-info", "--output-directory* dump"),
    ("docker podman docker-compose", "compose:config config", "-o* --output* --lock*"),
    ("etcdctl", "watch", "-- -i --interactive"),
    ("kops", "get", "--copy"),
    ("helm", "template", "--output-dir* --post-renderer*"),
    ("helm", "lint get show search", "--post-renderer*"),
    ("terraform tofu", "plan", "-out* --out* -generate-config-out* --generate-config-out* -destroy-out*"),
    ("terraform tofu", "show output validate graph state:list state:show", ""),
    ("pip pip3", "list show freeze check search", "--log* --python* --cache-dir*"),
    ("npm yarn pnpm gem", "list ls view outdated why search", "--script-shell* --node-options* --config* --prefix*"),
    (
        "apt apt-get apt-cache aptitude yum dnf apk brew zypper",
        "list search show policy info depends rdepends",
        "-o* -c* --option* --config* --setopt*",
    ),
    ("gh", "run:view run:list pr:view pr:list pr:diff issue:view issue:list search", "-w --web"),
    ("vault consul", "read list kv:get", "-output-curl-string --output-curl-string"),
];
