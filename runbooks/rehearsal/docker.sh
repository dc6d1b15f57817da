#!/usr/bin/env bash
# A stand-in for docker, on a host with one container and a few versions of its
# image. A world answers for what is in the container (`in_container`), in the
# registry (`has_image`), and in a Dockerfile (`build_image`).
source stand-in || exit 1

if [[ $(get unit.docker active) != active ]]; then
    fail 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?'
fi

table() {
    printf '%s\n' "$@" | column -t -s '|'
}

# So many MiB as docker writes them.
size() {
    if (($1 < 1024)); then printf '%sMiB' "$1"; else printf '%s.%sGiB' $(($1 / 1024)) $(($1 % 1024 * 10 / 1024)); fi
}

case "${1-} ${2-}" in
    'logs '*)
        container=$2 lines=1000
        [[ ${3-} != --tail ]] || lines=$4
        tail -n "$lines" "$STATE/journal.$container" | cut -d ' ' -f 2-
        ;;
    'stats --no-stream')
        table 'NAME|CPU %|MEM USAGE / LIMIT|MEM %' "$3|4.1%|$(size "$(get memory)") / 2GiB|$((100 * $(get memory) / 2048))%"
        ;;
    'exec '*)
        shift
        [[ $1 != -i ]] || shift
        shift
        in_container "$@"
        ;;
    'system df')
        table 'TYPE|TOTAL|SIZE|RECLAIMABLE' "Images|$(($(get images_gb) / 3))|$(get images_gb)GB|$(($(get images_gb) - 3))GB" 'Containers|1|120MB|0B'
        ;;
    'image prune')
        freed=$(($(get images_gb) - 3))
        put images_gb 3
        printf 'Total reclaimed space: %sGB\n' "$freed"
        ;;
    'image ls' | 'images '*)
        table 'REPOSITORY|TAG|VERSION' "survey-worker|current|$(get image)" "survey-worker|previous|$(get previous 2.4.0)"
        ;;
    'tag survey-worker:current') put "tag.${3##*:}" "$(get image)" ;;
    'tag survey-worker:'*) put image "$(get "tag.${2##*:}" "$(get previous 2.4.0)")" ;;
    'pull '*)
        put image "${2##*:}"
        printf 'Status: Downloaded newer image for %s\n' "$2"
        ;;
    'tag registry.internal.example/'*) put image "${2##*:}" ;;
    'manifest inspect')
        has_image "$3" || fail "no such manifest: $3"
        printf '{ "schemaVersion": 2 }\n'
        ;;
    'build '*) build_image "${@: -1}" ;;
    *) not_rehearsed "docker $*" ;;
esac
