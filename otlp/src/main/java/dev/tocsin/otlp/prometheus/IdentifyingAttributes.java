package dev.tocsin.otlp.prometheus;

import dev.tocsin.common.config.Section;
import dev.tocsin.common.config.Settings;
import dev.tocsin.otlp.wire.AttributeText;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which attributes of a resource are labels of its series where {@code job} and {@code instance} do
 * not tell it from others. The metrics of two hosts that name no service would be one series
 * otherwise, in which the one overwrites the other. A resource that has both {@code service.name}
 * and {@code service.instance.id} needs no other label and gets none, as Prometheus has it.
 *
 * <p>Immutable. Whoever makes series of the same points must use the same list.
 */
public final class IdentifyingAttributes {
  /** What OpenTelemetry names hosts, Kubernetes objects, containers and cloud resources by. */
  private static final List<String> DEFAULT_PATTERNS =
      List.of(
          "host.name",
          "host.id",
          "k8s.*.name",
          "k8s.*.uid",
          "container.id",
          "container.name",
          "cloud.account.id",
          "cloud.region",
          "cloud.availability_zone",
          "cloud.resource_id",
          "faas.name",
          "faas.instance",
          "process.pid");

  /** The list that holds where nothing is configured. */
  public static final IdentifyingAttributes DEFAULT = new IdentifyingAttributes(DEFAULT_PATTERNS);

  private static final int PATTERNS_MAX = 200;
  private static final int PATTERN_CHARS_MAX = 256;

  /** No name or id is longer; what is, stays another than those it begins like. */
  private static final int VALUE_CHARS_MAX = 512;

  /** Of all labels together, a quarter of what storage takes. What passes it is left out. */
  private static final int CHARS_MAX = 4_096;

  private static final String ANY_PART = "*";
  private static final String PART_END = ".";

  private final List<String> names;
  private final Set<String> keys = new HashSet<>();
  private final List<String[]> patterns = new ArrayList<>();

  private IdentifyingAttributes(List<String> names) {
    this.names = List.copyOf(names);
    for (String name : names) {
      if (name.contains(ANY_PART)) {
        patterns.add(parts(name));
      } else {
        keys.add(name);
      }
    }
  }

  /** Reads {@code identifying_attributes} of section {@code [telemetry]}. */
  public static IdentifyingAttributes from(Settings settings) {
    Section telemetry = settings.section("telemetry");
    List<String> names = telemetry.strings("identifying_attributes", DEFAULT_PATTERNS);
    if (names.size() > PATTERNS_MAX) {
      telemetry.problem(
          "identifying_attributes", names.size() + " names", "at most " + PATTERNS_MAX);
      return DEFAULT;
    }
    for (String name : names) {
      if (name.isBlank() || name.length() > PATTERN_CHARS_MAX || name.equals(ANY_PART)) {
        telemetry.problem(
            "identifying_attributes",
            name,
            "names of resource attributes of 1-"
                + PATTERN_CHARS_MAX
                + " characters, such as host.name or k8s.*.name");
        return DEFAULT;
      }
    }
    return new IdentifyingAttributes(names);
  }

  /** Those of a list in which {@code *} stands for one part between dots. */
  public static IdentifyingAttributes of(List<String> names) {
    return new IdentifyingAttributes(names);
  }

  /** Whether the list has the name of an attribute. */
  public boolean has(String key) {
    if (keys.contains(key)) {
      return true;
    }
    for (String[] pattern : patterns) {
      if (matches(pattern, key)) {
        return true;
      }
    }
    return false;
  }

  private static String[] parts(String name) {
    List<String> parts = new ArrayList<>();
    int from = 0;
    for (int end = name.indexOf(PART_END); end >= 0; end = name.indexOf(PART_END, from)) {
      parts.add(name.substring(from, end));
      from = end + 1;
    }
    parts.add(name.substring(from));
    return parts.toArray(new String[0]);
  }

  /** A loop over the name itself, as this is asked of every attribute of every request. */
  private static boolean matches(String[] pattern, String key) {
    int from = 0;
    for (int i = 0; i < pattern.length; i++) {
      int dot = key.indexOf(PART_END, from);
      boolean last = i == pattern.length - 1;
      if (last != (dot < 0)) {
        return false;
      }
      int end = last ? key.length() : dot;
      boolean any = pattern[i].equals(ANY_PART) && end > from;
      boolean same = end - from == pattern[i].length() && key.startsWith(pattern[i], from);
      if (!any && !same) {
        return false;
      }
      from = end + 1;
    }
    return true;
  }

  /**
   * The labels that all series of a resource have: {@code job} and {@code instance} as far as it
   * has them, and where it lacks one of them what else tells it from others. All but those two are
   * {@value #CHARS_MAX} characters at most.
   */
  public SortedMap<String, String> labels(Resource resource) {
    SortedMap<String, String> labels = PrometheusSeries.identity(resource);
    if (labels.size() == 2) {
      return labels;
    }
    SortedMap<String, String> found = new TreeMap<>();
    for (KeyValue attribute : resource.getAttributesList()) {
      String key = attribute.getKey();
      if (key.length() <= PATTERN_CHARS_MAX && !PrometheusSeries.isIdentity(key) && has(key)) {
        found.put(key, bounded(AttributeText.of(attribute.getValue())));
      }
    }
    int room = CHARS_MAX;
    for (Map.Entry<String, String> attribute : found.entrySet()) {
      String label = PrometheusNames.label(attribute.getKey());
      room -= label.length() + attribute.getValue().length();
      if (!attribute.getValue().isEmpty() && room >= 0) {
        labels.putIfAbsent(label, attribute.getValue());
      }
    }
    return labels;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof IdentifyingAttributes that && names.equals(that.names);
  }

  @Override
  public int hashCode() {
    return names.hashCode();
  }

  @Override
  public String toString() {
    return names.toString();
  }

  private static String bounded(String value) {
    if (value.length() <= VALUE_CHARS_MAX) {
      return value;
    }
    boolean splitsPair = Character.isHighSurrogate(value.charAt(VALUE_CHARS_MAX - 1));
    return value.substring(0, splitsPair ? VALUE_CHARS_MAX - 1 : VALUE_CHARS_MAX)
        + "_"
        + Integer.toHexString(value.hashCode());
  }
}
