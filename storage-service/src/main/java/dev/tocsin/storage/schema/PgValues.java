package dev.tocsin.storage.schema;

import dev.tocsin.common.postgres.PostgresText;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/** Values as PostgreSQL can hold them. */
public final class PgValues {
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private PgValues() {}

  /** A time to the microsecond, rounded down. */
  public static OffsetDateTime instant(long nanos) {
    return Instant.ofEpochSecond(
            Math.floorDiv(nanos, NANOS_PER_SECOND), Math.floorMod(nanos, NANOS_PER_SECOND))
        .truncatedTo(ChronoUnit.MICROS)
        .atOffset(ZoneOffset.UTC);
  }

  public static OffsetDateTime instant(Instant at) {
    return at.truncatedTo(ChronoUnit.MICROS).atOffset(ZoneOffset.UTC);
  }

  /** As far as PostgreSQL can hold it; the segments keep all. */
  public static String text(String value) {
    return PostgresText.clean(value);
  }
}
