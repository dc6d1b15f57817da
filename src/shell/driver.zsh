# Runs one block in zsh, and leaves what it has changed.
#
#   zsh -f -c 'source "$1"' FILE DRIVER BASH LEAVE STATE IMPORT FILE
#
# IMPORT is code that sets variables. LEAVE is the driver of bash, which adds to
# STATE the directory, umask and exported variables that a child of zsh has.
# Only names that begin with `__runbook_` are used.

# Leaves the state, once: after the block, or at the exit it makes.
__runbook_save() {
  # By itself, so that `xtrace` hides it where it can.
  { emulate -L zsh; unsetopt xtrace } 2>/dev/null
  if [[ $ZSH_SUBSHELL -eq 0 && -z ${__runbook_saved-} ]]; then
    __runbook_saved=1
    # A function of the block may have the name of any command.
    disable -f command 2>/dev/null
    command $__runbook_bash --norc --noprofile -p $__runbook_leave leave $PWD $__runbook_state </dev/null >/dev/null 2>&1
  fi
}

__runbook_bash=$2 __runbook_leave=$3 __runbook_state=$4 __runbook_file=$6
source "$5" 2>/dev/null
argv=()
# The first is called whatever the block sets up, the second by `errexit` too,
# but where that ends a function: zsh then calls nothing.
zshexit_functions=(__runbook_save)
functions[TRAPEXIT]=$functions[__runbook_save]
source "$__runbook_file"
