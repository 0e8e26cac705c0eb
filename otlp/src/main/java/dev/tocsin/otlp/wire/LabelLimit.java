package dev.tocsin.otlp.wire;

import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.resource.v1.Resource;

/**
 * How long the labels of a series may be. Only points that are so long that theirs might be too
 * long are asked about, for it costs as much as to make their series. Thread-safe.
 */
public interface LabelLimit {

  /** Characters of names and values together. */
  int charsMax();

  /** Characters of the name of a series. */
  int nameCharsMax();

  /** Whether an attribute of a resource may be a label of its series; asked once a resource. */
  boolean identifies(String key);

  /** What the series of a resource repeat of it; asked for once a resource. */
  Resource identity(Resource resource);

  /**
   * Whether all series of a point can be stored.
   *
   * @param onePoint the metric, with no point but that
   */
  boolean fits(Resource identity, Metric onePoint);
}
