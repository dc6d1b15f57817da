# The world of release-gate.md: of the gate's five checks three fail, and two
# have nothing to complain about. Read by stand-in.sh.

readonly BEFORE=6c0a1f2b9d41 NEWEST=8e51d7c04a2f

seed() {
    put deployment.api registry.example.com/shop-api:sha-c6dddd3
    put deployment.ingest-worker registry.example.com/shop-worker:sha-c6dddd3
    put api hangs
}

is_locked() { false; }

rolled_out() {
    case $1 in
        api) put api answers ;;
        ingest-worker)
            rehearsal-sql ops "UPDATE ops.worker_heartbeats SET last_seen_at = datetime('now')
                               WHERE worker_type = 'ingest-worker'" > /dev/null
            ;;
    esac
}

http() {
    [[ $(get api) == answers ]] || return 28
    printf '{"status":"ok"}\n'
}

# One check of the gate: name, whether it passes, and what it saw.
check() {
    jq -n --arg name "$1" --argjson passed "$2" --arg detail "$3" \
        '{name: $name, status: (if $passed then "pass" else "fail" end), detail: $detail}'
}

# What the gate says, as JSON.
gate() {
    local silent pending=false
    silent=$(number ops "SELECT count(*) AS silent FROM ops.worker_heartbeats
                         WHERE last_seen_at < datetime('now', '-5 minutes')")
    [[ $(number ops "SELECT count(*) AS old FROM alembic_version WHERE version_num = '$BEFORE'") == 0 ]] || pending=true
    {
        if [[ $(get api) == answers ]]; then check api-health true '200'; else check api-health false 'no answer within 10 s'; fi
        if ((silent == 0)); then check heartbeats true 'all within 300 s'; else check heartbeats false "$silent silent for more than 300 s"; fi
        if "$pending"; then check migrations false '1 pending'; else check migrations true 'none pending'; fi
        check database true 'reachable'
        check evaluation true '97.5 % of the golden cases, at least 95 % wanted'
    } | jq -s '{status: (if all(.[]; .status == "pass") then "pass" else "fail" end), checks: .}'
}
