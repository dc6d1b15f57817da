# Runs SQL on the throwaway database of a connection, for stand-ins that have
# something happen there:
#
#   rehearsal-sql CONNECTION SQL

if (($# != 2)); then
  printf 'usage: rehearsal-sql CONNECTION SQL\n' >&2
  exit 2
fi
variable=${1^^}
variable=RUNBOOK_REHEARSAL_DB_${variable//[^A-Z0-9]/_}
if [[ -z ${!variable-} ]]; then
  printf 'rehearsal-sql: `%s` is not among rehearsal.connections\n' "$1" >&2
  exit 2
fi
exec "$engine" rehearsal-sql "${!variable}" "$2"
