#!/usr/bin/env bash
# A stand-in for journalctl: the journal that the world and systemctl write.
source stand-in || exit 1

unit='' lines=1000 since=0 utc=''
while (($#)); do
    case $1 in
        --no-pager | -q | -a) ;;
        --utc) utc=1 ;;
        -u) unit=${2%.service} && shift ;;
        -n) lines=$2 && shift ;;
        --since)
            [[ $2 =~ ^-([0-9]+)(s|min|h)$ ]] || not_rehearsed "--since $2"
            case ${BASH_REMATCH[2]} in s) unitlength=1 ;; min) unitlength=60 ;; h) unitlength=3600 ;; esac
            since=$(($(now) - BASH_REMATCH[1] * unitlength))
            shift
            ;;
        -o) [[ $2 == cat || $2 == short-iso ]] && shift || not_rehearsed "-o $2" ;;
        *) not_rehearsed "$1" ;;
    esac
    shift
done
[[ -n $unit ]] || not_rehearsed 'journalctl without -u'
[[ -e $STATE/journal.$unit ]] || { printf -- '-- No entries --\n' && exit 0; }

while read -r second text; do
    ((second < since)) || TZ=UTC printf "%(%b %d %H:%M:%S)T worker-1 $unit[7]: %s\n" "$second" "$text"
done < <(tail -n "$lines" "$STATE/journal.$unit")
