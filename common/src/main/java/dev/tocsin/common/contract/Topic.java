package dev.tocsin.common.contract;

/**
 * The Kafka topics of the suite; docs/contracts.md says in prose what each holds.
 *
 * @param partitioned whether it spreads over {@code kafka.partitions}, else it has one
 * @param compacted whether the newest record of a key is kept for ever
 */
public record Topic(String name, boolean partitioned, boolean compacted) {
  /** The largest record accepted on any topic. */
  public static final long MESSAGE_BYTES_MAX = 16L << 20;

  public static final Topic SPANS = new Topic("otlp_spans", true, false);
  public static final Topic METRICS = new Topic("otlp_metrics", true, false);
  public static final Topic LOGS = new Topic("otlp_logs", true, false);
  public static final Topic PROFILES = new Topic("otlp_profiles", true, false);
  public static final Topic DERIVED = new Topic("tocsin.derived", true, false);
  public static final Topic ALERTS = new Topic("tocsin.alerts", true, false);
  public static final Topic ALERT_STATE = new Topic("tocsin.alert-state", true, true);
  public static final Topic RULES = new Topic("tocsin.rules", true, true);
  public static final Topic INCIDENTS = new Topic("tocsin.incidents", true, false);
  public static final Topic ACCESS = new Topic("tocsin.access", false, true);
  public static final Topic STORAGE_LIMITS = new Topic("tocsin.storage-limits", false, true);
  public static final Topic DEAD_LETTER = new Topic("tocsin.dead-letter", false, false);
}
