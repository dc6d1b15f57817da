#!/usr/bin/env bash
# A stand-in for python3 -m py_compile: it knows the one thing that is no
# Python in the rehearsal's files, a line of shell.
source stand-in || exit 1

[[ ${1-} == -m && ${2-} == py_compile && $# -ge 3 ]] || not_rehearsed "python3 $*"
shift 2
for file; do
    [[ -e $file ]] || fail "[Errno 2] No such file or directory: '$file'"
    if line=$(grep -n '^sudo ' "$file"); then
        printf '  File "%s", line %s\n    %s\nSyntaxError: invalid syntax\n' "$file" "${line%%:*}" "${line#*:}" >&2
        exit 1
    fi
done
