#!/usr/bin/env bash
# A stand-in for git. The remote is a row of numbered commits, each a folder
# with its whole tree; a checkout is a copy of one, with its number in .git.
# The world makes the first commits by `commit_tree`, and may say by
# `after_push` what a push brings about.
source stand-in || exit 1

[[ ${1-} != --no-pager ]] || shift
if [[ ${1-} == -C ]]; then
    cd "$2" || exit 128
    shift 2
fi
verb=${1-}
shift || true

# It is called at the root of a checkout.
enter() {
    [[ -f .git ]] || { printf 'fatal: not a git repository\n' >&2 && exit 128; }
    head=$(< .git)
    [[ $head =~ ^[0-9]+$ ]] || { printf 'error: object file .git/objects/%s is empty\nfatal: loose object is corrupt\n' "$head" >&2 && exit 128; }
}

# The number of the commit that a name means.
resolve() {
    local number
    case $1 in
        HEAD) number=$head ;;
        origin/main) number=$(get "fetched" "$head") ;;
        *)
            number=$(grep -lx "$1" "$GIT"/*/id) || fail "fatal: bad revision '$1'"
            number=$(basename "${number%/id}")
            ;;
    esac
    printf '%s' "$number"
}

# What differs from the commit, as names.
changed() {
    { diff -rq --exclude=.git "$GIT/$head/tree" . || true; } | sed -nE \
        -e "s|^Files .*/tree/?([^ ]*) and .*|M\t\1|p" \
        -e 's|^Only in \./?([^:]*): (.*)|?\t\1/\2|p' | sed -E 's|\t/|\t|'
}

show_log() {
    local count=10 at=$head subject=1 path=''
    while (($#)); do
        case $1 in
            --oneline) ;;
            --format=%h) subject='' ;;
            -n) count=$2 && shift ;;
            --) path=$2 && shift ;;
            *) not_rehearsed "log $1" ;;
        esac
        shift
    done
    for ((; at > 0 && count > 0; at--)); do
        if [[ -n $path ]] && diff -rq "$GIT/$((at - 1))/tree/$path" "$GIT/$at/tree/$path" &> /dev/null; then continue; fi
        printf '%s%s\n' "$(< "$GIT/$at/id")" "${subject:+ $(< "$GIT/$at/subject")}"
        count=$((count - 1))
    done
}

restore() {
    local from=HEAD
    case $verb in
        restore)
            case $1 in
                --source=*) from=${1#*=} && shift ;;
                --source) from=$2 && shift 2 ;;
            esac
            ;;
        checkout) from=$1 && shift ;;
    esac
    [[ ${1-} != -- ]] || shift
    from=$(resolve "$from")
    for path; do
        [[ -e $GIT/$from/tree/$path ]] || fail "error: pathspec '$path' did not match any file(s) known to git"
        cp -r "$GIT/$from/tree/$path" "./$path"
    done
}

# Makes what the checkout holds the next commit of this clone.
commit() {
    head=$(commit_tree . "$1")
    printf '%s\n' "$head" > .git
    printf '[main %s] %s\n' "$(< "$GIT/$head/id")" "$1"
}

push() {
    local remote
    remote=$(get origin)
    if ((head <= remote)); then
        printf 'Everything up-to-date\n' >&2
        return
    fi
    put origin "$head"
    put fetched "$head"
    printf '   %s..%s  main -> main\n' "$(< "$GIT/$remote/id")" "$(< "$GIT/$head/id")" >&2
    after_push "$head"
}

case $verb in
    clone)
        while [[ ${1-} == -* ]]; do
            case $1 in --depth | --branch) shift 2 ;; *) not_rehearsed "clone $1" ;; esac
        done
        from=$1 to=${2-$(basename "$1" .git)}
        [[ ! -e $to ]] || { printf "fatal: destination path '%s' already exists.\n" "$to" >&2 && exit 128; }
        printf "Cloning into '%s'...\n" "${to##*/}" >&2
        cp -r "$GIT/$(get origin)/tree" "$to"
        get origin > "$to/.git"
        put fetched "$(get origin)"
        ;;
    fetch) put fetched "$(get origin)" ;;
    pull)
        enter
        origin=$(get origin)
        put fetched "$origin"
        if ((origin <= head)); then printf 'Already up to date.\n'; else
            printf 'Updating %s..%s\nFast-forward\n' "$(< "$GIT/$head/id")" "$(< "$GIT/$origin/id")"
            cp -r "$GIT/$origin/tree/." .
            printf '%s\n' "$origin" > .git
        fi
        ;;
    log) enter && show_log "$@" ;;
    status) enter && changed | sed -E 's|^M\t| M |; s|^\?\t|?? |' ;;
    diff)
        enter
        if [[ ${1-} == --stat ]]; then changed | sed -E 's|^.\t| |; s|$| \| changed|'; else
            { diff -ru --exclude=.git "$GIT/$head/tree" . || true; } | sed -E "s|^--- .*/tree/([^\t]*).*|--- a/\1|; s|^\+\+\+ \./([^\t]*).*|+++ b/\1|; /^diff /d; /^Only in /d"
        fi
        ;;
    restore | checkout) enter && restore "$@" ;;
    commit)
        enter
        message=''
        while (($#)); do
            case $1 in -m | -am) message=$2 && shift ;; *) not_rehearsed "commit $1" ;; esac
            shift
        done
        [[ -n $(changed) ]] || fail 'nothing to commit, working tree clean'
        commit "$message"
        ;;
    revert)
        enter
        undone=$(resolve "${@: -1}")
        diff -rq "$GIT/$((undone - 1))/tree" "$GIT/$undone/tree" | sed -nE 's|^Files .*/tree/([^ ]*) differ$|\1|p' |
            while read -r file; do cp "$GIT/$((undone - 1))/tree/$file" "$file"; done || true
        commit "Revert \"$(< "$GIT/$undone/subject")\""
        ;;
    push) enter && push ;;
    *) not_rehearsed "$verb" ;;
esac
