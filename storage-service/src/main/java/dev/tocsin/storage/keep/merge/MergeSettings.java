package dev.tocsin.storage.keep.merge;

import java.time.Duration;

/**
 * When and how fast segments are merged.
 *
 * @param enabled whether at all
 * @param after an hour's end, when its segments are merged
 * @param interval after which it looks again when there was nothing to do, or it failed
 * @param busyPercent of one thread's time that merging may take, 1-100
 * @param itemsMax spans or log records of a merged segment
 * @param bytesMax what is merged at a time, unpacked; a segment of more than half of it stays alone
 */
public record MergeSettings(
    boolean enabled,
    Duration after,
    Duration interval,
    int busyPercent,
    int itemsMax,
    long bytesMax) {}
