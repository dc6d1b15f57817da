#!/usr/bin/env bash
# A stand-in for kubectl: the deployments of one namespace, each with its image.
# A world says by `rolled_out NAME` what a restart brings about.
source stand-in || exit 1

words=() output=''
while (($#)); do
    case $1 in
        -n | --namespace) shift ;;
        -o) output=$2 && shift ;;
        --timeout=* | --no-headers) ;;
        -*) not_rehearsed "$1" ;;
        *) words+=("$1") ;;
    esac
    shift
done

known() {
    [[ -e $STATE/deployment.$1 ]] || fail "Error from server (NotFound): deployments.apps \"$1\" not found"
}

case "${words[*]}" in
    'get deployments')
        [[ $output == wide ]] || not_rehearsed 'get deployments without -o wide'
        {
            printf 'NAME\tREADY\tIMAGES\n'
            for file in "$STATE"/deployment.*; do
                printf '%s\t2/2\t%s\n' "${file##*/deployment.}" "$(< "$file")"
            done
        } | column -t -s "$(printf '\t')"
        ;;
    'rollout status deployment/'*)
        known "${words[2]#*/}"
        printf 'deployment "%s" successfully rolled out\n' "${words[2]#*/}"
        ;;
    'rollout restart deployment/'*)
        known "${words[2]#*/}"
        rolled_out "${words[2]#*/}"
        printf 'deployment.apps/%s restarted\n' "${words[2]#*/}"
        ;;
    *) not_rehearsed "${words[*]}" ;;
esac
