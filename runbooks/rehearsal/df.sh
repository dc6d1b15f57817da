#!/usr/bin/env bash
# A stand-in for df: the pretended host's one disk, as full as the world says.
source stand-in || exit 1

percent=$(disk_percent)
case "$*" in
    '-h /') printf 'Filesystem  Size  Used Avail Use%% Mounted on\n/dev/vda1   100G   %sG    %sG  %s%% /\n' "$percent" $((100 - percent)) "$percent" ;;
    '--output=pcent /') printf 'Use%%\n %s%%\n' "$percent" ;;
    *) not_rehearsed "df $*" ;;
esac
