package dev.tocsin.ingest.receive;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which SDKs send: {@code otlp_sdk_requests_total} by name and version, as the user agent says it.
 * Thread-safe.
 */
final class SdkMetrics {
  private static final Pattern PRODUCT =
      Pattern.compile("([A-Za-z0-9][A-Za-z0-9 ._-]{0,60})/([A-Za-z0-9][A-Za-z0-9._+-]{0,30}).*");
  private static final String UNKNOWN = "unknown";

  private final MeterRegistry registry;
  private final int agentsMax;
  private final Map<String, Counter> byAgent = new ConcurrentHashMap<>();
  private final Counter other;

  SdkMetrics(MeterRegistry registry, int agentsMax) {
    this.registry = registry;
    this.agentsMax = agentsMax;
    this.other = counter(BoundedLabel.OTHER, "");
  }

  /**
   * @param userAgent as sent, such as {@code OTel-OTLP-Exporter-Java/1.67.0}
   */
  void count(@Nullable String userAgent) {
    String agent = userAgent == null ? "" : userAgent;
    Counter known = byAgent.get(agent);
    if (known == null && byAgent.size() < agentsMax) {
      known = byAgent.computeIfAbsent(agent, this::counter);
    }
    (known == null ? other : known).increment();
  }

  private Counter counter(String agent) {
    Matcher product = PRODUCT.matcher(agent);
    return product.matches() ? counter(product.group(1), product.group(2)) : counter(UNKNOWN, "");
  }

  private Counter counter(String name, String version) {
    return registry.counter("otlp.sdk.requests", "sdk", name, "version", version);
  }
}
