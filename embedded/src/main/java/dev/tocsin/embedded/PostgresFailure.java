package dev.tocsin.embedded;

/** Says why PostgreSQL ended while it was starting. */
final class PostgresFailure {
  private PostgresFailure() {}

  static EmbeddedException of(ServerExit exit, PostgresOptions options, int port) {
    String output = String.join("\n", exit.lastLines());
    if (output.contains("Address already in use")) {
      return Ports.taken("PostgreSQL port", port);
    }
    String reason;
    if (output.contains("No space left on device")) {
      reason =
          "PostgreSQL data directory: %s (no space left on its file system; make room or choose another directory)"
              .formatted(options.dataDirectory());
    } else if (output.contains("\"postmaster.pid\" already exists")
        || output.contains("shared memory block")) {
      reason =
          "PostgreSQL data directory: %s (in use by another running server; expected: one owner; stop that server or choose another directory)"
              .formatted(options.dataDirectory());
    } else if (output.contains("Permission denied") || output.contains("has wrong ownership")) {
      reason =
          "PostgreSQL data directory: %s (not accessible; expected: owned, readable and writable by user %s)"
              .formatted(options.dataDirectory(), System.getProperty("user.name"));
    } else if (output.contains("unrecognized configuration parameter")
        || output.contains("invalid value for parameter")) {
      reason = "PostgreSQL settings: one is not accepted";
    } else {
      reason = "PostgreSQL did not start";
    }
    return new EmbeddedException(
        reason + "; log: " + options.logFile() + System.lineSeparator() + exit.describe());
  }
}
