package dev.tocsin.common.kafka;

import org.apache.kafka.common.Uuid;

/**
 * What a partition holds.
 *
 * @param beginning offset of the oldest record kept
 * @param end offset after the last committed record
 * @param topicId another one when the topic was deleted and made anew under the same name; {@link
 *     Uuid#ZERO_UUID} when it cannot be told
 */
public record Extent(long beginning, long end, Uuid topicId) {}
