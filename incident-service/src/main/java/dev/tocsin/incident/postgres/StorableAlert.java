package dev.tocsin.incident.postgres;

import dev.tocsin.common.contract.AlertEvent;
import dev.tocsin.common.postgres.PostgresText;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Alert events as the tables can hold them: without what PostgreSQL refuses, and bounded, as an
 * incident is read again with every notification. An alert is never refused for a text in it.
 */
final class StorableAlert {
  /** PagerDuty's dedup_key has 255 characters; the fingerprint and a time have to fit. */
  static final int FINGERPRINT_BYTES_MAX = 200;

  static final int VALUE_BYTES_MAX = 8 << 10;

  /** Of all labels, and of all annotations. */
  static final int TEXTS_BYTES_MAX = 64 << 10;

  /** Tells that labels or annotations were left out. */
  static final String LEFT_OUT = "tocsin_left_out";

  private StorableAlert() {}

  static AlertEvent of(AlertEvent event) {
    return new AlertEvent(
        event.status(),
        texts(event.labels()),
        texts(event.annotations()),
        event.startsAt(),
        event.endsAt(),
        event.updatedAt(),
        PostgresText.clean(event.generatorUrl(), VALUE_BYTES_MAX),
        fingerprint(event.fingerprint()),
        group(event.ruleGroup()),
        PostgresText.clean(event.rule(), PostgresText.KEY_BYTES_MAX),
        PostgresText.clean(event.value(), VALUE_BYTES_MAX));
  }

  static String fingerprint(String fingerprint) {
    return PostgresText.key(fingerprint, FINGERPRINT_BYTES_MAX);
  }

  static String group(String ruleGroup) {
    return PostgresText.key(ruleGroup, PostgresText.KEY_BYTES_MAX);
  }

  /** As many as have room, the short ones first: they say most. */
  private static Map<String, String> texts(Map<String, String> texts) {
    Map<String, String> clean = new TreeMap<>();
    texts.forEach(
        (name, value) ->
            clean.put(
                PostgresText.key(name, PostgresText.KEY_BYTES_MAX),
                PostgresText.clean(value, VALUE_BYTES_MAX)));
    List<Map.Entry<String, String>> shortFirst =
        clean.entrySet().stream().sorted(Comparator.comparingInt(StorableAlert::bytes)).toList();
    Map<String, String> kept = new TreeMap<>();
    int bytes = 0;
    for (Map.Entry<String, String> text : shortFirst) {
      bytes += bytes(text);
      if (bytes > TEXTS_BYTES_MAX) {
        kept.put(
            LEFT_OUT,
            "%d of %d: more than %d bytes"
                .formatted(clean.size() - kept.size(), clean.size(), TEXTS_BYTES_MAX));
        return kept;
      }
      kept.put(text.getKey(), text.getValue());
    }
    return kept;
  }

  private static int bytes(Map.Entry<String, String> text) {
    return PostgresText.bytes(text.getKey()) + PostgresText.bytes(text.getValue());
  }
}
