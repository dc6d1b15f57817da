//! Every value of every type is the server's own client's text of it.

use crate::{Server, servers};
use runbook::effect::ServerKind;
use std::collections::BTreeSet;
use std::process::Command;

/// A type's name, as `pg_type` has it, and values of it.
const POSTGRES: &[(&str, &[&str])] = &[
    ("bool", &["true", "false"]),
    ("char", &["'a'::\"char\"", "''::\"char\"", "'\\303'::\"char\""]),
    ("name", &["'a name'::name", "''::name"]),
    (
        "text",
        &[
            "''::text",
            "' '",
            "'NULL'",
            "'null'",
            "'(null)'",
            "'a|b'",
            "E'a\\nb'",
            "E'\\t\\r\\x1b'",
            "'日本 é'",
            "repeat('x', 100000)",
        ],
    ),
    ("varchar", &["'abc'::varchar(5)", "''::varchar"]),
    ("bpchar", &["'abc'::char(5)", "''::char(3)"]),
    ("bytea", &["'\\x'::bytea", "'\\x00ff27'::bytea", "decode(repeat('00ff', 5000), 'hex')"]),
    ("int2", &["(-32768)::int2", "32767::int2", "0::int2"]),
    ("int4", &["-2147483648", "2147483647", "0"]),
    ("int8", &["'-9223372036854775808'::int8", "9223372036854775807::int8"]),
    (
        "numeric",
        &[
            "0.00",
            "1.50",
            "-0.0000000001",
            "'NaN'::numeric",
            "'Infinity'::numeric",
            "'-Infinity'::numeric",
            "repeat('9', 131072)::numeric",
            "('0.' || repeat('0', 16382) || '1')::numeric",
            "1e-20::numeric",
            "1e40::numeric",
        ],
    ),
    (
        "float4",
        &[
            "0.1::float4",
            "'NaN'::float4",
            "'-Infinity'::float4",
            "3.4028235e38::float4",
            "1e-45::float4",
            "'-0'::float4",
        ],
    ),
    (
        "float8",
        &[
            "0.1::float8",
            "1e20::float8",
            "'NaN'::float8",
            "'Infinity'::float8",
            "1.7976931348623157e308::float8",
            "5e-324::float8",
        ],
    ),
    ("money", &["'-92233720368547758.08'::money", "'12.3'::money", "0::money"]),
    (
        "date",
        &[
            "'4713-01-01 BC'::date",
            "'5874897-12-31'::date",
            "'infinity'::date",
            "'-infinity'::date",
            "'2026-02-28'::date",
        ],
    ),
    ("time", &["'00:00'::time", "'24:00'::time", "'23:59:59.999999'::time"]),
    ("timetz", &["'00:00+15:59'::timetz", "'24:00-15:59'::timetz", "'12:34:56.7+05:30'::timetz"]),
    (
        "timestamp",
        &[
            "'4713-01-01 00:00 BC'::timestamp",
            "'294276-12-31 23:59:59.999999'::timestamp",
            "'infinity'::timestamp",
            "'-infinity'::timestamp",
        ],
    ),
    (
        "timestamptz",
        &[
            "'4713-01-02 00:00 BC'::timestamptz",
            "'294276-12-31 00:00'::timestamptz",
            "'infinity'::timestamptz",
            "'-infinity'::timestamptz",
            "'2026-03-29 01:59:59.123456+00'::timestamptz",
            "'0044-03-15 12:00 BC'::timestamptz",
        ],
    ),
    (
        "interval",
        &[
            "'0'::interval",
            "'1 year -2 days +03:04:05.678'::interval",
            "'178000000 years'::interval",
            "'-1 mon'::interval",
            "'00:00:00.000001'::interval",
        ],
    ),
    (
        "json",
        &["'{}'::json", "'null'::json", "'{\"a\" : 1,  \"a\": 2}'::json", "E'[1,\\n 2]'::json", "'\"\\u00e9\"'::json"],
    ),
    ("jsonb", &["'{}'::jsonb", "'null'::jsonb", "'{\"b\" : [1, null], \"a\": \"x\"}'::jsonb"]),
    ("jsonpath", &["'$.a[*] ? (@ > 1)'::jsonpath"]),
    ("uuid", &["'00000000-0000-0000-0000-000000000000'::uuid", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid"]),
    (
        "inet",
        &["'10.0.0.1'::inet", "'10.1.2.3/8'::inet", "'::1'::inet", "'2001:db8::/32'::inet", "'::ffff:1.2.3.4'::inet"],
    ),
    ("cidr", &["'10.0.0.0/8'::cidr", "'::/0'::cidr", "'0.0.0.0/0'::cidr"]),
    ("macaddr", &["'08:00:2b:01:02:03'::macaddr"]),
    ("macaddr8", &["'08:00:2b:01:02:03:04:05'::macaddr8"]),
    ("bit", &["B'101'", "B'0'::bit(1)", "B'1'::bit(70)"]),
    ("varbit", &["''::varbit", "'0110'::varbit(8)"]),
    ("xml", &["'<a>b</a>'::xml", "''::xml", "'text'::xml"]),
    ("tsvector", &["''::tsvector", "'a:1A fat cat''s'::tsvector"]),
    ("tsquery", &["''::tsquery", "'fat & (rat | !cat:*B)'::tsquery"]),
    ("point", &["point(1.5, -2)", "'(Infinity,NaN)'::point"]),
    ("line", &["'{1,-1,0.5}'::line"]),
    ("lseg", &["'[(0,0),(1,2)]'::lseg"]),
    ("box", &["'(2,2),(0,0)'::box"]),
    ("path", &["'((0,0),(1,1),(2,0))'::path", "'[(0,0),(1,1)]'::path"]),
    ("polygon", &["'((0,0),(1,1),(2,0))'::polygon"]),
    ("circle", &["'<(1,2),3.5>'::circle"]),
    ("oid", &["0::oid", "4294967295::oid"]),
    ("xid", &["'4294967295'::xid"]),
    ("xid8", &["'18446744073709551615'::xid8"]),
    ("cid", &["'7'::cid"]),
    ("tid", &["'(4294967295,65535)'::tid"]),
    ("oidvector", &["''::oidvector", "'1 2 3'::oidvector"]),
    ("int2vector", &["''::int2vector", "'1 -2 3'::int2vector"]),
    (
        "regclass",
        &["'pg_class'::regclass", "'\"sorted \"\"odd\"\"\"'::regclass", "0::regclass", "4000000000::regclass"],
    ),
    ("regtype", &["'int4[]'::regtype", "'mood'::regtype"]),
    ("regproc", &["'now'::regproc"]),
    ("regprocedure", &["'abs(int4)'::regprocedure"]),
    ("regoper", &["'||/'::regoper"]),
    ("regoperator", &["'+(int4,int4)'::regoperator"]),
    ("regrole", &["'postgres'::regrole"]),
    ("regnamespace", &["'pg_catalog'::regnamespace"]),
    ("regconfig", &["'english'::regconfig"]),
    ("regdictionary", &["'simple'::regdictionary"]),
    ("regcollation", &["'\"C\"'::regcollation"]),
    ("refcursor", &["'a cursor'::refcursor", "''::refcursor"]),
    ("pg_lsn", &["'0/0'::pg_lsn", "'FFFFFFFF/FFFFFFFF'::pg_lsn"]),
    ("txid_snapshot", &["'10:20:10,14,15'::txid_snapshot"]),
    ("pg_snapshot", &["'10:20:10,14,15'::pg_snapshot"]),
    ("aclitem", &["'postgres=arwdDxt/postgres'::aclitem", "'=r/postgres'::aclitem"]),
    (
        "pg_node_tree",
        &[
            "(SELECT ev_qual FROM pg_rewrite LIMIT 1)",
            "(SELECT adbin FROM pg_attrdef WHERE adrelid = 'made'::regclass)",
        ],
    ),
    ("pg_ndistinct", &["(SELECT stxdndistinct FROM pg_statistic_ext_data)"]),
    ("pg_dependencies", &["(SELECT stxddependencies FROM pg_statistic_ext_data)"]),
    ("pg_mcv_list", &["(SELECT stxdmcv FROM pg_statistic_ext_data)"]),
    ("int4range", &["'empty'::int4range", "'[1,5)'::int4range", "'(,)'::int4range"]),
    ("int8range", &["'[1,]'::int8range"]),
    ("numrange", &["'(1.5,2.50]'::numrange"]),
    ("tsrange", &["'[2026-01-01,2026-01-02 03:04)'::tsrange"]),
    ("tstzrange", &["'[2026-01-01 00:00+00,infinity]'::tstzrange"]),
    ("daterange", &["'[2026-01-01,2026-01-31]'::daterange"]),
    ("int4multirange", &["'{}'::int4multirange", "'{[1,3),[7,)}'::int4multirange"]),
    ("int8multirange", &["'{[1,3)}'::int8multirange"]),
    ("nummultirange", &["'{(1.5,2.50]}'::nummultirange"]),
    ("tsmultirange", &["'{[2026-01-01,2026-01-02)}'::tsmultirange"]),
    ("tstzmultirange", &["'{[2026-01-01 00:00+00,)}'::tstzmultirange"]),
    ("datemultirange", &["'{[2026-01-01,2026-01-31]}'::datemultirange"]),
    ("record", &["ROW(1, NULL, '', 'a \"b\", c')", "ROW()"]),
    ("void", &["pg_sleep(0)"]),
    ("mood", &["'so so'::mood", "'(null)'::mood"]),
    ("positive", &["1::positive"]),
    ("pair", &["ROW(1, 'x, y')::pair", "ROW(NULL, NULL)::pair", "ROW(NULL, '')::pair"]),
    ("nested", &["ROW(ROW(1, 'a \"b\"')::pair, ARRAY[ROW(2, NULL)::pair])::nested"]),
    ("_int4", &["'{}'::int[]", "'{1,NULL,-3}'::int[]", "'{{1,2},{3,NULL}}'::int[]", "'[0:1]={1,2}'::int[]"]),
    ("_text", &["ARRAY['', 'NULL', NULL, 'a,b', '{}', 'say \"x\\y\"']", "ARRAY[E'two\\nlines']"]),
    ("_timestamptz", &["ARRAY['infinity', '2026-01-01 00:00+00']::timestamptz[]"]),
    ("_pair", &["ARRAY[ROW(1, 'x')::pair, NULL]"]),
    ("_mood", &["ARRAY['ok', 'so so']::mood[]"]),
    ("_jsonb", &["ARRAY['{\"a\": [1, 2]}']::jsonb[]"]),
    ("_bytea", &["ARRAY['\\x00']::bytea[]"]),
];

/// No value of these can be had by a statement.
const UNREACHABLE: [&str; 3] = ["gtsvector", "pg_brin_bloom_summary", "pg_brin_minmax_multi_summary"];

const MADE: &str = "
    CREATE TYPE mood AS ENUM ('ok', 'so so', '(null)');
    CREATE DOMAIN positive AS int CHECK (VALUE > 0);
    CREATE TYPE pair AS (n int, t text);
    CREATE TYPE nested AS (p pair, more pair[]);
    CREATE TABLE \"sorted \"\"odd\"\"\" (a int);
    CREATE TABLE made (a int DEFAULT 7, b int);
    INSERT INTO made SELECT n % 10, n % 5 FROM generate_series(1, 1000) AS n;
    CREATE STATISTICS made_ab (ndistinct, dependencies, mcv) ON a, b FROM made;
    ANALYZE made;";

/// Settings that change how values are written.
const SETTINGS: [&str; 8] = [
    "",
    "SET IntervalStyle = 'sql_standard'",
    "SET IntervalStyle = 'postgres_verbose'",
    "SET IntervalStyle = 'iso_8601'",
    "SET bytea_output = 'escape'",
    "SET DateStyle = 'SQL, DMY'",
    "SET DateStyle = 'German'",
    "SET extra_float_digits = 0",
];

#[tokio::test]
async fn every_value_of_every_type_of_postgres_is_psqls_text() {
    let mut server = Server::new(ServerKind::Postgres).await;
    let database = server.postgres.take().expect("it is one");
    database.psql(MADE);
    let values: Vec<&str> = POSTGRES.iter().flat_map(|(_, values)| values.iter().copied()).collect();
    for setting in SETTINGS {
        let script: String = values.iter().map(|value| format!("SELECT {value};\n")).collect();
        let expected = database.psql_records(&format!("{setting};\n{script}"));
        assert_eq!(expected.len(), values.len(), "psql gives one record for each");
        if !setting.is_empty() {
            server.ok(setting).await;
        }
        for (value, expected) in values.iter().zip(expected) {
            let (result, output) = server.ok(&format!("SELECT {value} AS v, num_nulls({value})")).await;
            let row = result.first_row.expect("a row");
            let is_null = row[1].as_deref() == Some("1");
            assert_eq!(row[0].is_none(), is_null, "{value}: {setting}");
            let found = row[0].clone().unwrap_or_default();
            assert!(found == expected, "{value}: {setting}\n{found:.200}\n{expected:.200}");
            let is_plain = expected.len() < 1000 && !expected.contains(char::is_control) && expected != "(null)";
            assert!(!is_plain || output.out.contains(&format!(" {expected}")), "{value}: {setting}\n{}", output.out);
        }
        server.ok("RESET ALL").await;
        server.ok("SET TimeZone = 'Asia/Tokyo'").await;
    }
}

#[tokio::test]
async fn no_type_of_postgres_is_left_out_of_the_table() {
    let mut server = Server::new(ServerKind::Postgres).await;
    let database = server.postgres.take().expect("it is one");
    database.psql(MADE);
    for (name, values) in POSTGRES {
        let is_of_it = format!("SELECT typname FROM pg_type WHERE oid = pg_typeof({})", values[0]);
        assert_eq!(server.value(&is_of_it).await.as_deref(), Some(*name), "{}", values[0]);
    }
    let known = database.psql(
        "SELECT typname FROM pg_type WHERE typtype IN ('b', 'r', 'm', 'e', 'd', 'c') AND typcategory <> 'A' \
         AND (typtype <> 'c' OR typrelid IN (SELECT oid FROM pg_class WHERE relkind = 'c')) \
         AND typnamespace <> 'information_schema'::regnamespace",
    );
    let here: BTreeSet<&str> = POSTGRES.iter().map(|(name, _)| *name).chain(UNREACHABLE).collect();
    let missing: Vec<&str> = known.lines().filter(|name| !here.contains(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[tokio::test]
async fn null_of_every_type_is_null_and_nothing_else_is() {
    let mut server = Server::new(ServerKind::Postgres).await;
    let database = server.postgres.take().expect("it is one");
    database.psql(MADE);
    for (name, _) in POSTGRES.iter().filter(|(name, _)| !matches!(*name, "record" | "void")) {
        let (result, output) = server.ok(&format!("SELECT NULL::\"{name}\"")).await;
        assert_eq!(result.first_row, Some(vec![None]), "{name}");
        assert!(output.out.lines().nth(2).is_some_and(|row| row.trim() == "(null)"), "{name}: {}", output.out);
    }
    let texts = "SELECT 'NULL', '(null)', '''(null)''', '', ' ', NULL";
    let (_, output) = server.ok(texts).await;
    let row = output.out.lines().nth(2).expect("a row");
    let cells: Vec<&str> = row.split('|').map(str::trim_start).map(|cell| cell.trim_end_matches(' ')).collect();
    assert_eq!(cells, ["NULL", "'(null)'", "''(null)''", "", "", "(null)"]);
}

#[tokio::test]
async fn an_extensions_type_is_the_servers_text_too() {
    let mut server = Server::new(ServerKind::Postgres).await;
    let database = server.postgres.take().expect("it is one");
    if database.psql("SELECT count(*) FROM pg_available_extensions WHERE name = 'hstore'") == "0" {
        return;
    }
    database.psql("CREATE EXTENSION hstore");
    for value in ["'a=>1, \"b c\"=>NULL'::hstore", "''::hstore", "ARRAY['a=>\"x, y\"'::hstore]"] {
        let sql = format!("SELECT {value}");
        assert_eq!(server.value(&sql).await, Some(database.psql(&sql)), "{value}");
    }
}

#[tokio::test]
async fn every_value_of_sqlite_is_its_shells_text() {
    let mut server = Server::new(ServerKind::Sqlite).await;
    let path = server.url.strip_prefix("sqlite:").expect("a URL of SQLite").trim_start_matches("//").to_owned();
    let path = path.split('?').next().expect("a path").to_owned();
    for value in [
        "0",
        "-9223372036854775808",
        "9223372036854775807",
        "1.0",
        "0.1",
        "1e100",
        "-1e-300",
        "9e999",
        "-9e999",
        "1.5e15",
        "123456789012345678901234567890",
        "''",
        "'NULL'",
        "'(null)'",
        "'日本'",
        "' '",
        "true",
        "1 = 2",
        "'2026-01-02'",
        "julianday('2000-01-01')",
        "json('{\"a\": [1, null]}')",
        "json_array()",
        "hex(x'00ff')",
        "quote(x'00ff')",
        "typeof(1)",
        "printf('%.3f', 2)",
        "char(960)",
        "1 << 40",
        "-0.0",
        "3.0 * 1",
        "round(2.5)",
        "date('now') IS NULL",
    ] {
        let output = Command::new("sqlite3")
            .args(["-batch", "-noheader", "-list"])
            .arg(&path)
            .arg(format!("SELECT {value}"))
            .output();
        let output = output.expect("sqlite3 is installed for this test");
        assert!(output.status.success(), "{value}: {}", String::from_utf8_lossy(&output.stderr));
        let expected = String::from_utf8(output.stdout).expect("text").trim_end_matches('\n').to_owned();
        assert_eq!(server.value(&format!("SELECT {value}")).await, Some(expected), "{value}");
    }
    // The shell prints the bytes of a blob, whatever they do to the terminal.
    assert_eq!(server.value("SELECT x'00ff'").await.as_deref(), Some("X'00FF'"));
    assert_eq!(server.value("SELECT x''").await.as_deref(), Some("X''"));
    assert_eq!(server.value("SELECT zeroblob(3)").await.as_deref(), Some("X'000000'"));
    assert_eq!(server.value("SELECT NULL").await, None);
    assert_eq!(server.value("SELECT max(a) FROM (SELECT 1 AS a WHERE 0)").await, None);
}

/// `text` without what nobody sees: blanks at the end of a line, empty lines at
/// the end.
fn without_blanks(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim_end().to_owned()
}

/// What is laid out is what psql lays out.
#[tokio::test]
async fn tables_are_laid_out_as_psql_does() {
    let mut server = Server::new(ServerKind::Postgres).await;
    let database = server.postgres.take().expect("it is one");
    for sql in [
        "SELECT 1 AS n, 'text' AS t, NULL AS nothing, 12.50 AS amount",
        "SELECT n, repeat('x', n) AS x, n * 1000 AS \"a longer name\" FROM generate_series(1, 12) AS n",
        "SELECT E'one\\ntwo\\n\\nfour' AS lines, 5 AS n, E'a\\nb' AS last",
        "SELECT '日本' AS wide, 'é' AS accent, 'x' AS \"日本語\"",
        "SELECT '{\"a\": [1, 2], \"b\": null}'::jsonb AS j, 'x' AS y",
        "SELECT '' AS empty, '' AS last",
        "SELECT 1 AS a, 2 AS a, 3 AS a",
        "SELECT",
        "SELECT FROM generate_series(1, 3)",
        "SELECT 1 AS n WHERE false",
        "SELECT '1'::xid8 AS x, true AS b, 'NaN'::float8 AS f, '5'::money AS m, 7::oid AS o",
        "SELECT jsonb_pretty('{\"a\": {\"b\": [1, 2]}}') AS pretty, 1 AS n",
    ] {
        let (_, output) = server.ok(sql).await;
        assert_eq!(without_blanks(&output.out), without_blanks(&database.psql_table(sql, &[])), "{sql}");
    }
}

#[tokio::test]
async fn what_is_wider_than_the_screen_is_laid_out_as_psqls_auto_does() {
    let mut server = Server::new(ServerKind::Postgres).await;
    let database = server.postgres.take().expect("it is one");
    for sql in [
        "SELECT 1 AS id, 'ready' AS state, 'x' AS y",
        "SELECT n AS id, 'waiting for a lock' AS state, repeat('q', n) AS query FROM generate_series(8, 11) AS n",
        "SELECT 1 AS a_rather_long_name_for_a_column, 2 AS b, NULL AS c",
        "SELECT E'one line\\nand another one' AS lines, 'this is as long as it has to be' AS t",
        "SELECT '日本語日本語日本語日本語' AS wide, '日本語日本語' AS more, '' AS empty",
    ] {
        let ours = server.on_screen(sql, 40).await;
        let count = format!("({} row", if sql.contains("generate_series") { 4 } else { 1 });
        let records = ours.split_once(&count).expect("the count").0;
        let theirs = database.psql_table(sql, &["-P", "expanded=auto", "-P", "columns=40"]);
        let theirs = theirs.split_once(&count).map_or(theirs.as_str(), |(table, _)| table);
        assert_eq!(without_blanks(records), without_blanks(theirs), "{sql}");
        assert!(ours.lines().all(|line| unicode_width::UnicodeWidthStr::width(line) <= 40), "{ours}");
    }
}

#[tokio::test]
async fn a_value_wider_than_the_screen_is_broken_as_psql_marks_it() {
    let mut server = Server::new(ServerKind::Postgres).await;
    let database = server.postgres.take().expect("it is one");
    let sql = "SELECT 7 AS id, repeat('abcdefghij', 9) AS query, E'short\\n' || repeat('y', 40) AS lines";
    let ours = server.on_screen(sql, 40).await;
    let theirs = database.psql_table(sql, &["-x", "-P", "format=wrapped", "-P", "columns=40"]);
    assert_eq!(without_blanks(ours.split_once("(1 row").expect("the count").0), without_blanks(&theirs));
    let plan = server.on_screen("SELECT repeat('a plan ', 20) AS \"QUERY PLAN\"", 40).await;
    assert!(plan.lines().all(|line| line.len() <= 40), "{plan}");
    assert!(!plan.contains("RECORD"), "{plan}");
}

#[tokio::test]
async fn a_result_of_thousands_of_columns_is_shown_and_kept() {
    let mut server = Server::new(ServerKind::Postgres).await;
    let columns: Vec<String> = (1..=1600).map(|n| format!("{n} AS c{n}")).collect();
    let sql = format!("SELECT {}", columns.join(", "));
    let (result, output) = server.ok(&sql).await;
    assert_eq!((result.columns.len(), result.rows), (1600, Some(1)));
    assert!(output.out.contains("| c1600\n"), "the last name");
    let turned = server.on_screen(&sql, 80).await;
    assert!(turned.contains("\nc1600 | 1600\n"));
}

impl servers::postgres::Database {
    /// What psql prints of each query of a script, unaligned.
    fn psql_records(&self, script: &str) -> Vec<String> {
        let printed = self.psql_with(&["-A", "-t", "-0"], script);
        let mut records: Vec<String> = printed.split('\0').map(str::to_owned).collect();
        records.pop();
        records
    }

    /// What psql prints of a query, with `(null)` for NULL.
    fn psql_table(&self, sql: &str, options: &[&str]) -> String {
        let mut all = vec!["-P", "null=(null)"];
        all.extend(options);
        self.psql_with(&all, sql)
    }
}
