# Runs one block between two states.
#
#   bash --norc --noprofile driver block   RESTORE STATE FILE
#   bash --norc --noprofile driver watch   RESTORE STATE FILE
#   bash --norc --noprofile driver replace RESTORE STATE|- INTERPRETER [ARGUMENT]...
#   bash --norc --noprofile -p driver leave CWD STATE
#
# RESTORE is bash code that makes the state the block starts with. `block` runs
# FILE and leaves the state after it in STATE, as the records that state.rs
# reads; nothing is in RESTORE then that anybody could use. `watch` also notes
# which commands failed on the way. `replace` becomes another interpreter, which
# so finds the directory and the exported variables of the state. One that has a
# way back calls `leave` at its end: as a child of it, this has its directory,
# umask and exported variables, and adds them to STATE as the records that
# changes.rs reads. CWD is where the interpreter thinks it is, for when that is
# gone.
#
# The block runs in this very shell, so whatever it defines can get in the way
# here. Hence:
#   - everything is called through `builtin`, because a function may have the
#     name of any command; aliases cannot, they act when code is read, and all
#     of this is read before the block is;
#   - nothing depends on IFS, globbing or options: they are the block's;
#   - only names that begin with `__runbook_` are used.

# Writes every record of the state to descriptor 9; runs in a subshell, so that
# it may change options and variables as it likes. The arguments are the
# block's positional parameters.
#
# A substitution is a process of its own, and this runs after every block:
# where there is nothing out of the ordinary, there is none. What is to be
# looked at here goes through the file that the state was restored from.
__runbook_dump() {
  # First, while they are still the block's.
  __runbook_options=$SHELLOPTS __runbook_shopts=${BASHOPTS-}
  builtin set +o xtrace +o errexit +o nounset +o verbose +o keyword
  # In posix mode bash prints some definitions in another form. A value of
  # POSIXLY_CORRECT is read first, for leaving the mode unsets it.
  if [[ -n ${POSIXLY_CORRECT+set} ]]; then
    __runbook_posix=$(builtin declare -p POSIXLY_CORRECT)
  else
    __runbook_posix=
  fi
  builtin set +o posix
  builtin set -o noglob
  # The depth of the block's own functions: an `exit` inside one brings us here
  # with its local variables in sight. The last name is bash's for the script
  # itself, `main`, which is also what many a block calls a function.
  __runbook_inside=0
  for __runbook_name in "${FUNCNAME[@]:0:${#FUNCNAME[@]}-1}"; do
    case $__runbook_name in
      __runbook_* | source) ;;
      *) __runbook_inside=1 ;;
    esac
  done

  builtin printf 'failed \n'
  for __runbook_name in "${!__runbook_failed[@]}"; do
    builtin printf '%s %s\n' "$__runbook_name" "${__runbook_failed[__runbook_name]}"
  done
  builtin printf 'last %s\n\0' "${__runbook_last-0}"
  builtin printf 'cwd \n' && builtin pwd && builtin printf '\0'
  builtin printf 'umask \n' && builtin umask -p && builtin printf '\0'
  # Inside a function "$@" is the function's.
  if (($# && !__runbook_inside)); then
    builtin printf 'arguments \nbuiltin set --' && builtin printf ' %q' "$@" && builtin printf '\0'
  fi
  if ((${#DIRSTACK[@]} > 1)); then
    builtin printf 'directories \n'
    for ((__runbook_name = ${#DIRSTACK[@]} - 1; __runbook_name > 0; __runbook_name--)); do
      builtin printf 'builtin pushd -n -- %q\n' "${DIRSTACK[__runbook_name]}"
    done
    builtin printf '\0'
  fi

  # A secret is never saved by name: where it cannot be taken away, as a readonly
  # variable cannot, all others are written one by one.
  if ((!__runbook_inside)) && builtin unset -v "${!RUNBOOK_SECRET_@}"; then
    builtin printf 'variables \n' && builtin declare -p && builtin printf '\0'
  else
    __runbook_variables
  fi

  builtin declare -F >|"$__runbook_restore"
  __runbook_read
  for __runbook_name in "${__runbook_lines[@]}"; do
    # The line is `declare -fx name`: it says the attributes too.
    __runbook_attributes=${__runbook_name% *}
    __runbook_name=${__runbook_name##* }
    case $__runbook_name in
      __runbook_*) continue ;;
    esac
    builtin printf 'function %s\n' "$__runbook_name"
    builtin declare -f -- "$__runbook_name"
    case $__runbook_attributes in
      'declare -f') ;;
      *) builtin printf 'builtin %s -- %q\n' "$__runbook_attributes" "$__runbook_name" ;;
    esac
    builtin printf '\0'
  done

  builtin compgen -a >|"$__runbook_restore"
  __runbook_read
  for __runbook_name in "${__runbook_lines[@]}"; do
    builtin printf 'alias %s\nbuiltin ' "$__runbook_name" && builtin alias -- "$__runbook_name" && builtin printf '\0'
  done

  builtin printf 'shopts \n%s\0' "$__runbook_shopts"
  if [[ -n $__runbook_posix ]]; then
    builtin printf 'option POSIXLY_CORRECT\nbuiltin %s\0' "$__runbook_posix"
  fi
  builtin printf 'options \n%s\0' "$__runbook_options"
  # Without this record the state is not taken for whole.
  builtin printf 'end \n\0'
} >&9 2>/dev/null

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

# Has the lines of the file in __runbook_lines. Not by IFS, which the block may
# have made readonly, but in a bash that is too old for `mapfile`.
__runbook_read() {
  __runbook_lines=()
  builtin mapfile -t __runbook_lines <"$__runbook_restore" ||
    { IFS=$'\n' && __runbook_lines=($(<"$__runbook_restore")); }
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

# Saves the state, once: after the block, or at the exit it makes. Into the
# place by `>|`, for the block may have set `noclobber`.
__runbook_save() {
  if [[ -z ${__runbook_saved-} ]]; then
    __runbook_saved=1
    (
      builtin trap - DEBUG ERR RETURN
      __runbook_dump "$@"
    ) 9>|"$__runbook_state"
  fi
}

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

BASH_ARGV0=bash # the block's `$0`
__runbook_mode=$1 __runbook_restore=$2 __runbook_state=$3 __runbook_file=$4
if [[ $__runbook_mode == leave ]]; then
  __runbook_leave "$2" >>"$3" 2>/dev/null
  builtin exit
fi
if [[ $__runbook_mode == replace ]]; then
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
fi
builtin set --
builtin shopt -s expand_aliases # a page's author pastes into a terminal
builtin trap '{ __runbook_save "$@"; } 2>/dev/null' EXIT

# A block is judged by its last command; that an earlier one failed is noted by
# line, for those of the block itself: not inside functions and other files.
# Nothing shows it: bash keeps `$?` and PIPESTATUS over a trap, the last word
# keeps `$_`, and the redirections hide it from `xtrace`. What fails very often
# is not slowed down for long.
__runbook_failed=() __runbook_last=0 __runbook_count=0
if [[ $__runbook_mode == watch ]]; then
  # LINENO counts the lines of this too, so it stands on the first.
  builtin trap '{ __runbook_code=$? __runbook_argument=$_ __runbook_line=$LINENO
    if ((${#BASH_SOURCE[@]} == 2)); then
      __runbook_last=$__runbook_line __runbook_failed[__runbook_line]=$__runbook_code
    fi
    ((++__runbook_count < 1000)) || builtin trap - ERR
    builtin : "$__runbook_argument"; } >/dev/null 2>&1' ERR
fi

# One command, so that all of it is read before the block can turn on
# `verbose`, which repeats what is read; and with the block's standard error
# put aside, so that `xtrace` shows the block's own commands and not these.
{
  builtin source "$__runbook_restore" >/dev/null
  builtin source "$__runbook_file" 2>&8 8>&-
  __runbook_status=$?
  # A trap of the block's own has taken the place of the one above, and is
  # still to run: the state is saved before it.
  __runbook_save "$@"
  builtin exit "$__runbook_status"
} 8>&2 2>/dev/null
