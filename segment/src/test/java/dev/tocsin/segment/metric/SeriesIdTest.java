package dev.tocsin.segment.metric;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class SeriesIdTest {
  @Test
  void id_isTheSameForEver() {
    assertThat(SeriesId.of(new TreeMap<>(Map.of("__name__", "up", "job", "caf\u00e9"))))
        .isEqualTo(-7837174193656051824L);
  }

  @Test
  void labels_areToldApart_whereTheyEnd() {
    assertThat(SeriesId.of(new TreeMap<>(Map.of("ab", "c"))))
        .isNotEqualTo(SeriesId.of(new TreeMap<>(Map.of("a", "bc"))));
  }
}
