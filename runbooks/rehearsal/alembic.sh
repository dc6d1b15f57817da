#!/usr/bin/env bash
# A stand-in for alembic, with one migration to do. As the page has it, the
# migration gives up when it waits too long for its lock.
source stand-in || exit 1

gives_up() {
    fail 'sqlalchemy.exc.OperationalError: (psycopg.errors.LockNotAvailable) canceling statement due to lock timeout'
}

case "$*" in
    current)
        version=$(rehearsal-sql ops 'SELECT version_num FROM alembic_version' | grep -Eo '[0-9a-f]{12}')
        [[ $version != "$NEWEST" ]] || version+=' (head)'
        printf '%s\n' "$version"
        ;;
    heads) printf '%s (head)\n' "$NEWEST" ;;
    'upgrade head')
        if on_postgres; then
            rehearsal-sql ops "SET lock_timeout = '5s'; ALTER TABLE orders ADD COLUMN tax_rounded numeric" \
                > /dev/null 2>&1 || gives_up
        elif is_locked; then
            gives_up
        fi
        printf 'Running upgrade %s -> %s, add orders.tax_rounded\n' "$BEFORE" "$NEWEST"
        rehearsal-sql ops "UPDATE alembic_version SET version_num = '$NEWEST'" > /dev/null
        ;;
    *) not_rehearsed "alembic $*" ;;
esac
