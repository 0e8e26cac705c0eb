package dev.tocsin.storage.benchmark;

import java.util.List;
import java.util.Locale;

/** Where a table's bytes are. */
final class Sizes {
  private static final String PARTS =
      """
      select string_agg(what || ' ' || round(bytes / %s, 2), ', ' order by bytes desc)
      from (
        select case when i.indexrelid is null then case when c.relkind = 't' then 'toast' else 'heap' end
          else regexp_replace(c.relname, '^.*_\\d{8}_', '') end as what,
          sum(pg_relation_size(c.oid))::numeric as bytes
        from pg_class c left join pg_index i on i.indexrelid = c.oid
        where c.oid in (
          select inhrelid from pg_inherits where inhparent = 'telemetry.%s'::regclass
          union select t.reltoastrelid from pg_class t join pg_inherits h on h.inhrelid = t.oid
            where h.inhparent = 'telemetry.%s'::regclass
          union select x.indexrelid from pg_index x join pg_inherits h on h.inhrelid = x.indrelid
            where h.inhparent = 'telemetry.%s'::regclass)
        group by 1) as part where bytes > 0
      """;
  private static final String COLUMNS =
      """
      select string_agg(name || ' ' || round(bytes / %s, 2), ', ' order by bytes desc) from (
        select a.key as name, sum(octet_length(decode(substr(a.value, 3), 'hex')))::numeric as bytes
        from (select * from telemetry.%s order by random() limit 40) s, jsonb_each_text(to_jsonb(s)) a
        where a.value like '\\\\x%%' group by 1) as c
      """;

  private Sizes() {}

  static void print(Backend backend, String table, double count) {
    String number = String.format(Locale.ROOT, "%.0f", count);
    System.out.println("  of which: " + backend.text(PARTS.formatted(number, table, table, table)));
    double sampled =
        backend.number(
            "select coalesce(sum(n) * 40 / count(*), 1)::bigint from telemetry." + table);
    System.out.println(
        "  columns (of 40 segments): "
            + backend.text(COLUMNS.formatted(String.format(Locale.ROOT, "%.0f", sampled), table)));
  }

  /** The tables beside the span segments, by item. */
  static void printBeside(Backend backend, double count) {
    StringBuilder sizes = new StringBuilder();
    for (String table : List.of("trace_summary", "span_red", "service_edge", "exception_minute")) {
      backend.execute("vacuum telemetry." + table);
      double bytes = backend.size("telemetry." + table) / count;
      sizes.append(String.format(Locale.ROOT, " %s %.2f", table, bytes));
    }
    double groups =
        backend.number("select pg_total_relation_size('telemetry.exception_group')") / count;
    System.out.printf(Locale.ROOT, "  beside them:%s exception_group %.2f%n", sizes, groups);
  }
}
