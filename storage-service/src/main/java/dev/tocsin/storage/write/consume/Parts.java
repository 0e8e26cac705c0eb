package dev.tocsin.storage.write.consume;

import dev.tocsin.common.config.Section;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The Kafka partitions an instance stores, of every topic: those named, or when none is, those its
 * consumer group gives it. Named parts are how several databases share the load: each has instances
 * of its own, and a part must be named for one database only.
 */
public record Parts(List<Integer> named) {
  /** Whatever the consumer group gives. */
  public static final Parts SHARED = new Parts(List.of());

  private static final Pattern RANGE = Pattern.compile("(\\d{1,4})(?:-(\\d{1,4}))?");

  public Parts {
    named = List.copyOf(named);
  }

  /** Reads {@code parts}, such as {@code 0-3,8}. */
  public static Parts from(Section storage) {
    String text = storage.string("parts", "");
    TreeSet<Integer> named = new TreeSet<>();
    if (text.isEmpty()) {
      return SHARED;
    }
    for (String item : text.split(",")) {
      Matcher range = RANGE.matcher(item.strip());
      if (!range.matches()) {
        storage.problem("parts", text, "numbers and ranges, such as 0-3,8");
        return SHARED;
      }
      int first = Integer.parseInt(range.group(1));
      int last = range.group(2) == null ? first : Integer.parseInt(range.group(2));
      for (int part = first; part <= last; part++) {
        named.add(part);
      }
    }
    return new Parts(List.copyOf(named));
  }
}
