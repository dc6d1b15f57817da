#!/usr/bin/env bash
# A stand-in for psql that knows two functions of PostgreSQL which no other
# database has: they end a statement, or a whole session, by its process id.
# Where the rehearsal has a real PostgreSQL, that one is asked.
source stand-in || exit 1

statement=''
while (($#)); do
    case $1 in
        -X | -At) ;;
        -c) statement=$2 && shift ;;
        -d) shift ;;
        -*) not_rehearsed "$1" ;;
    esac
    shift
done
[[ $statement =~ pg_(cancel|terminate)_backend\(([0-9]+)\) ]] || not_rehearsed "$statement"
verb=${BASH_REMATCH[1]} pid=${BASH_REMATCH[2]}

if on_postgres; then
    exec rehearsal-sql ops "$statement"
fi

found=$(number ops "SELECT count(*) AS found FROM pg_stat_activity WHERE pid = $pid")
if ((found == 0)); then
    printf 'WARNING:  PID %s is not a PostgreSQL backend process\nf\n' "$pid" >&2
    exit 0
fi
idle=$(number ops "SELECT count(*) AS idle FROM pg_stat_activity WHERE pid = $pid AND state LIKE 'idle%'")
# There is no statement to cancel in a session that is idle.
[[ $verb == cancel && $idle -gt 0 ]] || end_session "$pid"
printf 't\n'
