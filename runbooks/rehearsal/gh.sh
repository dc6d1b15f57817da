#!/usr/bin/env bash
# A stand-in for gh: the runs of GitHub Actions, its caches and secrets. A world
# says by `jobs_of WORKFLOW COMMIT ATTEMPT` which jobs a workflow has and how
# each ends, one `name conclusion` a line, and by `job_log NAME` why one failed.
source stand-in || exit 1

json='' jq='' limit=20 workflow='' status='' log='' failed='' words=() inputs=()
while (($#)); do
    case $1 in
        --json) json=$2 && shift ;;
        --jq | -q) jq=$2 && shift ;;
        --limit | -L) limit=$2 && shift ;;
        --workflow | -w) workflow=$2 && shift ;;
        --branch | -b | --ref | --repo | -R | --interval | --key) shift ;;
        --status | -s) status=$2 && shift ;;
        -f | -F) inputs+=("$2") && shift ;;
        --failed) failed=1 ;;
        --log-failed) log=1 ;;
        --all | --exit-status) ;;
        -*) not_rehearsed "$1" ;;
        *) words+=("$1") ;;
    esac
    shift
done

# One run as JSON. A job that is older than two seconds has ended.
run_json() {
    local id=$1 age jobs
    age=$(($(now) - $(get "run.$id.at")))
    jobs=$(while read -r name conclusion; do
        jq -n --arg name "$name" --arg conclusion "$conclusion" '{name: $name, conclusion: $conclusion}'
    done < "$STATE/run.$id.jobs" | jq -s .)
    jq -n --argjson id "$id" --arg workflow "$(get "run.$id.workflow")" --arg title "$(get "run.$id.title")" \
        --arg sha "$(get "run.$id.sha")" --argjson attempt "$(get "run.$id.attempt" 1)" --argjson age "$age" --argjson jobs "$jobs" '
        (if any($jobs[]; .conclusion == "failure") then "failure" else "success" end) as $conclusion
        | if $age < 2 then {status: "in_progress", conclusion: "", jobs: ($jobs | map(.conclusion = ""))}
          else {status: "completed", conclusion: $conclusion, jobs: $jobs} end
        | . + {databaseId: $id, workflowName: $workflow, displayTitle: $title, headSha: $sha, attempt: $attempt}'
}

runs_json() {
    local id
    for ((id = $(get last_run); id > 400; id--)); do
        if [[ -z $workflow || $(get "run.$id.workflow") == "$workflow" ]]; then run_json "$id"; fi
    done | jq -s --arg status "$status" --argjson limit "$limit" '
        map(select($status == "" or .status == $status or .conclusion == $status)) | .[:$limit]'
}

# Prints JSON on stdin as it was asked for, or by this filter for a person.
show() {
    if [[ -n $json ]]; then jq -r "${jq:-.}"; else jq -r "$1" | column -t -s "$(printf '\t')"; fi
}

known_run() {
    [[ -e $STATE/run.$1.at ]] || fail "failed to get run: HTTP 404: Not Found ($1)"
}

case "${words[*]:0:2}" in
    'run list')
        # The real one does not have the jobs here either.
        [[ $json != *jobs* ]] || fail 'Unknown JSON field: "jobs"'
        runs_json | show '["STATUS","TITLE","WORKFLOW","ID"], (.[] | [(if .conclusion == "" then .status else .conclusion end), .displayTitle, .workflowName, .databaseId]) | @tsv'
        ;;
    'run view')
        id=${words[2]}
        known_run "$id"
        if [[ -n $log ]]; then
            run_json "$id" | jq -r '.jobs[] | select(.conclusion == "failure") | .name' |
                while read -r name; do job_log "$name" | sed "s|^|$name\t|"; done
        else
            run_json "$id" | show '["JOB","CONCLUSION"], (.jobs[] | [.name, .conclusion]) | @tsv'
        fi
        ;;
    'run rerun')
        id=${words[2]}
        known_run "$id"
        [[ -n $failed ]] || not_rehearsed 'run rerun without --failed'
        put "run.$id.attempt" $(($(get "run.$id.attempt" 1) + 1))
        put "run.$id.at" "$(now)"
        jobs_of "$(get "run.$id.workflow")" "$(get "run.$id.commit")" "$(get "run.$id.attempt")" > "$STATE/run.$id.jobs"
        ;;
    'workflow run')
        new_run "${words[2]}" "${words[2]}" "$(get origin)" "${inputs[@]}"
        printf 'Created workflow_dispatch event for %s at main\n' "${words[2]}"
        ;;
    'cache list')
        [[ ! -e $STATE/cache ]] || printf 'ID  KEY               SIZE\n31  pip-lock-9b1f02   84 MiB\n'
        ;;
    'cache delete') rm -f "$STATE/cache" ;;
    'secret list') [[ ! -e $STATE/secrets ]] || cat "$STATE/secrets" ;;
    'secret set')
        value=$(cat)
        [[ -n $value ]] || fail 'a secret cannot be empty'
        # GitHub keeps the names in capitals.
        printf '%s\tabout now\n' "${words[2]^^}" >> "$STATE/secrets"
        printf 'Set Actions secret %s\n' "${words[2]^^}" >&2
        ;;
    *) not_rehearsed "${words[*]:0:2}" ;;
esac
