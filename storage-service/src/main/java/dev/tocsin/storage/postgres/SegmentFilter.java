package dev.tocsin.storage.postgres;

import com.google.protobuf.ByteString;
import dev.tocsin.storage.AttributeTest;
import dev.tocsin.storage.AttributeValue;
import dev.tocsin.storage.Comparison;
import dev.tocsin.storage.segment.Hashes;
import dev.tocsin.storage.segment.TokenBloom;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;

/**
 * Conditions on the index columns of segments, which every segment with a match meets; parameters
 * numbered from a first one. Not thread-safe.
 */
final class SegmentFilter {
  /** First parameter of a condition beside those of {@link SegmentScan}. */
  private static final int FIRST = 7;

  private final String bloom;
  private final String blocks;
  private final int first;
  private final StringBuilder where = new StringBuilder();
  private final Tuple parameters = Tuple.tuple();

  private SegmentFilter(String bloom, String blocks, int first) {
    this.bloom = bloom;
    this.blocks = blocks;
    this.first = first;
  }

  static SegmentFilter spans() {
    return spans(FIRST);
  }

  /**
   * @param first number of the first parameter
   */
  static SegmentFilter spans(int first) {
    return new SegmentFilter(
        "attr_bloom", "(octet_length(attr_bloom) / " + TokenBloom.BLOCK_BYTES + ")", first);
  }

  static SegmentFilter logs() {
    return new SegmentFilter("bloom", "nblk", FIRST);
  }

  /** Segments with at least one of the entries, of which there is one. */
  void any(Entries entries) {
    List<String> alternatives = new ArrayList<>();
    if (!entries.tokens().isEmpty()) {
      alternatives.add("tokens && " + next(entries.tokens().toArray(Integer[]::new)) + "::int[]");
    }
    entries.marks().forEach(mark -> alternatives.add(probe(mark)));
    and("(" + String.join(" or ", alternatives) + ")");
  }

  void trace(ByteString traceId) {
    and("trace_hash && " + next(Hashes.traceKeys(traceId)) + "::int[]");
    traceMark(traceId);
  }

  /** As {@link #trace}, of segments that were found by their trace keys. */
  void traceMark(ByteString traceId) {
    and(probe(Hashes.traceMark(traceId)));
  }

  void word(String word) {
    and(probe(Hashes.of(word)));
  }

  /** A condition that the bloom may hold the hash: of one block a slice is read, no more. */
  private String probe(long hash) {
    TokenBloom.Probe probe = TokenBloom.probe(hash);
    String slice =
        "substring(%s from (%s::int %% %s) * %d + 1 for %d)"
            .formatted(
                bloom, next(probe.block()), blocks, TokenBloom.BLOCK_BYTES, TokenBloom.BLOCK_BYTES);
    List<String> bits = new ArrayList<>();
    for (int bit : probe.bits()) {
      bits.add("get_bit(" + slice + ", " + next(bit) + "::int) = 1");
    }
    return "(" + String.join(" and ", bits) + ")";
  }

  /** Adds a condition with its parameters already named by {@link #next}. */
  void and(String condition) {
    where.append(" and ").append(condition);
  }

  /** Adds a parameter and returns its name. */
  String next(Object value) {
    parameters.addValue(value);
    return "$" + (first + parameters.size() - 1);
  }

  String where() {
    return where.toString();
  }

  Tuple parameters() {
    return parameters;
  }

  /** What a segment with a match has; values on events, links and scopes are not indexed. */
  static Entries entries(AttributeTest test) {
    boolean indexed =
        test.comparison() == Comparison.EQUAL
            && switch (test.scope()) {
              case ITEM, RESOURCE, ITEM_OR_RESOURCE -> true;
              case ANY, SCOPE, EVENT, LINK -> false;
            };
    if (!indexed) {
      return Entries.UNKNOWN;
    }
    // 200 and 200.0 are equal as numbers and differ as text.
    Entries entries = Entries.of(test.key(), test.value().asText());
    if (test.value() instanceof AttributeValue.Whole whole) {
      return entries.or(Entries.of(test.key(), Double.toString((double) whole.value())));
    }
    if (test.value() instanceof AttributeValue.Real real
        && real.value() == Math.rint(real.value())) {
      return entries.or(Entries.of(test.key(), Long.toString((long) real.value())));
    }
    return entries;
  }
}
