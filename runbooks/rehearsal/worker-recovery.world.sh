# The world of worker-recovery.md: since the deployment of version 2.5.0 nothing
# is claimed, the scratch data is torn, and the assistant's session is gone.
# Read by stand-in.sh.

source survey-host

seed() {
    seed_host
    put image 2.5.0
    put previous 2.4.1
    put version 2.5.0
    put claiming stalled
    mkdir -p "$SURVEY/scratch/job-208"
    printf 'PK' > "$SURVEY/scratch/job-208/clone.zip"
    : > "$SURVEY/credentials/session.json"
    log_line survey-worker 4000 'INFO started version 2.5.0'
    log_line survey-worker 3000 'ERROR /scratch/job-208: unexpected end of file'
    log_line survey-worker 2000 'WARN login of survey-bot from an address never seen before'
}
