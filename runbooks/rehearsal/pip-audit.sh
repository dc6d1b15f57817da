#!/usr/bin/env bash
# A stand-in for pip-audit, which knows one vulnerability.
source stand-in || exit 1

[[ "$*" == '-r requirements.txt' ]] || not_rehearsed "pip-audit $*"
if audit_problems . > /dev/null; then
    printf 'Found 1 known vulnerability in 1 package\n' >&2
    printf 'Name   Version ID             Fix Versions\njinja2 3.1.2   CVE-2025-27516 3.1.6\n'
    exit 1
fi
printf 'No known vulnerabilities found\n' >&2
