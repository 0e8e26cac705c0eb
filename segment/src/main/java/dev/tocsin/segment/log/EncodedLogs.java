package dev.tocsin.segment.log;

import dev.tocsin.segment.core.ItemRows;
import dev.tocsin.segment.index.Hashes;
import dev.tocsin.segment.index.TokenBloom;
import dev.tocsin.segment.span.EncodedSpans;
import java.util.List;

/**
 * A log segment ready to be stored.
 *
 * @param minNanos earliest time a record is filed under
 * @param maxNanos latest such time
 * @param severityMask bit n set when severity number n occurs; bit 0 for none and unknown ones
 * @param traceHashes a key of each trace named, see {@link Hashes#traceKeys}, ascending
 * @param bloom {@link TokenBloom} of the words of the bodies, and of what {@link
 *     EncodedSpans#attrBloom} has
 * @param unpacked {@link ItemRows#unpacked}
 */
@SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
public record EncodedLogs(
    int count,
    long minNanos,
    long maxNanos,
    List<String> services,
    int severityMask,
    Integer[] traceHashes,
    Integer[] tokens,
    byte[] bloom,
    byte[] meta,
    byte[] body,
    byte[] attrs,
    int unpacked) {

  public int bytes() {
    return bloom.length + meta.length + body.length + attrs.length;
  }
}
