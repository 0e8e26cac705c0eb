package dev.tocsin.app.conformance.cases;

import dev.tocsin.app.conformance.check.CaseList;
import dev.tocsin.app.conformance.check.CaseOutcome;
import dev.tocsin.app.conformance.check.Check;
import dev.tocsin.app.conformance.check.ConformanceCase;
import dev.tocsin.app.conformance.check.Exchange;
import dev.tocsin.app.conformance.check.Session;
import dev.tocsin.app.conformance.check.SignalLane;
import dev.tocsin.app.conformance.check.Telemetry;
import dev.tocsin.app.conformance.check.Transport;
import dev.tocsin.app.conformance.probe.Body;
import dev.tocsin.app.conformance.probe.Header;
import dev.tocsin.app.conformance.probe.Request;
import dev.tocsin.app.conformance.probe.Request.Framing;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Senders that mean ill, or are broken: every one gets an end, and the next one its service. */
final class SecurityCases {
  private static final List<SignalLane> HTTP = SignalLane.one(Transport.PROTOBUF, Telemetry.TRACES);
  private static final List<SignalLane> GRPC = SignalLane.one(Transport.GRPC, Telemetry.TRACES);
  private static final int DEEP = 1_000;
  private static final int VERY_DEEP = 10_000;

  private SecurityCases() {}

  /** Spoils a valid request. */
  private interface Spoiling {
    Request of(Request valid);
  }

  static List<ConformanceCase> cases() {
    CaseList cases = new CaseList();
    nesting(cases);
    encodings(cases);
    heads(cases);
    stalling(cases);
    cors(cases);
    return cases.toList();
  }

  private static void nesting(CaseList cases) {
    cases
        .on(SignalLane.stable(Transport.PROTOBUF, Transport.JSON), Spec.BAD_DATA)
        .must(
            "O-24",
            "deep-nesting",
            "takes or refuses values nested 1000 and 10000 deep, without a fault of its own",
            SecurityCases::deep)
        .on(SignalLane.stable(Transport.GRPC), Spec.GRPC_FAILURES)
        .must(
            "O-14",
            "deep-nesting",
            "takes or refuses values nested 1000 and 10000 deep, without a fault of its own",
            SecurityCases::deep);
  }

  private static void encodings(CaseList cases) {
    cases.on(HTTP, Spec.SECURITY);
    for (String encoding : List.of("zstd", "deflate", "br", "lz4", "zlib", "gzip, gzip")) {
      cases.expected(
          "O-80",
          "false-" + encoding.replace(", ", "-"),
          "refuses a body that is not the " + encoding + " it claims to be, without a hang",
          (session, lane) ->
              session
                  .send(lane, valid(session, lane).with("content-encoding", encoding))
                  .expectFinalRefusal());
    }
    Body snappy = Body.of(new byte[] {-1, -1, -1, -1, 0x0f, 0}, "snappy of a declared 4 GiB");
    cases
        .expected(
            "O-76",
            "snappy-length",
            "refuses a snappy block that declares 4 GiB",
            (session, lane) ->
                session
                    .send(lane, session.request(lane, snappy, "snappy"))
                    .expectFinalRefusal()
                    .and(() -> session.stillServes(lane)))
        .on(GRPC, Spec.SECURITY)
        .expected(
            "O-76",
            "snappy-length",
            "refuses a snappy message that declares 4 GiB",
            (session, lane) ->
                session
                    .send(lane, session.request(lane, snappy, "snappy"))
                    .expectFinalRefusal()
                    .and(() -> session.stillServes(lane)));
  }

  private static void heads(CaseList cases) {
    List<Header> many =
        IntStream.range(0, 1_000).mapToObj(i -> new Header("x-flood-" + i, "value " + i)).toList();
    String long_ = "x".repeat(256 << 10);
    cases
        .on(HTTP, Spec.SECURITY)
        .expected("O-80", "many-headers", "ends a request of 1000 headers", ends(r -> r.plus(many)))
        .expected(
            "O-80",
            "long-header",
            "ends a request with a header of 256 KiB",
            ends(r -> r.with("x-long", long_)))
        .expected(
            "O-80",
            "long-path",
            "ends a request with a path of 256 KiB",
            ends(r -> r.path("/" + long_)))
        .on(HTTP, Spec.HTTP_1_1 + ", 6 Message Body")
        .expected(
            "O-80",
            "length-no-number",
            "refuses a Content-Length that is no number",
            refusesHead(r -> asGiven(r).with("content-length", "many")))
        .expected(
            "O-80",
            "negative-length",
            "refuses a negative Content-Length",
            refusesHead(r -> asGiven(r).with("content-length", "-1")))
        .expected(
            "O-80",
            "two-lengths",
            "refuses two Content-Lengths that differ",
            refusesHead(
                r ->
                    asGiven(r)
                        .with("content-length", "3")
                        .plus(List.of(new Header("Content-Length", "30")))))
        .expected(
            "O-80",
            "false-chunk",
            "refuses a chunk whose size is no number",
            refusesHead(
                r ->
                    asGiven(r)
                        .with("transfer-encoding", "chunked")
                        .body(Body.text("zz\r\nabc\r\n", "a chunk of size zz"))));
  }

  private static void stalling(CaseList cases) {
    cases
        .onLarge(HTTP, Spec.SECURITY)
        .expected(
            "O-80",
            "stalled-body",
            "ends a request whose body never comes whole, within --patience",
            stalls(r -> asGiven(r).with("content-length", "1000000")))
        .expected(
            "O-80",
            "stalled-head",
            "ends a request whose headers never come whole, within --patience",
            stalls(r -> r.framing(Framing.UNFINISHED_HEAD)))
        .onLarge(GRPC, Spec.SECURITY)
        .expected(
            "O-80",
            "stalled-call",
            "ends a call whose message never comes, within --patience",
            stalls(r -> asGiven(r).body(Body.of(new byte[] {0, 0, 0}, "3 bytes, then nothing"))));
  }

  private static void cors(CaseList cases) {
    cases
        .on(HTTP, Spec.CORS)
        .expected("O-66", "preflight", "answers a browser's preflight", SecurityCases::preflight)
        .on(SignalLane.stable(Transport.PROTOBUF, Transport.JSON), Spec.CORS)
        .expected("O-66", "success", "lets the page read a success", readable(true))
        .expected("O-66", "error", "lets the page read an error", readable(false));
  }

  private static Request valid(Session session, SignalLane lane) {
    return session.request(lane, session.samples().valid(lane));
  }

  private static Request asGiven(Request request) {
    return request.framing(Framing.AS_GIVEN);
  }

  private static CaseOutcome deep(Session session, SignalLane lane) {
    return session
        .export(lane, Giants.deep(lane, DEEP))
        .expectNoFault()
        .and(() -> session.export(lane, Giants.deep(lane, VERY_DEEP)).expectNoFault())
        .and(() -> session.stillServes(lane));
  }

  private static Check ends(Spoiling spoiling) {
    return (session, lane) ->
        session
            .send(lane, spoiling.of(valid(session, lane)))
            .expectAnEnd()
            .and(() -> session.stillServes(lane));
  }

  /** With a 4xx, or by closing the connection: HTTP cannot go on either way. */
  private static Check refusesHead(Spoiling spoiling) {
    return (session, lane) -> {
      Exchange exchange = session.send(lane, spoiling.of(valid(session, lane)));
      CaseOutcome outcome =
          exchange.answer().isEmpty()
              ? exchange.expectAnEnd()
              : exchange.expect("a 4xx, or the end of the connection", a -> a.status() / 100 == 4);
      return outcome.and(() -> session.stillServes(lane));
    };
  }

  private static Check stalls(Spoiling spoiling) {
    return (session, lane) ->
        session
            .sendStalling(lane, spoiling.of(valid(session, lane)))
            .expectAnEnd()
            .and(() -> session.stillServes(lane));
  }

  private static CaseOutcome preflight(Session session, SignalLane lane) {
    @Nullable String origin = session.settings().corsOrigin();
    if (origin == null) {
      return noOrigin();
    }
    Request request =
        valid(session, lane)
            .method("OPTIONS")
            .body(Body.NONE)
            .without("content-type")
            .with("origin", origin)
            .with("access-control-request-method", "POST")
            .with("access-control-request-headers", "content-type");
    return session
        .send(lane, request)
        .expect(
            "2xx, access-control-allow-origin, and content-type in access-control-allow-headers",
            a ->
                a.status() / 100 == 2
                    && a.header("access-control-allow-origin") != null
                    && String.valueOf(a.header("access-control-allow-headers"))
                        .matches("(?i).*(content-type|\\*).*"));
  }

  private static Check readable(boolean good) {
    return (session, lane) -> {
      @Nullable String origin = session.settings().corsOrigin();
      if (origin == null) {
        return noOrigin();
      }
      Request request = valid(session, lane).with("origin", origin);
      Request sent = good ? request : request.body(Body.of(new byte[] {0, 1}, "no telemetry"));
      return session
          .send(lane, sent)
          .expect(
              "access-control-allow-origin: " + origin + " or *",
              a ->
                  List.of(origin, "*")
                      .contains(String.valueOf(a.header("access-control-allow-origin"))));
    };
  }

  private static CaseOutcome noOrigin() {
    return CaseOutcome.skipped("no --cors-origin was given");
  }
}
