package dev.tocsin.common.runtime;

import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.dns.AddressResolverOptions;
import io.vertx.micrometer.Label;
import io.vertx.micrometer.MicrometerMetricsFactory;
import io.vertx.micrometer.MicrometerMetricsOptions;
import java.util.EnumSet;

/** Makes the one Vert.x instance of a process. */
public final class VertxFactory {
  /**
   * For how long an address of a name is believed. Containers get another address when they are
   * made anew, and the names of Docker's network say that they hold for ten minutes.
   */
  private static final int NAME_SECONDS_MAX = 5;

  private VertxFactory() {}

  /** Vert.x's own metrics ({@code vertx_*}) go to the registry, with labels of few values only. */
  public static Vertx create(MeterRegistry registry) {
    VertxOptions options =
        new VertxOptions()
            .setAddressResolverOptions(
                new AddressResolverOptions().setCacheMaxTimeToLive(NAME_SECONDS_MAX))
            .setMetricsOptions(
                new MicrometerMetricsOptions()
                    .setEnabled(true)
                    .setLabels(
                        EnumSet.of(
                            Label.HTTP_METHOD, Label.HTTP_CODE, Label.POOL_TYPE, Label.POOL_NAME)));
    return Vertx.builder()
        .with(options)
        .withMetrics(new MicrometerMetricsFactory(registry))
        .build();
  }
}
