# Runs one block in zsh, and leaves what it has changed.
#
#   zsh -f -c 'source "$1"' FILE DRIVER BASH LEAVE STATE IMPORT FILE
#
# IMPORT is code that sets variables. LEAVE is the driver of bash, which adds to
# STATE the directory, umask and exported variables that a child of zsh has.
# Only names that begin with `__runbook_` are used.

# Called at the end of the shell itself, whatever hooks the block sets up.
__runbook_save() {
  {
    emulate -L zsh
    unfunction command 2>/dev/null
    command "$__runbook_bash" -p --norc --noprofile "$__runbook_leave" leave "$PWD" "$__runbook_state"
  } </dev/null >/dev/null 2>&1
}

__runbook_bash=$2 __runbook_leave=$3 __runbook_state=$4 __runbook_file=$6
{
  source "$5"
  argv=()
  zshexit_functions=(__runbook_save)
  source "$__runbook_file" 2>&8 8>&-
} 8>&2 2>/dev/null
