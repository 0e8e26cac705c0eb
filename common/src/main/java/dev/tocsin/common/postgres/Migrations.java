package dev.tocsin.common.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The append-only migrations of one schema: numbered SQL scripts, applied once each in order. A
 * script may hold several statements and runs in one transaction.
 */
public record Migrations(String schema, List<Script> scripts) {

  /** One script; its number is its place in the list, from 1. */
  public record Script(String name, String sql) {}

  /** None: the schema is made elsewhere and only read here, as on a replica. */
  public static Migrations none(String schema) {
    return new Migrations(schema, List.of());
  }

  /**
   * Loads scripts from the class path beside a class.
   *
   * @param names file names in order, such as {@code V001__segments.sql}, below {@code migration/}
   */
  public static Migrations load(String schema, Class<?> beside, String... names) {
    List<Script> scripts = new ArrayList<>();
    for (String name : names) {
      try (InputStream in = beside.getResourceAsStream("migration/" + name)) {
        if (in == null) {
          throw new IllegalArgumentException("no migration/" + name + " beside " + beside);
        }
        scripts.add(new Script(name, new String(in.readAllBytes(), UTF_8)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return new Migrations(schema, List.copyOf(scripts));
  }
}
