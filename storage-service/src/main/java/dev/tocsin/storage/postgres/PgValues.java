package dev.tocsin.storage.postgres;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/** Values as PostgreSQL can hold them. */
final class PgValues {
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private PgValues() {}

  /** A time to the microsecond, rounded down. */
  static OffsetDateTime instant(long nanos) {
    return Instant.ofEpochSecond(
            Math.floorDiv(nanos, NANOS_PER_SECOND), Math.floorMod(nanos, NANOS_PER_SECOND))
        .truncatedTo(ChronoUnit.MICROS)
        .atOffset(ZoneOffset.UTC);
  }

  static OffsetDateTime instant(Instant at) {
    return at.truncatedTo(ChronoUnit.MICROS).atOffset(ZoneOffset.UTC);
  }

  /** PostgreSQL has no character 0; the segments keep it. */
  static String text(String value) {
    return value.indexOf('\u0000') < 0 ? value : value.replace('\u0000', '\uFFFD');
  }
}
