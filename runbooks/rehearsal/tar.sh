#!/usr/bin/env bash
# A stand-in for tar: an archive of the rehearsal is a copy of the folder.
source stand-in || exit 1

mode=${1-} archive=${2-}
shift 2 || not_rehearsed tar
folder=.
[[ ${1-} != -C ]] || { folder=$2 && shift 2; }
case $mode in
    -czf)
        mkdir -p "$archive"
        for name; do cp -r "$folder/$name" "$archive/$name"; done
        ;;
    -tzf)
        [[ -e $archive ]] || fail "tar: $archive: Cannot open: No such file or directory"
        cd "$archive" && find . -type f | sort
        ;;
    -xzf)
        [[ -e $archive ]] || fail "tar: $archive: Cannot open: No such file or directory"
        if (($#)); then
            for name; do cp -r "$archive/$name" "$folder/"; done
        else
            cp -r "$archive/." "$folder/"
        fi
        ;;
    *) not_rehearsed "tar $mode" ;;
esac
