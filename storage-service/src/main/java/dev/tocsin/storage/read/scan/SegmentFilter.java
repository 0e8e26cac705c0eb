package dev.tocsin.storage.read.scan;

import com.google.protobuf.ByteString;
import dev.tocsin.segment.index.Hashes;
import dev.tocsin.segment.index.TokenBloom;
import dev.tocsin.storage.ports.AttributeTest;
import dev.tocsin.storage.ports.AttributeValue;
import dev.tocsin.storage.ports.Comparison;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;

/**
 * Conditions on the index columns of segments, which every segment with a match meets; for {@link
 * SegmentScan}, whose own parameters come before. Not thread-safe.
 */
public final class SegmentFilter {
  private static final int FIRST = 7;

  // By itself, as the planner would rather compare the arrays of all rows of the time.
  private static final String BY_TRACE =
      """
      with candidate as materialized (
        select * from %s where trace_hash && %s::int[] and min_ts >= $1 and min_ts <= $2)\
      """;

  private final String bloom;
  private final String blocks;
  private final StringBuilder where = new StringBuilder();
  private final Tuple parameters = Tuple.tuple();

  /** Parameter with the keys of a trace, empty when none is asked for. */
  private String traceKeys = "";

  private SegmentFilter(String bloom, String blocks) {
    this.bloom = bloom;
    this.blocks = blocks;
  }

  public static SegmentFilter spans() {
    return new SegmentFilter(
        "attr_bloom", "(octet_length(attr_bloom) / " + TokenBloom.BLOCK_BYTES + ")");
  }

  public static SegmentFilter logs() {
    return new SegmentFilter("bloom", "nblk");
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

  /** Segments that may have the trace: found by its keys, then told by the bloom. */
  public SegmentFilter trace(ByteString traceId) {
    String keys = next(Hashes.traceKeys(traceId));
    if (traceKeys.isEmpty()) {
      traceKeys = keys;
    } else {
      and("trace_hash && " + keys + "::int[]");
    }
    and(probe(Hashes.traceMark(traceId)));
    return this;
  }

  /** What stands before the statement that selects from {@link #source}. */
  String with(String table) {
    return traceKeys.isEmpty() ? "" : BY_TRACE.formatted(table, traceKeys);
  }

  /** What to select from. */
  String source(String table) {
    return traceKeys.isEmpty() ? table : "candidate";
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
    return "$" + (FIRST + parameters.size() - 1);
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
              case ANY, SCOPE, EVENT, LINK, BODY -> false;
            };
    if (!indexed) {
      return Entries.UNKNOWN;
    }
    // 200 and 200.0 are equal as numbers and differ as text; so are 0 and -0.0.
    Entries entries = Entries.of(test.key(), test.value().asText());
    if (test.value() instanceof AttributeValue.Whole whole) {
      Entries both = entries.or(Entries.of(test.key(), Double.toString((double) whole.value())));
      return whole.value() == 0 ? both.or(Entries.of(test.key(), "-0.0")) : both;
    }
    if (test.value() instanceof AttributeValue.Real real
        && real.value() == Math.rint(real.value())) {
      return entries.or(Entries.of(test.key(), Long.toString((long) real.value())));
    }
    return entries;
  }
}
