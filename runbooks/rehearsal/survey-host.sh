# The host of the survey worker, for worker-incidents.md and worker-recovery.md:
# its files, its service, and what its health endpoint says of it. Sourced by
# their worlds.

readonly SURVEY=$ROOT/srv/survey
readonly BACKUPS=$ROOT/srv/backups/survey

seed_host() {
    mkdir -p "$SURVEY/credentials" "$SURVEY/scratch" "$BACKUPS" "$ROOT/var/tmp"
    printf '%s\n' 'WORKER_ID=survey-1' 'QUEUE_URL=postgres://queue.internal.example/survey' \
        'MAX_CONCURRENT_JOBS=4' > "$SURVEY/.env"
    printf 'session=valid\n' > "$SURVEY/credentials/session.json"
    printf 'ghp_of_last_year\n' > "$SURVEY/credentials/git-token"
    mkdir -p "$RUNBOOK_REHEARSAL_DIR/saved"
    cp -r "$SURVEY/credentials" "$RUNBOOK_REHEARSAL_DIR/saved/credentials"
    cp "$SURVEY/.env" "$RUNBOOK_REHEARSAL_DIR/saved/.env"
    cp -r "$RUNBOOK_REHEARSAL_DIR/saved/." "$BACKUPS/survey-latest.tar.gz.d"
    mv "$BACKUPS/survey-latest.tar.gz.d" "$BACKUPS/survey-latest.tar.gz"
    put unit.survey-worker active
    put unit.docker active
    put since.survey-worker "$(($(now) - 93600))"
    put image 2.4.1
    put claiming ok
    put memory 214
    put images_gb 18
    put scratch_gb 1
    load_settings
}

# A process reads its settings when it starts, and never again.
load_settings() {
    put queue "$(sed -n 's/^QUEUE_URL=//p' "$SURVEY/.env")"
    put version "$(get image)"
}

unit_problem() {
    case $1 in
        survey-worker)
            [[ $(get unit.docker) == active ]] || printf 'Cannot connect to the Docker daemon'
            [[ -e $SURVEY/.env ]] || printf 'open /srv/survey/.env: no such file or directory'
            ;;
    esac
}

unit_started() {
    [[ $1 == survey-worker ]] || return 0
    load_settings
    put claiming ok
    put memory 209
    log_line survey-worker 0 "INFO started version $(get version)"
    log_line survey-worker 0 'INFO claimed a job'
}

disk_percent() {
    printf '%s' $((40 + $(get images_gb) + $(get scratch_gb)))
}

check_queue() {
    [[ $(get queue) == *//queue.internal.example/* ]] && printf 'ok' || printf 'unreachable'
}

check_credentials() {
    grep -qs valid "$SURVEY/credentials/session.json" && printf 'ok' || printf 'expired'
}

# What GET /health says.
health() {
    [[ $(get unit.survey-worker) == active ]] || return 7
    local status=ok
    [[ "$(get claiming) $(check_queue) $(check_credentials)" == 'ok ok ok' ]] || status=degraded
    printf '{"status":"%s","version":"%s","checks":{"claiming":"%s","queue":"%s","credentials":"%s","memory_mib":%s,"disk_percent":%s}}\n' \
        "$status" "$(get version)" "$(get claiming)" "$(check_queue)" "$(check_credentials)" "$(get memory)" "$(disk_percent)"
}

# For curl.sh.
http() {
    case $1 in
        *localhost:8080/health) health ;;
        https://www.githubstatus.com/api/v2/status.json)
            printf '{"status":{"indicator":"none","description":"All Systems Operational"}}\n'
            ;;
        *) return 6 ;;
    esac
}

# What the container answers to a command, for docker.sh.
in_container() {
    case "$*" in
        'assistant auth status')
            if [[ $(check_credentials) == ok ]]; then printf 'Logged in as survey-bot\n'; else
                printf '401 Unauthorized: the session has expired\n' >&2
                return 1
            fi
            ;;
        'git credential approve')
            sed -n 's/^password=//p' > "$SURVEY/credentials/git-token"
            ;;
        'git ls-remote '*)
            if grep -q of_last_year "$SURVEY/credentials/git-token"; then
                printf 'fatal: Authentication failed for '\''%s'\''\n' "$3" >&2
                return 128
            fi
            printf '5f0c1e7a90d2\tHEAD\n'
            ;;
        'du -sh /scratch') printf '%sG\t/scratch\n' "$(get scratch_gb)" ;;
        'find /scratch '*'-exec rm -rf {} +')
            rm -rf "$SURVEY"/scratch/*
            put scratch_gb 0
            ;;
        *) not_rehearsed "docker exec … $*" ;;
    esac
}
