# Runs one block in another interpreter than bash.
#
#   bash --norc --noprofile replace block RESTORE STATE|- INTERPRETER [ARGUMENT]...
#   bash --norc --noprofile -p replace leave CWD STATE
#
# RESTORE is bash code that makes the state the block starts with. `block` becomes
# the interpreter, which so finds the directory and the exported variables of the
# state. One that has a way back calls `leave` at its end: as a child of it, this
# has its directory, umask and exported variables, and adds them to STATE as the
# records that changes.rs reads. CWD is where the interpreter thinks it is, for
# when that is gone.
#
# As in the driver of bash, only names that begin with `__runbook_` are used, and
# everything is called through `builtin`.

# Adds to a state what a child of another interpreter sees of it. The argument
# is where that thinks it is, for when the directory is gone.
__runbook_leave() {
  builtin printf 'cwd \n'
  builtin pwd || builtin printf '%s\n' "$1"
  builtin printf '\0umask \n' && builtin umask -p && builtin printf '\0'
  IFS=$'\n'
  builtin set -o noglob
  for __runbook_name in $(builtin compgen -e); do
    if [[ -n ${!__runbook_name+set} ]]; then
      builtin printf 'exported %s\n%s\0' "$__runbook_name" "${!__runbook_name}"
    fi
  done
  builtin printf 'seen \n\0'
}

# Prints the variables of these names as a POSIX shell can read them: those that
# are text and not exported, for the others it cannot have or has already.
__runbook_plain() {
  for __runbook_name; do
    case $(builtin declare -p -- "$__runbook_name") in
      'declare -- '*)
        __runbook_text=${!__runbook_name}
        builtin printf "%s='%s'\n" "$__runbook_name" "${__runbook_text//\'/$__runbook_quote}"
        ;;
    esac
  done
}

BASH_ARGV0=bash
__runbook_mode=$1 __runbook_restore=$2 __runbook_state=$3
if [[ $__runbook_mode == leave ]]; then
  __runbook_leave "$2" >>"$3" 2>/dev/null
  builtin exit
fi
builtin shift 3
__runbook_command=("$@") # what is restored may have arguments of its own
__runbook_names=() __runbook_import= __runbook_hooked= __runbook_python=
{
  builtin source "$__runbook_restore"
  if [[ -n $__runbook_import ]]; then
    __runbook_quote="'\"'\"'"
    __runbook_plain "${__runbook_names[@]}" >>"$__runbook_import"
  fi
  if [[ $__runbook_state != - ]]; then
    "$BASH" --norc --noprofile -p "${BASH_SOURCE[0]}" leave "$PWD" "$__runbook_state"
  fi
  if [[ -n $__runbook_hooked ]]; then
    # Read by it at its start, and taken away again.
    builtin export __runbook_leave="$BASH"$'\n'"${BASH_SOURCE[0]}"$'\n'"$__runbook_state"
  fi
  if [[ -n $__runbook_python ]]; then
    if [[ -n ${PYTHONPATH+set} ]]; then
      builtin export __runbook_path="$PYTHONPATH"
    fi
    builtin export PYTHONPATH="$__runbook_python${PYTHONPATH:+:$PYTHONPATH}"
  fi
} >/dev/null 2>&1
builtin exec "${__runbook_command[@]}"
