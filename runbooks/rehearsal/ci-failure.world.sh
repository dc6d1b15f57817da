# The world of ci-failure.md: the last run of CI on main failed in six jobs at
# once, each for a reason of its own, so that each scenario mends its own job
# and no other. Read by stand-in.sh.

seed() {
    local tree=$RUNBOOK_REHEARSAL_DIR/tree
    mkdir -p "$tree/app"
    printf 'import os\nimport json\n\n\ndef report(rows):\n    return json.dumps(rows)\n' > "$tree/app/report.py"
    printf 'jinja2==3.1.2\nhttpx==0.28.1\n' > "$tree/requirements.txt"
    printf 'FROM registry.example.com/python:3.12-retired\nCOPY app ./app\n' > "$tree/Dockerfile"
    put origin "$(commit_tree "$tree" 'Write reports as JSON')"
    put cache 'pip-lock-9b1f02'
    new_run ci.yml 'Write reports as JSON' "$(get origin)"
    put run.401.at "$(($(now) - 1500))"
}

# Every push has a run.
after_push() {
    new_run ci.yml "$(< "$GIT/$1/subject")" "$1"
}

lint_problems() {
    grep -Hn '^import os$' "$1"/app/*.py
}

audit_problems() {
    grep -n '^jinja2==3\.1\.2$' "$1/requirements.txt"
}

build_image() {
    if grep -q retired "$1/Dockerfile"; then
        fail 'ERROR: registry.example.com/python:3.12-retired: not found'
    fi
    printf '#5 exporting to image\n#5 DONE 0.4s\n'
}

verdict() {
    if "${@:2}" > /dev/null 2>&1; then printf '%s failure\n' "$1"; else printf '%s success\n' "$1"; fi
}

# A job is named with what makes it fail.
jobs_of() {
    local tree=$GIT/$2/tree
    verdict lint lint_problems "$tree"
    # Fails the first time on any commit: its test does not wait for the server.
    verdict test test "$3" -eq 1
    verdict install test -e "$STATE/cache"
    verdict preview no_preview_token
    verdict image grep -q retired "$tree/Dockerfile"
    verdict audit audit_problems "$tree"
}

no_preview_token() {
    ! grep -qs '^PREVIEW_TOKEN' "$STATE/secrets"
}

job_log() {
    case $1 in
        lint) printf 'app/report.py:1:8: F401 `os` imported but unused\nFound 1 error.\n' ;;
        test) printf 'FAILED tests/test_server.py::test_answers_at_once - ReadTimeout: 1.0 s\n1 failed, 212 passed\n' ;;
        install) printf 'Cache restored from key: pip-lock-9b1f02\nERROR: httpx-0.27.0.dist-info in the cache does not match requirements.txt\n' ;;
        preview) printf 'PREVIEW_TOKEN is empty\nError: Process completed with exit code 1.\n' ;;
        image) printf 'ERROR: registry.example.com/python:3.12-retired: not found\n' ;;
        audit) printf 'jinja2 3.1.2 CVE-2025-27516, mended in 3.1.6\nFound 1 known vulnerability in 1 package\n' ;;
    esac
}
