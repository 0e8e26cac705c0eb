package dev.tocsin.app.demo;

import dev.tocsin.common.config.Section;
import dev.tocsin.common.config.Settings;
import java.time.Duration;

/**
 * How lively the demo is; keys {@code app.demo_*}.
 *
 * @param visitsPerSecond about one trace each
 * @param exportInterval of spans and logs; metrics are exported half as often
 */
public record DemoOptions(int visitsPerSecond, Duration exportInterval, FaultSchedule faults) {

  /** Reads section {@code [app]}. */
  public static DemoOptions from(Settings settings) {
    Section app = settings.section("app");
    return new DemoOptions(
        app.integer("demo_visits_per_second", 5, 1, 200),
        app.duration("demo_export_interval", Duration.ofSeconds(1)),
        new FaultSchedule(
            app.duration("demo_first_fault_after", Duration.ofSeconds(60)),
            app.duration("demo_fault_every", Duration.ofMinutes(5)),
            app.duration("demo_fault_lasts", Duration.ofSeconds(90))));
  }
}
