# Has fish leave what the block it runs has changed.
#
#   fish --no-config --init-command 'source DRIVER BASH LEAVE STATE IMPORT' FILE
#
# IMPORT is code that sets variables. LEAVE is the driver of bash, which adds to
# STATE the directory, umask and exported variables that a child of fish has.
# Only names that begin with `__runbook_` are used.

set --global __runbook_leave $argv[1..3]

function __runbook_save --on-event fish_exit
    command $__runbook_leave[1] --norc --noprofile -p $__runbook_leave[2] leave "$PWD" $__runbook_leave[3] </dev/null >/dev/null 2>&1
end

source $argv[4]
