# The world of overwritten-source.md: a command that should have written
# app/repository.py was pasted into it, so the worker cannot start. It died in
# the middle of run 812. Read by stand-in.sh.

readonly CHECKOUT=$ROOT/srv/report-worker
readonly BROKEN="sudo -u report-worker tee app/repository.py > /dev/null <<'PY'"

seed() {
    local tree=$RUNBOOK_REHEARSAL_DIR/tree
    mkdir -p "$tree/app" "$ROOT/srv" "$ROOT/var/tmp"
    printf 'def main():\n    print("ready")\n' > "$tree/app/worker.py"
    printf 'import subprocess\nfrom pathlib import Path\n\n\ndef clone(url, folder):\n    subprocess.run(["git", "clone", url, Path(folder)], check=True)\n' > "$tree/app/repository.py"
    commit_tree "$tree" 'Ask the queue in batches' > /dev/null
    printf '    # nothing to retry\n' >> "$tree/app/repository.py"
    put origin "$(commit_tree "$tree" 'Say why a clone is not retried')"
    cp -r "$tree" "$CHECKOUT"
    get origin > "$CHECKOUT/.git"
    printf '%s\nimport subprocess\n' "$BROKEN" > "$CHECKOUT/app/repository.py"

    put unit.report-worker failed
    put since.report-worker "$(($(now) - 540))"
    put restarts.report-worker 5
    log_line report-worker 900 'ready, taking runs as worker-1'
    log_line report-worker 610 'run 812: cloning'
    log_line report-worker 600 'Stopping for the deployment'
    log_line report-worker 560 "$(unit_problem report-worker)"
    log_line report-worker 540 "Start request repeated too quickly."
}

# The traceback of the first file that is no Python, on one line as the
# service logs it.
unit_problem() {
    local file
    for file in "$CHECKOUT"/app/*.py; do
        if grep -q '^sudo ' "$file"; then
            printf 'File "%s", line 1: %s SyntaxError: invalid syntax' "${file#"$ROOT"}" "$(head -n 1 "$file")"
            return
        fi
    done
}

unit_started() {
    log_line "$1" 0 'ready, taking runs as worker-1'
}

after_push() { :; }
