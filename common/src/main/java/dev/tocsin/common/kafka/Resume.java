package dev.tocsin.common.kafka;

import java.util.List;
import java.util.OptionalLong;
import org.apache.kafka.common.Uuid;

/**
 * Where a consumer that keeps its own offsets, beside its data, goes on in a partition; and what it
 * missed. Pure.
 *
 * <p>Kafka uses an offset again after it has lost the end of a log, and from 0 on in a topic that
 * was made anew. Offset and {@link Point#epoch} together name one record for ever: whoever derives
 * keys from offsets puts the epoch before them.
 *
 * @param point to be kept before the first record from there is stored
 * @param gaps records that were never read, or were read and are not in Kafka any more; to be
 *     recorded with the point
 */
public record Resume(Point point, List<Gap> gaps) {

  /**
   * What is kept of a partition. Points never fall: the epoch grows whenever the offset does.
   *
   * @param offset of the first record not stored yet
   * @param topicId of the topic the offset belongs to; {@link Uuid#ZERO_UUID} when nobody knows
   * @param epoch from 0
   */
  public record Point(long offset, Uuid topicId, int epoch) {
    /** Before anything was read. */
    public static final Point NONE = new Point(0, Uuid.ZERO_UUID, 0);
  }

  /** Why records are missing. */
  public enum Reason {
    /** Kafka's retention removed them before they were read. */
    RETENTION,

    /**
     * Kafka has lost the end of its log. What is named was stored already, but those who read
     * slower have never seen it; its offsets are given to other records now.
     */
    LOST_TAIL,

    /** The topic was deleted; what it held from there on, and how much, nobody knows. */
    NEW_TOPIC
  }

  /**
   * Offsets of missing records.
   *
   * @param from the first
   * @param to after the last; empty when it is not known
   */
  public record Gap(long from, OptionalLong to, Reason reason) {
    static Gap of(long from, long to, Reason reason) {
      return new Gap(from, OptionalLong.of(to), reason);
    }
  }

  public Resume {
    gaps = List.copyOf(gaps);
  }

  /**
   * Decides. Without a topic's id on either side a log that ends too early may be a new one: it is
   * read from its beginning, which may double records but loses none.
   */
  public static Resume of(Point kept, Extent extent) {
    boolean known = isKnown(kept.topicId) && isKnown(extent.topicId());
    if (known && !kept.topicId.equals(extent.topicId())) {
      return anew(kept, extent);
    } else if (extent.end() < kept.offset) {
      return known ? afterLoss(kept, extent) : anew(kept, extent);
    }
    Uuid topicId = isKnown(extent.topicId()) ? extent.topicId() : kept.topicId;
    if (kept.offset < extent.beginning()) {
      // One that never read anything has missed nothing.
      List<Gap> gaps =
          kept.equals(Point.NONE)
              ? List.of()
              : List.of(Gap.of(kept.offset, extent.beginning(), Reason.RETENTION));
      return new Resume(new Point(extent.beginning(), topicId, kept.epoch), gaps);
    }
    return new Resume(new Point(kept.offset, topicId, kept.epoch), List.of());
  }

  private static Resume anew(Point kept, Extent extent) {
    Gap old = new Gap(kept.offset, OptionalLong.empty(), Reason.NEW_TOPIC);
    List<Gap> gaps =
        extent.beginning() == 0
            ? List.of(old)
            : List.of(old, Gap.of(0, extent.beginning(), Reason.RETENTION));
    return new Resume(new Point(extent.beginning(), extent.topicId(), kept.epoch + 1), gaps);
  }

  private static Resume afterLoss(Point kept, Extent extent) {
    return new Resume(
        new Point(extent.end(), kept.topicId, kept.epoch + 1),
        List.of(Gap.of(extent.end(), kept.offset, Reason.LOST_TAIL)));
  }

  private static boolean isKnown(Uuid topicId) {
    return !topicId.equals(Uuid.ZERO_UUID);
  }
}
