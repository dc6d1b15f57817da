//! What calling a function does, for the functions known here.

use super::SqlDialect;
use crate::runbook::Effect;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// Functions that only compute or look, in lower case.
const PURE: &[&str] = &[
    // Aggregates and windows.
    "count sum avg min max total group_concat string_agg array_agg json_agg jsonb_agg json_object_agg \
     jsonb_object_agg json_group_array json_group_object bool_and bool_or every stddev stddev_pop stddev_samp \
     variance var_pop var_samp percentile_cont percentile_disc mode corr row_number rank dense_rank percent_rank \
     cume_dist ntile lag lead first_value last_value nth_value grouping",
    // Values.
    "coalesce nullif ifnull isnull iif if greatest least typeof pg_typeof cast try_cast convert",
    // Text.
    "lower upper initcap length char_length character_length octet_length bit_length substr substring trim ltrim \
     rtrim btrim replace translate concat concat_ws left right lpad rpad repeat reverse split_part position strpos \
     instr overlay format printf quote quote_ident quote_literal quote_nullable regexp_match regexp_matches \
     regexp_replace regexp_split_to_table regexp_split_to_array regexp_count regexp_like starts_with ascii chr char \
     unicode md5 sha256 encode decode hex to_hex unhex like glob string_to_array array_to_string unistr soundex",
    // Numbers.
    "abs ceil ceiling floor round trunc truncate sign mod power pow sqrt exp ln log log10 log2 pi sin cos tan \
     degrees radians random rand randomblob width_bucket generate_series",
    // Time.
    "now current_timestamp current_date current_time localtimestamp localtime clock_timestamp statement_timestamp \
     transaction_timestamp timeofday age date time datetime timestamp julianday unixepoch strftime timediff \
     date_trunc date_part date_bin extract make_date make_time make_timestamp make_timestamptz make_interval \
     justify_hours justify_days justify_interval to_char to_date to_timestamp to_number isfinite timezone date_add \
     date_sub date_format datediff timestampdiff timestampadd from_unixtime unix_timestamp utc_timestamp curdate \
     curtime year month day hour minute second sysdate",
    // JSON and arrays.
    "json jsonb json_extract json_value json_query json_exists json_valid json_type json_array json_object \
     json_array_length jsonb_array_length json_each jsonb_each json_each_text jsonb_each_text json_tree \
     json_array_elements jsonb_array_elements json_array_elements_text jsonb_array_elements_text json_build_object \
     jsonb_build_object json_build_array jsonb_build_array json_object_keys jsonb_object_keys jsonb_set \
     jsonb_pretty json_typeof jsonb_typeof json_set json_unquote json_extract_path json_extract_path_text \
     jsonb_extract_path jsonb_extract_path_text jsonb_path_query jsonb_path_exists jsonb_strip_nulls json_remove \
     to_json to_jsonb row_to_json array row array_length array_position array_append array_remove array_cat \
     cardinality unnest",
    // Looking at the server.
    "version sqlite_version current_setting current_database current_schema current_schemas current_user \
     session_user pg_backend_pid pg_blocking_pids pg_database_size pg_relation_size pg_table_size \
     pg_total_relation_size pg_indexes_size pg_tablespace_size pg_size_pretty pg_size_bytes pg_get_indexdef \
     pg_get_constraintdef pg_get_viewdef pg_get_functiondef pg_get_triggerdef pg_get_expr pg_get_userbyid \
     pg_get_serial_sequence pg_is_in_recovery pg_last_wal_receive_lsn pg_last_wal_replay_lsn \
     pg_last_xact_replay_timestamp pg_current_wal_lsn pg_wal_lsn_diff pg_postmaster_start_time pg_conf_load_time \
     pg_xact_status pg_table_is_visible pg_relation_filepath pg_column_size pg_sleep pg_my_temp_schema \
     pg_stat_get_activity pg_locks pg_lock_status pg_show_all_settings pg_tablespace_location pg_encoding_to_char \
     col_description obj_description shobj_description format_type to_regclass to_regproc to_regtype \
     has_table_privilege has_schema_privilege has_database_privilege has_column_privilege pg_has_role \
     txid_current_if_assigned pg_current_xact_id_if_assigned inet_server_addr inet_server_port inet_client_addr \
     pg_read_file pg_read_binary_file pg_ls_dir pg_ls_logdir pg_ls_waldir pg_stat_file pg_current_logfile \
     host last_insert_rowid changes total_changes last_insert_id row_count found_rows connection_id database schema \
     user pragma_table_info pragma_index_list pragma_index_info pragma_table_list pragma_database_list gen_random_uuid \
     uuid currval lastval",
];

/// Functions that change something, and what, in lower case. A name that ends
/// in `*` stands for all that begin with it.
const CHANGING: &[(&str, Effect, &str)] = &[
    ("pg_terminate_backend", Effect::Destructive, "ends sessions of the database"),
    ("pg_cancel_backend", Effect::Write, "cancels queries of other sessions"),
    ("pg_drop_replication_slot", Effect::Destructive, "drops a replication slot"),
    ("pg_replication_slot_advance", Effect::Destructive, "moves a replication slot"),
    ("pg_promote", Effect::Destructive, "promotes a standby"),
    ("pg_wal_replay_*", Effect::Write, "stops or resumes replication"),
    ("pg_reload_conf", Effect::Write, "reloads the server's configuration"),
    ("pg_rotate_logfile", Effect::Write, "rotates the server's log"),
    ("pg_switch_wal", Effect::Write, "switches the write-ahead log"),
    ("pg_create_*", Effect::Write, "creates something on the server"),
    ("pg_stat_reset*", Effect::Destructive, "resets statistics"),
    ("pg_logical_emit_message", Effect::Write, "writes into the write-ahead log"),
    ("pg_logical_slot_get_*", Effect::Destructive, "takes what a replication slot holds"),
    ("pg_replication_origin_*", Effect::Write, "changes where replication goes on"),
    ("pg_copy_*", Effect::Write, "copies a replication slot"),
    ("pg_log_backend_memory_contexts", Effect::Write, "writes into the server's log"),
    ("pg_stat_statements_reset", Effect::Destructive, "resets statistics"),
    ("pg_advisory_*", Effect::Write, "takes or releases an advisory lock"),
    ("pg_try_advisory_*", Effect::Write, "takes an advisory lock"),
    ("pg_notify", Effect::Write, "notifies listeners"),
    ("pg_file_*", Effect::Write, "writes files on the server"),
    ("pg_import_system_collations", Effect::Write, "adds collations"),
    ("pg_backup_*", Effect::Write, "starts or stops a backup"),
    ("pg_start_backup", Effect::Write, "starts a backup"),
    ("pg_stop_backup", Effect::Write, "stops a backup"),
    ("pg_export_snapshot", Effect::Write, "exports a snapshot"),
    ("nextval", Effect::Write, "advances a sequence"),
    ("setval", Effect::Write, "sets a sequence"),
    ("set_config", Effect::Write, "changes a setting"),
    ("txid_current", Effect::Write, "takes a transaction id"),
    ("pg_current_xact_id", Effect::Write, "takes a transaction id"),
    ("lo_unlink", Effect::Destructive, "deletes a large object"),
    ("lo_*", Effect::Write, "changes large objects"),
    ("dblink*", Effect::Write, "runs statements on another database"),
    ("query_to_xml*", Effect::Unknown, "runs a statement given as text"),
    ("lowrite", Effect::Write, "changes large objects"),
    ("brin_summarize_*", Effect::Write, "works on an index"),
    ("brin_desummarize_range", Effect::Write, "works on an index"),
    ("gin_clean_pending_list", Effect::Write, "works on an index"),
    ("pg_sync_replication_slots", Effect::Write, "moves replication slots"),
    ("pg_log_standby_snapshot", Effect::Write, "writes into the write-ahead log"),
    ("pg_logfile_rotate", Effect::Write, "rotates the server's log"),
    ("load_extension", Effect::Write, "loads code into the database"),
    ("writefile", Effect::Write, "writes a file"),
    ("get_lock", Effect::Write, "takes a lock"),
    ("release_lock", Effect::Write, "releases a lock"),
    ("release_all_locks", Effect::Write, "releases locks"),
];

/// Words before `(` that call nothing: keywords and names of types that no
/// function can have.
const NOT_CALLS: &str = "in and or not where from join on using values as select exists any all some like ilike between \
    case when then else union except intersect distinct lateral limit offset having interval group order is with \
    returning end collate varchar character varying numeric decimal bit float precision int integer bigint smallint \
    text rollup cube for tablesample only inner outer cross natural full into timestamp time";

/// Words that call nothing behind certain others; elsewhere they may be the
/// names of functions.
const NOT_CALLS_BEHIND: &[(&str, &str)] =
    &[("over filter within", ")"), ("by", "group order partition"), ("sets", "grouping"), ("materialized", "as not")];

/// Whether `word`, which stands behind `before`, is no call.
pub(super) fn is_not_a_call(word: &str, before: &str) -> bool {
    static NOT: LazyLock<HashSet<&str>> = LazyLock::new(|| NOT_CALLS.split(' ').collect());
    let is_in = |list: &str, word: &str| list.split(' ').any(|known| known.eq_ignore_ascii_case(word));
    NOT.contains(word.to_ascii_lowercase().as_str())
        || NOT_CALLS_BEHIND.iter().any(|(words, behind)| is_in(words, word) && is_in(behind, before))
}

/// Functions that Postgres does not have itself, so that there a name here is
/// that of somebody's own.
const NOT_IN_POSTGRES: &str = "total group_concat json_group_array json_group_object ifnull isnull iif if typeof try_cast \
    instr printf quote hex unhex unicode glob soundex rand randomblob truncate log2 \
    datetime julianday unixepoch strftime timediff date_add date_sub date_format datediff timestampdiff timestampadd \
    from_unixtime unix_timestamp utc_timestamp curdate curtime year month day hour minute second sysdate json_extract \
    json_valid json_type json_each_text json_tree json_set json_unquote json_remove sqlite_version last_insert_rowid \
    changes total_changes last_insert_id row_count found_rows connection_id database schema pragma_table_info pragma_index_list \
    pragma_index_info pragma_table_list pragma_database_list uuid";

/// What calling `name` does, and in which words; `None` for a pure function.
pub(super) fn effect_of_call(name: &str, dialect: SqlDialect) -> Option<(Effect, String)> {
    let lower = name.to_ascii_lowercase();
    let changing = CHANGING.iter().find(|(pattern, _, _)| match pattern.strip_suffix('*') {
        Some(prefix) => lower.starts_with(prefix),
        None => lower == *pattern,
    });
    if let Some((_, effect, words)) = changing {
        return Some((*effect, format!("`{lower}()` {words}")));
    }
    let in_postgres = IS_IN_POSTGRES.get(lower.as_str());
    if in_postgres.is_some_and(|in_postgres| *in_postgres || dialect != SqlDialect::Postgres) {
        return None;
    }
    Some((Effect::Unknown, format!("`{name}()` is not a function known here")))
}

/// The pure functions, and whether Postgres has them itself.
static IS_IN_POSTGRES: LazyLock<HashMap<&str, bool>> = LazyLock::new(|| {
    let pure = PURE.iter().flat_map(|group| group.split(' ')).map(|name| (name, true));
    let mut functions: HashMap<&str, bool> = pure.collect();
    for name in NOT_IN_POSTGRES.split(' ') {
        functions.entry(name).and_modify(|is_in_postgres| *is_in_postgres = false);
    }
    functions
});
