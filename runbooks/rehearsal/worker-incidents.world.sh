# The world of worker-incidents.md: a host that has all seven troubles at once,
# so that each scenario finds its own and mends no other. Read by stand-in.sh.

source survey-host

seed() {
    seed_host
    put claiming stalled
    put memory 1741
    put images_gb 38
    put scratch_gb 19
    mkdir -p "$SURVEY/scratch/job-208" "$SURVEY/scratch/job-213"
    printf 'session=expired\n' > "$SURVEY/credentials/session.json"
    sed -i 's|//queue.internal|//queue-old.internal|' "$SURVEY/.env"
    put queue 'postgres://queue-old.internal.example/survey'
    log_line survey-worker 4000 'INFO claimed a job'
    log_line survey-worker 2400 'ERROR claim: could not connect to queue-old.internal.example'
    log_line survey-worker 1900 'ERROR assistant: 401 Unauthorized'
    log_line survey-worker 1860 'ERROR claim loop has not returned for 60 s'
    log_line survey-worker 900 'WARN heap 1702 MiB'
    log_line survey-worker 300 'ERROR write /scratch/job-213: no space left on device'
}
