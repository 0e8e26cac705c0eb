package dev.tocsin.otlp.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class RecentItemsTest {
  private static final int SLOTS = 1 << 10;

  private Instant now = Instant.parse("2026-11-30T12:00:00Z");
  private final RecentItems items = new RecentItems(() -> now, SLOTS);

  private boolean isNew(String item) {
    return isNew(7, item);
  }

  private boolean isNew(long origin, String item) {
    byte[] bytes = item.getBytes(UTF_8);
    return items.isNew(origin, bytes, 0, bytes.length);
  }

  @Test
  void item_isNewOnce() {
    assertThat(isNew("a span of a shop")).isTrue();
    assertThat(isNew("a span of a shop")).isFalse();
    assertThat(isNew("a span of a ship")).isTrue();
    assertThat(isNew("a span of a shop")).isFalse();
  }

  @Test
  void item_isAnother_whenItComesFromElsewhere() {
    assertThat(isNew(1, "span")).isTrue();
    assertThat(isNew(2, "span")).isTrue();
    assertThat(isNew(1, "span")).isFalse();
  }

  @Test
  void items_areTheBytesOfTheirRange() {
    byte[] bytes = "xx a span yy a span zz".getBytes(UTF_8);
    assertThat(items.isNew(7, bytes, 3, 9)).isTrue();
    assertThat(items.isNew(7, bytes, 13, 19)).isFalse();
    assertThat(items.isNew(7, bytes, 13, 20)).isTrue();
    assertThat(items.isNew(7, bytes, 3, 3)).isTrue();
    assertThat(items.isNew(7, bytes, 4, 4)).isFalse();
  }

  @Test
  void zeros_areToldApart_byTheirLength() {
    byte[] zeros = new byte[40];
    Set<Integer> fresh = new HashSet<>();
    for (int length = 0; length <= zeros.length; length++) {
      if (items.isNew(0, zeros, 0, length)) {
        fresh.add(length);
      }
    }
    assertThat(fresh).hasSize(zeros.length + 1);
  }

  @Test
  void item_isKnownForFiveMinutes_andForgottenAfterTen() {
    assertThat(isNew("span")).isTrue();
    now = now.plus(Duration.ofSeconds(299));
    assertThat(isNew("other")).isTrue();
    now = now.plus(Duration.ofSeconds(299));
    assertThat(isNew("span")).isFalse();
    now = now.plus(RecentItems.GENERATION);
    assertThat(isNew("third")).isTrue();
    now = now.plus(RecentItems.GENERATION);
    assertThat(isNew("span")).isTrue();
  }

  @Test
  void memory_isBounded_andTheLatestAreKnown() {
    int kept = SLOTS * 7 / 10;
    for (int i = 0; i < 20 * SLOTS; i++) {
      assertThat(isNew("span " + i)).isTrue();
      assertThat(isNew("span " + Math.max(0, i - kept + 1))).isFalse();
      assertThat(items.bytes()).isLessThanOrEqualTo(32 * SLOTS);
    }
  }

  @Test
  void differences_ofOneBit_areSeen() {
    Random random = new Random(5);
    RecentItems many = new RecentItems(() -> now, 1 << 16);
    byte[] bytes = new byte[61];
    random.nextBytes(bytes);
    assertThat(many.isNew(1, bytes, 0, bytes.length)).isTrue();
    for (int bit = 0; bit < bytes.length * 8; bit++) {
      byte[] other = Arrays.copyOf(bytes, bytes.length);
      other[bit / 8] ^= (byte) (1 << bit % 8);
      assertThat(many.isNew(1, other, 0, other.length)).isTrue();
    }
  }
}
