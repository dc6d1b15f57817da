#!/usr/bin/env bash
# A stand-in for curl: the world answers by `http URL`, which prints the body,
# or returns what curl would exit with. `http_status`, where a world has it,
# is the status line's number.
source stand-in || exit 1

url='' write_out='' body=1 fail=''
while (($#)); do
    case $1 in
        --silent | --show-error | --retry-connrefused) ;;
        --max-time | --retry | -m | -X | -H) shift ;;
        -o) [[ $2 == /dev/null ]] && body='' && shift ;;
        -w) write_out=$2 && shift ;;
        --fail) fail=1 ;;
        -[sSfLI]*) [[ $1 != *f* ]] || fail=1 ;;
        -*) not_rehearsed "$1" ;;
        *) url=$1 ;;
    esac
    shift
done

code=0
answer=$(http "$url") || code=$?
if ((code)); then
    case $code in
        6) printf 'curl: (6) Could not resolve host: %s\n' "$url" >&2 ;;
        28) printf 'curl: (28) Operation timed out: no answer\n' >&2 ;;
        7) printf 'curl: (7) Failed to connect: Connection refused\n' >&2 ;;
    esac
    exit "$code"
fi
status=200
[[ $(type -t http_status) != function ]] || status=$(http_status "$url")
if [[ -n $fail ]] && ((status >= 400)); then
    printf 'curl: (22) The requested URL returned error: %s\n' "$status" >&2
    exit 22
fi
[[ -z $body ]] || printf '%s\n' "$answer"
[[ -z $write_out ]] || printf '%b' "${write_out//'%{http_code}'/$status}"
