package dev.tocsin.alert.ports;

import dev.tocsin.common.contract.AlertEvent;
import dev.tocsin.common.contract.AlertStateRecord;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is to be said about one alert instance: an event, and the state that says that it was sent.
 * They become visible together, so that no successor sends the event as a new one.
 *
 * @param group key of the rule group
 * @param rule id of the rule within it
 * @param key of the state record
 * @param event null when only the state changed
 * @param state null when it is to be forgotten
 */
public record Notice(
    String group,
    String rule,
    String key,
    @Nullable AlertEvent event,
    @Nullable AlertStateRecord state) {
  private static final int FIXED_BYTES = 1_000;

  /** About how many bytes its records have. */
  public long size() {
    long texts = 0;
    if (event != null) {
      texts += characters(event.labels()) + characters(event.annotations());
    }
    if (state != null) {
      texts += characters(state.labels()) + characters(state.annotations());
    }
    return FIXED_BYTES + texts;
  }

  private static long characters(Map<String, String> texts) {
    long sum = 0;
    for (Map.Entry<String, String> text : texts.entrySet()) {
      sum += text.getKey().length() + text.getValue().length() + 6;
    }
    return sum;
  }
}
