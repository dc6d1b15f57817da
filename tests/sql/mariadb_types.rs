//! Each type that MariaDB knows, against what its own client prints.

use crate::Server;
use runbook::effect::ServerKind;

/// A column's type, and values for it as SQL. NULL is tried for each.
const TYPES: &[(&str, &[&str])] = &[
    ("tinyint", &["-128", "127", "0"]),
    ("tinyint unsigned", &["0", "255"]),
    ("boolean", &["true", "false", "-5"]),
    ("smallint", &["-32768", "32767"]),
    ("smallint unsigned", &["65535"]),
    ("mediumint", &["-8388608", "8388607"]),
    ("mediumint unsigned", &["16777215"]),
    ("int", &["-2147483648", "2147483647"]),
    ("int unsigned", &["4294967295"]),
    ("int(10) unsigned zerofill", &["0", "42"]),
    ("tinyint(4) zerofill", &["7"]),
    ("bigint", &["-9223372036854775808", "9223372036854775807"]),
    ("bigint unsigned", &["18446744073709551615"]),
    ("decimal(65,30)", &["99999999999999999999999999999999999.999999999999999999999999999999", "-0.1", "0"]),
    ("decimal(10,2) unsigned zerofill", &["3.5"]),
    ("numeric(5,0)", &["-99999"]),
    ("float", &["1.1", "3.402823466e38", "-1.17549435e-38", "0", "-0e0", "16777216"]),
    ("float(7,4)", &["999.9999"]),
    ("double", &["0.1", "1.7976931348623157e308", "2.2250738585072014e-308", "-0e0", "1e15", "123456789012345680"]),
    ("double(10,3) zerofill", &["1.5"]),
    ("bit(1)", &["b'0'", "b'1'"]),
    ("bit(8)", &["b'1000001'"]),
    ("bit(64)", &["b'1111111111111111111111111111111111111111111111111111111111111111'", "b'0'"]),
    ("year", &["1901", "2155", "0"]),
    ("date", &["'0000-00-00'", "'9999-12-31'", "'2026-00-00'", "'0001-01-01'"]),
    ("datetime", &["'0000-00-00 00:00:00'", "'9999-12-31 23:59:59'"]),
    ("datetime(6)", &["'0000-00-00 00:00:00'", "'2026-01-02 03:04:05.000001'", "'2026-01-02 03:04:05'"]),
    ("timestamp", &["'0000-00-00 00:00:00'", "'1970-01-01 09:00:01'", "'2038-01-19 12:14:07'"]),
    ("timestamp(3)", &["'2026-01-02 03:04:05.678'"]),
    ("time", &["'-838:59:59'", "'838:59:59'", "'00:00:00'", "'-00:00:01'"]),
    ("time(6)", &["'-00:00:00.000001'", "'12:00:00'"]),
    ("char(5)", &["''", "'é'", "'ab  '", "'NULL'"]),
    ("varchar(100)", &["''", "'NULL'", "'null'", "'😀 日本'", "'tab\\tback\\\\slash'", "'two\\nlines'", "' '"]),
    ("varchar(20) character set latin1", &["'é'", "''"]),
    ("varchar(20) character set utf16", &["'é😀'"]),
    ("varchar(20) collate utf8mb4_bin", &["'é'", "''"]),
    ("tinytext", &["'a'", "''"]),
    ("text", &["'a'", "''"]),
    ("mediumtext", &["'a'"]),
    ("longtext", &["REPEAT('x', 70000)"]),
    ("enum('a', '', 'é')", &["'a'", "''", "'é'"]),
    ("set('a', 'b', 'é')", &["''", "'a,é'"]),
    ("json", &["'{\"a\": [1, null, \"é\"]}'", "'null'", "'\"\"'"]),
    ("binary(4)", &["X'00FF'", "'a'", "''"]),
    ("varbinary(10)", &["X'00FF0A'", "''", "'text'", "X'C3A9'"]),
    ("tinyblob", &["X'80'", "''"]),
    ("blob", &["X'00FF0A090D'", "''", "'text'"]),
    ("mediumblob", &["X'FF'"]),
    ("longblob", &["X'FF'"]),
    ("uuid", &["'123e4567-e89b-12d3-a456-426655440000'", "'00000000-0000-0000-0000-000000000000'"]),
    ("inet4", &["'0.0.0.0'", "'255.255.255.255'"]),
    ("inet6", &["'::'", "'2001:db8::ff00:42:8329'", "'::ffff:1.2.3.4'"]),
    ("point", &["POINT(1.5, -2)"]),
    ("linestring", &["ST_GeomFromText('LINESTRING(0 0, 1 1)')"]),
    ("polygon", &["ST_GeomFromText('POLYGON((0 0, 1 0, 1 1, 0 0))')"]),
    ("geometry", &["POINT(0, 0)", "ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1))')"]),
];

/// Values that no column holds, and what the server says of itself.
const EXPRESSIONS: &[&str] = &[
    "NULL",
    "1/3",
    "PI()",
    "1e100",
    "18446744073709551615",
    "TRUE",
    "'a' = 'b'",
    "0x41",
    "X''",
    "UNHEX('00FF')",
    "CAST('a' AS BINARY)",
    "CONCAT(1, 'a')",
    "CONCAT('a', NULL)",
    "JSON_OBJECT('a', NULL)",
    "CAST('2026-01-02' AS DATE)",
    "TIMEDIFF('01:00:00', '02:00:00')",
    "DATE '2026-01-02' + INTERVAL 1 MICROSECOND",
    "INET6_ATON('::1')",
    "GROUP_CONCAT('a')",
    "MAX(NULL)",
    "@never_set",
    "@@version_comment",
    "@@GLOBAL.max_statement_time",
];

/// Between the values in the client's output: no value holds it.
const MARK: &str = "----8<----";

#[tokio::test]
async fn each_value_of_each_type_is_as_the_client_prints_it() {
    let mut server = Server::new(ServerKind::Mysql).await;
    let mut make = "SET sql_mode = '';\n".to_owned();
    let mut queries = Vec::new();
    for (at, (kind, values)) in TYPES.iter().enumerate() {
        make += &format!("CREATE TABLE t{at} (id int, v {kind} NULL);\nINSERT INTO t{at} VALUES (0, NULL);\n");
        queries.push((format!("SELECT v FROM t{at} WHERE id = 0"), *kind, "NULL"));
        for (row, value) in values.iter().enumerate() {
            make += &format!("INSERT INTO t{at} VALUES ({}, {value});\n", row + 1);
            queries.push((format!("SELECT v FROM t{at} WHERE id = {}", row + 1), *kind, *value));
        }
    }
    queries.extend(EXPRESSIONS.iter().map(|value| (format!("SELECT {value}"), "an expression", *value)));
    let database = server.mariadb.take().expect("it is one");
    database.client(&make);
    let script: String = queries.iter().map(|(query, ..)| format!("{query};\nSELECT '{MARK}';\n")).collect();
    let printed = database.client_in_hex(&script);
    let mut printed = printed.split(MARK).map(|text| text.strip_prefix('\n').unwrap_or(text));
    for (query, kind, value) in &queries {
        let theirs = printed.next().and_then(|text| text.strip_suffix('\n')).expect("a value of the client's");
        let ours = server.value(query).await;
        let is_null = *value == "NULL" || ["CONCAT('a', NULL)", "MAX(NULL)", "@never_set"].contains(value);
        assert_eq!(ours.is_none(), is_null, "{kind}: {value} gives {ours:?}");
        // Of bytes the client shows NULL as if they were none.
        let theirs = if is_null && theirs == "0x" { "NULL" } else { theirs };
        assert_eq!(ours.as_deref().unwrap_or("NULL"), theirs, "{kind}: {value}");
    }
}

#[tokio::test]
async fn numbers_stand_right_and_bytes_are_shown_in_hex() {
    let mut server = Server::new(ServerKind::Mysql).await;
    let (_, output) =
        server.ok("SELECT 7 AS n, 1.50 AS d, X'00FF' AS b, 'x' AS t UNION ALL SELECT 10, 10, X'', ''").await;
    assert_eq!(
        output.out,
        " n  |   d   |   b    | t\n----+-------+--------+---\n  7 |  1.50 | 0x00FF | x\n 10 | 10.00 | 0x     |\n(2 rows)\n"
    );
}
