package dev.tocsin.storage.consume;

import java.time.Duration;

/**
 * When what was buffered of a partition is stored: whichever comes first.
 *
 * @param interval age of the oldest item
 * @param items number of items
 * @param bytes size of the records as they came
 */
public record FlushLimits(Duration interval, int items, long bytes) {}
