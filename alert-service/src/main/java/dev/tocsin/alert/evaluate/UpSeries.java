package dev.tocsin.alert.evaluate;

import dev.tocsin.alert.ports.GaugeSample;
import dev.tocsin.alert.window.LiveWindow;
import dev.tocsin.alert.window.UpTracker;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.series.StaleMarker;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Writes {@code up} of every target that has one. */
final class UpSeries {
  private static final long REPEAT_MS = 15_000;

  private final LiveWindow window;
  private final UpTracker up;
  private final Repetition inWindow = new Repetition(REPEAT_MS);
  private Set<Labels> series = new HashSet<>();
  private long windowResets;

  UpSeries(LiveWindow window, UpTracker up) {
    this.window = window;
    this.up = up;
  }

  /** All of them at that time, those that have ended as well. */
  List<GaugeSample> at(long atMs) {
    List<GaugeSample> samples = new ArrayList<>();
    Set<Labels> now = new HashSet<>();
    // Looking forgets targets that are long gone.
    window.writing(
        () -> {
          for (UpTracker.Up one : up.at(atMs)) {
            Labels labels =
                Labels.of(
                    Labels.METRIC_NAME,
                    "up",
                    "job",
                    one.target().job(),
                    "instance",
                    one.target().instance());
            now.add(labels);
            samples.add(new GaugeSample(labels, atMs, one.up() ? 1 : 0));
          }
        });
    series.stream()
        .filter(labels -> !now.contains(labels))
        .forEach(gone -> samples.add(new GaugeSample(gone, atMs, StaleMarker.VALUE)));
    series = now;
    return samples;
  }

  /** Those the window does not have yet. */
  List<GaugeSample> forWindow(List<GaugeSample> samples, long atMs) {
    if (windowResets != window.resets()) {
      windowResets = window.resets();
      inWindow.clear();
    }
    List<GaugeSample> some = inWindow.worthPassing(samples);
    inWindow.passed(some, atMs);
    return some;
  }
}
