package dev.tocsin.embedded;

import java.util.Map;

/** The server settings every embedded PostgreSQL starts with, unless the options say otherwise. */
final class PostgresDefaults {
  static final Map<String, String> SETTINGS =
      Map.ofEntries(
          Map.entry("fsync", "on"),
          Map.entry("synchronous_commit", "on"),
          Map.entry("full_page_writes", "on"),
          Map.entry("unix_socket_directories", ""),
          Map.entry("max_connections", "60"),
          Map.entry("shared_buffers", "128MB"),
          Map.entry("jit", "off"),
          Map.entry("timezone", "UTC"),
          Map.entry("log_timezone", "UTC"),
          Map.entry("log_line_prefix", "%m [%p] "),
          Map.entry("log_checkpoints", "off"),
          // One server, no replicas: less WAL, fewer processes.
          Map.entry("wal_level", "minimal"),
          Map.entry("max_wal_senders", "0"),
          Map.entry("max_logical_replication_workers", "0"),
          Map.entry("max_wal_size", "1GB"),
          Map.entry("checkpoint_timeout", "15min"));

  private PostgresDefaults() {}
}
