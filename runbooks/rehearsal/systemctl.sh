#!/usr/bin/env bash
# A stand-in for systemctl. A unit is active, inactive or failed; the world
# says by `unit_problem` what keeps it from running, and by `unit_started` what
# its start brings about.
source stand-in || exit 1

words=()
property=''
while (($#)); do
    case $1 in
        --no-pager | --full | -l | --quiet | -q) ;;
        -p) property=$2 && shift ;;
        --property=*) property=${1#*=} ;;
        -n) shift ;;
        --lines=*) ;;
        -*) not_rehearsed "$1" ;;
        *) words+=("${1%.service}") ;;
    esac
    shift
done
verb=${words[0]-} unit=${words[1]-}
[[ -n $verb && ${#words[@]} -eq 2 ]] || not_rehearsed "systemctl ${words[*]}"
[[ -e $STATE/unit.$unit ]] || {
    printf 'Unit %s.service could not be found.\n' "$unit" >&2
    exit 4
}

start() {
    local problem
    put "since.$unit" "$(now)"
    problem=$(unit_problem "$unit")
    if [[ -n $problem ]]; then
        put "unit.$unit" failed
        log_line "$unit" 0 "$problem"
        log_line "$unit" 0 'Main process exited, code=exited, status=1/FAILURE'
        return
    fi
    put "unit.$unit" active
    unit_started "$unit"
}

case $verb in
    status)
        state=$(get "unit.$unit")
        since=$(($(now) - $(get "since.$unit" 0)))
        case $state in
            active) shown='active (running)' ;;
            inactive) shown='inactive (dead)' ;;
            failed) shown='failed (Result: exit-code)' ;;
        esac
        printf '● %s.service\n     Loaded: loaded (/etc/systemd/system/%s.service; enabled)\n' "$unit" "$unit"
        printf '     Active: %s since %s; %ss ago\n' "$shown" "$(ago "$since")" "$since"
        [[ $state == active ]] || exit 3
        ;;
    is-active)
        get "unit.$unit"
        printf '\n'
        [[ $(get "unit.$unit") == active ]]
        ;;
    show)
        [[ $property == NRestarts ]] || not_rehearsed "show -p $property"
        printf 'NRestarts=%s\n' "$(get "restarts.$unit" 0)"
        ;;
    start) [[ $(get "unit.$unit") == active ]] || start ;;
    restart) start ;;
    stop)
        put "unit.$unit" inactive
        put "since.$unit" "$(now)"
        log_line "$unit" 0 "Stopped $unit.service."
        ;;
    reset-failed)
        put "restarts.$unit" 0
        [[ $(get "unit.$unit") != failed ]] || put "unit.$unit" inactive
        ;;
    *) not_rehearsed "$verb" ;;
esac
