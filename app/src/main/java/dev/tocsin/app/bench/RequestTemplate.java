package dev.tocsin.app.bench;

import io.vertx.core.buffer.Buffer;
import java.util.List;

/**
 * An encoded export request, and where in it ids and times go. Encoding is done once; a request
 * costs the writing of its ids and times only. Not for use by two threads at a time.
 */
final class RequestTemplate {
  /** How ids and times are written. */
  enum Form {
    BINARY,
    TEXT
  }

  /** A placeholder and the index of its first byte. */
  record Place(int index, Placeholder placeholder) {}

  private static final byte[] HEX = {
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'
  };

  private final byte[] bytes;
  private final Form form;
  private final Place[] places;
  private final int traces;
  private final int spans;
  private final byte[] digits = new byte[32];

  RequestTemplate(byte[] bytes, Form form, List<Place> places) {
    this.bytes = bytes;
    this.form = form;
    this.places = places.toArray(Place[]::new);
    this.traces = count(places, Placeholder.Kind.TRACE_ID);
    this.spans = count(places, Placeholder.Kind.SPAN_ID);
  }

  private static int count(List<Place> places, Placeholder.Kind kind) {
    return places.stream()
        .map(Place::placeholder)
        .filter(p -> p.kind() == kind)
        .mapToInt(p -> (int) p.argument() + 1)
        .max()
        .orElse(0);
  }

  int length() {
    return bytes.length;
  }

  /** How many traces one request has. */
  int traces() {
    return traces;
  }

  /** A new copy of the bytes, to be {@link #fill}ed. */
  byte[] bytes() {
    return bytes.clone();
  }

  /**
   * Writes the ids and times of one request.
   *
   * @param target holds a copy of this batch from {@code offset} on
   * @param sequence number of the request within the run
   * @param epochNanos the time of the newest item
   */
  void fill(Buffer target, int offset, RunIds ids, long sequence, long epochNanos) {
    long firstTrace = sequence * traces;
    long firstSpan = sequence * spans;
    for (Place place : places) {
      int index = offset + place.index();
      long argument = place.placeholder().argument();
      switch (place.placeholder().kind()) {
        case TRACE_ID -> {
          long high = ids.traceHigh(firstTrace + argument);
          putId(target, index, high);
          putId(target, index + (form == Form.BINARY ? 8 : 16), ids.runHalf());
        }
        case SPAN_ID -> putId(target, index, ids.span(firstSpan + argument));
        case TIME -> putTime(target, index, epochNanos + argument);
      }
    }
  }

  private void putId(Buffer target, int index, long id) {
    if (form == Form.BINARY) {
      target.setLong(index, id);
      return;
    }
    for (int i = 0; i < 16; i++) {
      digits[i] = HEX[(int) (id >>> (60 - 4 * i)) & 15];
    }
    target.setBytes(index, digits, 0, 16);
  }

  private void putTime(Buffer target, int index, long nanos) {
    if (form == Form.BINARY) {
      target.setLongLE(index, nanos);
      return;
    }
    long rest = nanos;
    for (int i = 18; i >= 0; i--) {
      digits[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    target.setBytes(index, digits, 0, 19);
  }
}
