package dev.tocsin.alert.evaluate;

import java.util.ArrayList;
import java.util.List;

/** What one rule group wants to tell the world after an evaluation. */
final class Publication {
  private final String group;
  private final List<Notice> notices = new ArrayList<>();
  private final List<GaugeSample> samples = new ArrayList<>();

  Publication(String group) {
    this.group = group;
  }

  String group() {
    return group;
  }

  /** About alerts: what people are waiting for. */
  List<Notice> notices() {
    return notices;
  }

  /** Recorded series and those of the alerts. */
  List<GaugeSample> samples() {
    return samples;
  }
}
