package dev.tocsin.alert.evaluate.group;

import dev.tocsin.alert.ports.GaugeSample;
import dev.tocsin.alert.ports.Notice;
import java.util.ArrayList;
import java.util.List;

/** What one rule group wants to tell the world after an evaluation. */
public final class Publication {
  private final String group;
  private final List<Notice> notices = new ArrayList<>();
  private final List<GaugeSample> samples = new ArrayList<>();

  Publication(String group) {
    this.group = group;
  }

  public String group() {
    return group;
  }

  /** About alerts: what people are waiting for. */
  public List<Notice> notices() {
    return notices;
  }

  /** Recorded series and those of the alerts. */
  public List<GaugeSample> samples() {
    return samples;
  }
}
