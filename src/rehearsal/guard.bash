# Stands before a tool that changes files, and lets it do so only inside the
# rehearsal. Called by the tool's name; `root` and `tools` are set above.

name=${0##*/}

refuse() {
  printf 'rehearsal: %s: %s\n' "$name" "$1" >&2
  exit 1
}

# Whether a path, with all links followed, is in a folder that blocks may
# change; or a device that keeps nothing.
inside() {
  local real
  case $1 in
    /dev/null | /dev/stdout | /dev/stderr) return 0 ;;
  esac
  real=$("$tools/realpath" -m -- "$1" 2>/dev/null) || return 1
  case $real/ in
    "$root"/home/* | "$root"/world/* | "$root"/tmp/*) return 0 ;;
  esac
  return 1
}

# Every argument is taken for a path, which a word that is none passes too: it
# would be one in the current folder.
check() {
  local argument
  for argument; do
    case $argument in
      --*=*) argument=${argument#*=} ;;
      -*/*) refuse "\`$argument\` cannot be checked here; write the path apart from its option" ;;
      -*) continue ;;
    esac
    inside "$argument" || refuse "$argument is outside the rehearsal's folder"
  done
}

case $name in
  date)
    for argument; do
      case $argument in
        --s*) refuse "the clock is real, and is not set" ;;
        -[!-]*s* | -s*)
          # `-d '10 seconds ago'` has its text apart; `-Iseconds` is a format.
          case $argument in
            -d* | -I* | -f* | -r*) ;;
            *) refuse "the clock is real, and is not set" ;;
          esac
          ;;
      esac
    done
    ;;
  find)
    for argument; do
      case $argument in
        -delete | -fls | -fprint*) refuse "\`$argument\` is not rehearsed; use -exec rm" ;;
      esac
      case ${previous-} in
        -exec | -execdir | -ok | -okdir)
          [[ $argument != */* ]] || refuse "$argument is called by its path, so it would be the real one"
          ;;
      esac
      previous=$argument
    done
    ;;
  sed)
    in_place=0 script=1 files=()
    for argument; do
      case $argument in
        --in-place*) in_place=1 ;;
        -e | -f | --expression* | --file*) script=0 ;;
        -[!-]*) [[ $argument != *i* ]] || in_place=1 ;;
      esac
    done
    if ((in_place)); then
      for argument; do
        case $argument in
          -*) continue ;;
        esac
        # The first is the program, unless an option has brought one.
        if ((script)); then
          script=0
        else
          files+=("$argument")
        fi
      done
      check "${files[@]}"
    fi
    ;;
  *) check "$@" ;;
esac

exec "$tools/$name" "$@"
