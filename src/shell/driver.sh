# Runs one block in a POSIX shell that starts with a state of bash, and leaves
# what it has changed.
#
#   sh -c '. "$1"' FILE DRIVER BASH LEAVE STATE IMPORT FILE
#
# Run this way the shell's messages name FILE and its lines, and that is `$0`.
# IMPORT is code that sets variables. At the end the shell's variables are added
# to STATE, and LEAVE, the driver of bash, adds what is exported.
#
# As in that driver, only names that begin with `__runbook_` are used, and what
# the block may have got in the way is put aside in a subshell.

# Adds all variables to STATE, as records of the kind that is the argument. Only
# where `printf` is the shell's own: another program would get the values as its
# arguments, where everybody can read them.
__runbook_list() {
  case $(command -v printf) in
    printf) ;;
    *) return 0 ;;
  esac
  # A line inside some value may look like a variable, and then names one that
  # is there anyway or names nothing.
  set | while IFS= read -r __runbook_line; do
    __runbook_name=${__runbook_line%%=*}
    case $__runbook_name in
      "$__runbook_line" | '' | [!a-zA-Z_]* | *[!a-zA-Z_0-9]* | __runbook_*) continue ;;
    esac
    eval "__runbook_set=\${$__runbook_name+set} __runbook_value=\${$__runbook_name-}"
    if [ "$__runbook_set" = set ]; then
      printf '%s %s\n%s\0' "$1" "$__runbook_name" "$__runbook_value"
    fi
  done >>"$__runbook_state"
}

# Leaves the state, once: after the block, or at the exit it makes.
__runbook_save() {
  __runbook_status=$?
  if [ -z "${__runbook_saved-}" ]; then
    __runbook_saved=1
    (
      set +aefuvx
      unset -f command printf read '[' || :
      trap - 0
      __runbook_list left
      "$__runbook_bash" --norc --noprofile -p "$__runbook_leave" leave "${PWD-}" "$__runbook_state"
    ) </dev/null >/dev/null 2>&1 || :
  fi
  return "$__runbook_status"
}

__runbook_bash=$2 __runbook_leave=$3 __runbook_state=$4 __runbook_file=$6
# One command, so that all of it is read before the block can turn on `verbose`;
# and with the block's standard error put aside, so that `xtrace` shows the
# block's own commands and not these.
{
  . "$5"
  set --
  (__runbook_list plain) </dev/null
  trap '{ __runbook_save; } 2>/dev/null' 0
  . "$__runbook_file" 2>&8 8>&-
  __runbook_save
} 8>&2 2>/dev/null
