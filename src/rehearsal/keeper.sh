# Starts a private PostgreSQL server in this folder. When nobody holds the other
# end of the standard input any more, however the engine has ended, it stops the
# server and removes the folder.

bin=$1 settings=$2 folder=$PWD
trap '' HUP INT

remove() {
    cd / && rm -rf "$folder"
}

give_up() {
    tail -n 5 "$1" >&2
    remove
    exit 1
}

"$bin/initdb" -D data -U postgres --auth=trust -E UTF8 --locale=C --no-sync > initdb.log 2>&1 || give_up initdb.log
printf '%s' "$settings" >> data/postgresql.conf || give_up initdb.log
"$bin/pg_ctl" -D data -l server.log -w -t 60 start > start.log 2>&1 || {
    "$bin/pg_ctl" -D data -m immediate -t 10 stop > /dev/null 2>&1
    give_up server.log
}
echo ready
# What the engine prints to must not wait for the server's end.
exec > /dev/null 2>&1
cat
"$bin/pg_ctl" -D data -m immediate -t 10 stop
remove
