package dev.tocsin.storage.schema;

import dev.tocsin.common.postgres.Migrations;

/** The schema {@code telemetry} and how it came about: migrations are only ever added. */
public final class TelemetrySchema {
  public static final String NAME = "telemetry";

  private TelemetrySchema() {}

  public static Migrations migrations() {
    return Migrations.load(
        NAME,
        TelemetrySchema.class,
        "V001__segments.sql",
        "V002__summaries.sql",
        "V003__merging.sql",
        "V010__format_2.sql",
        "V011__metadata.sql",
        "V012__red_blocks.sql",
        "V013__epochs.sql",
        "V015__requests.sql",
        "V016__span_ends.sql",
        "V017__exception_marks.sql");
  }
}
