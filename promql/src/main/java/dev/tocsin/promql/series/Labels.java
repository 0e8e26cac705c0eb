package dev.tocsin.promql.series;

import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * An immutable set of labels, sorted by name (UTF-16 order). A label with an empty value is the
 * same as no label, so none is kept. The metric name is the label {@link #METRIC_NAME}.
 *
 * <p>Comparison goes name by name, then value by value; a prefix sorts first. This is the order of
 * series in a {@link SeriesSet} and in a matrix result.
 */
public final class Labels implements Comparable<Labels> {
  /** The label that holds the metric name. */
  public static final String METRIC_NAME = "__name__";

  /** The label that holds the upper bound of a classic histogram bucket. */
  public static final String BUCKET_BOUND = "le";

  private static final Labels EMPTY = new Labels(new String[0]);

  /** Name, value, name, value ... by ascending name. */
  private final String[] pairs;

  private long hash;
  private boolean hashed;

  private Labels(String[] pairs) {
    this.pairs = pairs;
  }

  public static Labels empty() {
    return EMPTY;
  }

  public static Labels of(Map<String, String> labels) {
    return builder().putAll(labels).build();
  }

  /** Labels from name, value, name, value ...; a later pair of the same name wins. */
  public static Labels of(String... namesAndValues) {
    if (namesAndValues.length % 2 != 0) {
      throw new IllegalArgumentException("labels: odd number of strings " + namesAndValues.length);
    }
    Builder builder = builder();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      builder.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return builder.build();
  }

  public static Builder builder() {
    return new Builder();
  }

  public Builder toBuilder() {
    Builder builder = new Builder();
    forEach(builder::put);
    return builder;
  }

  /** The value of a label, or null when the set has none of that name. */
  public @Nullable String get(String name) {
    int at = indexOf(name);
    return at < 0 ? null : pairs[at + 1];
  }

  /** The value of a label, empty when there is none: what a matcher sees. */
  public String getOrEmpty(String name) {
    int at = indexOf(name);
    return at < 0 ? "" : pairs[at + 1];
  }

  public boolean has(String name) {
    return indexOf(name) >= 0;
  }

  /** The metric name, empty when there is none. */
  public String metricName() {
    return getOrEmpty(METRIC_NAME);
  }

  public int size() {
    return pairs.length / 2;
  }

  public boolean isEmpty() {
    return pairs.length == 0;
  }

  public String nameAt(int index) {
    return pairs[2 * index];
  }

  public String valueAt(int index) {
    return pairs[2 * index + 1];
  }

  public void forEach(BiConsumer<? super String, ? super String> action) {
    for (int i = 0; i < pairs.length; i += 2) {
      action.accept(pairs[i], pairs[i + 1]);
    }
  }

  /** A copy as a map, in label order. */
  public Map<String, String> asMap() {
    Map<String, String> map = new LinkedHashMap<>();
    forEach(map::put);
    return map;
  }

  /** This set with one label set; an empty value removes it. */
  public Labels with(String name, String value) {
    return toBuilder().put(name, value).build();
  }

  /** This set without the named labels. */
  public Labels without(String... names) {
    return filtered(names.length == 1 ? List.of(names[0]) : Arrays.asList(names), false);
  }

  public Labels without(Collection<String> names) {
    return filtered(names, false);
  }

  /** Only the named labels of this set. */
  public Labels keeping(Collection<String> names) {
    return filtered(names, true);
  }

  public Labels withoutName() {
    int at = indexOf(METRIC_NAME);
    if (at < 0) {
      return this;
    }
    // Done for every series of every query.
    String[] rest = new String[pairs.length - 2];
    System.arraycopy(pairs, 0, rest, 0, at);
    System.arraycopy(pairs, at + 2, rest, at, rest.length - at);
    return rest.length == 0 ? EMPTY : new Labels(rest);
  }

  /** Done for every series that is aggregated. */
  private Labels filtered(Collection<String> names, boolean keep) {
    String[] kept = new String[pairs.length];
    int count = 0;
    for (int i = 0; i < pairs.length; i += 2) {
      if (names.contains(pairs[i]) == keep) {
        kept[count++] = pairs[i];
        kept[count++] = pairs[i + 1];
      }
    }
    if (count == pairs.length) {
      return this;
    }
    return count == 0 ? EMPTY : new Labels(Arrays.copyOf(kept, count));
  }

  private int indexOf(String name) {
    for (int i = 0; i < pairs.length; i += 2) {
      if (pairs[i].equals(name)) {
        return i;
      }
    }
    return -1;
  }

  /**
   * A 64-bit hash that depends on the labels only: equal sets hash alike in every process and
   * release (FNV-1a over the UTF-16 units, finished with a 64-bit mix).
   */
  public long stableHash() {
    if (!hashed) {
      long h = 0xcbf29ce484222325L;
      for (String s : pairs) {
        for (int i = 0; i < s.length(); i++) {
          h = (h ^ s.charAt(i)) * 0x100000001b3L;
        }
        h = (h ^ 0x1ffff) * 0x100000001b3L;
      }
      h ^= h >>> 33;
      h *= 0xff51afd7ed558ccdL;
      h ^= h >>> 33;
      hash = h;
      hashed = true;
    }
    return hash;
  }

  @Override
  public int compareTo(Labels other) {
    int shared = Math.min(pairs.length, other.pairs.length);
    for (int i = 0; i < shared; i++) {
      int order = pairs[i].compareTo(other.pairs[i]);
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(pairs.length, other.pairs.length);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Labels that
        && stableHash() == that.stableHash()
        && Arrays.equals(pairs, that.pairs);
  }

  @Override
  public int hashCode() {
    return Long.hashCode(stableHash());
  }

  /** Prometheus's notation: {@code name{label="value", ...}}, {@code {}} when empty. */
  @Override
  public String toString() {
    return LabelText.print(this);
  }

  /**
   * Collects labels; the last value of a name wins, an empty value removes the name. Not
   * thread-safe.
   */
  public static final class Builder {
    private final TreeMap<String, String> labels = new TreeMap<>();

    private Builder() {}

    public Builder put(String name, String value) {
      if (value.isEmpty()) {
        labels.remove(name);
      } else {
        labels.put(name, value);
      }
      return this;
    }

    public Builder putAll(Map<String, String> more) {
      more.forEach(this::put);
      return this;
    }

    public Builder remove(String name) {
      labels.remove(name);
      return this;
    }

    public Labels build() {
      if (labels.isEmpty()) {
        return EMPTY;
      }
      String[] pairs = new String[2 * labels.size()];
      int i = 0;
      for (Map.Entry<String, String> label : labels.entrySet()) {
        pairs[i++] = label.getKey();
        pairs[i++] = label.getValue();
      }
      return new Labels(pairs);
    }
  }
}
