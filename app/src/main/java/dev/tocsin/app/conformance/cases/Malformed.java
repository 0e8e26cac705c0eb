package dev.tocsin.app.conformance.cases;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.app.conformance.check.Session;
import dev.tocsin.app.conformance.check.SignalLane;
import dev.tocsin.app.conformance.check.Transport;
import dev.tocsin.app.conformance.probe.Body;
import java.util.ArrayList;
import java.util.List;

/** Bodies that are wrong in many ways; decoders differ in which of them they let pass. */
final class Malformed {
  private static final int RANDOM_BODIES = 20;

  private Malformed() {}

  static List<Body> bodies(Session session, SignalLane lane) {
    List<Body> bodies = new ArrayList<>();
    bodies.addAll(lane.wire() == Transport.JSON ? json() : protobuf());
    Body valid = session.samples().valid(lane);
    for (int part = 1; part < 8; part++) {
      bodies.add(valid.cutTo(valid.length() * part / 8, part + "/8 of a valid request"));
    }
    for (int i = 0; i < RANDOM_BODIES; i++) {
      bodies.add(Body.of(session.samples().randomBytes(1 + i * 5), "random bytes"));
    }
    return bodies;
  }

  private static List<Body> protobuf() {
    return List.of(
        Body.of(new byte[] {0}, "field number 0"),
        Body.of(new byte[] {0x0a}, "a tag without a length"),
        Body.of(new byte[] {0x0a, 0x7f}, "a length beyond the end"),
        Body.of(new byte[] {0x0a, -1, -1, -1, -1, 0x0f}, "a negative length"),
        Body.of(new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1}, "an endless varint"),
        Body.of(new byte[] {0x08, 1}, "a varint where a message belongs"),
        Body.of(new byte[] {0x0f, 1}, "wire type 7"),
        Body.of(new byte[] {0x0b}, "a group without an end"),
        Body.of(new byte[] {0x0c}, "the end of no group"),
        Body.of(new byte[] {0x0a, 6, 0x12, 4, 0x0a, 2, -1, -2}, "invalid UTF-8"),
        Body.of("{\"resourceSpans\":[]}".getBytes(UTF_8), "JSON where protobuf belongs"));
  }

  private static List<Body> json() {
    return List.of(
        Body.of(new byte[0], "nothing at all"),
        Body.text("null", "null"),
        Body.text("[]", "an array"),
        Body.text("\"text\"", "a string"),
        Body.text("{", "an object without an end"),
        Body.text("{}{}", "two objects"),
        Body.text("{\"resourceSpans\":{}}", "an object where an array belongs"),
        Body.text("{\"resourceSpans\":7,\"resourceMetrics\":7,\"resourceLogs\":7}", "numbers"),
        Body.text("{\"resourceSpans\":[null],\"resourceLogs\":[7]}", "null and 7 for messages"),
        Body.text(
            "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"zz\"}]}]}]}",
            "a trace id that is no hexadecimal"),
        Body.text(
            "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"startTimeUnixNano\":"
                + "\"99999999999999999999999\"}]}]}]}",
            "a time of 77 bits"),
        Body.text(
            "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"kind\":[],\"name\":{}}]}]}]}",
            "an array and an object where a number and a text belong"),
        Body.of(new byte[] {'{', '"', -1, -2, '"', ':', '1', '}'}, "invalid UTF-8"),
        Body.text("{\"a\":\"\\ud800\"}", "half a surrogate pair"),
        Body.text("{\"a\":1e999999}", "a number beyond all doubles"));
  }
}
