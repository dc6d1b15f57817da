# The world of migration-blocked.md: sessions and locks are in its database. On
# PostgreSQL they are real; on SQLite they are rows of tables, where
# migration-blocked.sql has put them. Read by stand-in.sh.

readonly BEFORE=6c0a1f2b9d41 NEWEST=8e51d7c04a2f

seed() { :; }

on_postgres() {
    [[ $RUNBOOK_REHEARSAL_DB_OPS == *.postgres ]]
}

# Whether somebody holds a lock on `orders`.
is_locked() {
    [[ $(number ops "SELECT count(*) AS held FROM pg_locks WHERE relation = 16385 AND granted = 1") -gt 0 ]]
}

end_session() {
    rehearsal-sql ops "DELETE FROM pg_locks WHERE pid = $1" > /dev/null
    rehearsal-sql ops "DELETE FROM pg_stat_activity WHERE pid = $1" > /dev/null
    # What queued up behind the migration goes on once it is out of the way.
    rehearsal-sql ops "DELETE FROM pg_locks WHERE granted = 0 AND mode = 'RowExclusiveLock'
                       AND NOT EXISTS (SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock')" > /dev/null
}
