#!/usr/bin/env bash
# A stand-in for sudo: runs the command as whoever rehearses, on the files of
# the pretended host. Only what begins with a folder of that host is its path.
source stand-in || exit 1

while (($#)); do
    case $1 in
        -u | -g) shift 2 ;;
        -n | -H | --) shift ;;
        -*) not_rehearsed "$1" ;;
        *) break ;;
    esac
done
(($#)) || not_rehearsed 'sudo without a command'

arguments=()
for argument; do
    case $argument in
        /srv/* | /var/* | /etc/* | /srv | /var) argument=$ROOT$argument ;;
    esac
    arguments+=("$argument")
done
# The real paths of the rehearsal are nobody's business.
{ "${arguments[@]}" 2>&1 >&3 | sed "s|$ROOT||g" >&2; } 3> >(sed "s|$ROOT||g")
status=${PIPESTATUS[0]}
wait
exit "$status"
