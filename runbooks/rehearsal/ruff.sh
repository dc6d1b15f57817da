#!/usr/bin/env bash
# A stand-in for ruff, which knows one rule: no import that is not used.
source stand-in || exit 1

case "$*" in
    'check .')
        if found=$(lint_problems .); then
            printf '%s: F401 `os` imported but unused\nFound 1 error.\n' "${found%%:import*}"
            exit 1
        fi
        printf 'All checks passed!\n'
        ;;
    'check . --fix')
        sed -i '/^import os$/d' app/*.py
        printf 'Found 1 error (1 fixed, 0 remaining).\n'
        ;;
    'format .') printf '1 file left unchanged\n' ;;
    'format --check .') printf '1 file already formatted\n' ;;
    *) not_rehearsed "ruff $*" ;;
esac
