package dev.tocsin.segment.log;

import dev.tocsin.segment.core.Origin;
import io.opentelemetry.proto.logs.v1.LogRecord;

/**
 * A log record with its resource and scope.
 *
 * @param nanos the time it is filed under: its time, else its observed time, else the Kafka
 *     record's
 */
public record LogItem(Origin origin, LogRecord log, long nanos) {}
