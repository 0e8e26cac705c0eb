package dev.tocsin.common.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.common.kafka.Resume.Gap;
import dev.tocsin.common.kafka.Resume.Point;
import dev.tocsin.common.kafka.Resume.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

/** Every record is read once or told as missing, and no name is used for two. */
final class ResumeTest {
  private static final Uuid ONE = new Uuid(7, 1);
  private static final Uuid OTHER = new Uuid(7, 2);
  private static final Uuid UNKNOWN = Uuid.ZERO_UUID;

  @Test
  void reading_goesOn_whereItWas() {
    assertThat(Resume.of(new Point(5, ONE, 3), new Extent(0, 9, ONE)))
        .isEqualTo(new Resume(new Point(5, ONE, 3), List.of()));
    assertThat(Resume.of(new Point(9, ONE, 3), new Extent(9, 9, ONE)))
        .isEqualTo(new Resume(new Point(9, ONE, 3), List.of()));
  }

  @Test
  void topicId_isLearnt_andNotForgottenWhenItCannotBeTold() {
    assertThat(Resume.of(new Point(5, UNKNOWN, 0), new Extent(0, 9, ONE)))
        .isEqualTo(new Resume(new Point(5, ONE, 0), List.of()));
    assertThat(Resume.of(new Point(5, ONE, 0), new Extent(0, 9, UNKNOWN)))
        .isEqualTo(new Resume(new Point(5, ONE, 0), List.of()));
  }

  @Test
  void lostTail_isGoneOnAfter_inANewEpoch() {
    assertThat(Resume.of(new Point(50, ONE, 1), new Extent(3, 40, ONE)))
        .isEqualTo(new Resume(new Point(40, ONE, 2), List.of(Gap.of(40, 50, Reason.LOST_TAIL))));
  }

  @Test
  void newTopic_isReadFromItsBeginning_evenIfItIsLonger() {
    assertThat(Resume.of(new Point(50, ONE, 1), new Extent(0, 90, OTHER)))
        .isEqualTo(
            new Resume(
                new Point(0, OTHER, 2),
                List.of(new Gap(50, OptionalLong.empty(), Reason.NEW_TOPIC))));
    assertThat(Resume.of(new Point(50, ONE, 1), new Extent(4, 9, OTHER)).gaps())
        .containsExactly(
            new Gap(50, OptionalLong.empty(), Reason.NEW_TOPIC), Gap.of(0, 4, Reason.RETENTION));
  }

  @Test
  void logThatEndsTooEarly_isReadAgain_whenNobodyKnowsWhichTopicItIs() {
    assertThat(Resume.of(new Point(50, UNKNOWN, 0), new Extent(0, 40, ONE)).point())
        .isEqualTo(new Point(0, ONE, 1));
    // The next look, which can tell, does not find yet another topic.
    Point point = Resume.of(new Point(50, ONE, 0), new Extent(0, 40, UNKNOWN)).point();
    assertThat(point).isEqualTo(new Point(0, UNKNOWN, 1));
    assertThat(Resume.of(point, new Extent(0, 41, ONE)))
        .isEqualTo(new Resume(new Point(0, ONE, 1), List.of()));
  }

  @Test
  void recordsThatRetentionRemoved_areAGap_butNotAtTheFirstStart() {
    assertThat(Resume.of(new Point(5, ONE, 3), new Extent(8, 9, ONE)))
        .isEqualTo(new Resume(new Point(8, ONE, 3), List.of(Gap.of(5, 8, Reason.RETENTION))));
    assertThat(Resume.of(new Point(0, ONE, 0), new Extent(8, 9, ONE)).gaps()).hasSize(1);
    assertThat(Resume.of(Point.NONE, new Extent(8, 9, ONE)))
        .isEqualTo(new Resume(new Point(8, ONE, 0), List.of()));
  }

  @Test
  void point_isWithinTheLog_neverFalls_andStaysWhenLookedAtAgain() {
    Random random = new Random(5);
    List<Uuid> ids = List.of(ONE, OTHER, UNKNOWN);
    for (int i = 0; i < 100_000; i++) {
      Point kept = new Point(random.nextInt(9), ids.get(random.nextInt(3)), random.nextInt(3));
      long beginning = random.nextInt(9);
      Extent extent =
          new Extent(beginning, beginning + random.nextInt(9), ids.get(random.nextInt(3)));
      Resume resume = Resume.of(kept, extent);
      Point point = resume.point();
      assertThat(point.offset()).isBetween(extent.beginning(), extent.end());
      boolean grows =
          point.epoch() > kept.epoch()
              || (point.epoch() == kept.epoch() && point.offset() >= kept.offset());
      assertThat(grows).as("%s in %s: %s", kept, extent, resume).isTrue();
      assertThat(Resume.of(point, extent)).isEqualTo(new Resume(point, List.of()));
    }
  }

  @Property(tries = 2_000)
  void everyRecord_isReadOnceOrMissing_underOneName_whateverHappensToTheLog(@ForAll Random random) {
    new Model(random).run(60);
  }

  /** A log of records that are known by numbers, and who reads it. */
  private static final class Model {
    private final Random random;
    private final Map<Long, Integer> log = new HashMap<>();
    private final Map<String, Integer> named = new HashMap<>();
    private final Set<Integer> read = new HashSet<>();
    private final Set<Integer> told = new HashSet<>();
    private Uuid topicId = new Uuid(9, 1);
    private long beginning;
    private long end;
    private int made;
    private Point kept = Point.NONE;

    Model(Random random) {
      this.random = random;
    }

    void run(int steps) {
      resume();
      for (int step = 0; step < steps; step++) {
        switch (random.nextInt(7)) {
          case 0 -> prune();
          case 1 -> loseTail();
          case 2 -> makeAnew();
          case 3, 4 -> append();
          default -> readSome();
        }
      }
      resume();
      while (kept.offset() < end) {
        readSome();
      }
      assertThat(read).doesNotContainAnyElementsOf(told);
      List<Integer> all = new ArrayList<>(read);
      all.addAll(told);
      assertThat(all).hasSize(made);
    }

    private void append() {
      for (int i = random.nextInt(5); i >= 0; i--) {
        log.put(end++, made++);
      }
    }

    private void prune() {
      long to = Math.min(end, beginning + random.nextInt(5));
      for (; beginning < to; beginning++) {
        tellUnread(log.get(beginning));
      }
      resume();
    }

    /** It is noticed before as much comes again as was lost. */
    private void loseTail() {
      for (int i = random.nextInt(5); i > 0 && end > beginning; i--) {
        tellUnread(log.get(--end));
      }
      resume();
    }

    private void makeAnew() {
      for (; beginning < end; beginning++) {
        tellUnread(log.get(beginning));
      }
      topicId = new Uuid(9, topicId.getLeastSignificantBits() + 1);
      beginning = 0;
      end = 0;
      append();
      append();
      resume();
    }

    private void tellUnread(int record) {
      if (!read.contains(record)) {
        told.add(record);
      }
    }

    private void resume() {
      Resume resume = Resume.of(kept, new Extent(beginning, end, topicId));
      boolean unread = told.size() > 0;
      if (!resume.gaps().isEmpty() && resume.gaps().get(0).reason() == Reason.RETENTION) {
        assertThat(unread).isTrue();
      }
      kept = resume.point();
    }

    private void readSome() {
      for (int i = random.nextInt(4); i >= 0 && kept.offset() < end; i--) {
        int record = log.get(kept.offset());
        assertThat(read.add(record)).as("record %s is read again", record).isTrue();
        assertThat(named.put(kept.epoch() + "/" + kept.offset(), record)).isNull();
        kept = new Point(kept.offset() + 1, kept.topicId(), kept.epoch());
      }
    }
  }
}
