# Writes the variables one by one; read by the driver of bash when it cannot
# have them all at once. It has seen to it that no alias acts here.

# Writes the record of each variable, the local ones of functions taken off.
__runbook_variables() {
  # First, for where a line can only be split by setting it.
  __runbook_variable IFS
  # `compgen -v` leaves out what is declared and has no value (`declare -A m`).
  # Such a declaration is a line of its own in the full listing; a line inside
  # some value may look like one, and then only repeats a name or names nothing.
  builtin declare -p >|"$__runbook_restore"
  __runbook_read
  __runbook_names=()
  for __runbook_name in "${__runbook_lines[@]}"; do
    if [[ $__runbook_name =~ ^declare\ -[a-zA-Z-]+\ ([a-zA-Z_][a-zA-Z_0-9]*)$ ]]; then
      __runbook_names+=("${BASH_REMATCH[1]}")
    fi
  done
  builtin compgen -v >|"$__runbook_restore"
  __runbook_read
  for __runbook_name in "${__runbook_lines[@]}" "${__runbook_names[@]}"; do
    case $__runbook_name in
      IFS | __runbook_* | RUNBOOK_SECRET_*) ;;
      *) __runbook_variable "$__runbook_name" ;;
    esac
  done
}

# Writes the record of a variable.
__runbook_variable() {
  if ((__runbook_inside)); then
    __runbook_peel "$1"
  fi
  if builtin declare -p -- "$1" >/dev/null; then
    builtin printf 'variable %s\n' "$1" && builtin declare -p -- "$1" && builtin printf '\0'
  fi
}

# Takes the local variables off a global one. The trace attribute, which does
# nothing to a variable, marks the global one; what lies above it is unset, and
# since that is the local variable of a caller, this uncovers what is beneath.
__runbook_peel() {
  __runbook_text=$(builtin declare -p -- "$1")
  if [[ $__runbook_text == 'declare -n'* ]] || ! builtin declare -gt -- "$1"; then
    builtin return 0
  fi
  __runbook_text=$(builtin declare -p -- "$1")
  while [[ ! $__runbook_text =~ ^declare\ -[a-zA-Z]*t ]]; do
    builtin unset -v -- "$1" || builtin return 0
    __runbook_text=$(builtin declare -p -- "$1")
  done
  if [[ $__runbook_text == *=* ]]; then
    builtin declare -g +t -- "$1"
  else
    builtin unset -v -- "$1" # there was no global one
  fi
}
