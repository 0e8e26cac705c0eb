package dev.tocsin.segment.metric;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.segment.column.ColumnWriter;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.SortedMap;

/**
 * The id of a series: 64 bits of a SHA-256 over its labels, the same everywhere and for ever. No
 * dictionary has to be asked, and nobody can make two series collide on purpose cheaply.
 */
public final class SeriesId {
  private SeriesId() {}

  /** Making one asks all providers of the platform. */
  private static final ThreadLocal<MessageDigest> SHA_256 =
      ThreadLocal.withInitial(SeriesId::sha256);

  /**
   * @param labels with {@code __name__}
   */
  public static long of(SortedMap<String, String> labels) {
    ColumnWriter bytes = new ColumnWriter();
    for (Map.Entry<String, String> label : labels.entrySet()) {
      add(bytes, label.getKey());
      add(bytes, label.getValue());
    }
    MessageDigest digest = SHA_256.get();
    digest.update(bytes.array(), 0, bytes.size());
    byte[] hash = digest.digest();
    long id = 0;
    for (int i = 0; i < 8; i++) {
      id = (id << 8) | (hash[i] & 0xFF);
    }
    return id;
  }

  private static void add(ColumnWriter out, String text) {
    byte[] bytes = text.getBytes(UTF_8);
    for (int shift = 24; shift >= 0; shift -= 8) {
      out.octet(bytes.length >>> shift);
    }
    out.raw(bytes);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
