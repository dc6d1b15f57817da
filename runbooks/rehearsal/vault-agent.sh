#!/usr/bin/env bash
# A stand-in for vault-agent: writes the new credentials, as a single run of
# the real one does.
source stand-in || exit 1

[[ "$*" == *-exit-after-auth* ]] || not_rehearsed 'vault-agent without -exit-after-auth'
printf 'session=valid since the rotation\n' > "$SURVEY/credentials/session.json"
printf 'ghp_of_tonight\n' > "$SURVEY/credentials/git-token"
printf 'wrote 2 templates\n'
