# The world of worker-recovery.md: a new version was deployed that claims
# nothing, its scratch data is torn, the settings are gone, and Docker is down.
# Read by stand-in.sh.

source survey-host

seed() {
    seed_host
    put image 2.5.0
    put previous 2.4.1
    put version 2.5.0
    put claiming stalled
    put docker_stuck 1
    mkdir -p "$SURVEY/scratch/job-208"
    log_line survey-worker 4000 'INFO started version 2.5.0'
    log_line survey-worker 3000 'ERROR /scratch/job-208: unexpected end of file'
    log_line survey-worker 2000 'WARN login of survey-bot from an address never seen before'
}
