package dev.tocsin.segment.span;

import dev.tocsin.segment.core.ItemRows;
import dev.tocsin.segment.index.Hashes;
import dev.tocsin.segment.index.TokenBloom;
import dev.tocsin.segment.index.Tokens;
import java.util.List;

/**
 * A span segment ready to be stored: index columns and blobs.
 *
 * @param minNanos start of the earliest span
 * @param maxNanos start of the latest span
 * @param maxEndNanos when the last of them ended, or began, whatever its end says; a search for
 *     spans that touch a time finds those that began before it by this
 * @param services distinct, ascending
 * @param traceHashes a key of each trace, see {@link Hashes#traceKeys}, ascending
 * @param tokens see {@link Tokens}, ascending
 * @param attrBloom {@link TokenBloom} of {@link Hashes#attribute}, {@link Hashes#anyAttribute} and
 *     {@link Hashes#traceMark}
 * @param unpacked {@link ItemRows#unpacked}
 */
@SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
public record EncodedSpans(
    int count,
    long minNanos,
    long maxNanos,
    long maxEndNanos,
    List<String> services,
    Integer[] traceHashes,
    Integer[] tokens,
    byte[] core,
    byte[] ids,
    byte[] attrs,
    byte[] events,
    byte[] attrBloom,
    int unpacked) {

  /** What a service does, for catalogues. */
  public record Operation(String service, String name, int kind) {}

  public int bytes() {
    return core.length + ids.length + attrs.length + events.length + attrBloom.length;
  }
}
