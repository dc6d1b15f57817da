#!/usr/bin/env bash
# A stand-in for the Railway CLI, for rehearsals of worker-death.md. It takes
# the arguments that the real one takes, refuses those it does not, and acts on
# the rehearsal's database, where the workers of worker-death.sql live.
set -euo pipefail

readonly SERVICES=(enforcement-worker ingest-worker)
# Seconds from a restart to the first heartbeat.
readonly BOOT=3

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

command -v rehearsal-sql > /dev/null || fail 'This stand-in for railway only works in a rehearsal.'

# As clap, the real CLI's argument parser, says it.
misused() {
    printf "error: %s\n\nUsage: railway %s\n\nFor more information, try '--help'.\n" "$1" "$2" >&2
    exit 2
}

# The one number of epoch size that a query gives, or nothing.
epoch() {
    rehearsal-sql ops "$1" | grep -Eo '[0-9]{9,}' | head -n 1 || true
}

at() {
    TZ=UTC printf '%(%Y-%m-%dT%H:%M:%SZ)T' "$1"
}

known_service() {
    local name
    for name in "${SERVICES[@]}"; do
        [[ $name == "$1" ]] && return
    done
    fail "Service \"$1\" not found."
}

# Reads the options of a subcommand. $1 is its usage, $2 the letters it knows:
# s(ervice) e(nvironment) y(es) n(umber of lines) l(atest) d(eployment) j(son).
parse_options() {
    local usage=$1 known=$2 letter value
    shift 2
    service='' lines='' yes='' json=''
    while (($#)); do
        local given=$1
        value=''
        if [[ $given == --*=* ]]; then
            value=${given#*=}
            given=${given%%=*}
            shift
            set -- "$given" "$value" "$@"
        fi
        case $given in
            -s | --service) letter=s ;;
            -e | --environment) letter=e ;;
            -n | --lines) letter=n ;;
            -y | --yes) letter=y ;;
            -d | --deployment) letter=d ;;
            --latest) letter=l ;;
            --json) letter=j ;;
            *) letter='?' ;;
        esac
        [[ $known == *"$letter"* ]] || misused "unexpected argument '$given' found" "$usage"
        shift
        if [[ $letter == [sen] ]]; then
            (($#)) || misused "a value is required for '$given' but none was supplied" "$usage"
            value=$1
            shift
        fi
        case $letter in
            s) service=$value ;;
            n)
                [[ $value =~ ^[0-9]+$ ]] || misused "invalid value '$value' for '$given': invalid digit found in string" "$usage"
                lines=$value
                ;;
            y) yes=1 ;;
            j) json=1 ;;
        esac
    done
    [[ -n $service ]] ||
        fail 'No service found. Please link one via `railway link` or specify one via the `--service` flag.'
    known_service "$service"
}

newest() {
    epoch "SELECT strftime('%s', max($1)) AS seconds FROM ops.workers WHERE worker_type = '$service'"
}

# One heartbeat line every ten seconds from $1 to $2, the memory growing from $3
# by $4 MiB a line.
heartbeats() {
    local second=$1 memory=$3
    while ((second <= $2)); do
        printf '%s [info] heartbeat sent  rss_mb=%d limit_mb=512\n' "$(at "$second")" "$memory"
        second=$((second + 10))
        memory=$((memory + $4))
    done
}

start_up() {
    printf '%s [info] starting %s  version=2.18.4\n' "$(at "$1")" "$service"
    printf '%s [info] connected to the queue  schema=ops\n' "$(at $(($1 + 1)))"
    printf '%s [info] ready  concurrency=4\n' "$(at $(($1 + 2)))"
}

# What the newest instance of the service has said.
log_of_newest() {
    local now started died
    now=$(printf '%(%s)T' -1)
    started=$(newest started_at)
    died=$(epoch "SELECT strftime('%s', died_at) AS seconds FROM ops.workers
                  WHERE worker_type = '$service' ORDER BY started_at DESC LIMIT 1")
    if [[ -n $died ]]; then
        heartbeats $((died - 300)) $((died - 60)) 312 1
        printf '%s [info] job picked up  id=4105 type=bundle attempt=3\n' "$(at $((died - 60)))"
        heartbeats $((died - 50)) $((died - 20)) 371 36
        printf '%s [warn] memory is high  rss_mb=496 limit_mb=512\n' "$(at $((died - 12)))"
        heartbeats $((died - 10)) "$died" 501 7
        printf '%s [error] worker process 7 was killed by signal 9 (SIGKILL): out of memory?\n' "$(at $((died + 4)))"
        printf '%s [error] container exited with code 137\n' "$(at $((died + 4)))"
    elif ((now - started < 3600)); then
        ((started - BOOT > now)) || start_up $((started - BOOT))
        if ((started <= now)); then
            printf '%s [info] job picked up  id=4109 type=notice attempt=1\n' "$(at "$started")"
            heartbeats "$started" "$now" 148 1
        fi
    else
        heartbeats $((now - 400)) "$now" 203 0
    fi
}

logs() {
    parse_options 'logs [OPTIONS] [DEPLOYMENT_ID]' 'senldj' "$@"
    [[ -z $json ]] || fail 'The rehearsal has no JSON logs.'
    log_of_newest | tail -n "${lines:-500}"
}

# Ends what runs of the service and starts a new instance, which soon takes the
# job that has waited longest.
start_anew() {
    rehearsal-sql ops "UPDATE ops.workers SET died_at = datetime('now')
                       WHERE worker_type = '$service' AND died_at IS NULL" > /dev/null
    rehearsal-sql ops "INSERT INTO ops.workers (worker_id, worker_type, started_at)
                       VALUES ('$service-' || lower(hex(randomblob(2))), '$service',
                               datetime('now', '+$BOOT seconds'))" > /dev/null
    rehearsal-sql ops "UPDATE ops.job_queue
                       SET status = 'processing', attempts = attempts + 1,
                           locked_at = datetime('now'), updated_at = datetime('now')
                       WHERE id = 4109 AND status = 'pending'" > /dev/null
}

# $1 is the subcommand, $2 what it says that it has done.
restart() {
    local subcommand=$1 done=$2
    shift 2
    parse_options "$subcommand [OPTIONS]" 'syj' "$@"
    [[ -n $yes ]] ||
        fail 'Cannot prompt for confirmation in non-interactive mode. Use --yes to skip confirmation.'
    start_anew
    if [[ -n $json ]]; then
        printf '{"id":"5d0c6f7e-rehearsal"}\n'
    else
        printf 'The latest deployment from service %s has been %s\n' "$service" "$done"
    fi
}

status() {
    (($# == 0)) || misused "unexpected argument '$1' found" 'status [OPTIONS]'
    printf 'Project: rehearsal\nEnvironment: production\nService: None\n'
}

case ${1-} in
    logs) logs "${@:2}" ;;
    restart) restart restart 'restarted and is healthy' "${@:2}" ;;
    redeploy) restart redeploy redeployed "${@:2}" ;;
    status) status "${@:2}" ;;
    -V | --version) printf 'railway 4.61.1 (rehearsal)\n' ;;
    '') misused 'a subcommand is required' '<COMMAND>' ;;
    *) misused "unrecognized subcommand '$1'" '<COMMAND>' ;;
esac
