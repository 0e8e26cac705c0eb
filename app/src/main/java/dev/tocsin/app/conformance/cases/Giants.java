package dev.tocsin.app.conformance.cases;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.tocsin.app.conformance.check.Samples;
import dev.tocsin.app.conformance.check.Session;
import dev.tocsin.app.conformance.check.SignalLane;
import dev.tocsin.app.conformance.check.Transport;
import dev.tocsin.app.conformance.probe.Body;
import dev.tocsin.app.conformance.probe.Compression;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Requests of extreme size or depth, valid in themselves. */
final class Giants {
  /** The last item is followed by an empty envelope, for the sake of the comma. */
  private static final String JSON_END = "{}]}";

  private static final int UNIT_BYTES = 32 << 10;
  private static final int UNKNOWN_FIELD = 999;

  /** Of the unknown field that fills a unit up: two for the tag, three for the length. */
  private static final int FIELD_HEAD_BYTES = 5;

  private static final int DEEP_BYTES_PER_LEVEL = 12;

  private Giants() {}

  /** Many items of 32 KiB each, {@code bytes} long at least. */
  static Body large(Session session, SignalLane lane, int bytes) {
    return lane.wire() == Transport.JSON
        ? Body.repeated(jsonStart(session, lane), unit(session, lane), JSON_END, bytes, what(lane))
        : Body.repeated("", unit(session, lane), "", bytes, what(lane));
  }

  /** The same compressed, to a twentieth or less. */
  static Body largeCompressed(
      Session session, SignalLane lane, Compression compression, int bytes) {
    boolean json = lane.wire() == Transport.JSON;
    return Body.repeatedCompressed(
        compression,
        json ? jsonStart(session, lane) : "",
        unit(session, lane),
        json ? JSON_END : "",
        bytes,
        what(lane));
  }

  private static String what(SignalLane lane) {
    return "many valid " + Samples.noun(lane.signal()) + "s of 32 KiB each";
  }

  private static String jsonStart(Session session, SignalLane lane) {
    String text = new String(session.samples().valid(lane).bytes(), UTF_8);
    return text.substring(0, text.indexOf('[') + 1);
  }

  /** What is repeated: an unknown field fills a small request up. */
  private static Body unit(Session session, SignalLane lane) {
    Body small = session.samples().valid(lane);
    if (lane.wire() == Transport.JSON) {
      String text = new String(small.bytes(), UTF_8);
      String item = text.substring(text.indexOf('[') + 2, text.lastIndexOf(']'));
      byte[] head = "{\"unknown\":\"".getBytes(UTF_8);
      return Body.filled(head, ("\"," + item + ",").getBytes(UTF_8), UNIT_BYTES, "");
    }
    byte[] filler = field(UNKNOWN_FIELD, UNIT_BYTES - small.length() - FIELD_HEAD_BYTES);
    return Body.filled(join(small.bytes(), filler), new byte[0], UNIT_BYTES, "");
  }

  /** A resource attribute of arrays in arrays. */
  static Body deep(SignalLane lane, int depth) {
    String what = "a resource attribute of " + depth + " nested arrays";
    if (lane.wire() == Transport.JSON) {
      String items =
          switch (lane.signal()) {
            case TRACES -> "resourceSpans";
            case METRICS -> "resourceMetrics";
            case LOGS -> "resourceLogs";
            case PROFILES -> "resourceProfiles";
          };
      String text =
          "{\"%s\":[{\"resource\":{\"attributes\":[{\"key\":\"deep\",\"value\":".formatted(items)
              + "{\"arrayValue\":{\"values\":[".repeat(depth)
              + "{}"
              + "]}}".repeat(depth)
              + "}]}}]}";
      return Body.text(text, what);
    }
    BackwardWriter out = new BackwardWriter(depth * DEEP_BYTES_PER_LEVEL + 64);
    for (int level = 0; level < depth; level++) {
      out.wrap(1);
      out.wrap(5);
    }
    out.wrap(2);
    out.prepend("\n\4deep".getBytes(UTF_8));
    // KeyValue in Resource.attributes, Resource in ResourceSpans.resource, that in the request.
    out.wrap(1);
    out.wrap(1);
    out.wrap(1);
    return Body.of(out.toBytes(), what);
  }

  /** The tag and length of an unknown field of that many bytes, without them. */
  private static byte[] field(int number, int length) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      out.writeTag(number, WireFormat.WIRETYPE_LENGTH_DELIMITED);
      out.writeUInt32NoTag(length);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot happen in memory", e);
    }
    return bytes.toByteArray();
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] both = java.util.Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  /** Writes from the inside out, so that every length is known when it is needed. */
  private static final class BackwardWriter {
    private final byte[] bytes;
    private int start;

    BackwardWriter(int size) {
      bytes = new byte[size];
      start = size;
    }

    void wrap(int field) {
      int length = bytes.length - start;
      byte[] head = new byte[CodedOutputStream.computeUInt32SizeNoTag(length) + 1];
      CodedOutputStream out = CodedOutputStream.newInstance(head);
      try {
        out.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        out.writeUInt32NoTag(length);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot happen in memory", e);
      }
      prepend(head);
    }

    void prepend(byte[] head) {
      start -= head.length;
      System.arraycopy(head, 0, bytes, start, head.length);
    }

    byte[] toBytes() {
      return java.util.Arrays.copyOfRange(bytes, start, bytes.length);
    }
  }
}
