package dev.tocsin.segment.summary;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Exceptions of one kind in a minute.
 *
 * @param fingerprint see {@link ExceptionShape}
 * @param minute minutes since 1970
 * @param message of the newest
 * @param stack of the newest
 * @param traceId of the newest in a trace
 * @param marked how many were told of in a span; see {@link ExceptionTable#mark}
 * @param marks of the first of those, up to {@link ExceptionTable#MARKS_MAX}
 */
public record ExceptionRow(
    long fingerprint,
    long minute,
    String service,
    String type,
    String message,
    String stack,
    @Nullable UUID traceId,
    long firstNanos,
    long lastNanos,
    int occurrences,
    int marked,
    List<Long> marks) {}
