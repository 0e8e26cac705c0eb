package dev.tocsin.storage.read.scan;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.segment.core.IndexEntries;
import dev.tocsin.segment.index.Hashes;
import dev.tocsin.segment.index.Tokens;
import java.util.ArrayList;
import java.util.List;

/**
 * Index entries of which a segment with a match has at least one; with none of either kind, nothing
 * can be said of it.
 *
 * @param tokens see {@link Tokens}
 * @param marks in the bloom, see {@link IndexEntries}
 */
public record Entries(List<Integer> tokens, List<Long> marks) {
  /** Any segment may have a match. */
  static final Entries UNKNOWN = new Entries(List.of(), List.of());

  /** Alternatives beyond these cost more to ask for than they save. */
  private static final int MARKS_MAX = 16;

  /** Those of an attribute of an item or its resource, or of something that is indexed as one. */
  static Entries of(String key, String value) {
    if (Tokens.KEYS.contains(key)) {
      return new Entries(List.of(Hashes.token(key, value), Hashes.anyValue(key)), List.of());
    }
    long any = Hashes.anyAttribute(key);
    boolean listed = value.getBytes(UTF_8).length <= IndexEntries.TEXT_BYTES_MAX;
    return new Entries(
        List.of(), listed ? List.of(Hashes.attribute(key, value), any) : List.of(any));
  }

  boolean isUnknown() {
    return tokens.isEmpty() && marks.isEmpty();
  }

  /** What a segment has one of that has one of these or of the others. */
  Entries or(Entries others) {
    List<Integer> allTokens = new ArrayList<>(tokens);
    allTokens.addAll(others.tokens);
    List<Long> allMarks = new ArrayList<>(marks);
    others.marks.stream().filter(mark -> !allMarks.contains(mark)).forEach(allMarks::add);
    boolean unknown = isUnknown() || others.isUnknown() || allMarks.size() > MARKS_MAX;
    return unknown ? UNKNOWN : new Entries(allTokens, allMarks);
  }

  /** What a segment has one of that meets one of several alternatives. */
  static Entries anyOf(List<Entries> alternatives) {
    return alternatives.stream().reduce(Entries::or).orElse(UNKNOWN);
  }
}
