# Runs one block between two states.
#
#   bash --norc --noprofile driver block RESTORE STATE
#   bash --norc --noprofile driver wait  RESTORE STATE
#
# RESTORE is bash code that makes the state the block starts with; it also sets
# __runbook_file to the block's file, and __runbook_watch where it is to be noted
# which commands failed on the way. The state after the block is left in STATE,
# as the records that state.rs reads; nothing is in RESTORE then that anybody
# could use. `wait` first waits for a line on standard input: RESTORE is there
# then. Without one the engine is gone, or wants no block of this.
#
# The block runs in this very shell, so whatever it defines can get in the way
# here. Hence:
#   - everything is called through `builtin`, because a function may have the
#     name of any command; aliases cannot, they act when code is read, and all
#     of this is read before the block is;
#   - nothing depends on IFS, globbing or options: they are the block's;
#   - only names that begin with `__runbook_` are used.

# Writes every record of the state to descriptor 9; runs where nothing of the
# block's runs any more, so that it may change options and variables as it
# likes. The arguments are the block's positional parameters.
#
# A process of its own costs as much as many a block, and this runs after every
# one: where there is nothing out of the ordinary, there is none. So there are no
# substitutions: what is to be looked at here goes through the file that the
# state was restored from. And what is seldom needed is not even read.
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
    builtin shopt -u expand_aliases # those of the block
    builtin source "${BASH_SOURCE[0]%driver}variables"
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

# Has the lines of the file in __runbook_lines. Not by IFS, which the block may
# have made readonly, but in a bash that is too old for `mapfile`.
__runbook_read() {
  __runbook_lines=()
  builtin mapfile -t __runbook_lines <"$__runbook_restore" ||
    { IFS=$'\n' && __runbook_lines=($(<"$__runbook_restore")); }
}

# Whether this shell may save the state itself: nothing of the block's is to run
# after it, as a trap would, and no limit on the size of files could end it, and
# so change what the block has ended with.
__runbook_is_over() {
  builtin mapfile -t __runbook_lines </proc/self/limits &&
    [[ ${__runbook_lines[2]-} == 'Max file size '*unlimited*unlimited* ]] &&
    builtin trap -p >|"$__runbook_restore" &&
    builtin mapfile -t __runbook_lines <"$__runbook_restore" || builtin return
  for __runbook_name in "${__runbook_lines[@]-}"; do
    case $__runbook_name in
      '' | "trap -- '$__runbook_at_exit' EXIT" | "trap -- '$__runbook_at_error' ERR") ;;
      *) builtin return 1 ;;
    esac
  done
}

# Saves the state, once: after the block, or at the exit it makes. Into the
# place by `>|`, for the block may have set `noclobber`.
__runbook_save() {
  if [[ -z ${__runbook_saved-} ]]; then
    __runbook_saved=1
    # With `functrace` on, a trap of the block's would see what is looked at.
    if [[ $- != *T* ]] && __runbook_is_over; then
      builtin trap - ERR
      __runbook_dump "$@"
    else
      (
        builtin trap - DEBUG ERR RETURN
        __runbook_dump "$@"
      )
    fi 9>|"$__runbook_state"
  fi
}

BASH_ARGV0=bash # the block's `$0`
__runbook_mode=$1 __runbook_restore=$2 __runbook_state=$3
builtin set --
builtin shopt -s expand_aliases # a page's author pastes into a terminal
__runbook_at_exit='{ __runbook_save "$@"; } 2>/dev/null'
builtin trap "$__runbook_at_exit" EXIT

# A block is judged by its last command; that an earlier one failed is noted by
# line, for those of the block itself: not inside functions and other files.
# Nothing shows it: bash keeps `$?` and PIPESTATUS over a trap, the last word
# keeps `$_`, and the redirections hide it from `xtrace`. What fails very often
# is not slowed down for long. All in one line, for LINENO counts those of a
# trap too.
__runbook_failed=() __runbook_last=0 __runbook_count=0
__runbook_at_error='{ __runbook_code=$? __runbook_argument=$_ __runbook_line=$LINENO; '\
'((${#BASH_SOURCE[@]} != 2)) || __runbook_last=$__runbook_line __runbook_failed[__runbook_line]=$__runbook_code; '\
'((++__runbook_count < 1000)) || builtin trap - ERR; builtin : "$__runbook_argument"; } >/dev/null 2>&1'

# One command, so that all of it is read before the block can turn on
# `verbose`, which repeats what is read; and with the block's standard error
# put aside, so that `xtrace` shows the block's own commands and not these.
{
  if [[ $__runbook_mode == wait ]]; then
    builtin read -r __runbook_mode || { builtin trap - EXIT && builtin exit; }
    builtin exec </dev/null
    SECONDS=0
  fi
  builtin source "$__runbook_restore" >/dev/null
  if [[ -n ${__runbook_watch-} ]]; then
    builtin trap "$__runbook_at_error" ERR
  fi
  builtin source "$__runbook_file" 2>&8 8>&-
  __runbook_status=$?
  # A trap of the block's own has taken the place of the one above, and is
  # still to run: the state is saved before it.
  __runbook_save "$@"
  builtin exit "$__runbook_status"
} 8>&2 2>/dev/null
