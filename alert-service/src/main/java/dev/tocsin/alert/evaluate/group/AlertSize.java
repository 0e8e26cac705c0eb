package dev.tocsin.alert.evaluate.group;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.promql.series.Labels;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Bounds what an alert says, so that its event and its state fit into one record however long the
 * texts are that came with the telemetry. What is cut says so, and how long it was; label sets that
 * differ stay different, because the cut text carries the hash of the whole.
 */
public final class AlertSize {
  /** Of all names and values; JSON may need six bytes for one of them. */
  public static final int LABELS_BYTES_MAX = 64 << 10;

  static final int ANNOTATIONS_BYTES_MAX = 64 << 10;

  /** Of one series a recording rule makes; a record of a topic with Kafka's own limit holds it. */
  static final int SERIES_BYTES_MAX = 256 << 10;

  /** Stands for the labels that found no room. */
  public static final String CUT_LABEL = "tocsin_labels_cut";

  private static final int VALUE_BYTES_MAX = 1 << 10;
  private static final int CUT_NOTE_BYTES_MAX = 128;

  private AlertSize() {}

  /** Names and values in UTF-8. */
  public static long bytes(Labels labels) {
    long sum = 0;
    for (int i = 0; i < labels.size(); i++) {
      sum += bytes(labels.nameAt(i)) + bytes(labels.valueAt(i));
    }
    return sum;
  }

  public static Labels labels(Labels labels) {
    if (bytes(labels) <= LABELS_BYTES_MAX) {
      return labels;
    }
    Labels.Builder kept = Labels.builder();
    String name = labels.getOrEmpty("alertname");
    kept.put("alertname", cut(name, VALUE_BYTES_MAX));
    long room = LABELS_BYTES_MAX - 2 * CUT_NOTE_BYTES_MAX - 2 * VALUE_BYTES_MAX;
    Labels.Builder left = Labels.builder();
    for (int i = 0; i < labels.size(); i++) {
      String value = cut(labels.valueAt(i), VALUE_BYTES_MAX);
      room -= bytes(labels.nameAt(i)) + bytes(value);
      if (room >= 0) {
        kept.put(labels.nameAt(i), value);
      } else {
        room += bytes(labels.nameAt(i)) + bytes(value);
        left.put(labels.nameAt(i), labels.valueAt(i));
      }
    }
    Labels without = left.build();
    if (!without.isEmpty()) {
      kept.put(CUT_LABEL, "%d labels, #%016x".formatted(without.size(), without.stableHash()));
    }
    return kept.build();
  }

  static Map<String, String> annotations(Map<String, String> annotations) {
    Map<String, String> bounded = new LinkedHashMap<>();
    long room = ANNOTATIONS_BYTES_MAX;
    for (Map.Entry<String, String> annotation : annotations.entrySet()) {
      long forText = room - bytes(annotation.getKey());
      if (forText < CUT_NOTE_BYTES_MAX) {
        break;
      }
      String text = cut(annotation.getValue(), (int) forText);
      bounded.put(annotation.getKey(), text);
      room = forText - bytes(text);
    }
    return bounded;
  }

  /** The text, or its beginning and a note of what it was. */
  public static String cut(String text, int bytesMax) {
    long bytes = bytes(text);
    if (bytes <= bytesMax) {
      return text;
    }
    String note =
        "... (cut from %d bytes, #%016x)".formatted(bytes, Labels.of("t", text).stableHash());
    byte[] whole = text.getBytes(UTF_8);
    int end = Math.max(0, bytesMax - note.length());
    while (end > 0 && (whole[end] & 0xc0) == 0x80) {
      end--;
    }
    return new String(whole, 0, end, UTF_8) + note;
  }

  private static long bytes(String text) {
    long sum = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        sum++;
      } else if (c < 0x800) {
        sum += 2;
      } else if (Character.isSurrogate(c)) {
        // Half of a pair, which takes four.
        sum += 2;
      } else {
        sum += 3;
      }
    }
    return sum;
  }
}
