# What the stand-ins of these pages share; each begins with `source stand-in`.
# A page's own `world` says what there is: `seed` fills the pretended world the
# first time that anything looks at it, and what the tools do to it stays.

set -euo pipefail

readonly tool=${0##*/}
# The files of the pretended host: its /srv is $ROOT/srv.
readonly ROOT=$RUNBOOK_REHEARSAL_DIR/root
readonly STATE=$RUNBOOK_REHEARSAL_DIR/state
# What git.sh has pushed and fetched.
readonly GIT=$RUNBOOK_REHEARSAL_DIR/git

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

# For what the real tool can do and the stand-in cannot: it must not pretend.
not_rehearsed() {
    printf '%s: the rehearsal does not know `%s`\n' "$tool" "$*" >&2
    exit 2
}

now() {
    printf '%(%s)T' -1
}

# The moment so many seconds ago, as logs write it.
ago() {
    TZ=UTC printf '%(%Y-%m-%dT%H:%M:%SZ)T' $(($(now) - $1))
}

# A fact of the world by its name, or the second word.
get() {
    if [[ -e $STATE/$1 ]]; then
        printf '%s' "$(< "$STATE/$1")"
    else
        printf '%s' "${2-}"
    fi
}

put() {
    printf '%s\n' "$2" > "$STATE/$1"
}

# Adds a line to the journal of a unit, so many seconds ago.
log_line() {
    printf '%s %s\n' "$(($(now) - $2))" "$3" >> "$STATE/journal.$1"
}

# Makes a folder's files the next commit, with a subject, and gives its number.
commit_tree() {
    local number=1
    while [[ -e $GIT/$number ]]; do number=$((number + 1)); done
    mkdir -p "$GIT/$number"
    cp -r "$1" "$GIT/$number/tree"
    rm -rf "$GIT/$number/tree/.git"
    printf '%s\n' "$2" > "$GIT/$number/subject"
    printf '%s %s' "$number" "$2" | sha1sum | cut -c 1-7 > "$GIT/$number/id"
    printf '%s' "$number"
}

# Begins a run of GitHub Actions: workflow, title, number of its commit, and
# what `jobs_of` is to know beside them.
new_run() {
    local id
    id=$(($(get last_run 400) + 1))
    put last_run "$id"
    put "run.$id.at" "$(now)"
    put "run.$id.workflow" "$1"
    put "run.$id.title" "$2"
    put "run.$id.commit" "$3"
    put "run.$id.sha" "$(< "$GIT/$3/id")0000000000000000000000000000000000"
    jobs_of "$1" "$3" 1 "${@:4}" > "$STATE/run.$id.jobs"
}

# One number from the rehearsal's database.
number() {
    rehearsal-sql "$1" "$2" | grep -Eo '[0-9]+' | tail -n 1
}

source world
if [[ ! -d $STATE ]]; then
    mkdir -p "$STATE" "$ROOT"
    seed
fi
