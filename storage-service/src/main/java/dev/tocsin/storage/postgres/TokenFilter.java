package dev.tocsin.storage.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.storage.segment.Hashes;
import dev.tocsin.storage.segment.IndexEntries;
import dev.tocsin.storage.segment.TokenBloom;
import dev.tocsin.storage.segment.Tokens;
import io.vertx.sqlclient.Tuple;

/** Conditions on index columns, parameters numbered from $7. Not thread-safe. */
final class TokenFilter {
  private static final int FIRST = 7;

  private final StringBuilder where = new StringBuilder();
  private final Tuple parameters = Tuple.tuple();
  private final int first;

  TokenFilter() {
    this(FIRST);
  }

  /**
   * @param first number of the first parameter
   */
  TokenFilter(int first) {
    this.first = first;
  }

  /**
   * Segments with the value, or with too many values of the key to list.
   *
   * @param bloom column that holds the keys that have no tokens
   * @param blocks how many blocks it has, as SQL
   */
  void equal(String key, String value, String bloom, String blocks) {
    if (Tokens.KEYS.contains(key)) {
      overlaps("tokens", new Integer[] {Hashes.token(key, value), Hashes.anyValue(key)});
    } else {
      String any = probe(Hashes.anyAttribute(key), bloom, blocks);
      boolean listed = value.getBytes(UTF_8).length <= IndexEntries.TEXT_BYTES_MAX;
      and(
          listed
              ? "(" + probe(Hashes.attribute(key, value), bloom, blocks) + " or " + any + ")"
              : any);
    }
  }

  /** A condition that the bloom may hold the hash: of one block a slice is read, no more. */
  String probe(long hash, String bloom, String blocks) {
    TokenBloom.Probe probe = TokenBloom.probe(hash);
    String slice =
        "substring(%s from (%s::int %% %s) * %d + 1 for %d)"
            .formatted(
                bloom, next(probe.block()), blocks, TokenBloom.BLOCK_BYTES, TokenBloom.BLOCK_BYTES);
    StringBuilder bits = new StringBuilder("(");
    for (int bit : probe.bits()) {
      bits.append(bits.length() == 1 ? "" : " and ");
      bits.append("get_bit(").append(slice).append(", ").append(next(bit)).append("::int) = 1");
    }
    return bits.append(')').toString();
  }

  void overlaps(String column, Integer[] hashes) {
    where.append(" and ").append(column).append(" && ").append(next(hashes)).append("::int[]");
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
}
