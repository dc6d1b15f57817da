# Read by every bash of a rehearsal that runs a script: a block, a stand-in,
# `bash -c` inside one.

# The shell's own one ends real processes, whose ids a block may have from
# anywhere. A stand-in of this name is then found like any other.
builtin enable -n kill

command_not_found_handle() {
  builtin printf 'rehearsal: `%s` is not rehearsed; give it a stand-in under rehearsal.commands\n' "$1" >&2
  builtin return 127
}

# Or a block that adds a folder to it would get at the real commands there.
builtin readonly PATH
